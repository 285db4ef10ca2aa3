/**
 * Runs a tool out of the bundle that `make build` makes of all tools (`build/bundle.ts`), with the bytecode
 * that V8 made of it at that time: reading and compiling the modules one by one would take several times as
 * long as Node itself needs to start. CommonJS, whose loader starts sooner.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import type { Command } from './shared/main.js'

const DIST = dirname(__dirname)
/** A function expression in ASCII: from `require` and the URL of dist/ to the tools. */
const BUNDLE = join(DIST, 'bundle', 'rush.cjs')

/** What the bundle makes: tools by name, each loaded when it is called for. */
export type Tools = Readonly<Record<string, () => Promise<{ main: Command }>>>

/** The bundle as a script, and its value. */
export interface Bundle {
  script: Script
  tools: Tools
}

/**
 * Where the code of the bundle for runs of one kind is kept: what they need and not much else. V8 refuses
 * code that another version made, but takes that of another processor, and dies of it.
 */
export function codeCacheFile(kind: string): string {
  return join(DIST, 'bundle', `${process.version}-${process.platform}-${process.arch}`, `${kind}.code`)
}

/** @param codeCache of `Script.createCachedData`; one that V8 does not like has no effect */
export function loadBundle(codeCache?: Buffer): Bundle {
  const source = readFileSync(BUNDLE, 'latin1')
  const script = new Script(source, { filename: BUNDLE, cachedData: codeCache })
  const make = script.runInThisContext() as (require: NodeJS.Require, dist: string) => Tools
  return { script, tools: make(require, pathToFileURL(join(DIST, '/')).href) }
}

const TIER = /^--?(bytecode|jit)$/

/** The kind of run that a command line asks for; one of the kinds in `tools/build/code-cache.ts`. */
function kindOf(tool: string, words: readonly string[]): string {
  const tier = words.map((word) => TIER.exec(word)).find((match) => match !== null)
  return tier ? `${tool}-${tier[1]}` : tool
}

function codeCacheOf(kind: string): Buffer | undefined {
  try {
    return readFileSync(codeCacheFile(kind))
  } catch {
    return undefined
  }
}

/** Runs a tool and ends the process with its exit code. */
export function launch(tool: string): void {
  const words = process.argv.slice(2)
  const { tools } = loadBundle(codeCacheOf(kindOf(tool, words)))
  const load = tools[tool] as Tools[string]
  load()
    .then(({ main }) => main(words))
    .then((code) => process.exit(code))
}
