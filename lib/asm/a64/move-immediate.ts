/** Chooses the shortest instruction sequence that loads a constant into a general register. */

import { AssemblerError } from '../buffer.js'
import type { Form } from './forms.js'
import { FORMS } from './forms.js'
import { encodeLogicalHalves } from './logical-immediate.js'
import { type OperandValue, packMoveWide } from './operands.js'
import { type Reg, ZR } from './registers.js'

export interface MoveStep {
  readonly form: Form
  readonly values: readonly OperandValue[]
}

/** Steps that set the 64-bit register to the value, -2^63..2^64-1; a number must be a safe integer. */
export function planMove64(d: Reg, value: bigint | number): MoveStep[] {
  const [high, low] = split(value)
  // Most constants are such.
  if (high === 0 && low < 0x10000) return [{ form: FORMS.movz, values: [d, packMoveWide(low, 0)] }]
  const halves = [low & 0xffff, low >>> 16, high & 0xffff, high >>> 16]
  const zeros = halves.filter((half) => half === 0).length
  const ones = halves.filter((half) => half === 0xffff).length
  const wide = moveWideSteps(d, halves, ones > zeros)
  if (wide.length === 1) return wide
  // A 32-bit write clears the upper half, so movn and orr on W reach constants that X forms do not.
  if (high === 0) {
    const narrow = planMove32(d, low)
    if (narrow.length < wide.length) return narrow
  }
  return logicalSteps(d, halves, wide.length) ?? wide
}

/** High and low 32 bits, unsigned. Most constants are small and stay clear of bigint arithmetic. */
function split(value: bigint | number): [number, number] {
  const number = Number(value)
  if (Number.isSafeInteger(number)) return [Math.floor(number / 2 ** 32) >>> 0, number >>> 0]
  if (typeof value === 'number')
    throw new AssemblerError(`constant ${value} is not a safe integer; use a bigint`)
  if (value < -(1n << 63n) || value >= 1n << 64n)
    throw new AssemblerError(`constant ${value} needs more than 64 bits`)
  return [Number(BigInt.asUintN(32, value >> 32n)), Number(BigInt.asUintN(32, value))]
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
  if (encodeLogicalHalves(value, value) !== undefined) {
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
  if (steps.length === 0)
    steps.push({ form: inverted ? FORMS.movn : FORMS.movz, values: [d, packMoveWide(0, 0)] })
  return steps
}

/** orr of a logical immediate, then movk of up to two halfwords, if shorter than `limit` steps. */
function logicalSteps(d: Reg, halves: readonly number[], limit: number): MoveStep[] | undefined {
  // Without a replaced halfword the fill makes no difference.
  const fills = [0, 0xffff, ...halves]
  for (const replaced of REPLACEMENTS) {
    if (replaced.length + 1 >= limit) return undefined
    for (const fill of replaced.length === 0 ? [0] : fills) {
      const trial = [...halves]
      for (const i of replaced) trial[i] = fill
      const [high, low] = [trial[3] * 0x10000 + trial[2], trial[1] * 0x10000 + trial[0]]
      if (encodeLogicalHalves(high, low) === undefined) continue
      const base = (BigInt(high) << 32n) | BigInt(low)
      const patches = replaced.map((i) => ({
        form: FORMS.movk,
        values: [d, packMoveWide(halves[i], 16 * i)],
      }))
      return [{ form: FORMS.orrImm, values: [d, ZR, base] }, ...patches]
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
