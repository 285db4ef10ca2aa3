import t from 'tap'
import type { DocumentKind, Encoding, RushDocument } from '../../lib/formats/envelope.js'
import { printJson } from '../../lib/formats/json-print.js'
import { findMsgpackDamage, packMsgpack, unpackMsgpack } from '../../lib/formats/msgpack.js'
import { detectKind, readDocument } from '../../lib/formats/read.js'
import { writeDocument } from '../../lib/formats/write.js'
import { MAX_NESTING } from '../../lib/syntax/index.js'
import { astOf, sampleDocuments } from './documents.js'

/** As deep as the parser allows. */
const DEEP = MAX_NESTING - 1

const ENCODINGS: readonly Encoding[] = ['json', 'msgpack']
const samples = sampleDocuments()

for (const kind of Object.keys(samples) as DocumentKind[]) {
  const document: RushDocument = samples[kind]
  for (const encoding of ENCODINGS) {
    t.test(`${kind} as ${encoding} comes back as it was, and again as the same bytes`, async (t) => {
      const bytes = writeDocument(document, encoding)
      t.equal(detectKind(bytes), kind)
      const back = readDocument(bytes, kind, 'f')
      t.same(back, document)
      t.same(writeDocument(back, encoding), bytes)
      t.same(writeDocument(document, encoding), bytes)
    })
  }
}

t.test('bytes of code come back as bytes from both encodings', async (t) => {
  for (const encoding of ENCODINGS) {
    const back = readDocument(writeDocument(samples['rush-object'], encoding), 'rush-object', 'f')
    const code = back.functions[0]?.code
    t.ok(code instanceof Uint8Array)
    t.equal(code?.length, 300)
  }
})

t.test('several kinds may be accepted', async (t) => {
  const bytes = writeDocument(samples['rush-bytecode'], 'msgpack')
  t.equal(readDocument(bytes, ['rush-object', 'rush-bytecode'], 'f').format, 'rush-bytecode')
})

t.test('fields that are undefined are left out', async (t) => {
  const profile = structuredClone(samples['rush-profile'])
  const site = profile.functions[0]?.sites[0]
  if (site) site.targets = undefined
  for (const encoding of ENCODINGS) {
    const back = readDocument(writeDocument(profile, encoding), 'rush-profile', 'f')
    t.notOk(Object.hasOwn(back.functions[0]?.sites[0] ?? {}, 'targets'))
  }
})

t.test('JSON: numbers on one line, floats exact, no indentation without end', async (t) => {
  t.equal(
    printJson({ a: [1, 2], b: { x: 1, y: 2 }, c: [], d: {}, e: ['s'] }).toString(),
    '{\n  "a": [1, 2],\n  "b": { "x": 1, "y": 2 },\n  "c": [],\n  "d": {},\n  "e": [\n    "s"\n  ]\n}\n',
  )
  const values = [-0, 0.1, 1e300, Infinity, -Infinity, 5e-324]
  const back = JSON.parse(printJson(values).toString()) as number[]
  t.ok(values.every((value, index) => Object.is(value, back[index])))
  let deep: unknown = 'x'
  for (let level = 0; level < 3000; level++) deep = [deep]
  t.ok(printJson(deep).length < 3000 * 200)
})

t.test('JSON is what JSON.parse reads back', async (t) => {
  const value = { a: [{ b: [[], [1], ['x', 2]] }, null, true], 'key "q"': { c: '\n\u2028' } }
  t.same(JSON.parse(printJson(value).toString()), value)
})

t.test('trees as tall as the parser makes them are written and read', async (t) => {
  const long = astOf(`x = ${Array(1000).fill('1').join(' + ')}`)
  const nested = astOf(`${'fn() { '.repeat(DEEP)}${'}'.repeat(DEEP)}`)
  for (const document of [long, nested]) {
    for (const encoding of ENCODINGS) {
      const back = readDocument(writeDocument(document, encoding), 'rush-ast', 'f')
      t.equal(JSON.stringify(back.program.position), JSON.stringify(document.program.position))
    }
  }
})

t.test('msgpack of tall values is the same with and without recursion', async (t) => {
  const chain = (height: number): unknown => {
    let value: unknown = [1, 'text', null]
    for (let level = 0; level < height; level++) {
      value =
        level % 20 === 0 ? Array(20).fill(level).concat([value]) : { a: level, skipped: undefined, v: value }
    }
    return value
  }
  // Too tall for the recursion of msgpackr, which the short one is not.
  const bytes = packMsgpack(chain(20_000))
  const short = packMsgpack(chain(400))
  t.match(findMsgpackDamage(bytes), /nested too deeply/)
  t.equal(findMsgpackDamage(short), null)
  // The innermost part of both is the same: headers, fields and order agree.
  t.same(bytes.subarray(-1), short.subarray(-1))
  t.equal(Buffer.from(bytes).indexOf(short), bytes.length - short.length)
  t.same(JSON.stringify(unpackMsgpack(short)), JSON.stringify(chain(400)))
})
