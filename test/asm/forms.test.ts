import t from 'tap'
import { decode, decodeAs } from '../../lib/asm/a64/decode.js'
import { disassemble, printListing } from '../../lib/asm/a64/disassemble.js'
import { encode, isUnpredictable } from '../../lib/asm/a64/encode.js'
import { FORMS, type Form } from '../../lib/asm/a64/forms.js'
import { type OperandValue, operandMask } from '../../lib/asm/a64/operands.js'
import { print } from '../../lib/asm/a64/print.js'
import { gnuAssemble, operandValues, randomSource, skipGnu, words } from './tools.js'

const forms: [string, Form][] = Object.entries(FORMS)

/** Lowest, highest, mixed extremes and `count` random operand choices of a form, without unpredictable ones. */
function samples(form: Form, seed: number, count: number): OperandValue[][] {
  const random = randomSource(seed)
  const pickers = [
    () => 0,
    (limit: number) => limit - 1,
    (limit: number) => (random(2) === 0 ? 0 : limit - 1),
    (limit: number) => (random(2) === 0 ? 0 : limit - 1),
    ...Array.from({ length: count }, () => random),
  ]
  return pickers
    .map((pick) => operandValues(form, pick))
    .filter((values) => {
      if (form.constraint === undefined) return true
      return !isUnpredictable(form.constraint, encode({ ...form, constraint: undefined }, values))
    })
}

t.test('every form has its fixed bits apart from its operands, which do not overlap', async (t) => {
  for (const [name, form] of forms) {
    let covered = 0
    for (const operand of form.operands) {
      const mask = operandMask(operand)
      t.equal(covered & mask, 0, `${name}: operands do not overlap`)
      covered |= mask
    }
    t.equal((form.base & covered) >>> 0, 0, `${name}: base bits are fixed`)
  }
})

t.test('decode(encode(x)) is x for every form', async (t) => {
  for (const [name, form] of forms) {
    const cases = samples(form, 1, 40)
    t.ok(form.operands.length === 0 || cases.length >= 30, `${name}: enough cases`)
    const wrong = cases.filter((values) => {
      const word = encode(form, values)
      const same = JSON.stringify(decodeAs(form, word)?.map(String)) === JSON.stringify(values.map(String))
      const preferred = decode(word)
      return !same || preferred === undefined || encode(preferred.form, preferred.values) !== word
    })
    t.same(wrong.map(String), [], name)
    const plain = form.alias
      ? undefined
      : cases.find((values) => decode(encode(form, values), false)?.form !== form)
    t.equal(plain, undefined, `${name}: no other base form claims its words`)
  }
})

t.test('the printed text assembles with GNU as to the same words', { skip: skipGnu }, async (t) => {
  const expected: { name: string; word: number; text: string }[] = []
  for (const [name, form] of forms) {
    for (const values of samples(form, 2, 12)) {
      const word = encode(form, values)
      const preferred = decode(word)
      // As this very form and, where it differs, as the alias that the disassembler prefers.
      expected.push({ name, word, text: print({ form, values }) })
      if (preferred !== undefined && preferred.form !== form)
        expected.push({ name, word, text: print(preferred) })
    }
  }
  const actual = words(gnuAssemble(expected.map(({ text }) => text)))
  t.equal(actual.length, expected.length)
  const wrong = expected.filter(({ word }, i) => word !== actual[i])
  t.same(wrong, [], 'differing instructions')
})

t.test('random words decode without crashing and re-assemble to themselves', { skip: skipGnu }, async (t) => {
  const random = randomSource(3)
  const code = new Uint8Array(4 * 12000)
  const view = new DataView(code.buffer)
  for (let i = 0; i < 6000; i++) view.setUint32(4 * i, random(2 ** 32), true)
  // Words of known forms with every free bit random reach reserved encodings that uniform words miss.
  for (let i = 6000; i < 12000; i++) {
    const form = forms[random(forms.length)][1]
    view.setUint32(4 * i, (form.base | (random(2 ** 32) & ~form.mask)) >>> 0, true)
  }
  const known = disassemble(code).filter(({ text }) => !text.startsWith('.word')).length
  t.ok(known > 5000, `${known} known words`)
  const actual = words(gnuAssemble(printListing(code)))
  const wrong = disassemble(code).filter(({ hex }, i) => Number.parseInt(hex, 16) !== actual[i])
  t.same(wrong, [], 'differing words')
})

t.test('operands out of range are refused with the form and the value', async (t) => {
  const refused: [Form, OperandValue[], RegExp][] = [
    [FORMS.ldr, [0, 1, 4], /ldr .*multiple of 8.*4/],
    [FORMS.ldr, [0, 1, 32768], /ldr .*32768/],
    [FORMS.ldur, [0, 1, -257], /ldur .*-257/],
    [FORMS.stp, [0, 1, 31, 512], /stp .*512/],
    [FORMS.ldp, [3, 3, 31, 0], /ldp .*unpredictable/],
    [FORMS.ldrPost, [3, 3, 8], /ldr .*unpredictable/],
    [FORMS.andImm, [0, 1, 0n], /and .*logical immediate.*0/],
    [FORMS.fmovImm, [0, 0.1], /fmov .*0\.1/],
    [FORMS.lslImm, [0, 1, 64], /lsl .*64/],
    [FORMS.tbz, [0, 64, 0], /tbz .*64/],
    [FORMS.bCond, [0, 1 << 20], /b\..*1048576/],
    [FORMS.b, [2], /b .*multiple of 4.*2/],
    [FORMS.add, [0, 1, 32, 0], /add .*register.*32/],
    [FORMS.add, [0, 1, 2, 3], /add .*ror/],
    // Low 32 bits that would be right.
    [FORMS.add, [0, 1, 2, 2 ** 32 + 4], /add .*4294967300/],
    [FORMS.addExt, [0, 1, -(2 ** 40)], /add .*-1099511627776/],
    [FORMS.bfi, [0, 1, 2 ** 33 + 64], /bfi .*8589934656/],
    [FORMS.cset, [0, -(2 ** 32)], /cset .*-4294967296/],
    [FORMS.andImmW, [0, 1, 0x1_0000_00ffn], /and .*4294967551/],
    [FORMS.andImm, [0, 1, -(1n << 64n) + 255n], /and .*-18446744073709551361/],
    [FORMS.andImm, [0, 1, 0.5], /and .*0\.5/],
    [FORMS.andImm, [0, 1, Number.NaN], /and .*NaN/],
    [FORMS.cset, [0, 14], /cset .*14/],
    [FORMS.ret, [], /1 operands expected, not 0/],
  ]
  for (const [form, values, message] of refused) {
    t.throws(() => encode(form, values), { name: 'AssemblerError', message })
  }
})
