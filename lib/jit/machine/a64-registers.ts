/** How compiled code uses the ARM64 registers. x18 is never touched: some systems own it. */
import type { NativeFrameShape, RegisterRoles } from './machine.js'

/** Requests to the host: see the leave stub. */
export const REQUEST_B = 15
export const REQUEST_STATUS = 16
export const REQUEST_A = 17
/** Inside one operation; never hold operands. */
export const TEMPORARY = 16
export const TEMPORARY_2 = 17
export const TEMPORARY_FLOAT = 31
/** Calls of native code, counted for the statistics. */
export const CALL_COUNT = 25
export const FP = 29
export const LR = 30

export const A64_ROLES: RegisterRoles = {
  base: 27,
  context: 28,
  depth: 26,
  resultPayload: 2,
  resultTag: 3,
  scratch: [14, 15, 0, 1],
  scratchFloat: [28, 29, 30],
  general: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 19, 20, 21, 22, 23, 24],
  float: Array.from({ length: 28 }, (_, i) => i),
}

/** Saved frame pointer and return address. */
export const A64_FRAME: NativeFrameShape = { size: 16 }
