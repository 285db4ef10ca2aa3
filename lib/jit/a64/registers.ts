/** How compiled code uses the ARM64 registers. x18 is never touched: some systems own it. */
import { FP, LR, type Reg, type VReg } from '../../asm/a64/registers.js'
import { NativeFrame } from '../../vm/segments.js'
import type { RegisterFile } from '../registers/allocate.js'

/** Result of a function: payload and tag. Free as scratch anywhere else. */
export const RESULT_PAYLOAD: Reg = 0
export const RESULT_TAG: Reg = 1
/** Requests to the host: see the leave stub. */
export const REQUEST_B: Reg = 15
export const REQUEST_STATUS: Reg = 16
export const REQUEST_A: Reg = 17
/** Operands that live in memory, or constants, are brought here. */
export const SCRATCH: readonly Reg[] = [14, 15, 0, 1]
export const SCRATCH_FLOAT: readonly VReg[] = [29, 30, 31]
/** Inside one instruction's code; never hold operands. */
export const TEMPORARY: Reg = 16
export const TEMPORARY_2: Reg = 17
/** Calls of native code, counted for the statistics. */
export const CALL_COUNT: Reg = 25
/** Calls that may still be nested. */
export const DEPTH: Reg = 26
/** Base of the Rush frame. */
export const BASE: Reg = 27
/** The context block. */
export const CONTEXT: Reg = 28
export { FP, LR }

const GENERAL: readonly Reg[] = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 19, 20, 21, 22, 23, 24]
const FLOAT: readonly VReg[] = Array.from({ length: 29 }, (_, i) => i)

/** A frame charges the depth limit one unit per KiB of Rush frame, and the fiber has 1 KiB per unit. */
const NATIVE_BYTES_PER_UNIT = 1024

/**
 * @param charge depth units of the function
 * @param limit use only this many registers of each class (0 = all): a stress mode for the allocator
 */
export function registerFile(charge: number, limit: number): RegisterFile {
  const count = limit > 0 ? limit : GENERAL.length + FLOAT.length
  return {
    general: GENERAL.slice(0, count),
    float: FLOAT.slice(0, count),
    maxSpills: (charge * NATIVE_BYTES_PER_UNIT - NativeFrame.SIZE) / 8,
  }
}
