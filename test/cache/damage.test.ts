/** Entries come from outside: whatever they hold, the cache gives sound bytecode or nothing. */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t from 'tap'
import { type BytecodeProgram, Op, verify } from '../../lib/bytecode/index.js'
import { decodeEntry, type Entry, Layout } from '../../lib/cache/entry.js'
import { entryFile } from '../../lib/cache/folder.js'
import { readDocument } from '../../lib/formats/read.js'
import { writeDocument } from '../../lib/formats/write.js'
import { isBuiltin } from '../../lib/runtime/builtins/registry.js'
import { distort } from '../formats/distort.js'
import { randomNumbers } from '../formats/documents.js'
import { cacheOf, entryOfMain, findMain, forge, inFolder, KEY, saveMain, writeFiles } from './tools.js'

const FILES = {
  'main.rush':
    'import { twice } from "./m"\nfn f(a) { if (a < 1) { return "é" } return f(a - 1) }\nprint(f(3))\n',
  'm.rush': 'export twice = fn(x) { x * 2 }\n',
}

/** Calls `action` with the entry of a program in the working folder. */
function withEntry(action: (saved: ReturnType<typeof entryOfMain>, program: BytecodeProgram) => void): void {
  inFolder(() => {
    writeFiles('.', FILES)
    const program = saveMain()
    action(entryOfMain(), program)
  })
}

t.test('every flipped bit is noticed, except in the time of writing', async (t) => {
  withEntry(({ bytes, origin }) => {
    const unnoticed = new Set<number>()
    for (let offset = 0; offset < bytes.length; offset++) {
      for (let bit = 0; bit < 8; bit++) {
        bytes[offset] = (bytes[offset] as number) ^ (1 << bit)
        if (decodeEntry(bytes, origin) !== null) unnoticed.add(offset)
        bytes[offset] = (bytes[offset] as number) ^ (1 << bit)
      }
    }
    t.same([...unnoticed], [8, 9, 10, 11, 12, 13, 14, 15])
    t.not(decodeEntry(bytes, origin), null)
  })
})

t.test('every cut is noticed, and every byte too much', async (t) => {
  withEntry(({ bytes, origin }) => {
    const kept: number[] = []
    for (let length = 0; length < bytes.length; length++) {
      if (decodeEntry(bytes.subarray(0, length), origin) !== null) kept.push(length)
    }
    t.same(kept, [])
    t.equal(decodeEntry(Buffer.concat([bytes, Buffer.alloc(1)]), origin), null)
  })
})

t.test('a damaged file is as good as none, and is overwritten', async (t) => {
  withEntry(({ bytes }, program) => {
    const cases: [string, Uint8Array][] = [
      ['empty', Buffer.alloc(0)],
      ['zeros', Buffer.alloc(bytes.length)],
      ['text', Buffer.from('hello\n'.repeat(100))],
      ['cut', bytes.subarray(0, bytes.length / 2)],
      ['the head alone', bytes.subarray(0, Layout.DEPENDENCIES_LENGTH)],
    ]
    for (const [what, content] of cases) {
      writeFileSync(entryFile(KEY), content)
      t.equal(findMain(), null, what)
      saveMain()
      t.same(findMain(), program, `${what}: overwritten`)
    }
  })
})

t.test('what is no ordinary file', async (t) => {
  withEntry((_, program) => {
    const file = entryFile(KEY)
    rmSync(file)
    mkdirSync(file)
    t.equal(findMain(), null, 'a folder')
    rmSync(file, { recursive: true })

    symlinkSync('/dev/zero', file)
    t.equal(findMain(), null, 'an endless device')
    saveMain()
    t.same(findMain(), program, 'a link is replaced, not followed')
    rmSync(file)

    t.equal(spawnSync('mkfifo', [file]).status, 0)
    t.equal(findMain(), null, 'a pipe, which nobody writes to')
    saveMain()
    t.same(findMain(), program)

    truncateSync(file, 2 ** 31 - 1)
    t.equal(findMain(), null, 'too large to be an entry')
    truncateSync(file, 2 ** 40)
    t.equal(findMain(), null, 'too large to be read at all')

    rmSync(dirname(file), { recursive: true })
    writeFileSync(dirname(file), '')
    t.equal(findMain(), null, 'the cache folder is a file')
  })
})

t.test('a module that became a pipe is not waited for', async (t) => {
  withEntry(() => {
    rmSync('m.rush')
    t.equal(spawnSync('mkfifo', ['m.rush']).status, 0)
    t.equal(findMain(), null)
  })
})

const forgeries: [string, (program: BytecodeProgram) => void][] = [
  ['no instruction', ({ functions }) => functions[0]?.code.splice(0, 1, 9999)],
  ['a jump out of the code', ({ functions }) => functions[0]?.code.unshift(Op.Jump, 5000)],
  ['a frame too small', ({ functions }) => Object.assign(functions[0] as object, { maxStack: 0 })],
  ['a constant that is none', ({ constants }) => Object.assign(constants[0] as object, { value: null })],
  ['an unknown built-in function', ({ builtins }) => builtins.splice(0, 1, 'launch')],
  ['no main function', (program) => Object.assign(program, { main: 99 })],
  ['a module without a body', ({ modules }) => Object.assign(modules[0] as object, { main: -1 })],
  ['a field too many', (program) => Object.assign(program, { more: 1 })],
  ['another program of the same name', ({ source }) => Object.assign(source, { text: 'print(1)' })],
  ['a program of another name', ({ source }) => Object.assign(source, { file: 'other.rush' })],
  ['another hash', (program) => Object.assign(program, { sourceHash: '0'.repeat(64) })],
]

t.test('forged entries with all checksums right', async (t) => {
  withEntry(({ entry, origin }, program) => {
    for (const [what, change] of forgeries) {
      const copy = structuredClone(program)
      change(copy)
      forge({ ...entry, program: writeDocument(copy, 'msgpack') }, origin)
      t.equal(findMain(), null, what)
    }
    for (const [what, bytes] of [
      ['no document', Buffer.from('hello')],
      ['nothing', Buffer.alloc(0)],
      ['nested without end', Buffer.alloc(100_000, 0x91)],
      ['claims a thousand million elements', Buffer.from([0xdd, 0x40, 0, 0, 0])],
    ] as const) {
      forge({ ...entry, program: bytes }, origin)
      t.equal(findMain(), null, what)
    }
    forge(entry, origin)
    t.same(findMain(), program)
  })
})

t.test('forged dependencies', async (t) => {
  withEntry(({ entry, origin }, program) => {
    const { places, files } = entry.dependencies
    const cases: [string, unknown][] = [
      ['null', null],
      ['a list', []],
      ['nothing', {}],
      ['no files', { places }],
      ['places that are none', { places: [1], files }],
      ['places without an importer', { places: [{ place: 'x', path: null }], files }],
      ['paths that are none', { places: [{ importer: '', place: 'x', path: 1 }], files }],
      ['files without a state', { places, files: [{ path: 'x' }] }],
      ['files with a zero byte', { places, files: [{ path: 'x\0', state: 'x' }] }],
      ['an endless file', { places, files: [{ path: '/dev/zero', state: 'x' }] }],
      ['another path', { places: [{ importer: '', place: './m', path: '/etc/passwd' }], files: [] }],
    ]
    for (const [what, dependencies] of cases) {
      forge({ ...entry, dependencies: dependencies as Entry['dependencies'] }, origin)
      t.equal(findMain(), null, what)
    }
    forge({ ...entry, dependencies: { places, files } }, origin)
    t.same(findMain(), program)
  })
})

t.test('a length that leads beyond the end', async (t) => {
  withEntry(({ entry, origin, bytes }) => {
    // The length is among the bytes that the checksum covers, so an entry is made around a wrong one.
    for (const length of [0, 1, bytes.length, 0xffffffff]) {
      forge(entry, origin)
      const forged = readFileSync(entryFile(KEY))
      forged.writeUInt32BE(length, Layout.DEPENDENCIES_LENGTH)
      forged.write(checksumOf(forged), Layout.CHECKSUM, 'hex')
      writeFileSync(entryFile(KEY), forged)
      t.equal(findMain(), null, String(length))
    }
  })
})

function checksumOf(bytes: Buffer): string {
  return createHash('sha256').update(bytes.subarray(Layout.DEPENDENCIES_LENGTH)).digest('hex')
}

t.test('distorted documents give verified bytecode or nothing', async (t) => {
  withEntry(({ entry, origin }) => {
    const bytes = writeDocument(readDocument(entry.program, 'rush-bytecode', KEY), 'json')
    const random = randomNumbers(13)
    let accepted = 0
    for (let round = 0; round < 300; round++) {
      const document = JSON.parse(Buffer.from(bytes).toString()) as BytecodeProgram
      distort(document, random)
      forge({ ...entry, program: Buffer.from(JSON.stringify(document)) }, origin)
      const found = findMain()
      if (found === null) continue
      accepted++
      t.doesNotThrow(() => verify(found, isBuiltin), `round ${round}`)
    }
    t.ok(accepted < 150, `${accepted} of 300 accepted`)
  })
})

t.test('without a home folder there is nothing to find, and a warning when saving', async (t) => {
  withEntry(({ text, entry }, program) => {
    for (const home of ['', undefined]) {
      if (home === undefined) delete process.env.HOME
      else process.env.HOME = home
      t.equal(cacheOf().find(text, KEY), null)
      t.equal(
        cacheOf().save(program, entry.dependencies),
        'Warning: failed to save to cache: failed to get cache file path: ' +
          'failed to get home directory: $HOME is not defined\n',
      )
    }
  })
})

t.test('folders that cannot be made', async (t) => {
  withEntry(({ entry }, program) => {
    writeFileSync('file', '')
    process.env.HOME = join(process.cwd(), 'file')
    const folder = join(process.cwd(), 'file', '.rush_cache')
    t.equal(findMain(), null)
    t.equal(
      cacheOf().save(program, entry.dependencies),
      'Warning: failed to save to cache: failed to get cache file path: ' +
        `failed to create cache directory: mkdir ${folder}: not a directory\n`,
    )
  })
})

t.test('a home folder in which no folder can be made', { skip: process.platform !== 'linux' }, async (t) => {
  withEntry(({ entry }, program) => {
    process.env.HOME = '/proc'
    t.match(
      cacheOf().save(program, entry.dependencies),
      /failed to create cache directory: mkdir \/proc\/\.rush_cache: no such file or directory\n$/,
    )
    process.env.HOME = join(process.cwd(), 'new', 'home')
    t.equal(cacheOf().save(program, entry.dependencies), null, 'folders above are made, too')
  })
})
