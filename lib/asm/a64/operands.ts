/**
 * The kinds of operand an A64 form can have, and where each lives in the instruction word.
 *
 * An operand's value is one number (or a bigint for logical immediates). Kinds that carry two or
 * three fields pack them with the pack functions below, so that an instruction is always a form plus
 * a flat list of values.
 */

import { AssemblerError } from '../buffer.js'

export type Width = 32 | 64

export type Operand =
  /** Register number at bit `at`; `sp` says that 31 is the stack pointer and not zero. */
  | { readonly kind: 'register'; readonly bank: 'x' | 'w' | 'd'; readonly at: number; readonly sp: boolean }
  /** Unsigned or signed immediate; the value is the field times `scale`. `optional`: not printed when 0. */
  | ImmediateOperand
  /** Shift type (bits 22-23) and amount (bits 10-15) of a register: packShift. */
  | { readonly kind: 'shift'; readonly width: Width; readonly ror: boolean }
  /** 12-bit immediate, optionally shifted left by 12: packAddImmediate. */
  | { readonly kind: 'addImmediate' }
  /** Bitmask immediate (bits 10-22); the value is an unsigned bigint. */
  | { readonly kind: 'logical'; readonly width: Width }
  /** 16-bit immediate and its halfword position: packMoveWide. */
  | { readonly kind: 'moveWide'; readonly width: Width }
  /** 16-bit immediate whose complement is the value (`mov` written for movn). */
  | { readonly kind: 'inverted16'; readonly width: Width }
  /** Condition; `inverted` for aliases that store the opposite one (cset). */
  | { readonly kind: 'condition'; readonly at: number; readonly inverted: boolean }
  /** Branch or literal displacement in bytes, a multiple of 4, relative to the instruction. */
  | { readonly kind: 'target'; readonly at: number; readonly bits: number }
  /** adr's displacement in bytes. */
  | { readonly kind: 'adrTarget' }
  /** Second register, extension and left shift 0..4 of add/sub: packExtend. */
  | { readonly kind: 'extended' }
  /** Index register, extension and scaling of a load or store of 2^size bytes: packIndex. */
  | { readonly kind: 'index'; readonly size: number }
  /** Bit number 0..63 of tbz/tbnz. */
  | { readonly kind: 'testBit' }
  /** Left shift amount, stored as a ubfm rotation. */
  | { readonly kind: 'lslAmount'; readonly width: Width }
  /** Lowest bit and width of a bit field; packBitfield. `insert` for bfi. */
  | { readonly kind: 'bitfield'; readonly width: Width; readonly insert: boolean }
  /** 8-bit floating-point immediate; the value is the number itself. */
  | { readonly kind: 'float8' }

interface ImmediateOperand {
  readonly kind: 'immediate'
  readonly at: number
  readonly bits: number
  readonly scale: number
  readonly signed: boolean
  readonly optional: boolean
}

export type OperandValue = number | bigint

export const SHIFTS = ['lsl', 'lsr', 'asr', 'ror'] as const
export type ShiftType = (typeof SHIFTS)[number]
export const EXTENDS = ['uxtb', 'uxth', 'uxtw', 'uxtx', 'sxtb', 'sxth', 'sxtw', 'sxtx'] as const
export type ExtendType = (typeof EXTENDS)[number]

/** amount:type(2). */
export const packShift = (type: ShiftType, amount: number): number =>
  SHIFTS.indexOf(type) + checked('shift amount', amount, 64) * 4
/** imm12, plus 4096 when it is to be shifted by 12. */
export const packAddImmediate = (imm12: number, shifted: boolean): number =>
  checked('12-bit immediate', imm12, 4096) + (shifted ? 4096 : 0)
/** halfword:imm16; `shift` is 0, 16, 32 or 48. */
export const packMoveWide = (imm16: number, shift: number): number =>
  checked('16-bit immediate', imm16, 0x10000) + checked('halfword', shift / 16, 4) * 0x10000
/** amount:extend(3):register(5). */
export const packExtend = (register: number, extend: ExtendType, amount: number): number =>
  checked('register', register, 32) + EXTENDS.indexOf(extend) * 32 + checked('shift amount', amount, 5) * 256
/** scaled:extend(3):register(5); scaled shifts the index left by the log2 of the access size. */
export const packIndex = (register: number, extend: ExtendType, scaled: boolean): number =>
  checked('register', register, 32) + EXTENDS.indexOf(extend) * 32 + (scaled ? 256 : 0)
/** width(7):lsb(6). */
export const packBitfield = (lsb: number, width: number): number =>
  checked('lowest bit', lsb, 64) + checked('field width', width, 65) * 64

function checked(what: string, value: number, limit: number): number {
  if (Number.isInteger(value) && value >= 0 && value < limit) return value
  throw new AssemblerError(`${what} out of range: ${value}`)
}

const bits = (at: number, count: number): number => (count === 32 ? -1 : ((1 << count) - 1) << at)

/** The bits of the instruction word an operand occupies. */
export function operandMask(operand: Operand): number {
  switch (operand.kind) {
    case 'register':
      return bits(operand.at, 5)
    case 'immediate':
    case 'target':
      return bits(operand.at, operand.bits)
    case 'shift':
      return bits(22, 2) | bits(10, operand.width === 64 ? 6 : 5)
    case 'addImmediate':
      return bits(10, 13)
    case 'logical':
      return bits(10, operand.width === 64 ? 13 : 12)
    case 'moveWide':
      return bits(5, operand.width === 64 ? 18 : 17)
    case 'inverted16':
      return bits(5, 16)
    case 'condition':
      return bits(operand.at, 4)
    case 'adrTarget':
      return bits(29, 2) | bits(5, 19)
    case 'extended':
      return bits(16, 5) | bits(10, 6)
    case 'index':
      return bits(16, 5) | bits(12, 4)
    case 'testBit':
      return bits(31, 1) | bits(19, 5)
    case 'lslAmount':
    case 'bitfield':
      return operand.width === 64 ? bits(10, 12) : bits(10, 5) | bits(16, 5)
    case 'float8':
      return bits(13, 8)
  }
}
