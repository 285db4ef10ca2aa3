/**
 * THE table of A64 instruction forms. The encoder, the decoder and the printer all follow from it:
 * a form is its fixed bits plus its operands; every bit that no operand covers is fixed.
 *
 * Names: base mnemonic in assembler spelling, then the operand variant (Imm, Ext, Reg, Pre, ...),
 * `W` for 32-bit and `D` for double registers. Aliases (alias: true) are preferred when decoding.
 */

import type { Operand, Width } from './operands.js'
import { operandMask } from './operands.js'

/** A combination of operands the architecture leaves unpredictable. */
export type Constraint = 'pairLoad' | 'writeback' | 'pairWriteback' | 'pairLoadWriteback'

export interface Form {
  readonly mnemonic: string
  /** Fixed bits: word & mask === base, both unsigned. */
  readonly base: number
  /** `base` as a signed number, which V8 does not box. */
  readonly signedBase: number
  readonly mask: number
  readonly operands: readonly Operand[]
  /** Whole instruction; $0..$9 are operands. Optional operands bring their own comma. */
  readonly syntax: string
  readonly alias: boolean
  readonly constraint?: Constraint
}

interface Extra {
  /** Operand part of the syntax, when it is not just the operands separated by commas. */
  readonly syntax?: string
  readonly alias?: boolean
  readonly constraint?: Constraint
}

const isOptional = (o: Operand): boolean => o.kind === 'shift' || (o.kind === 'immediate' && o.optional)

function form(mnemonic: string, base: number, operands: readonly Operand[], extra: Extra = {}): Form {
  let covered = 0
  let list = ''
  operands.forEach((operand, i) => {
    covered |= operandMask(operand)
    list += `${i === 0 || isOptional(operand) ? '' : ', '}$${i}`
  })
  const syntax = extra.syntax ?? list
  const separator = mnemonic.endsWith('.') || syntax === '' ? '' : ' '
  return {
    mnemonic,
    base,
    signedBase: base | 0,
    mask: ~covered >>> 0,
    operands,
    syntax: mnemonic + separator + syntax,
    alias: extra.alias ?? false,
    constraint: extra.constraint,
  }
}

const alias = (mnemonic: string, base: number, operands: readonly Operand[]): Form =>
  form(mnemonic, base, operands, { alias: true })

const register = (bank: 'x' | 'w' | 'd', at: number, sp = false): Operand => ({
  kind: 'register',
  bank,
  at,
  sp,
})
const unsigned = (at: number, bits: number, scale = 1, optional = false): Operand => ({
  kind: 'immediate',
  at,
  bits,
  scale,
  signed: false,
  optional,
})
const signed = (at: number, bits: number, scale = 1, optional = false): Operand => ({
  kind: 'immediate',
  at,
  bits,
  scale,
  signed: true,
  optional,
})
const shift = (width: Width, ror: boolean): Operand => ({ kind: 'shift', width, ror })
const logical = (width: Width): Operand => ({ kind: 'logical', width })
const moveWide = (width: Width): Operand => ({ kind: 'moveWide', width })
const inverted16 = (width: Width): Operand => ({ kind: 'inverted16', width })
const lslAmount = (width: Width): Operand => ({ kind: 'lslAmount', width })
const bitfield = (width: Width, insert: boolean): Operand => ({ kind: 'bitfield', width, insert })
const target = (at: number, bits: number): Operand => ({ kind: 'target', at, bits })
const index = (size: number): Operand => ({ kind: 'index', size })

// Register operands by usual role: destination/transfer at 0, first source or base at 5, second
// source at 16, third source or second transfer at 10. S = 31 is the stack pointer.
const [Xd, Xn, Xm, Xa] = [register('x', 0), register('x', 5), register('x', 16), register('x', 10)]
const [Wd, Wn, Wm, Wa] = [register('w', 0), register('w', 5), register('w', 16), register('w', 10)]
const [Dd, Dn, Dm, Da] = [register('d', 0), register('d', 5), register('d', 16), register('d', 10)]
const [XdS, XnS, WdS, WnS] = [
  register('x', 0, true),
  register('x', 5, true),
  register('w', 0, true),
  register('w', 5, true),
]

const ADD_IMM: Operand = { kind: 'addImmediate' }
const EXTENDED: Operand = { kind: 'extended' }
const TEST_BIT: Operand = { kind: 'testBit' }
const FLOAT8: Operand = { kind: 'float8' }
const ADR_TARGET: Operand = { kind: 'adrTarget' }
const COND12: Operand = { kind: 'condition', at: 12, inverted: false }
const COND12_INVERTED: Operand = { kind: 'condition', at: 12, inverted: true }
const COND0: Operand = { kind: 'condition', at: 0, inverted: false }
const NZCV = unsigned(0, 4)
const IMM5 = unsigned(16, 5)
const [SH64, SH32, SHR64, SHR32] = [shift(64, false), shift(32, false), shift(64, true), shift(32, true)]
const [IMMR64, IMMS64, IMMR32, IMMS32] = [unsigned(16, 6), unsigned(10, 6), unsigned(16, 5), unsigned(10, 5)]

// Addressing modes.
const scaled = (mnemonic: string, base: number, t: Operand, size: number): Form =>
  form(mnemonic, base, [t, XnS, unsigned(10, 12, 1 << size, true)], { syntax: '$0, [$1$2]' })
const unscaled = (mnemonic: string, base: number, t: Operand): Form =>
  form(mnemonic, base, [t, XnS, signed(12, 9, 1, true)], { syntax: '$0, [$1$2]' })
const indexed = (mnemonic: string, base: number, t: Operand, size: number): Form =>
  form(mnemonic, base, [t, XnS, index(size)], { syntax: '$0, [$1, $2]' })
const writebackConstraint = (t: Operand): Constraint | undefined =>
  t.kind === 'register' && t.bank === 'd' ? undefined : 'writeback'
const pre = (mnemonic: string, base: number, t: Operand): Form =>
  form(mnemonic, base, [t, XnS, signed(12, 9)], {
    syntax: '$0, [$1, $2]!',
    constraint: writebackConstraint(t),
  })
const post = (mnemonic: string, base: number, t: Operand): Form =>
  form(mnemonic, base, [t, XnS, signed(12, 9)], {
    syntax: '$0, [$1], $2',
    constraint: writebackConstraint(t),
  })
const pair = (mnemonic: string, base: number, t1: Operand, t2: Operand, constraint?: Constraint): Form =>
  form(mnemonic, base, [t1, t2, XnS, signed(15, 7, 8, true)], { syntax: '$0, $1, [$2$3]', constraint })
const pairPre = (mnemonic: string, base: number, t1: Operand, t2: Operand, constraint?: Constraint): Form =>
  form(mnemonic, base, [t1, t2, XnS, signed(15, 7, 8)], { syntax: '$0, $1, [$2, $3]!', constraint })
const pairPost = (mnemonic: string, base: number, t1: Operand, t2: Operand, constraint?: Constraint): Form =>
  form(mnemonic, base, [t1, t2, XnS, signed(15, 7, 8)], { syntax: '$0, $1, [$2], $3', constraint })

export const FORMS = {
  // Moves
  mov: alias('mov', 0xaa0003e0, [Xd, Xm]),
  movW: alias('mov', 0x2a0003e0, [Wd, Wm]),
  movToSp: form('mov', 0x9100001f, [XnS], { syntax: 'sp, $0', alias: true }),
  movFromSp: form('mov', 0x910003e0, [XdS], { syntax: '$0, sp', alias: true }),
  movz: form('movz', 0xd2800000, [Xd, moveWide(64)]),
  movzW: form('movz', 0x52800000, [Wd, moveWide(32)]),
  movn: form('movn', 0x92800000, [Xd, moveWide(64)]),
  movnW: form('movn', 0x12800000, [Wd, moveWide(32)]),
  movk: form('movk', 0xf2800000, [Xd, moveWide(64)]),
  movkW: form('movk', 0x72800000, [Wd, moveWide(32)]),
  movUnsigned16: alias('mov', 0xd2800000, [Xd, unsigned(5, 16)]),
  movUnsigned16W: alias('mov', 0x52800000, [Wd, unsigned(5, 16)]),
  movInverted16: alias('mov', 0x92800000, [Xd, inverted16(64)]),
  movInverted16W: alias('mov', 0x12800000, [Wd, inverted16(32)]),

  // Add and subtract: shifted register
  add: form('add', 0x8b000000, [Xd, Xn, Xm, SH64]),
  addW: form('add', 0x0b000000, [Wd, Wn, Wm, SH32]),
  adds: form('adds', 0xab000000, [Xd, Xn, Xm, SH64]),
  addsW: form('adds', 0x2b000000, [Wd, Wn, Wm, SH32]),
  sub: form('sub', 0xcb000000, [Xd, Xn, Xm, SH64]),
  subW: form('sub', 0x4b000000, [Wd, Wn, Wm, SH32]),
  subs: form('subs', 0xeb000000, [Xd, Xn, Xm, SH64]),
  subsW: form('subs', 0x6b000000, [Wd, Wn, Wm, SH32]),
  neg: alias('neg', 0xcb0003e0, [Xd, Xm, SH64]),
  negW: alias('neg', 0x4b0003e0, [Wd, Wm, SH32]),
  cmp: alias('cmp', 0xeb00001f, [Xn, Xm, SH64]),
  cmpW: alias('cmp', 0x6b00001f, [Wn, Wm, SH32]),
  cmn: alias('cmn', 0xab00001f, [Xn, Xm, SH64]),
  cmnW: alias('cmn', 0x2b00001f, [Wn, Wm, SH32]),

  // Add and subtract: immediate
  addImm: form('add', 0x91000000, [XdS, XnS, ADD_IMM]),
  addImmW: form('add', 0x11000000, [WdS, WnS, ADD_IMM]),
  addsImm: form('adds', 0xb1000000, [Xd, XnS, ADD_IMM]),
  addsImmW: form('adds', 0x31000000, [Wd, WnS, ADD_IMM]),
  subImm: form('sub', 0xd1000000, [XdS, XnS, ADD_IMM]),
  subImmW: form('sub', 0x51000000, [WdS, WnS, ADD_IMM]),
  subsImm: form('subs', 0xf1000000, [Xd, XnS, ADD_IMM]),
  subsImmW: form('subs', 0x71000000, [Wd, WnS, ADD_IMM]),
  cmpImm: alias('cmp', 0xf100001f, [XnS, ADD_IMM]),
  cmpImmW: alias('cmp', 0x7100001f, [WnS, ADD_IMM]),
  cmnImm: alias('cmn', 0xb100001f, [XnS, ADD_IMM]),
  cmnImmW: alias('cmn', 0x3100001f, [WnS, ADD_IMM]),

  // Add and subtract: extended register (the register form that takes SP)
  addExt: form('add', 0x8b200000, [XdS, XnS, EXTENDED]),
  addsExt: form('adds', 0xab200000, [Xd, XnS, EXTENDED]),
  subExt: form('sub', 0xcb200000, [XdS, XnS, EXTENDED]),
  subsExt: form('subs', 0xeb200000, [Xd, XnS, EXTENDED]),
  cmpExt: alias('cmp', 0xeb20001f, [XnS, EXTENDED]),
  cmnExt: alias('cmn', 0xab20001f, [XnS, EXTENDED]),

  // Logical: shifted register
  and: form('and', 0x8a000000, [Xd, Xn, Xm, SHR64]),
  andW: form('and', 0x0a000000, [Wd, Wn, Wm, SHR32]),
  bic: form('bic', 0x8a200000, [Xd, Xn, Xm, SHR64]),
  bicW: form('bic', 0x0a200000, [Wd, Wn, Wm, SHR32]),
  orr: form('orr', 0xaa000000, [Xd, Xn, Xm, SHR64]),
  orrW: form('orr', 0x2a000000, [Wd, Wn, Wm, SHR32]),
  orn: form('orn', 0xaa200000, [Xd, Xn, Xm, SHR64]),
  ornW: form('orn', 0x2a200000, [Wd, Wn, Wm, SHR32]),
  eor: form('eor', 0xca000000, [Xd, Xn, Xm, SHR64]),
  eorW: form('eor', 0x4a000000, [Wd, Wn, Wm, SHR32]),
  eon: form('eon', 0xca200000, [Xd, Xn, Xm, SHR64]),
  eonW: form('eon', 0x4a200000, [Wd, Wn, Wm, SHR32]),
  ands: form('ands', 0xea000000, [Xd, Xn, Xm, SHR64]),
  andsW: form('ands', 0x6a000000, [Wd, Wn, Wm, SHR32]),
  bics: form('bics', 0xea200000, [Xd, Xn, Xm, SHR64]),
  bicsW: form('bics', 0x6a200000, [Wd, Wn, Wm, SHR32]),
  mvn: alias('mvn', 0xaa2003e0, [Xd, Xm, SHR64]),
  mvnW: alias('mvn', 0x2a2003e0, [Wd, Wm, SHR32]),
  tst: alias('tst', 0xea00001f, [Xn, Xm, SHR64]),
  tstW: alias('tst', 0x6a00001f, [Wn, Wm, SHR32]),

  // Logical: immediate
  andImm: form('and', 0x92000000, [XdS, Xn, logical(64)]),
  andImmW: form('and', 0x12000000, [WdS, Wn, logical(32)]),
  orrImm: form('orr', 0xb2000000, [XdS, Xn, logical(64)]),
  orrImmW: form('orr', 0x32000000, [WdS, Wn, logical(32)]),
  eorImm: form('eor', 0xd2000000, [XdS, Xn, logical(64)]),
  eorImmW: form('eor', 0x52000000, [WdS, Wn, logical(32)]),
  andsImm: form('ands', 0xf2000000, [Xd, Xn, logical(64)]),
  andsImmW: form('ands', 0x72000000, [Wd, Wn, logical(32)]),
  tstImm: alias('tst', 0xf200001f, [Xn, logical(64)]),
  tstImmW: alias('tst', 0x7200001f, [Wn, logical(32)]),

  // Shifts and bit fields
  lsl: form('lsl', 0x9ac02000, [Xd, Xn, Xm]),
  lslW: form('lsl', 0x1ac02000, [Wd, Wn, Wm]),
  lsr: form('lsr', 0x9ac02400, [Xd, Xn, Xm]),
  lsrW: form('lsr', 0x1ac02400, [Wd, Wn, Wm]),
  asr: form('asr', 0x9ac02800, [Xd, Xn, Xm]),
  asrW: form('asr', 0x1ac02800, [Wd, Wn, Wm]),
  ror: form('ror', 0x9ac02c00, [Xd, Xn, Xm]),
  rorW: form('ror', 0x1ac02c00, [Wd, Wn, Wm]),
  ubfm: form('ubfm', 0xd3400000, [Xd, Xn, IMMR64, IMMS64]),
  ubfmW: form('ubfm', 0x53000000, [Wd, Wn, IMMR32, IMMS32]),
  sbfm: form('sbfm', 0x93400000, [Xd, Xn, IMMR64, IMMS64]),
  sbfmW: form('sbfm', 0x13000000, [Wd, Wn, IMMR32, IMMS32]),
  bfm: form('bfm', 0xb3400000, [Xd, Xn, IMMR64, IMMS64]),
  bfmW: form('bfm', 0x33000000, [Wd, Wn, IMMR32, IMMS32]),
  lslImm: alias('lsl', 0xd3400000, [Xd, Xn, lslAmount(64)]),
  lslImmW: alias('lsl', 0x53000000, [Wd, Wn, lslAmount(32)]),
  lsrImm: alias('lsr', 0xd340fc00, [Xd, Xn, IMMR64]),
  lsrImmW: alias('lsr', 0x53007c00, [Wd, Wn, IMMR32]),
  asrImm: alias('asr', 0x9340fc00, [Xd, Xn, IMMR64]),
  asrImmW: alias('asr', 0x13007c00, [Wd, Wn, IMMR32]),
  ubfx: alias('ubfx', 0xd3400000, [Xd, Xn, bitfield(64, false)]),
  ubfxW: alias('ubfx', 0x53000000, [Wd, Wn, bitfield(32, false)]),
  sbfx: alias('sbfx', 0x93400000, [Xd, Xn, bitfield(64, false)]),
  sbfxW: alias('sbfx', 0x13000000, [Wd, Wn, bitfield(32, false)]),
  bfi: alias('bfi', 0xb3400000, [Xd, Xn, bitfield(64, true)]),
  bfiW: alias('bfi', 0x33000000, [Wd, Wn, bitfield(32, true)]),
  sxtb: alias('sxtb', 0x93401c00, [Xd, Wn]),
  sxth: alias('sxth', 0x93403c00, [Xd, Wn]),
  sxtw: alias('sxtw', 0x93407c00, [Xd, Wn]),
  uxtb: alias('uxtb', 0x53001c00, [Wd, Wn]),
  uxth: alias('uxth', 0x53003c00, [Wd, Wn]),

  // Multiply, divide, count and reverse
  madd: form('madd', 0x9b000000, [Xd, Xn, Xm, Xa]),
  maddW: form('madd', 0x1b000000, [Wd, Wn, Wm, Wa]),
  msub: form('msub', 0x9b008000, [Xd, Xn, Xm, Xa]),
  msubW: form('msub', 0x1b008000, [Wd, Wn, Wm, Wa]),
  mul: alias('mul', 0x9b007c00, [Xd, Xn, Xm]),
  mulW: alias('mul', 0x1b007c00, [Wd, Wn, Wm]),
  mneg: alias('mneg', 0x9b00fc00, [Xd, Xn, Xm]),
  mnegW: alias('mneg', 0x1b00fc00, [Wd, Wn, Wm]),
  smull: form('smull', 0x9b207c00, [Xd, Wn, Wm]),
  umull: form('umull', 0x9ba07c00, [Xd, Wn, Wm]),
  smulh: form('smulh', 0x9b407c00, [Xd, Xn, Xm]),
  umulh: form('umulh', 0x9bc07c00, [Xd, Xn, Xm]),
  sdiv: form('sdiv', 0x9ac00c00, [Xd, Xn, Xm]),
  sdivW: form('sdiv', 0x1ac00c00, [Wd, Wn, Wm]),
  udiv: form('udiv', 0x9ac00800, [Xd, Xn, Xm]),
  udivW: form('udiv', 0x1ac00800, [Wd, Wn, Wm]),
  clz: form('clz', 0xdac01000, [Xd, Xn]),
  clzW: form('clz', 0x5ac01000, [Wd, Wn]),
  cls: form('cls', 0xdac01400, [Xd, Xn]),
  clsW: form('cls', 0x5ac01400, [Wd, Wn]),
  rbit: form('rbit', 0xdac00000, [Xd, Xn]),
  rbitW: form('rbit', 0x5ac00000, [Wd, Wn]),
  rev: form('rev', 0xdac00c00, [Xd, Xn]),
  revW: form('rev', 0x5ac00800, [Wd, Wn]),

  // Conditional select and compare
  csel: form('csel', 0x9a800000, [Xd, Xn, Xm, COND12]),
  cselW: form('csel', 0x1a800000, [Wd, Wn, Wm, COND12]),
  csinc: form('csinc', 0x9a800400, [Xd, Xn, Xm, COND12]),
  csincW: form('csinc', 0x1a800400, [Wd, Wn, Wm, COND12]),
  csinv: form('csinv', 0xda800000, [Xd, Xn, Xm, COND12]),
  csinvW: form('csinv', 0x5a800000, [Wd, Wn, Wm, COND12]),
  csneg: form('csneg', 0xda800400, [Xd, Xn, Xm, COND12]),
  csnegW: form('csneg', 0x5a800400, [Wd, Wn, Wm, COND12]),
  cset: alias('cset', 0x9a9f07e0, [Xd, COND12_INVERTED]),
  csetW: alias('cset', 0x1a9f07e0, [Wd, COND12_INVERTED]),
  csetm: alias('csetm', 0xda9f03e0, [Xd, COND12_INVERTED]),
  csetmW: alias('csetm', 0x5a9f03e0, [Wd, COND12_INVERTED]),
  ccmp: form('ccmp', 0xfa400000, [Xn, Xm, NZCV, COND12]),
  ccmpW: form('ccmp', 0x7a400000, [Wn, Wm, NZCV, COND12]),
  ccmpImm: form('ccmp', 0xfa400800, [Xn, IMM5, NZCV, COND12]),
  ccmpImmW: form('ccmp', 0x7a400800, [Wn, IMM5, NZCV, COND12]),

  // Loads and stores: base plus scaled unsigned offset
  ldr: scaled('ldr', 0xf9400000, Xd, 3),
  str: scaled('str', 0xf9000000, Xd, 3),
  ldrW: scaled('ldr', 0xb9400000, Wd, 2),
  strW: scaled('str', 0xb9000000, Wd, 2),
  ldrb: scaled('ldrb', 0x39400000, Wd, 0),
  strb: scaled('strb', 0x39000000, Wd, 0),
  ldrh: scaled('ldrh', 0x79400000, Wd, 1),
  strh: scaled('strh', 0x79000000, Wd, 1),
  ldrsb: scaled('ldrsb', 0x39800000, Xd, 0),
  ldrsh: scaled('ldrsh', 0x79800000, Xd, 1),
  ldrsw: scaled('ldrsw', 0xb9800000, Xd, 2),
  ldrD: scaled('ldr', 0xfd400000, Dd, 3),
  strD: scaled('str', 0xfd000000, Dd, 3),

  // Loads and stores: base plus signed byte offset
  ldur: unscaled('ldur', 0xf8400000, Xd),
  stur: unscaled('stur', 0xf8000000, Xd),
  ldurW: unscaled('ldur', 0xb8400000, Wd),
  sturW: unscaled('stur', 0xb8000000, Wd),
  ldurb: unscaled('ldurb', 0x38400000, Wd),
  sturb: unscaled('sturb', 0x38000000, Wd),
  ldurh: unscaled('ldurh', 0x78400000, Wd),
  sturh: unscaled('sturh', 0x78000000, Wd),
  ldursb: unscaled('ldursb', 0x38800000, Xd),
  ldursh: unscaled('ldursh', 0x78800000, Xd),
  ldursw: unscaled('ldursw', 0xb8800000, Xd),
  ldurD: unscaled('ldur', 0xfc400000, Dd),
  sturD: unscaled('stur', 0xfc000000, Dd),

  // Loads and stores: base plus index register
  ldrReg: indexed('ldr', 0xf8600800, Xd, 3),
  strReg: indexed('str', 0xf8200800, Xd, 3),
  ldrWReg: indexed('ldr', 0xb8600800, Wd, 2),
  strWReg: indexed('str', 0xb8200800, Wd, 2),
  ldrbReg: indexed('ldrb', 0x38600800, Wd, 0),
  strbReg: indexed('strb', 0x38200800, Wd, 0),
  ldrhReg: indexed('ldrh', 0x78600800, Wd, 1),
  strhReg: indexed('strh', 0x78200800, Wd, 1),
  ldrsbReg: indexed('ldrsb', 0x38a00800, Xd, 0),
  ldrshReg: indexed('ldrsh', 0x78a00800, Xd, 1),
  ldrswReg: indexed('ldrsw', 0xb8a00800, Xd, 2),
  ldrDReg: indexed('ldr', 0xfc600800, Dd, 3),
  strDReg: indexed('str', 0xfc200800, Dd, 3),

  // Loads and stores: with writeback
  ldrPre: pre('ldr', 0xf8400c00, Xd),
  strPre: pre('str', 0xf8000c00, Xd),
  ldrPost: post('ldr', 0xf8400400, Xd),
  strPost: post('str', 0xf8000400, Xd),
  ldrDPre: pre('ldr', 0xfc400c00, Dd),
  strDPre: pre('str', 0xfc000c00, Dd),
  ldrDPost: post('ldr', 0xfc400400, Dd),
  strDPost: post('str', 0xfc000400, Dd),

  // Pairs
  ldp: pair('ldp', 0xa9400000, Xd, Xa, 'pairLoad'),
  stp: pair('stp', 0xa9000000, Xd, Xa),
  ldpPre: pairPre('ldp', 0xa9c00000, Xd, Xa, 'pairLoadWriteback'),
  stpPre: pairPre('stp', 0xa9800000, Xd, Xa, 'pairWriteback'),
  ldpPost: pairPost('ldp', 0xa8c00000, Xd, Xa, 'pairLoadWriteback'),
  stpPost: pairPost('stp', 0xa8800000, Xd, Xa, 'pairWriteback'),
  ldpD: pair('ldp', 0x6d400000, Dd, Da, 'pairLoad'),
  stpD: pair('stp', 0x6d000000, Dd, Da),
  ldpDPre: pairPre('ldp', 0x6dc00000, Dd, Da, 'pairLoad'),
  stpDPre: pairPre('stp', 0x6d800000, Dd, Da),
  ldpDPost: pairPost('ldp', 0x6cc00000, Dd, Da, 'pairLoad'),
  stpDPost: pairPost('stp', 0x6c800000, Dd, Da),

  // Literals and addresses
  ldrLiteral: form('ldr', 0x58000000, [Xd, target(5, 19)]),
  ldrLiteralD: form('ldr', 0x5c000000, [Dd, target(5, 19)]),
  adr: form('adr', 0x10000000, [Xd, ADR_TARGET]),

  // Branches
  b: form('b', 0x14000000, [target(0, 26)]),
  bl: form('bl', 0x94000000, [target(0, 26)]),
  bCond: form('b.', 0x54000000, [COND0, target(5, 19)], { syntax: '$0 $1' }),
  cbz: form('cbz', 0xb4000000, [Xd, target(5, 19)]),
  cbzW: form('cbz', 0x34000000, [Wd, target(5, 19)]),
  cbnz: form('cbnz', 0xb5000000, [Xd, target(5, 19)]),
  cbnzW: form('cbnz', 0x35000000, [Wd, target(5, 19)]),
  tbz: form('tbz', 0x36000000, [Xd, TEST_BIT, target(5, 14)]),
  tbnz: form('tbnz', 0x37000000, [Xd, TEST_BIT, target(5, 14)]),
  br: form('br', 0xd61f0000, [Xn]),
  blr: form('blr', 0xd63f0000, [Xn]),
  ret: form('ret', 0xd65f0000, [Xn]),
  retLr: alias('ret', 0xd65f03c0, []),

  // Double precision
  fmov: form('fmov', 0x1e604000, [Dd, Dn]),
  fmovToX: form('fmov', 0x9e660000, [Xd, Dn]),
  fmovFromX: form('fmov', 0x9e670000, [Dd, Xn]),
  fmovImm: form('fmov', 0x1e601000, [Dd, FLOAT8]),
  fmovZero: form('movi', 0x2f00e400, [Dd], { syntax: '$0, #0' }),
  fadd: form('fadd', 0x1e602800, [Dd, Dn, Dm]),
  fsub: form('fsub', 0x1e603800, [Dd, Dn, Dm]),
  fmul: form('fmul', 0x1e600800, [Dd, Dn, Dm]),
  fdiv: form('fdiv', 0x1e601800, [Dd, Dn, Dm]),
  fneg: form('fneg', 0x1e614000, [Dd, Dn]),
  fabs: form('fabs', 0x1e60c000, [Dd, Dn]),
  fsqrt: form('fsqrt', 0x1e61c000, [Dd, Dn]),
  frintn: form('frintn', 0x1e644000, [Dd, Dn]),
  frintp: form('frintp', 0x1e64c000, [Dd, Dn]),
  frintm: form('frintm', 0x1e654000, [Dd, Dn]),
  frintz: form('frintz', 0x1e65c000, [Dd, Dn]),
  frinta: form('frinta', 0x1e664000, [Dd, Dn]),
  fcmp: form('fcmp', 0x1e602000, [Dn, Dm]),
  fcmpZero: form('fcmp', 0x1e602008, [Dn], { syntax: '$0, #0.0' }),
  fcsel: form('fcsel', 0x1e600c00, [Dd, Dn, Dm, COND12]),
  scvtf: form('scvtf', 0x9e620000, [Dd, Xn]),
  scvtfW: form('scvtf', 0x1e620000, [Dd, Wn]),
  ucvtf: form('ucvtf', 0x9e630000, [Dd, Xn]),
  fcvtzs: form('fcvtzs', 0x9e780000, [Xd, Dn]),
  fcvtzsW: form('fcvtzs', 0x1e780000, [Wd, Dn]),

  // System
  nop: form('nop', 0xd503201f, []),
  brk: form('brk', 0xd4200000, [unsigned(5, 16)]),
  udf: form('udf', 0x00000000, [unsigned(0, 16)]),
  isb: form('isb', 0xd5033fdf, []),
  dsbIsh: form('dsb', 0xd5033b9f, [], { syntax: 'ish' }),
  dmbIsh: form('dmb', 0xd5033bbf, [], { syntax: 'ish' }),
  dcCvau: form('dc', 0xd50b7b20, [Xd], { syntax: 'cvau, $0' }),
  icIvau: form('ic', 0xd50b7520, [Xd], { syntax: 'ivau, $0' }),
  mrsCtrEl0: form('mrs', 0xd53b0020, [Xd], { syntax: '$0, ctr_el0' }),
} as const satisfies Record<string, Form>
