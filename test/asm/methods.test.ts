import t from 'tap'
import { A64Assembler, Label } from '../../lib/asm/a64/assembler.js'
import { disassemble } from '../../lib/asm/a64/disassemble.js'
import { Cond, SP, ZR } from '../../lib/asm/a64/registers.js'
import { gnuAssemble, methodsNotCalled, skipGnu, words } from './tools.js'

type Emit = (a: A64Assembler) => void

/** A label at the current offset: the branch to it is a branch to itself. */
function here(a: A64Assembler): Label {
  const label = new Label()
  a.bind(label)
  return label
}

const asr3 = { type: 'asr', amount: 3 } as const

/** What each method must mean, as hand-written GNU syntax: one instruction per call. */
const CASES: [string, Emit][] = [
  ['mov x1, x2', (a) => a.mov(1, 2)],
  ['mov x1, xzr', (a) => a.mov(1, ZR)],
  ['mov w1, w2', (a) => a.mov32(1, 2)],
  ['mov x29, sp', (a) => a.movSp(29, SP)],
  ['mov sp, x29', (a) => a.movSp(SP, 29)],
  ['movz x1, #2, lsl #48', (a) => a.movz(1, 2, 48)],
  ['movn x1, #2, lsl #16', (a) => a.movn(1, 2, 16)],
  ['movk x1, #2, lsl #32', (a) => a.movk(1, 2, 32)],
  ['movn x1, #4', (a) => a.movImm(1, -5)],
  ['movz w1, #5', (a) => a.movImm32(1, 5)],
  ['neg x1, x2', (a) => a.neg(1, 2)],
  ['neg w1, w2, asr #3', (a) => a.negW(1, 2, asr3)],
  ['mvn x1, x2, asr #3', (a) => a.mvn(1, 2, asr3)],
  ['mvn w1, w2', (a) => a.mvnW(1, 2)],
  ['cmp x1, x2', (a) => a.cmp(1, 2)],
  ['cmp w1, w2, asr #3', (a) => a.cmpW(1, 2, asr3)],
  ['cmn x1, x2', (a) => a.cmn(1, 2)],
  ['cmn w1, w2', (a) => a.cmnW(1, 2)],
  ['tst x1, x2', (a) => a.tst(1, 2)],
  ['tst w1, w2', (a) => a.tstW(1, 2)],
  ['add x1, x2, #4095', (a) => a.addImm(1, 2, 4095)],
  ['add sp, sp, #1, lsl #12', (a) => a.addImm(SP, SP, 4096)],
  ['add w1, w2, #3', (a) => a.addImmW(1, 2, 3)],
  ['sub sp, sp, #32', (a) => a.subImm(SP, SP, 32)],
  ['sub w1, w2, #3', (a) => a.subImmW(1, 2, 3)],
  ['adds x1, x2, #3', (a) => a.addsImm(1, 2, 3)],
  ['adds w1, w2, #3', (a) => a.addsImmW(1, 2, 3)],
  ['subs x1, x2, #3', (a) => a.subsImm(1, 2, 3)],
  ['subs w1, w2, #3', (a) => a.subsImmW(1, 2, 3)],
  ['cmp x1, #3', (a) => a.cmpImm(1, 3)],
  ['cmp sp, #0xfff000', (a) => a.cmpImm(SP, 0xfff000)],
  ['cmp w1, #3', (a) => a.cmpImmW(1, 3)],
  ['cmn x1, #3', (a) => a.cmnImm(1, 3)],
  ['cmn w1, #3', (a) => a.cmnImmW(1, 3)],
  ['add sp, x2, x3, uxtx #4', (a) => a.addExt(SP, 2, 3, 'uxtx', 4)],
  ['sub x1, sp, w3, sxtw', (a) => a.subExt(1, SP, 3, 'sxtw')],
  ['adds x1, x2, w3, uxtw #1', (a) => a.addsExt(1, 2, 3, 'uxtw', 1)],
  ['subs x1, x2, w3, uxtw #1', (a) => a.subsExt(1, 2, 3, 'uxtw', 1)],
  ['cmp x2, w3, uxtw #2', (a) => a.cmpExt(2, 3, 'uxtw', 2)],
  ['and x1, x2, #0xff', (a) => a.andImm(1, 2, 255)],
  ['and sp, x2, #-16', (a) => a.andImm(SP, 2, -16)],
  ['and w1, w2, #0xff', (a) => a.andImmW(1, 2, 255)],
  ['orr x1, x2, #0x8000000000000000', (a) => a.orrImm(1, 2, 1n << 63n)],
  ['orr w1, w2, #0xfffffffe', (a) => a.orrImmW(1, 2, -2)],
  ['eor x1, x2, #1', (a) => a.eorImm(1, 2, 1)],
  ['eor w1, w2, #1', (a) => a.eorImmW(1, 2, 1)],
  ['tst x2, #6', (a) => a.tstImm(2, 6)],
  ['tst w2, #6', (a) => a.tstImmW(2, 6)],
  ['ubfx x1, x2, #3, #10', (a) => a.ubfx(1, 2, 3, 10)],
  ['ubfx w1, w2, #3, #10', (a) => a.ubfxW(1, 2, 3, 10)],
  ['sbfx x1, x2, #0, #40', (a) => a.sbfx(1, 2, 0, 40)],
  ['sbfx w1, w2, #3, #29', (a) => a.sbfxW(1, 2, 3, 29)],
  ['bfi x1, x2, #40, #24', (a) => a.bfi(1, 2, 40, 24)],
  ['bfi w1, w2, #0, #5', (a) => a.bfiW(1, 2, 0, 5)],
  ['sxtb x1, w2', (a) => a.sxtb(1, 2)],
  ['sxth x1, w2', (a) => a.sxth(1, 2)],
  ['sxtw x1, w2', (a) => a.sxtw(1, 2)],
  ['uxtb w1, w2', (a) => a.uxtb(1, 2)],
  ['uxth w1, w2', (a) => a.uxth(1, 2)],
  ['mov w1, w2', (a) => a.uxtw(1, 2)],
  ['madd x1, x2, x3, x4', (a) => a.madd(1, 2, 3, 4)],
  ['madd w1, w2, w3, w4', (a) => a.maddW(1, 2, 3, 4)],
  ['msub x1, x2, x3, x4', (a) => a.msub(1, 2, 3, 4)],
  ['msub w1, w2, w3, w4', (a) => a.msubW(1, 2, 3, 4)],
  ['smull x1, w2, w3', (a) => a.smull(1, 2, 3)],
  ['umull x1, w2, w3', (a) => a.umull(1, 2, 3)],
  ['smulh x1, x2, x3', (a) => a.smulh(1, 2, 3)],
  ['umulh x1, x2, x3', (a) => a.umulh(1, 2, 3)],
  ['cset x1, lt', (a) => a.cset(1, Cond.LT)],
  ['cset w1, eq', (a) => a.csetW(1, Cond.EQ)],
  ['csetm x1, hi', (a) => a.csetm(1, Cond.HI)],
  ['csetm w1, vs', (a) => a.csetmW(1, Cond.VS)],
  ['ccmp x1, x2, #4, ne', (a) => a.ccmp(1, 2, 4, Cond.NE)],
  ['ccmp w1, w2, #4, ne', (a) => a.ccmpW(1, 2, 4, Cond.NE)],
  ['ccmp x1, #31, #15, ge', (a) => a.ccmpImm(1, 31, 15, Cond.GE)],
  ['ccmp w1, #31, #15, ge', (a) => a.ccmpImmW(1, 31, 15, Cond.GE)],
  ['adr x1, .', (a) => a.adr(1, here(a))],
  ['b .', (a) => a.b(here(a))],
  ['bl .', (a) => a.bl(here(a))],
  ['b.ls .', (a) => a.bCond(Cond.LS, here(a))],
  ['cbz x1, .', (a) => a.cbz(1, here(a))],
  ['cbz w1, .', (a) => a.cbzW(1, here(a))],
  ['cbnz x1, .', (a) => a.cbnz(1, here(a))],
  ['cbnz w1, .', (a) => a.cbnzW(1, here(a))],
  ['tbz x1, #63, .', (a) => a.tbz(1, 63, here(a))],
  ['tbnz w1, #2, .', (a) => a.tbnz(1, 2, here(a))],
  ['br x16', (a) => a.br(16)],
  ['blr x17', (a) => a.blr(17)],
  ['ret', (a) => a.ret()],
  ['ret x3', (a) => a.ret(3)],
  ['fmov x1, d2', (a) => a.fmovToX(1, 2)],
  ['fmov d1, x2', (a) => a.fmovFromX(1, 2)],
  ['fmov d1, #-0.125', (a) => a.fmovImm(1, -0.125)],
  ['movi d1, #0', (a) => a.fmovZero(1)],
  ['fcmp d1, d2', (a) => a.fcmp(1, 2)],
  ['fcmp d1, #0.0', (a) => a.fcmpZero(1)],
  ['fcsel d1, d2, d3, mi', (a) => a.fcsel(1, 2, 3, Cond.MI)],
  ['scvtf d1, x2', (a) => a.scvtf(1, 2)],
  ['scvtf d1, w2', (a) => a.scvtfW(1, 2)],
  ['ucvtf d1, x2', (a) => a.ucvtf(1, 2)],
  ['fcvtzs x1, d2', (a) => a.fcvtzs(1, 2)],
  ['fcvtzs w1, d2', (a) => a.fcvtzsW(1, 2)],
  ['dc cvau, x1', (a) => a.dcCvau(1)],
  ['ic ivau, x1', (a) => a.icIvau(1)],
  ['mrs x1, ctr_el0', (a) => a.mrsCtrEl0(1)],
  ['dsb ish', (a) => a.dsbIsh()],
  ['dmb ish', (a) => a.dmbIsh()],
  ['isb', (a) => a.isb()],
  ['nop', (a) => a.nop()],
  ['brk #0xf000', (a) => a.brk(0xf000)],
  ['udf #7', (a) => a.udf(7)],
]

/** Adds the regular families: the same operands for each mnemonic and width. */
const both = (names: string, emit: (name: string, r: string, w: '' | 'W') => [string, Emit]): void => {
  for (const name of names.split(' ')) CASES.push(emit(name, 'x', ''), emit(name, 'w', 'W'))
}

type Three = (d: number, n: number, m: number) => void
type Shifted = (d: number, n: number, m: number, shift?: { type: 'asr'; amount: number }) => void
type Select = (d: number, n: number, m: number, condition: number) => void
type Two = (d: number, n: number) => void
type Access = (t: number, n: number, imm?: number) => void
type Indexed = (
  t: number,
  n: number,
  m: number,
  index?: { extend: 'lsl' | 'uxtw' | 'sxtw'; shift: number },
) => void
type Pair = (t1: number, t2: number, n: number, imm: number) => void

/** The method of a name, bound to the assembler; the caller states its type. */
function method<T>(a: A64Assembler, name: string): T {
  const found: unknown = Reflect.get(a, name)
  if (typeof found !== 'function') throw new Error(`no method ${name}`)
  return found.bind(a)
}

both('add adds sub subs and ands bic orr orn eor eon', (name, r, w) => [
  `${name} ${r}1, ${r}2, ${r}3, asr #3`,
  (a) => method<Shifted>(a, name + w)(1, 2, 3, asr3),
])
both('lsl lsr asr ror mul mneg sdiv udiv', (name, r, w) => [
  `${name} ${r}1, ${r}2, ${r}3`,
  (a) => method<Three>(a, name + w)(1, 2, 3),
])
both('lsl lsr asr', (name, r, w) => [
  `${name} ${r}1, ${r}2, #31`,
  (a) => method<Three>(a, `${name}Imm${w}`)(1, 2, 31),
])
both('clz cls rbit rev', (name, r, w) => [`${name} ${r}1, ${r}2`, (a) => method<Two>(a, name + w)(1, 2)])
both('csel csinc csinv csneg', (name, r, w) => [
  `${name} ${r}1, ${r}2, ${r}3, le`,
  (a) => method<Select>(a, name + w)(1, 2, 3, Cond.LE),
])
for (const name of 'fadd fsub fmul fdiv'.split(' ')) {
  CASES.push([`${name} d1, d2, d3`, (a) => method<Three>(a, name)(1, 2, 3)])
}
for (const name of 'fmov fneg fabs fsqrt frintn frinta frintm frintp frintz'.split(' ')) {
  CASES.push([`${name} d1, d2`, (a) => method<Two>(a, name)(1, 2)])
}

/** Method, mnemonic, transfer register, log2 of the access size. */
const ACCESSES: [string, string, string, number][] = [
  ['ldr', 'ldr', 'x', 3],
  ['str', 'str', 'x', 3],
  ['ldrW', 'ldr', 'w', 2],
  ['strW', 'str', 'w', 2],
  ['ldrb', 'ldrb', 'w', 0],
  ['strb', 'strb', 'w', 0],
  ['ldrh', 'ldrh', 'w', 1],
  ['strh', 'strh', 'w', 1],
  ['ldrsb', 'ldrsb', 'x', 0],
  ['ldrsh', 'ldrsh', 'x', 1],
  ['ldrsw', 'ldrsw', 'x', 2],
  ['ldrD', 'ldr', 'd', 3],
  ['strD', 'str', 'd', 3],
]
for (const [name, mnemonic, r, size] of ACCESSES) {
  // GNU as chooses between the scaled and the unscaled form by the same rule.
  for (const imm of [0, 1, 255, -1, -256, 4095 << size]) {
    CASES.push([`${mnemonic} ${r}1, [sp, #${imm}]`, (a) => method<Access>(a, name)(1, SP, imm)])
  }
  const indexed = (index?: { extend: 'lsl' | 'uxtw' | 'sxtw'; shift: number }): Emit => {
    return (a) => method<Indexed>(a, `${name}Reg`)(1, SP, 3, index)
  }
  CASES.push([`${mnemonic} ${r}1, [sp, x3]`, indexed()])
  CASES.push([`${mnemonic} ${r}1, [sp, w3, sxtw]`, indexed({ extend: 'sxtw', shift: 0 })])
  if (size === 0) continue
  CASES.push([`${mnemonic} ${r}1, [sp, x3, lsl #${size}]`, indexed({ extend: 'lsl', shift: size })])
  CASES.push([`${mnemonic} ${r}1, [sp, w3, uxtw #${size}]`, indexed({ extend: 'uxtw', shift: size })])
}
for (const [suffix, r] of [
  ['', 'x'],
  ['D', 'd'],
]) {
  for (const name of ['ldr', 'str']) {
    CASES.push([`${name} ${r}1, [x2, #-256]!`, (a) => method<Access>(a, `${name}${suffix}Pre`)(1, 2, -256)])
    CASES.push([`${name} ${r}1, [sp], #16`, (a) => method<Access>(a, `${name}${suffix}Post`)(1, SP, 16)])
  }
  for (const name of ['ldp', 'stp']) {
    CASES.push([`${name} ${r}1, ${r}2, [x3, #504]`, (a) => method<Pair>(a, name + suffix)(1, 2, 3, 504)])
    CASES.push([
      `${name} ${r}1, ${r}2, [sp, #-512]!`,
      (a) => method<Pair>(a, `${name}${suffix}Pre`)(1, 2, SP, -512),
    ])
    CASES.push([
      `${name} ${r}1, ${r}2, [sp], #16`,
      (a) => method<Pair>(a, `${name}${suffix}Post`)(1, 2, SP, 16),
    ])
  }
}

/** Methods that are not one instruction or are covered in labels.test.ts. */
const ELSEWHERE = new Set(
  'constructor offset bind emit emitToLabel emitLiteral ldrLiteral ldrLiteralD blExternal movSymbol movSymbolLow finish'.split(
    ' ',
  ),
)
/** Private and protected helpers, which exist at run time like the others. */
const HELPERS = new Set(['keepStackAligned', 'writesRegister', 'access'])

t.test('every method emits the instruction it is named after', { skip: skipGnu }, async (t) => {
  const a = new A64Assembler()
  for (const [text, emit] of CASES) {
    const before = a.offset
    emit(a)
    if (a.offset !== before + 4) t.fail(`${text}: ${a.offset - before} bytes emitted`)
  }
  const code = a.finish()
  const expected = words(gnuAssemble(CASES.map(([text]) => text)))
  t.equal(expected.length, CASES.length)
  const actual = words(code)
  const texts = disassemble(code).map(({ text }) => text)
  const wrong = CASES.flatMap(([text], i) => (actual[i] === expected[i] ? [] : [{ text, ours: texts[i] }]))
  t.same(wrong, [])
})

t.test('every method has a case', async (t) => {
  const missing = methodsNotCalled(new A64Assembler(), new Set([...ELSEWHERE, ...HELPERS]), (recorder) => {
    for (const [, emit] of CASES) emit(recorder)
  })
  t.same(missing, [])
})
