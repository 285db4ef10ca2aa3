/** Register numbers and names of x86-64. */

/** A general register, 0-15. */
export type Reg = number
/** An SSE register, 0-15. */
export type XReg = number

export const RAX = 0
export const RCX = 1
export const RDX = 2
export const RBX = 3
export const RSP = 4
export const RBP = 5
export const RSI = 6
export const RDI = 7
export const R8 = 8
export const R9 = 9
export const R10 = 10
export const R11 = 11
export const R12 = 12
export const R13 = 13
export const R14 = 14
export const R15 = 15

const LOW = ['ax', 'cx', 'dx', 'bx', 'sp', 'bp', 'si', 'di'] as const
const LOW_BYTES = ['al', 'cl', 'dl', 'bl', 'spl', 'bpl', 'sil', 'dil'] as const

/** The name of a general register at a width in bits, as GNU as writes it. */
export function registerName(number: number, width: 8 | 32 | 64): string {
  if (number >= 8) return `r${number}${width === 64 ? '' : width === 32 ? 'd' : 'b'}`
  if (width === 8) return LOW_BYTES[number] as string
  return `${width === 64 ? 'r' : 'e'}${LOW[number]}`
}

export function sseRegisterName(number: number): string {
  return `xmm${number}`
}

/** Condition codes, as the low four bits of `jcc`, `setcc` and `cmovcc`. */
export const Cond = {
  O: 0,
  NO: 1,
  B: 2,
  AE: 3,
  E: 4,
  NE: 5,
  BE: 6,
  A: 7,
  S: 8,
  NS: 9,
  P: 10,
  NP: 11,
  L: 12,
  GE: 13,
  LE: 14,
  G: 15,
} as const
export type Condition = (typeof Cond)[keyof typeof Cond]

export const CONDITION_NAMES = [
  'o',
  'no',
  'b',
  'ae',
  'e',
  'ne',
  'be',
  'a',
  's',
  'ns',
  'p',
  'np',
  'l',
  'ge',
  'le',
  'g',
] as const

export function invertCondition(condition: Condition): Condition {
  return (condition ^ 1) as Condition
}
