/**
 * Checks that imports go downwards, and that only some folders reach for the system. Each folder of `lib/` lists the folders it may import; types may
 * also come from the documents' contracts, which stand where their owner is.
 *
 * usage: node check-layers.js [ROOT]
 */
import { readdirSync, readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, normalize, relative } from 'node:path'

/** Folder (or folder/subfolder, which wins) -> what it may import besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  syntax: [],
  bytecode: ['syntax'],
  formats: ['syntax', 'bytecode', 'files'],
  asm: [],
  files: [],
  modules: ['syntax', 'formats', 'files'],
  cache: ['bytecode', 'formats', 'modules', 'files'],
  heap: [],
  runtime: ['syntax', 'bytecode', 'heap', 'files'],
  interpreter: ['syntax', 'bytecode', 'heap', 'runtime'],
  vm: ['syntax', 'bytecode', 'heap', 'runtime', 'jit'],
  'jit/ir': ['syntax', 'bytecode', 'heap', 'runtime', 'jit'],
  jit: ['syntax', 'bytecode', 'formats', 'files', 'heap', 'runtime', 'vm', 'asm', 'native'],
  native: ['heap', 'asm'],
  run: [
    'syntax',
    'bytecode',
    'formats',
    'modules',
    'cache',
    'files',
    'heap',
    'runtime',
    'interpreter',
    'vm',
    'jit',
    'native',
    'asm',
  ],
  repl: [
    'syntax',
    'bytecode',
    'formats',
    'modules',
    'files',
    'heap',
    'runtime',
    'interpreter',
    'vm',
    'jit',
    'native',
    'run',
  ],
}

/** Files that hold nothing but the types of a document: anyone may import their types. */
const CONTRACTS: ReadonlySet<string> = new Set(['jit/profile', 'jit/object'])

/** Packages that only one folder may import. */
const PACKAGE_HOME: Readonly<Record<string, string>> = {
  koffi: 'native',
  msgpackr: 'formats',
  re2js: 'runtime',
}

/** What comes with Node and does nothing with files, processes, or other machines. */
const HARMLESS: ReadonlySet<string> = new Set(['buffer', 'crypto', 'module', 'path', 'url'])
/** Folders that have to do with the system themselves; the others go through `lib/files`, and so the sandbox. */
const USES_SYSTEM: ReadonlySet<string> = new Set(['files', 'cache', 'native', 'run', 'repl'])
/** Environment, working directory and the rest, but not what says nothing about the user. */
const PROCESS = /\bprocess\.(?!arch\b|hrtime\b|env\.MSGPACKR)\w+/

const IMPORT =
  /^\s*(import|export)\s(type\s)?(?:[^'"]*?from\s+)?'([^']+)'|\b(?:import|require)\(\s*'([^']+)'\s*\)/gm

interface Import {
  target: string
  typeOnly: boolean
}

function importsOf(text: string): Import[] {
  return [...text.matchAll(IMPORT)].map((match) => ({
    target: (match[3] ?? match[4]) as string,
    typeOnly: match[2] !== undefined,
  }))
}

/** The row of MAY_IMPORT for a file, given its path inside lib/. */
function layerOf(path: string): string {
  const parts = path.split('/')
  const deep = parts.slice(0, 2).join('/')
  return Object.hasOwn(MAY_IMPORT, deep) ? deep : (parts[0] as string)
}

/** The module of Node that a name means, unless it is harmless; whether with `node:` in front or not. */
function systemModule(target: string): string | null {
  const name = target.replace(/^node:/, '')
  return isBuiltin(name) && !HARMLESS.has(name) ? name : null
}

function problemsIn(lib: string, file: string): string[] {
  const path = relative(lib, file)
  const layer = layerOf(path)
  const home = layer.split('/')[0] as string
  const allowed = MAY_IMPORT[layer]
  if (!allowed)
    return [`lib/${path}: folder ${layer} has no place among the layers (test/support/check-layers.ts)`]
  const problems: string[] = []
  const text = readFileSync(file, 'utf8')
  const isSystem = USES_SYSTEM.has(home)
  const global = isSystem ? null : PROCESS.exec(text)
  if (global !== null)
    problems.push(`lib/${path}: lib/${layer} may not use ${global[0]} (go through lib/files)`)
  for (const { target, typeOnly } of importsOf(text)) {
    if (!target.startsWith('.')) {
      const system = isSystem ? null : systemModule(target)
      if (system !== null)
        problems.push(`lib/${path}: lib/${layer} may not import ${target} (go through lib/files)`)
      const owner = PACKAGE_HOME[target]
      if (owner !== undefined && owner !== home)
        problems.push(`lib/${path}: only lib/${owner} may import ${target}`)
      continue
    }
    const imported = normalize(join(dirname(path), target))
    if (imported.startsWith('..')) {
      problems.push(`lib/${path}: imports ${target}, outside lib/`)
      continue
    }
    const folder = imported.split('/')[0] as string
    const contract = typeOnly && CONTRACTS.has(imported.replace(/\.js$/, ''))
    if (folder !== home && !contract && !allowed.includes(folder)) {
      problems.push(`lib/${path}: lib/${layer} may not import lib/${folder} (${target})`)
    }
  }
  return problems
}

/** Every violation below `root`, one line each. */
export function checkLayers(root: string): string[] {
  const lib = join(root, 'lib')
  const files = readdirSync(lib, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
  const problems = files.sort().flatMap((name) => problemsIn(lib, join(lib, name)))
  const outside = ['tools', 'test'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .filter((name) =>
        importsOf(readFileSync(join(root, folder, name), 'utf8')).some((i) => i.target === 'koffi'),
      )
      .map((name) => `${folder}/${name}: only lib/native may import koffi`),
  )
  return [...problems, ...outside]
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const problems = checkLayers(process.argv[2] ?? '.')
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  process.stderr.write(
    problems.length === 0 ? 'Imports go downwards everywhere.\n' : `${problems.length} layer violations\n`,
  )
  process.exit(problems.length === 0 ? 0 : 1)
}
