import t, { type Test } from 'tap'
import type { DocumentKind, Encoding } from '../../lib/formats/envelope.js'
import { DocumentError } from '../../lib/formats/errors.js'
import { detectKind, readDocument } from '../../lib/formats/read.js'
import { writeDocument } from '../../lib/formats/write.js'
import { distort } from './distort.js'
import { astOf, bytecodeOf, randomNumbers, sampleDocuments } from './documents.js'

const ROUNDS = 400
const SMALL = 'fn f(a) { if (a < 1) { return "é" } return f(a - 1.5) }\nprint(f(9007199254740993))'

const samples = { ...sampleDocuments(), 'rush-ast': astOf(SMALL), 'rush-bytecode': bytecodeOf(SMALL) }
samples['rush-object'].program = samples['rush-bytecode']

/** Reads the bytes; fails the test for anything but success or a DocumentError of one line. */
function readSafely(t: Test, bytes: Uint8Array, kind: DocumentKind, what: string): boolean {
  try {
    detectKind(bytes)
    readDocument(bytes, kind, 'f')
    return true
  } catch (error) {
    if (!(error instanceof DocumentError) || /[\n\r]/.test(error.message)) t.fail(`${what}: ${String(error)}`)
    return false
  }
}

/** Flips bits, cuts, doubles and overwrites pieces. */
function damage(bytes: Uint8Array, random: (limit: number) => number): Uint8Array {
  let copy = Uint8Array.from(bytes)
  for (let count = 1 + random(3); count > 0 && copy.length > 0; count--) {
    const at = random(copy.length)
    const other = random(copy.length)
    const kind = random(5)
    if (kind === 0) copy[at] = (copy[at] as number) ^ (1 << random(8))
    else if (kind === 1) copy[at] = random(256)
    else if (kind === 2) copy = copy.subarray(0, at)
    else if (kind === 3) copy.set(copy.slice(other, other + random(40)).subarray(0, copy.length - at), at)
    else copy = Uint8Array.from([...copy.subarray(0, at), ...copy.subarray(other)])
  }
  return copy
}

for (const kind of Object.keys(samples) as DocumentKind[]) {
  for (const encoding of ['json', 'msgpack'] as Encoding[]) {
    t.test(`${kind} as ${encoding}: damaged bytes give a DocumentError or nothing`, async (t) => {
      const bytes = writeDocument(samples[kind], encoding)
      const random = randomNumbers(20261122)
      let accepted = 0
      for (let round = 0; round < ROUNDS; round++) {
        if (readSafely(t, damage(bytes, random), kind, `round ${round}`)) accepted++
      }
      t.ok(accepted < ROUNDS / 2, `${accepted} of ${ROUNDS} accepted`)
    })
  }

  t.test(`${kind}: wrong values and fields give a DocumentError or nothing`, async (t) => {
    const text = Buffer.from(writeDocument(samples[kind], 'json')).toString()
    const random = randomNumbers(7)
    let accepted = 0
    for (let round = 0; round < ROUNDS; round++) {
      const document = JSON.parse(text) as unknown
      distort(document, random)
      if (readSafely(t, Buffer.from(JSON.stringify(document)), kind, `round ${round}`)) accepted++
    }
    t.ok(accepted < ROUNDS / 2, `${accepted} of ${ROUNDS} accepted`)
  })

  t.test(`${kind}: every cut is refused`, async (t) => {
    const bytes = writeDocument(samples[kind], 'msgpack')
    const step = Math.max(1, Math.floor(bytes.length / 500))
    for (let length = 0; length < bytes.length; length += step) {
      if (readSafely(t, bytes.subarray(0, length), kind, `cut at ${length}`))
        t.fail(`cut at ${length} accepted`)
    }
    t.ok(readSafely(t, bytes, kind, 'whole'))
  })
}
