/**
 * How functions of the program call each other: which parameters the second entry of a function's code takes in
 * registers, without their tags. Callers know the types that were seen; whether the callee has code that takes just
 * these is told by its FUNCTION record at each call (`FunctionLayout.SIGNATURE`).
 *
 * Parameters are taken in the registers that the allocator gives away first, integers and references in general ones,
 * floats in those of floats, by the order of their slots.
 */
import { SLOT_SIZE, Tag } from '../../heap/layout.js'
import type { Instruction } from './graph.js'
import { argumentOf, type ValueClass } from './ops.js'

/** A parameter that comes in a register: its slot in the frame of the callee. */
export interface PassedParameter {
  readonly slot: number
  readonly tag: number
}

/** The parameter that an `argument` is. */
export function parameterOf({ imm }: Instruction): PassedParameter {
  const { offset, tag } = argumentOf(imm)
  return { slot: offset / SLOT_SIZE, tag }
}

/** Parameters from this one on come in the frame. */
export const MOST_ARGUMENTS = 6
const BITS = 5
const MASK = (1 << BITS) - 1

/** A signature as a word of 31 bits; 0: all parameters come in the frame. */
export function packSignature(passed: readonly PassedParameter[]): number {
  return passed.reduce((word, { slot, tag }) => word | ((tag + 1) << (slot * BITS)), 0)
}

export function passedIn(signature: number): PassedParameter[] {
  const passed: PassedParameter[] = []
  for (let slot = 0; slot < MOST_ARGUMENTS; slot++) {
    const field = (signature >> (slot * BITS)) & MASK
    if (field > 0) passed.push({ slot, tag: field - 1 })
  }
  return passed
}

/** Registers in which arguments are passed, by their register class; besides one for the FUNCTION record. */
export interface ArgumentRegisters {
  readonly i: readonly number[]
  readonly f: readonly number[]
}

export function classOf({ tag }: PassedParameter): ValueClass {
  return tag === Tag.FLOAT ? 'f' : 'i'
}

/** The register of each parameter. */
export function registersOf(passed: readonly PassedParameter[], registers: ArgumentRegisters): number[] {
  const taken = { i: 0, f: 0 }
  return passed.map((parameter) => {
    const valueClass = classOf(parameter)
    return registers[valueClass][taken[valueClass]++] as number
  })
}

/** The `imm` of a `call`: byte offset of the callee's frame from the caller's, and what is passed in registers. */
export function packCall(distance: number, signature: number): bigint {
  return (BigInt(signature) << 32n) | BigInt(distance)
}

export function callOf(imm: bigint): { distance: number; signature: number } {
  return { distance: Number(imm & 0xffffffffn), signature: Number(imm >> 32n) }
}
