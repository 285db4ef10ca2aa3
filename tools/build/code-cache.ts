/**
 * Makes the code caches of the bundle: for each kind of run, all that V8 compiles in a typical one.
 *
 * usage: node code-cache.js PROGRAM          all, each in a process of its own
 *        node code-cache.js PROGRAM FOLDER KIND
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { codeCacheFile, loadBundle, type Tools } from '../launch.js'

const [program, folder, only] = process.argv.slice(2)
if (program === undefined) {
  process.stderr.write('usage: code-cache PROGRAM [FOLDER KIND]\n')
  process.exit(2)
}

/** Kind -> the command lines that are run for it; `RBC` is the program's bytecode, made by the first kind. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'rush-compile': ['rush-compile -o RBC PROGRAM', 'rush-compile -format=text PROGRAM'],
  'rush-parse': ['rush-parse PROGRAM', 'rush-parse -format=tree PROGRAM'],
  'rush-vm': ['rush-vm RBC'],
  'rush-vm-jit': ['rush-vm -jit RBC'],
  'rush-jit-asm': ['rush-jit-asm RBC', 'rush-jit-asm -emit=ir RBC'],
  'rush-run': ['rush-run PROGRAM'],
  'rush-run-bytecode': ['rush-run -bytecode PROGRAM'],
  'rush-run-jit': ['rush-run -jit PROGRAM'],
}

async function makeCache(kind: string, places: Readonly<Record<string, string>>): Promise<void> {
  const { script, tools } = loadBundle()
  for (const line of KINDS[kind] as readonly string[]) {
    const [tool, ...words] = line.split(' ').map((word) => places[word] ?? word) as [string, ...string[]]
    const { main } = await (tools[tool] as Tools[string])()
    const code = await main(words)
    if (code !== 0) throw new Error(`${line}: exit code ${code}`)
  }
  const file = codeCacheFile(kind)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, script.createCachedData())
}

if (folder !== undefined && only !== undefined) {
  await makeCache(only, { PROGRAM: program, RBC: join(folder, 'program.rbc') })
} else {
  const own = mkdtempSync(join(tmpdir(), 'rush-code-'))
  for (const kind of Object.keys(KINDS)) {
    const words = [fileURLToPath(import.meta.url), program, own, kind]
    const { status } = spawnSync(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] })
    if (status !== 0) process.exitCode = 1
  }
  rmSync(own, { recursive: true })
}
