/** When the cache has a program, and when it has not. */
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { CACHE_VERSION, Layout } from '../../lib/cache/entry.js'
import { cacheStatistics, clearCache, entryFile } from '../../lib/cache/folder.js'
import {
  cacheOf,
  entryOfMain,
  type Files,
  findMain,
  forge,
  inFolder,
  KEY,
  saveMain,
  writeFiles,
} from './tools.js'

const PROGRAM: Files = {
  'main.rush': `import { a } from "./parts/a"
import { abs } from "std/math"
try { import { gone } from "./gone" } catch (e) { print(e.message) }
print(abs(a))
`,
  'parts/a.rush': 'import { b } from "./b"\nexport a = b + 1\n',
  'parts/b.rush': 'export b = 1\n',
}

t.test('what was saved is found again', async (t) => {
  inFolder(() => {
    writeFiles('.', PROGRAM)
    t.equal(findMain(), null)
    const program = saveMain()
    t.same(findMain(), program)
    t.equal(program.modules.length, 4)
    const { mode } = statSync(join(process.env.HOME as string, '.rush_cache'))
    t.equal(mode & 0o777, 0o755 & ~process.umask())
  })
})

t.test('files are named by what the command line calls the program', async (t) => {
  inFolder(() => {
    t.equal(entryFile('ok.rush'), join(process.env.HOME as string, '.rush_cache', 'e29e1ced34d92e6e.rushc'))
    writeFiles('.', PROGRAM)
    saveMain()
    const text = readFileSync(KEY, 'utf8')
    t.equal(cacheOf('./main.rush').find(text, './main.rush'), null)
  })
})

t.test('the head of a file is that of Rush 13.4, with another version', async (t) => {
  inFolder(() => {
    writeFiles('.', { 'main.rush': 'x = 1' })
    saveMain()
    const { bytes } = entryOfMain()
    t.equal(bytes.toString('latin1', 0, 4), 'RUSH')
    t.equal(bytes.readUInt32BE(4), CACHE_VERSION)
    t.not(CACHE_VERSION, 1)
    const age = Date.now() / 1000 - Number(bytes.readBigInt64BE(8))
    t.ok(age >= 0 && age < 60, `written ${age} s ago`)
    t.equal(bytes.toString('hex', 16, 48), '8ff436def1451285599a1b1ad70800493b8dcafde2912e1a38345633054e4c26')
  })
})

t.test('an entry is stale when anything has changed that it was made from', async (t) => {
  const changes: [string, Files][] = [
    ['the program', { 'main.rush': `${PROGRAM['main.rush']}# changed` }],
    ['a module', { 'parts/a.rush': `${PROGRAM['parts/a.rush']}# changed` }],
    ['a module of a module', { 'parts/b.rush': 'export b = 2\n' }],
    ['a module has gone', { 'parts/b.rush': null }],
    ['a module became a folder', { 'parts/b.rush': null, 'parts/b.rush/': '' }],
    ['a module got mistakes', { 'parts/b.rush': 'export b = (' }],
    ['a module appeared', { 'gone.rush': 'export gone = 1' }],
    ['a folder appeared in place of a missing module', { 'gone.rush/': '' }],
    ['a module of ours goes before a standard one', { 'std/math.rush': 'export abs = fn(x) { 7 }' }],
  ]
  for (const [what, files] of changes) {
    inFolder(() => {
      writeFiles('.', PROGRAM)
      const program = saveMain()
      t.same(findMain(), program)
      writeFiles('.', files)
      t.equal(findMain(), null, what)
      const changed = saveMain()
      t.same(findMain(), changed, `${what}: saved again`)
      writeFiles('.', { 'gone.rush': null, std: null, ...PROGRAM })
      t.equal(findMain(), null, `${what}: and back again`)
    })
  }
})

t.test('modules with mistakes, and how they are mended', async (t) => {
  inFolder(() => {
    writeFiles('.', { 'main.rush': 'import { b } from "./b"', 'b.rush': 'export b = (' })
    const program = saveMain()
    t.match(program.modules, [{ error: /^parse errors in module / }])
    t.same(findMain(), program)
    writeFiles('.', { 'b.rush': 'export b = [' })
    t.equal(findMain(), null)
    writeFiles('.', { 'b.rush': 'export b = 1' })
    t.equal(findMain(), null)
    t.match(saveMain().modules, [{ main: 1 }])
    t.not(findMain(), null)
  })
})

t.test('a module that is no UTF-8', async (t) => {
  inFolder(() => {
    writeFiles('.', { 'main.rush': 'import { b } from "./b"' })
    writeFileSync('b.rush', Buffer.from('x = "\xff"', 'latin1'))
    t.match(saveMain().modules, [{ error: /not valid UTF-8 at byte 5$/ }])
    t.not(findMain(), null)
    writeFileSync('b.rush', Buffer.from('xx = "\xff"', 'latin1'))
    t.equal(findMain(), null)
  })
})

t.test('the same program in another folder has other modules', async (t) => {
  inFolder((folder) => {
    writeFiles('.', PROGRAM)
    saveMain()
    writeFiles('other', PROGRAM)
    process.chdir('other')
    t.equal(findMain(), null)
    process.chdir(folder)
    t.not(findMain(), null)
  })
})

t.test('a program without modules is the same everywhere', async (t) => {
  inFolder(() => {
    writeFiles('.', { 'main.rush': 'x = 1', 'other/main.rush': 'x = 1' })
    saveMain()
    process.chdir('other')
    t.not(findMain(), null)
  })
})

t.test('entries of another Rush', async (t) => {
  inFolder(() => {
    writeFiles('.', { 'main.rush': 'x = 1' })
    const program = saveMain()
    const { bytes, entry, origin } = entryOfMain()
    const cases: [string, () => void][] = [
      ['another build', () => forge(entry, { ...origin, buildHash: 'ab'.repeat(32) })],
      ['another version of the format', () => replace(bytes, Layout.VERSION + 3, CACHE_VERSION + 1)],
      ['Rush 13.4', () => replace(bytes, Layout.VERSION + 3, 1)],
      ['another version of the bytecode', () => forge(withVersion(entry, 1), origin)],
    ]
    for (const [what, write] of cases) {
      forge(entry, origin)
      t.same(findMain(), program)
      write()
      t.equal(findMain(), null, what)
    }
  })
})

function replace(bytes: Buffer, offset: number, value: number): void {
  const changed = Buffer.from(bytes)
  changed[offset] = value
  writeFileSync(entryFile(KEY), changed)
}

/** The document says `"version"` right behind its `"format"`. */
function withVersion<T extends { program: Uint8Array }>(entry: T, version: number): T {
  const program = Buffer.from(entry.program)
  const at = program.indexOf('version') + 'version'.length
  program[at] = version
  return { ...entry, program }
}

t.test('counting and clearing', async (t) => {
  inFolder(() => {
    t.same(cacheStatistics(), { files: 0, bytes: 0 })
    writeFiles('.', { 'main.rush': 'x = 1' })
    saveMain()
    const { size } = statSync(entryFile(KEY))
    const folder = join(process.env.HOME as string, '.rush_cache')
    writeFiles(folder, { 'b.rushc': '12345', 'c.txt': 'not counted', 'folder.rushc/x': '' })
    t.same(cacheStatistics(), { files: 2, bytes: size + 5 })
    clearCache()
    t.throws(() => statSync(folder), { code: 'ENOENT' })
    clearCache()
    t.equal(findMain(), null)
  })
})
