import t from 'tap'
import { DocumentError } from '../../lib/formats/errors.js'
import { readDocument } from '../../lib/formats/read.js'
import { writeDocument } from '../../lib/formats/write.js'
import { Tag } from '../../lib/heap/layout.js'
import { feedbackFromProfile } from '../../lib/jit/feedback-from-profile.js'
import { bytecodeHash, layoutHash } from '../../lib/jit/hashes.js'
import {
  checkInstallable,
  checkObject,
  compileObject,
  type ObjectDocument,
  type ObjectFunction,
  printIr,
  printListing,
  writeElf,
} from '../../lib/jit/index.js'
import { TARGETS } from '../../lib/jit/target.js'
import { profileOf, programOf, programsIn, TARGET_NAMES } from './tools.js'

const SOURCE = `
class Point { fn initialize(x) { @x = x }  fn get() { return @x * 2.5 } }
sum = fn(a) { s = 0; for (i = 0; i < len(a); i = i + 1) { s = s + a[i] }; return s }
try { sum([1, 2]) } catch (e) { throw e }
`

t.test('a document that was written and read gives the same listing', async (t) => {
  const program = programOf(SOURCE)
  const profiles = [null, profileOf(program, 'INTEGER')]
  for (const [target, profile] of TARGET_NAMES.flatMap((target) =>
    profiles.map((profile) => [target, profile] as const),
  )) {
    const object = compileObject(program, { target, profile })
    const listing = printListing(object)
    const elf = Buffer.from(writeElf(object)).toString('hex')
    for (const encoding of ['msgpack', 'json'] as const) {
      const bytes = writeDocument(object, encoding)
      const read = readDocument(bytes, 'rush-object', 'test.ro')
      t.equal(printListing(read), listing, encoding)
      t.equal(Buffer.from(writeElf(read)).toString('hex'), elf, encoding)
      t.same(writeDocument(read, encoding), bytes, `${encoding}: the same bytes again`)
    }
  }
})

t.test('all examples fit the schema', async (t) => {
  for (const program of programsIn('examples')) {
    for (const target of TARGET_NAMES) {
      const bytes = writeDocument(compileObject(program, { target }), 'msgpack')
      const read = readDocument(bytes, 'rush-object', 'test.ro')
      t.equal(read.functions.length, program.functions.length)
      t.equal(read.target, target)
    }
  }
})

t.test('the hash of bytecode does not depend on the order of fields', async (t) => {
  const program = programOf(SOURCE)
  const turned = Object.fromEntries(Object.entries(program).reverse()) as unknown as typeof program
  t.equal(bytecodeHash(turned), bytecodeHash(program))
  turned.main = 1
  t.not(bytecodeHash(turned), bytecodeHash(program))
})

function errorOf(action: () => unknown): Error {
  try {
    action()
  } catch (error) {
    return error as Error
  }
  throw new Error('nothing was thrown')
}

t.test('names and profiles that do not fit are errors for people', async (t) => {
  const program = programOf(SOURCE)
  const other = profileOf(programOf('x = 1'), 'INTEGER')
  const renamed = profileOf(program, 'INTEGER')
  for (const entry of renamed.functions) entry.name += '2'
  const cases: [() => unknown, RegExp][] = [
    [() => compileObject(program, { only: 'nope' }), /^test.rush: there is no function "nope"$/],
    [() => printIr(program, { only: 'nope' }), /there is no function "nope"/],
    [
      () => printListing(compileObject(program, { only: 'sum' }), { only: 'Point.get' }),
      /there is no function "Point.get"/,
    ],
    [() => compileObject(program, { profile: other }), /the profile belongs to another program/],
    [() => compileObject(program, { profile: renamed }), /function 0 is not "<main>2"/],
  ]
  for (const [action, message] of cases) {
    const error = errorOf(action)
    t.ok(error instanceof DocumentError, error.message)
    t.equal(error.name, 'DocumentError')
    t.match(error.message, message)
  }
})

t.test('inconsistent documents are refused', async (t) => {
  const program = programOf(SOURCE)
  const damages: [string, (object: ObjectDocument, entry: ObjectFunction) => void][] = [
    ['other program', (object) => object.program.globals.push('more')],
    [
      'other source',
      (object) => {
        object.sourceHash = object.bytecodeHash
      },
    ],
    ['a function twice', (object, entry) => object.functions.push(entry)],
    [
      'no such function',
      (_, entry) => {
        entry.index = 99
      },
    ],
    [
      'half an instruction',
      (_, entry) => {
        entry.code = (entry.code as Uint8Array).slice(2)
      },
    ],
    [
      'more instructions than code',
      (_, entry) => {
        entry.instructionBytes += 4
      },
    ],
    ['an odd relocation', (_, entry) => entry.relocations.push({ offset: 2, kind: 'call26', symbol: 's' })],
    [
      'a relocation that ends outside',
      (_, entry) =>
        entry.relocations.push({ offset: entry.instructionBytes - 12, kind: 'abs64', symbol: 's' }),
    ],
    [
      'a relocation of another target',
      (_, entry) => entry.relocations.push({ offset: 0, kind: 'rel32', symbol: 's' }),
    ],
    ['an exit outside', (_, entry) => entry.exits.push({ offset: 1 << 20, position: 0, reason: 'zero' })],
    [
      'an exit into an instruction',
      (_, entry) => entry.exits.push({ offset: 0, position: 1, reason: 'zero' }),
    ],
    ['half a group of the line map', (_, entry) => entry.lineMap.push(4)],
    ['a line map that falls', (_, entry) => entry.lineMap.push(0, 0)],
    ['a line map behind the bytecode', (_, entry) => entry.lineMap.splice(-1, 1, 1 << 20)],
  ]
  for (const [what, damage] of damages) {
    const object = structuredClone(compileObject(program))
    const entry = object.functions.find(({ name }) => name === 'sum') as ObjectFunction
    printListing(object)
    damage(object, entry)
    for (const use of [printListing, writeElf]) {
      const error = errorOf(() => use(object))
      t.ok(error instanceof DocumentError, `${what}: ${error.message}`)
    }
  }
})

t.test('inconsistent documents of x86-64 are refused', async (t) => {
  const program = programOf(SOURCE)
  const damages: [string, (entry: ObjectFunction) => void][] = [
    [
      'a relocation of another target',
      (entry) => entry.relocations.push({ offset: 0, kind: 'call26', symbol: 's' }),
    ],
    [
      'a relocation that ends outside',
      (entry) => entry.relocations.push({ offset: entry.instructionBytes - 7, kind: 'imm64', symbol: 's' }),
    ],
    [
      'more instructions than code',
      (entry) => {
        entry.instructionBytes += 1000
      },
    ],
  ]
  for (const [what, damage] of damages) {
    const object = structuredClone(compileObject(program, { target: 'x64' }))
    const entry = object.functions.find(({ name }) => name === 'sum') as ObjectFunction
    // Odd offsets are as good as others.
    entry.relocations.push({ offset: entry.instructionBytes - 4, kind: 'rel32', symbol: 's' })
    entry.exits.push({ offset: 1, position: 0, reason: 'zero' })
    printListing(object)
    writeElf(object)
    damage(entry)
    for (const use of [printListing, writeElf]) {
      const error = errorOf(() => use(object))
      t.ok(error instanceof DocumentError, `${what}: ${error.message}`)
    }
  }
})

t.test('a profile becomes feedback', async (t) => {
  const program = programOf('f = fn(a, b) { if (a) { return a + b }; return true || b }')
  const index = program.functions.findIndex(({ name }) => name === 'f')
  const profile = profileOf(program, 'INTEGER')
  const entry = profile.functions[index]
  if (entry === undefined) throw new Error('no f')
  entry.sites = [
    { position: 0, types: [['INTEGER', 'NULL'], ['FUNCTION']], targets: [1] },
    { position: 2, types: [['INTEGER', 'REGEXP']], taken: 3, notTaken: 5, targets: [1, 0] },
    { position: 1 << 20, types: [] },
  ]
  const feedback = feedbackFromProfile(program, profile).get(index)
  t.same([...(feedback?.keys() ?? [])], [0, 2], 'positions behind the code are left out')
  const plain = feedback?.get(0)
  t.equal(plain?.left, (1 << Tag.INTEGER) | (1 << Tag.NULL))
  t.equal(plain?.right, 1 << Tag.CLOSURE)
  t.equal(plain?.target, 1)
  const jump = feedback?.get(2)
  t.not(jump?.left, 1 << Tag.INTEGER, 'a type without tag of its own counts, too')
  t.same([jump?.whenTrue, jump?.whenFalse], [5, 3], 'JumpIfFalse is taken when false')
  t.equal(jump?.target, -2)
})

t.test('code is installed only if all that it names is there', async (t) => {
  const program = programOf(SOURCE)
  const first = (object: ObjectDocument): ObjectFunction => object.functions[0] as ObjectFunction
  const named = (symbol: string) => (object: ObjectDocument) => {
    const relocation = first(object).relocations[0]
    if (relocation !== undefined) relocation.symbol = symbol
  }
  const symbols = ['heap:4096', 'stress:0', 'stub:code', 'stub:toString', 'stub:', 'global:99', 'global:-1']
  const strange = ['constant:0x1', 'function:1.5', 'function:1e0', 'constructor:0', '__proto__:0', 'step', '']
  const damages: [RegExp, (object: ObjectDocument) => void][] = [
    ...[...symbols, ...strange].map((symbol): [RegExp, (object: ObjectDocument) => void] => [
      /^p\.ro: function 0: unknown symbol /,
      named(symbol),
    ]),
    [
      /^p\.ro: function 0: unknown reason of an exit "because"$/,
      (object) => first(object).exits.push({ offset: 0, position: 0, reason: 'because' }),
    ],
    [
      /^p\.ro: function 0: too many exits$/,
      (object) => {
        first(object).exits = Array.from({ length: 4097 }, () => ({
          offset: 0,
          position: 0,
          reason: 'throws',
        }))
      },
    ],
  ]
  for (const name of TARGET_NAMES) {
    const target = TARGETS[name]
    for (const symbol of ['stub:step', 'stub:leave', 'global:0', 'constant:0', 'function:0']) {
      const object = structuredClone(compileObject(program, { target: name }))
      named(symbol)(object)
      checkInstallable(object, 'p.ro', program, target)
    }
    for (const [message, damage] of damages) {
      const object = structuredClone(compileObject(program, { target: name }))
      damage(object)
      checkObject(object)
      const error = errorOf(() => checkInstallable(object, 'p.ro', program, target))
      t.ok(error instanceof DocumentError, error.message)
      t.match(error.message, message)
    }
  }
})

t.test('the layout depends on the target, and all examples can be installed', async (t) => {
  const hashes = TARGET_NAMES.map((name) => layoutHash(TARGETS[name]))
  t.equal(new Set(hashes).size, TARGET_NAMES.length)
  for (const program of programsIn('examples')) {
    for (const name of TARGET_NAMES) {
      for (const profile of [null, profileOf(program, 'FLOAT')]) {
        checkInstallable(compileObject(program, { target: name, profile }), 'p.ro', program, TARGETS[name])
      }
    }
  }
})
