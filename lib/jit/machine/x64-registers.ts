/** How compiled code uses the x86-64 registers. */
import {
  R8,
  R9,
  R10,
  R11,
  R12,
  R13,
  R14,
  R15,
  RAX,
  RBX,
  RCX,
  RDI,
  RDX,
  RSI,
} from '../../asm/x64/registers.js'
import type { NativeFrameShape, RegisterRoles } from './machine.js'

/** Inside one operation; never holds an operand. */
export const TEMPORARY_FLOAT = 14
/** Calls of native code, counted for the statistics: an SSE register, since the general ones are few. */
export const CALL_COUNT = 15

export const X64_ROLES: RegisterRoles = {
  base: RBX,
  context: R15,
  depth: R14,
  resultPayload: RCX,
  resultTag: RSI,
  scratch: [R11, RAX, RDX],
  scratchFloat: [12, 13],
  general: [RCX, RSI, RDI, R8, R9, R10, R12, R13],
  float: Array.from({ length: 12 }, (_, i) => i),
}

/** Saved frame pointer and return address. */
export const X64_FRAME: NativeFrameShape = { size: 16 }
