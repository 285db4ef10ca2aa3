/** What the tests of the cache share: a home folder and a working folder of their own, and entries made by hand. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type BytecodeProgram, compile } from '../../lib/bytecode/index.js'
import { buildHash } from '../../lib/cache/build.js'
import { BytecodeCache } from '../../lib/cache/cache.js'
import { decodeEntry, type Entry, encodeEntry, type Origin } from '../../lib/cache/entry.js'
import { entryFile } from '../../lib/cache/folder.js'
import { loadProgram } from '../../lib/modules/load.js'
import { hashOf } from '../../lib/modules/source-files.js'
import { isBuiltin } from '../../lib/runtime/builtins/registry.js'

/** Files of a program by name; null removes one, a text with `/` at the end of its name makes a folder. */
export type Files = Readonly<Record<string, string | null>>

export function writeFiles(folder: string, files: Files): void {
  for (const [name, text] of Object.entries(files)) {
    const file = join(folder, name)
    rmSync(file, { recursive: true, force: true })
    if (text === null) continue
    mkdirSync(name.endsWith('/') ? file : dirname(file), { recursive: true })
    if (!name.endsWith('/')) writeFileSync(file, text)
  }
}

/** Runs `action` in a fresh working folder, with a fresh home folder beside it. */
export function inFolder<T>(action: (folder: string) => T): T {
  const top = mkdtempSync(join(tmpdir(), 'rush-cache-'))
  const { HOME } = process.env
  const before = process.cwd()
  try {
    writeFiles(top, { 'home/': '', 'work/': '' })
    process.env.HOME = join(top, 'home')
    process.chdir(join(top, 'work'))
    return action(join(top, 'work'))
  } finally {
    process.chdir(before)
    if (HOME === undefined) delete process.env.HOME
    else process.env.HOME = HOME
    rmSync(top, { recursive: true, force: true })
  }
}

export const KEY = 'main.rush'

export function cacheOf(key = KEY): BytecodeCache {
  return new BytecodeCache(key, isBuiltin)
}

/** Compiles and saves `main.rush` of the working folder. */
export function saveMain(): BytecodeProgram {
  const { document, dependencies } = loadProgram(readFileSync(KEY, 'utf8'), KEY)
  const { program } = compile(document, isBuiltin)
  const warning = cacheOf().save(program, dependencies)
  if (warning !== null) throw new Error(warning)
  return program
}

/** What the cache has for `main.rush` of the working folder. */
export function findMain(): BytecodeProgram | null {
  return cacheOf().find(readFileSync(KEY, 'utf8'), KEY)
}

export function originOf(text: string): Origin {
  return { sourceHash: hashOf(text), buildHash: buildHash() }
}

/** The saved entry of `main.rush`. */
export function entryOfMain(): { bytes: Buffer; entry: Entry; origin: Origin; text: string } {
  const text = readFileSync(KEY, 'utf8')
  const origin = originOf(text)
  const bytes = readFileSync(entryFile(KEY))
  const entry = decodeEntry(bytes, origin)
  if (entry === null) throw new Error('no entry')
  return { bytes, entry, origin, text }
}

/** Puts an entry in its place whose checksum and hashes are right, whatever it holds. */
export function forge(entry: Entry, origin: Origin): void {
  writeFileSync(entryFile(KEY), encodeEntry(entry, origin, 0))
}
