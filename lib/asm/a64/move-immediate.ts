/** Chooses the shortest instruction sequence that loads a constant into a general register. */

import { AssemblerError } from '../buffer.js'
import type { Form } from './forms.js'
import { FORMS } from './forms.js'
import { encodeLogicalImmediate } from './logical-immediate.js'
import { type OperandValue, packMoveWide } from './operands.js'
import { type Reg, ZR } from './registers.js'

export interface MoveStep {
  readonly form: Form
  readonly values: readonly OperandValue[]
}

/** Unsigned 64-bit pattern of a constant; throws for a number that is not a safe integer or out of 64 bits. */
export function toPattern64(value: bigint | number): bigint {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new AssemblerError(`constant ${value} is not a safe integer; use a bigint`)
  }
  const big = BigInt(value)
  if (big < -(1n << 63n) || big >= 1n << 64n) throw new AssemblerError(`constant ${value} needs more than 64 bits`)
  return BigInt.asUintN(64, big)
}

/** Steps that set the 64-bit register to the value (an unsigned 64-bit pattern). */
export function planMove64(d: Reg, value: bigint): MoveStep[] {
  const halves = [0n, 16n, 32n, 48n].map((shift) => Number((value >> shift) & 0xffffn))
  const zeros = halves.filter((half) => half === 0).length
  const ones = halves.filter((half) => half === 0xffff).length
  const wide = moveWideSteps(d, halves, ones > zeros)
  if (wide.length === 1) return wide
  // A 32-bit write clears the upper half, so movn and orr on W reach constants that X forms do not.
  if (value < 1n << 32n) {
    const narrow = planMove32(d, Number(value))
    if (narrow.length < wide.length) return narrow
  }
  return logicalSteps(d, value, halves, wide.length) ?? wide
}

/** Steps that set the 32-bit register (and clear the upper half) to the value, 0..2^32-1. */
export function planMove32(d: Reg, value: number): MoveStep[] {
  const low = value % 0x10000
  const high = Math.floor(value / 0x10000)
  const step = (form: Form, imm16: number, shift: number): MoveStep => ({
    form,
    values: [d, packMoveWide(imm16, shift)],
  })
  if (high === 0) return [step(FORMS.movzW, low, 0)]
  if (low === 0) return [step(FORMS.movzW, high, 16)]
  if (high === 0xffff) return [step(FORMS.movnW, low ^ 0xffff, 0)]
  if (low === 0xffff) return [step(FORMS.movnW, high ^ 0xffff, 16)]
  if (encodeLogicalImmediate(BigInt(value), 32) !== undefined) {
    return [{ form: FORMS.orrImmW, values: [d, ZR, BigInt(value)] }]
  }
  return [step(FORMS.movzW, low, 0), step(FORMS.movkW, high, 16)]
}

/** movz or movn for the first halfword that differs from the background, movk for the others. */
function moveWideSteps(d: Reg, halves: readonly number[], inverted: boolean): MoveStep[] {
  const background = inverted ? 0xffff : 0
  const steps: MoveStep[] = []
  halves.forEach((half, i) => {
    if (half === background) return
    if (steps.length > 0) steps.push({ form: FORMS.movk, values: [d, packMoveWide(half, 16 * i)] })
    else if (inverted) steps.push({ form: FORMS.movn, values: [d, packMoveWide(half ^ 0xffff, 16 * i)] })
    else steps.push({ form: FORMS.movz, values: [d, packMoveWide(half, 16 * i)] })
  })
  if (steps.length === 0) steps.push({ form: inverted ? FORMS.movn : FORMS.movz, values: [d, packMoveWide(0, 0)] })
  return steps
}

/** orr of a logical immediate, then movk of up to two halfwords, if shorter than `limit` steps. */
function logicalSteps(d: Reg, value: bigint, halves: readonly number[], limit: number): MoveStep[] | undefined {
  const attempt = (replaced: readonly number[], fill: number): MoveStep[] | undefined => {
    let base = value
    for (const i of replaced) {
      const shift = BigInt(16 * i)
      base = (base & ~(0xffffn << shift)) | (BigInt(fill) << shift)
    }
    if (encodeLogicalImmediate(base, 64) === undefined) return undefined
    const patches = replaced.map((i) => ({ form: FORMS.movk, values: [d, packMoveWide(halves[i], 16 * i)] }))
    return [{ form: FORMS.orrImm, values: [d, ZR, base] }, ...patches]
  }
  for (const replaced of REPLACEMENTS) {
    if (replaced.length + 1 >= limit) return undefined
    for (const fill of new Set([0, 0xffff, ...halves])) {
      const steps = attempt(replaced, fill)
      if (steps !== undefined) return steps
    }
  }
  return undefined
}

/** Halfwords to patch by movk after the orr, fewest first. */
const REPLACEMENTS: readonly (readonly number[])[] = [
  [],
  [0],
  [1],
  [2],
  [3],
  [0, 1],
  [0, 2],
  [0, 3],
  [1, 2],
  [1, 3],
  [2, 3],
]
