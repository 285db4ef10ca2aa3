/** Registers and condition codes of A64. */

/** 0..30 = x0..x30; 31 = SP or XZR, depending on the instruction form. */
export type Reg = number
/** 0..31 = d0..d31. */
export type VReg = number

export const SP: Reg = 31
export const ZR: Reg = 31
export const FP: Reg = 29
export const LR: Reg = 30
/** Reserved by the platform on macOS and Windows; the assembler refuses it everywhere. */
export const PLATFORM_REGISTER: Reg = 18

/** Condition codes by their encoding. */
export const Cond = {
  EQ: 0,
  NE: 1,
  HS: 2,
  LO: 3,
  MI: 4,
  PL: 5,
  VS: 6,
  VC: 7,
  HI: 8,
  LS: 9,
  GE: 10,
  LT: 11,
  GT: 12,
  LE: 13,
  AL: 14,
} as const
/** An encoding of a condition: 0..14 (15 = NV exists only in disassembly). */
export type Condition = number

/** Names by encoding, as GNU syntax writes them. */
export const CONDITION_NAMES = 'eq ne hs lo mi pl vs vc hi ls ge lt gt le al nv'.split(' ')

/** The condition that holds exactly when the given one does not. AL has no inverse. */
export function invertCondition(condition: Condition): Condition {
  if (condition < 0 || condition >= Cond.AL) throw new RangeError(`condition ${condition} has no inverse`)
  return condition ^ 1
}

/** The general register's name; `sp` says what number 31 means here. */
export function registerName(bank: 'x' | 'w' | 'd', register: number, sp: boolean): string {
  if (register !== 31 || bank === 'd') return `${bank}${register}`
  if (sp) return bank === 'x' ? 'sp' : 'wsp'
  return `${bank}zr`
}
