import t from 'tap'
import { decodeFloatImmediate, encodeFloatImmediate } from '../../lib/asm/a64/float-immediate.js'
import { decodeLogicalImmediate, encodeLogicalImmediate } from '../../lib/asm/a64/logical-immediate.js'

/** All logical immediates of a width, spelled out as bit strings. */
function naiveImmediates(width: number): Set<bigint> {
  const all = new Set<bigint>()
  for (let size = 2; size <= width; size *= 2) {
    for (let ones = 1; ones < size; ones++) {
      const run = '0'.repeat(size - ones) + '1'.repeat(ones)
      for (let rotation = 0; rotation < size; rotation++) {
        const element = run.slice(rotation) + run.slice(0, rotation)
        all.add(BigInt(`0b${element.repeat(width / size)}`))
      }
    }
  }
  return all
}

for (const width of [32, 64] as const) {
  t.test(`logical immediates of ${width} bits`, async (t) => {
    const reference = naiveImmediates(width)
    t.equal(reference.size, width === 64 ? 5334 : 1302)

    const decoded = new Set<bigint>()
    for (let field = 0; field < 8192; field++) {
      const value = decodeLogicalImmediate(field, width)
      if (value === undefined) continue
      if (!reference.has(value) || decoded.has(value))
        t.fail(`field ${field} decodes to 0x${value.toString(16)}`)
      decoded.add(value)
      if (encodeLogicalImmediate(value, width) !== field)
        t.fail(`0x${value.toString(16)} encodes differently`)
    }
    t.equal(decoded.size, reference.size, 'every immediate has exactly one encoding')

    const top = (1n << BigInt(width)) - 1n
    let refused = 0
    for (const value of reference) {
      // One flipped bit mostly gives a value that is none; the reference decides.
      for (const flip of [1n, 1n << 7n, 1n << BigInt(width - 1), top]) {
        const other = value ^ flip
        const encodable = encodeLogicalImmediate(other, width) !== undefined
        if (encodable !== reference.has(other)) t.fail(`0x${other.toString(16)}: encodable is ${encodable}`)
        if (!encodable) refused++
      }
    }
    t.ok(refused > reference.size, `${refused} values refused`)
    t.equal(encodeLogicalImmediate(0n, width), undefined)
    t.equal(encodeLogicalImmediate(top, width), undefined)
  })
}

t.test('8-bit float immediates', async (t) => {
  const values = new Set<number>()
  for (let field = 0; field < 256; field++) {
    const value = decodeFloatImmediate(field)
    values.add(value)
    if (encodeFloatImmediate(value) !== field) t.fail(`field ${field} is ${value}, which encodes differently`)
  }
  const expected: number[] = []
  for (let exponent = -3; exponent <= 4; exponent++) {
    for (let n = 16; n < 32; n++) expected.push((n / 16) * 2 ** exponent, (-n / 16) * 2 ** exponent)
  }
  const ascending = (a: number, b: number) => a - b
  t.same([...values].sort(ascending), expected.sort(ascending))
  for (const value of [0, -0, 0.1, 32, 0.1171875, 1 + 1 / 32, 1e300, Number.NaN, Number.POSITIVE_INFINITY]) {
    t.equal(encodeFloatImmediate(value), undefined, `${value} is not encodable`)
  }
})
