/**
 * The one table of x86-64 instruction forms that we use. Encoder, decoder and printer follow from it. Where
 * the processor has several encodings of one instruction, the rows are those that GNU as chooses, so that
 * listings assemble to the same bytes: of rows that are written alike, it takes the first that fits.
 */
import { CONDITION_NAMES } from './registers.js'

/** What an operand is, and how it is written. */
export type OperandKind =
  | 'r64' // general registers
  | 'other' // general register of 64 bits, but not rax
  | 'r32'
  | 'r8'
  | 'x' // SSE register
  | 'm' // memory
  | 'one' // the immediate 1
  | 'i8' // immediate, sign extended
  | 'u8' // immediate, zero extended
  | 'i32' // immediate, sign extended
  | 'u32' // immediate, zero extended
  | 'i64'
  | 'rel8' // displacement from the next instruction
  | 'rel32'

/**
 * Where an operand stands: ModRM.reg, ModRM.rm, the low bits of the opcode, behind the instruction; or
 * nowhere, since there is no choice: the accumulator, or 1.
 */
export type Place = 'reg' | 'rm' | 'opcode' | 'imm' | 'implied'

/** Register numbers and immediates of each kind, both ends included. Memory operands have no range. */
export const RANGES: { readonly [K in OperandKind]: readonly [low: number, high: number] } = {
  r64: [0, 15],
  other: [1, 15],
  r32: [0, 15],
  r8: [0, 15],
  x: [0, 15],
  m: [0, -1],
  one: [1, 1],
  i8: [-0x80, 0x7f],
  u8: [0, 0xff],
  i32: [-0x80000000, 0x7fffffff],
  u32: [0, 0xffffffff],
  // Any integer is taken by its low 64 bits.
  i64: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  rel8: [-0x80, 0x7f],
  rel32: [-0x80000000, 0x7fffffff],
}

/** Bytes of immediates. */
const IMMEDIATE_BYTES: { readonly [K in OperandKind]?: 1 | 4 | 8 } = {
  i8: 1,
  u8: 1,
  i32: 4,
  u32: 4,
  i64: 8,
  rel8: 1,
  rel32: 4,
}

export interface Operand {
  readonly kind: OperandKind
  readonly place: Place
  /**
   * All values in this range fit, and of registers only they do; empty for memory. Within 32 bits, signed: V8 would
   * have to box other numbers each time they are looked at.
   */
  readonly low: number
  readonly high: number
}

export interface Form {
  readonly name: string
  readonly mnemonic: string
  /** Mandatory prefix: 0x66, 0xf2, 0xf3; 0 = none. */
  readonly prefix: number
  /** With REX.W. */
  readonly wide: boolean
  /** Opcode bytes, escapes (0x0f ...) included. */
  readonly opcode: readonly number[]
  /** ModRM.reg where no operand is there; -1 = an operand, or no ModRM byte. */
  readonly digit: number
  readonly operands: readonly Operand[]
  /** For each place, which operand stands there; -1: none does. */
  readonly reg: number
  readonly rm: number
  readonly low: number
  readonly immediate: number
  /** Bytes of the immediate; 0: there is none. */
  readonly immediateBytes: number
  /** Which operand is a register of 8 bits, or -1. */
  readonly byte: number
  /** Bytes that a memory operand has, for `ptr`. 0: the text has no memory operand, or none with a size. */
  readonly memoryBytes: number
}

interface Options {
  prefix?: number
  wide?: boolean
  digit?: number
  bytes?: number
}

const PLACES: Readonly<Record<string, Place>> = {
  g: 'reg',
  e: 'rm',
  o: 'opcode',
  i: 'imm',
  a: 'implied',
}

/**
 * @param operands like `g:r64 e:m`: place (g ModRM.reg, e ModRM.rm, o opcode, i immediate, a implied) and kind
 */
function form(
  mnemonic: string,
  opcode: readonly number[],
  operands: string,
  options: Options = {},
): Omit<Form, 'name'> {
  const { prefix = 0, wide = false, digit = -1, bytes = 0 } = options
  const list = operands === '' ? [] : operands.split(' ')
  const operandList = list.map((text): Operand => {
    const [letter, kind] = text.split(':') as [string, OperandKind]
    const place = PLACES[letter] as Place
    const [low, high] = RANGES[kind]
    // The number of the accumulator, and 1, are the lowest of their ranges.
    const highest = place === 'implied' ? low : high
    return { kind, place, low: Math.max(low, -0x80000000), high: Math.min(highest, 0x7fffffff) }
  })
  const at = (wanted: Place): number => operandList.findIndex(({ place }) => place === wanted)
  const immediate = at('imm')
  return {
    mnemonic,
    prefix,
    wide,
    opcode,
    digit,
    operands: operandList,
    reg: at('reg'),
    rm: at('rm'),
    low: at('opcode'),
    immediate,
    immediateBytes: IMMEDIATE_BYTES[operandList[immediate]?.kind ?? 'm'] ?? 0,
    byte: operandList.findIndex(({ kind }) => kind === 'r8'),
    memoryBytes: bytes,
  }
}

const W = { wide: true } as const
const M64 = { wide: true, bytes: 8 } as const
const M32 = { bytes: 4 } as const

/** add, or, and, sub, xor, cmp. `digit` is their number in the 0x80 group. */
function arithmetic(mnemonic: string, digit: number) {
  const base = digit << 3
  return {
    rr: form(mnemonic, [base + 1], 'e:r64 g:r64', W),
    rr32: form(mnemonic, [base + 1], 'e:r32 g:r32'),
    rm: form(mnemonic, [base + 3], 'g:r64 e:m', M64),
    rm32: form(mnemonic, [base + 3], 'g:r32 e:m', M32),
    mr: form(mnemonic, [base + 1], 'e:m g:r64', M64),
    mr32: form(mnemonic, [base + 1], 'e:m g:r32', M32),
    ri8: form(mnemonic, [0x83], 'e:r64 i:i8', { ...W, digit }),
    ai32: form(mnemonic, [base + 5], 'a:r64 i:i32', W),
    ri32: form(mnemonic, [0x81], 'e:r64 i:i32', { ...W, digit }),
    ri8w: form(mnemonic, [0x83], 'e:r32 i:i8', { digit }),
    ai32w: form(mnemonic, [base + 5], 'a:r32 i:i32'),
    ri32w: form(mnemonic, [0x81], 'e:r32 i:i32', { digit }),
    mi8: form(mnemonic, [0x83], 'e:m i:i8', { ...M64, digit }),
    mi32: form(mnemonic, [0x81], 'e:m i:i32', { ...M64, digit }),
    mi8w: form(mnemonic, [0x83], 'e:m i:i8', { ...M32, digit }),
    mi32w: form(mnemonic, [0x81], 'e:m i:i32', { ...M32, digit }),
  }
}

function shift(mnemonic: string, digit: number) {
  return {
    one: form(mnemonic, [0xd1], 'e:r64 a:one', { ...W, digit }),
    imm: form(mnemonic, [0xc1], 'e:r64 i:u8', { ...W, digit }),
    one32: form(mnemonic, [0xd1], 'e:r32 a:one', { digit }),
    imm32: form(mnemonic, [0xc1], 'e:r32 i:u8', { digit }),
  }
}

/** An SSE2 operation on the low double: with a register and with memory. */
function scalar(mnemonic: string, opcode: number, prefix = 0xf2) {
  return {
    xx: form(mnemonic, [0x0f, opcode], 'g:x e:x', { prefix }),
    xm: form(mnemonic, [0x0f, opcode], 'g:x e:m', { prefix, bytes: 8 }),
  }
}

const GROUPS = {
  mov: {
    rr: form('mov', [0x89], 'e:r64 g:r64', W),
    rr32: form('mov', [0x89], 'e:r32 g:r32'),
    rm: form('mov', [0x8b], 'g:r64 e:m', M64),
    rm32: form('mov', [0x8b], 'g:r32 e:m', M32),
    mr: form('mov', [0x89], 'e:m g:r64', M64),
    mr32: form('mov', [0x89], 'e:m g:r32', M32),
    mr8: form('mov', [0x88], 'e:m g:r8', { bytes: 1 }),
    ri32: form('mov', [0xc7], 'e:r64 i:i32', { ...W, digit: 0 }),
    ri32w: form('mov', [0xb8], 'o:r32 i:u32'),
    ri64: form('movabs', [0xb8], 'o:r64 i:i64', W),
    mi32: form('mov', [0xc7], 'e:m i:i32', { ...M64, digit: 0 }),
    mi32w: form('mov', [0xc7], 'e:m i:i32', { ...M32, digit: 0 }),
  },
  movzx: {
    rm8: form('movzx', [0x0f, 0xb6], 'g:r32 e:m', { bytes: 1 }),
    rm16: form('movzx', [0x0f, 0xb7], 'g:r32 e:m', { bytes: 2 }),
    rr8: form('movzx', [0x0f, 0xb6], 'g:r32 e:r8'),
  },
  movsxd: {
    rr: form('movsxd', [0x63], 'g:r64 e:r32', W),
    rm: form('movsxd', [0x63], 'g:r64 e:m', { wide: true, bytes: 4 }),
  },
  lea: { rm: form('lea', [0x8d], 'g:r64 e:m', W) },
  add: arithmetic('add', 0),
  or: arithmetic('or', 1),
  and: arithmetic('and', 4),
  sub: arithmetic('sub', 5),
  xor: arithmetic('xor', 6),
  cmp: arithmetic('cmp', 7),
  test: {
    rr: form('test', [0x85], 'e:r64 g:r64', W),
    rr32: form('test', [0x85], 'e:r32 g:r32'),
  },
  imul: {
    r: form('imul', [0xf7], 'e:r64', { ...W, digit: 5 }),
    rr: form('imul', [0x0f, 0xaf], 'g:r64 e:r64', W),
    rr32: form('imul', [0x0f, 0xaf], 'g:r32 e:r32'),
    rri8: form('imul', [0x6b], 'g:r64 e:r64 i:i8', W),
    rri32: form('imul', [0x69], 'g:r64 e:r64 i:i32', W),
  },
  neg: { r: form('neg', [0xf7], 'e:r64', { ...W, digit: 3 }) },
  idiv: {
    r: form('idiv', [0xf7], 'e:r64', { ...W, digit: 7 }),
    r32: form('idiv', [0xf7], 'e:r32', { digit: 7 }),
  },
  cqo: { none: form('cqo', [0x99], '', W) },
  cdq: { none: form('cdq', [0x99], '') },
  shl: shift('shl', 4),
  shr: shift('shr', 5),
  sar: shift('sar', 7),
  xchg: {
    ar: form('xchg', [0x90], 'a:r64 o:other', W),
    rr: form('xchg', [0x87], 'e:other g:other', W),
  },
  push: { r: form('push', [0x50], 'o:r64') },
  pop: {
    r: form('pop', [0x58], 'o:r64'),
    m: form('pop', [0x8f], 'e:m', { digit: 0, bytes: 8 }),
  },
  set: Object.fromEntries(
    CONDITION_NAMES.map((name, code) => [
      name,
      form(`set${name}`, [0x0f, 0x90 + code], 'e:r8', { digit: 0 }),
    ]),
  ),
  cmov: Object.fromEntries(
    CONDITION_NAMES.map((name, code) => [name, form(`cmov${name}`, [0x0f, 0x40 + code], 'g:r64 e:r64', W)]),
  ),
  j: Object.fromEntries(
    CONDITION_NAMES.map((name, code) => [name, form(`j${name}`, [0x0f, 0x80 + code], 'i:rel32')]),
  ),
  jshort: Object.fromEntries(
    CONDITION_NAMES.map((name, code) => [name, form(`j${name}`, [0x70 + code], 'i:rel8')]),
  ),
  jmp: {
    rel32: form('jmp', [0xe9], 'i:rel32'),
    rel8: form('jmp', [0xeb], 'i:rel8'),
    r: form('jmp', [0xff], 'e:r64', { digit: 4 }),
    m: form('jmp', [0xff], 'e:m', { digit: 4, bytes: 8 }),
  },
  call: {
    rel32: form('call', [0xe8], 'i:rel32'),
    r: form('call', [0xff], 'e:r64', { digit: 2 }),
    m: form('call', [0xff], 'e:m', { digit: 2, bytes: 8 }),
  },
  ret: { none: form('ret', [0xc3], '') },
  nop: {
    none: form('nop', [0x90], ''),
    m: form('nop', [0x0f, 0x1f], 'e:m', { ...M64, digit: 0 }),
    m32: form('nop', [0x0f, 0x1f], 'e:m', { ...M32, digit: 0 }),
  },
  leave: { none: form('leave', [0xc9], '') },
  int3: { none: form('int3', [0xcc], '') },
  ud2: { none: form('ud2', [0x0f, 0x0b], '') },

  movaps: { xx: form('movaps', [0x0f, 0x28], 'g:x e:x') },
  movsd: {
    xm: form('movsd', [0x0f, 0x10], 'g:x e:m', { prefix: 0xf2, bytes: 8 }),
    mx: form('movsd', [0x0f, 0x11], 'e:m g:x', { prefix: 0xf2, bytes: 8 }),
  },
  movq: {
    xr: form('movq', [0x0f, 0x6e], 'g:x e:r64', { prefix: 0x66, wide: true }),
    rx: form('movq', [0x0f, 0x7e], 'e:r64 g:x', { prefix: 0x66, wide: true }),
  },
  addsd: scalar('addsd', 0x58),
  mulsd: scalar('mulsd', 0x59),
  subsd: scalar('subsd', 0x5c),
  divsd: scalar('divsd', 0x5e),
  sqrtsd: scalar('sqrtsd', 0x51),
  ucomisd: scalar('ucomisd', 0x2e, 0x66),
  xorps: {
    xx: form('xorps', [0x0f, 0x57], 'g:x e:x'),
    xm: form('xorps', [0x0f, 0x57], 'g:x e:m', { bytes: 16 }),
  },
  andps: {
    xx: form('andps', [0x0f, 0x54], 'g:x e:x'),
    xm: form('andps', [0x0f, 0x54], 'g:x e:m', { bytes: 16 }),
  },
  paddq: { xm: form('paddq', [0x0f, 0xd4], 'g:x e:m', { prefix: 0x66, bytes: 16 }) },
  cvtsi2sd: { xr: form('cvtsi2sd', [0x0f, 0x2a], 'g:x e:r64', { prefix: 0xf2, wide: true }) },
  cvttsd2si: { rx: form('cvttsd2si', [0x0f, 0x2c], 'g:r64 e:x', { prefix: 0xf2, wide: true }) },
  roundsd: { xxi: form('roundsd', [0x0f, 0x3a, 0x0b], 'g:x e:x i:u8', { prefix: 0x66 }) },
} as const

type Groups = typeof GROUPS
export type FormTable = { readonly [G in keyof Groups]: { readonly [F in keyof Groups[G]]: Form } }

/** Written out field by field: made by `...row`, each would have a hidden class of its own, and all that reads them be slow. */
function named(name: string, row: Omit<Form, 'name'>): Form {
  return {
    name,
    mnemonic: row.mnemonic,
    prefix: row.prefix,
    wide: row.wide,
    opcode: row.opcode,
    digit: row.digit,
    operands: row.operands,
    reg: row.reg,
    rm: row.rm,
    low: row.low,
    immediate: row.immediate,
    immediateBytes: row.immediateBytes,
    byte: row.byte,
    memoryBytes: row.memoryBytes,
  }
}

/** `FORMS.add.rr` and so on. */
export const FORMS: FormTable = Object.fromEntries(
  Object.entries(GROUPS).map(([group, rows]) => [
    group,
    Object.fromEntries(
      Object.entries<Omit<Form, 'name'>>(rows).map(([name, row]) => [name, named(`${group}.${name}`, row)]),
    ),
  ]),
) as FormTable

export const ALL_FORMS: readonly Form[] = Object.values(FORMS).flatMap(
  (rows) => Object.values(rows) as Form[],
)
