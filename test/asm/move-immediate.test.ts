import t from 'tap'
import { A64Assembler } from '../../lib/asm/a64/assembler.js'
import { decode } from '../../lib/asm/a64/decode.js'
import { randomSource, words } from './tools.js'

/** Runs a sequence of constant moves into x5 and returns the final value of that register. */
function simulate(code: Uint8Array): bigint {
  let register = 0x0123_4567_89ab_cdefn
  for (const word of words(code)) {
    const { form, values } = decode(word, false) ?? { form: { syntax: '?', base: 0 }, values: [] }
    if (values[0] !== 5) throw new Error(`unexpected ${form.syntax}`)
    const wide = form.base >>> 31 === 1
    const packed = Number(values[1])
    const shift = BigInt(packed >> 16) * 16n
    const part = BigInt(packed & 0xffff) << shift
    let result: bigint
    if (form.syntax.startsWith('movz')) result = part
    else if (form.syntax.startsWith('movn')) result = ~part
    else if (form.syntax.startsWith('movk')) result = (register & ~(0xffffn << shift)) | part
    else if (form.syntax.startsWith('orr') && values[1] === 31) result = BigInt(values[2])
    else throw new Error(`unexpected ${form.syntax}`)
    register = BigInt.asUintN(wide ? 64 : 32, result)
  }
  return register
}

function moved(value: bigint | number): { value: bigint; length: number } {
  const a = new A64Assembler()
  a.movImm(5, value)
  const code = a.finish()
  return { value: simulate(code), length: code.length / 4 }
}

t.test('movImm loads the constant in the expected number of instructions', async (t) => {
  const cases: [bigint | number, number][] = [
    [0, 1],
    [1, 1],
    [-1, 1],
    [0xffff, 1],
    [0x10000, 1],
    [0x10001, 1], // orr of a 16-bit element, on W
    [-0x10000, 1],
    [-0x10001, 1],
    [0x7fffffff, 1],
    [0x80000000, 1],
    [0xffffffff, 1],
    [0xffff1234, 1],
    [0x1234ffff, 1],
    [0x12345678, 2],
    [-0x12345678, 2],
    [0x100000000, 1],
    [Number.MAX_SAFE_INTEGER, 1],
    [Number.MIN_SAFE_INTEGER, 1], // orr of a run that wraps around
    [0x7fffffffffffffffn, 1],
    [-0x8000000000000000n, 1],
    [0xffffffffffffffffn, 1],
    [0x5555555555555555n, 1],
    [0x5555555555551234n, 2],
    [0x1234567812345678n, 4],
    [0x1234123412341234n, 4],
    [0x00ff00ff12345678n, 3],
    [0x123456789abcdef0n, 4],
    [0xffff56789abcffffn, 2],
    [0x3ff0000000000000n, 1],
    [0x7ff8000000000000n, 1],
    [0x400921fb54442d18n, 4],
  ]
  for (const [value, length] of cases) {
    const result = moved(value)
    t.equal(result.value, BigInt.asUintN(64, BigInt(value)), `value ${value}`)
    t.equal(result.length, length, `length of ${value}`)
  }
})

t.test('movImm is correct around powers of two and for random halfwords', async (t) => {
  const wrong: bigint[] = []
  const check = (value: bigint) => {
    const result = moved(value)
    if (result.value !== BigInt.asUintN(64, value) || result.length > 4) wrong.push(value)
  }
  for (let bit = 0n; bit < 64n; bit++) {
    for (const delta of [-1n, 0n, 1n]) {
      check(BigInt.asIntN(64, (1n << bit) + delta))
      check(BigInt.asIntN(64, -(1n << bit) + delta))
    }
  }
  const random = randomSource(7)
  const halfword = () => BigInt([0, 0xffff, 0x5555, 0xff00, random(0x10000), random(0x10000)][random(6)])
  for (let i = 0; i < 2000; i++) {
    check((halfword() << 48n) | (halfword() << 32n) | (halfword() << 16n) | halfword())
  }
  t.same(wrong, [])
})

t.test('movImm32 loads 32 bits and clears the rest', async (t) => {
  for (const value of [
    0, 1, -1, -2, 0xffff, 0x10000, 0x12340000, 0x1234ffff, 0x12345678, -0x80000000, 0xff00ff00,
  ]) {
    const a = new A64Assembler()
    a.movImm32(5, value)
    t.equal(simulate(a.finish()), BigInt(value >>> 0), `${value}`)
  }
})

t.test('constants that do not fit are refused', async (t) => {
  const a = new A64Assembler()
  t.throws(() => a.movImm(0, 1.5), { name: 'AssemblerError', message: /1\.5/ })
  t.throws(() => a.movImm(0, 2 ** 60), { name: 'AssemblerError', message: /bigint/ })
  t.throws(() => a.movImm(0, 1n << 64n), { name: 'AssemblerError', message: /64 bits/ })
  t.throws(() => a.movImm32(0, 2 ** 32), { name: 'AssemblerError', message: /32 bits/ })
  t.equal(a.offset, 0)
})
