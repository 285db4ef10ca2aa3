/** The stubs on ARM64; `stubs.ts` says what they do. */
import { A64Assembler } from '../../asm/a64/assembler.js'
import { SP } from '../../asm/a64/registers.js'
import { Label } from '../../asm/buffer.js'
import { Context } from '../../heap/layout.js'
import { Status } from '../../vm/segments.js'
import {
  A64_ROLES,
  CALL_COUNT,
  FP,
  LR,
  REQUEST_A,
  REQUEST_B,
  REQUEST_STATUS,
  TEMPORARY,
} from './a64-registers.js'
import type { Stubs } from './stubs.js'

const { base: BASE, context: CONTEXT, depth: DEPTH } = A64_ROLES
const { resultPayload: RESULT_PAYLOAD, resultTag: RESULT_TAG } = A64_ROLES

/** Callee-saved in C: x19-x30 and d8-d15. */
const SAVED_PAIRS = [19, 21, 23, 25, 27, 29] as const
const SAVED_FLOAT_PAIRS = [8, 10, 12, 14] as const
const SAVED_BYTES = (SAVED_PAIRS.length + SAVED_FLOAT_PAIRS.length) * 16

/** Everything a step must preserve: x0-x15, x19-x24, x30 and d0-d30. x16, x17 are temporaries. */
const STEP_PAIRS = [0, 2, 4, 6, 8, 10, 12, 14, 19, 21, 23] as const
const STEP_FLOAT_PAIRS = [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30] as const
const STEP_BYTES = (STEP_PAIRS.length + STEP_FLOAT_PAIRS.length + 1) * 16

/** @param context absolute address of the context block */
export function makeA64Stubs(context: bigint): Stubs {
  const asm = new A64Assembler()
  const leave = new Label()

  const enter = asm.offset
  asm.subImm(SP, SP, SAVED_BYTES)
  storePairs(asm, SAVED_PAIRS, SAVED_FLOAT_PAIRS)
  asm.movImm(CONTEXT, context)
  asm.movSp(TEMPORARY, SP)
  asm.str(TEMPORARY, CONTEXT, Context.HOST_SP)
  asm.ldr(TEMPORARY, CONTEXT, Context.FIBER_SP)
  asm.movSp(SP, TEMPORARY)
  asm.ldr(FP, CONTEXT, Context.FIBER_FP)
  asm.ldr(BASE, CONTEXT, Context.BASE)
  asm.ldrW(DEPTH, CONTEXT, Context.DEPTH)
  asm.ldr(CALL_COUNT, CONTEXT, Context.NATIVE_CALLS)
  asm.ldr(RESULT_PAYLOAD, CONTEXT, Context.RESULT)
  asm.ldrW(RESULT_TAG, CONTEXT, Context.RESULT + 8)
  asm.ldr(TEMPORARY, CONTEXT, Context.RESUME)
  asm.br(TEMPORARY)

  const start = asm.offset
  asm.ldr(TEMPORARY, CONTEXT, Context.ENTRY)
  asm.blr(TEMPORARY)
  const startReturn = asm.offset
  asm.str(RESULT_PAYLOAD, CONTEXT, Context.RESULT)
  asm.str(RESULT_TAG, CONTEXT, Context.RESULT + 8)
  asm.movImm32(REQUEST_STATUS, Status.RETURN)
  asm.b(leave)

  const callVm = asm.offset
  asm.movImm32(REQUEST_STATUS, Status.CALL_VM)
  asm.b(leave)

  // Entered by `bl`: the return address is where the frame goes on.
  const request = (status: number): number => {
    const offset = asm.offset
    asm.subImm(SP, SP, STEP_BYTES)
    storePairs(asm, STEP_PAIRS, STEP_FLOAT_PAIRS)
    asm.str(LR, SP, STEP_BYTES - 16)
    asm.movImm32(REQUEST_STATUS, status)
    asm.bl(leave)
    loadPairs(asm, STEP_PAIRS, STEP_FLOAT_PAIRS)
    asm.ldr(LR, SP, STEP_BYTES - 16)
    asm.addImm(SP, SP, STEP_BYTES)
    asm.ret()
    return offset
  }
  const step = request(Status.STEP)
  const refill = request(Status.REFILL)

  asm.bind(leave)
  const leaveOffset = asm.offset
  asm.str(LR, CONTEXT, Context.RESUME)
  asm.str(FP, CONTEXT, Context.FIBER_FP)
  asm.str(BASE, CONTEXT, Context.BASE)
  asm.strW(DEPTH, CONTEXT, Context.DEPTH)
  asm.str(CALL_COUNT, CONTEXT, Context.NATIVE_CALLS)
  asm.strW(REQUEST_STATUS, CONTEXT, Context.STATUS)
  asm.strW(REQUEST_A, CONTEXT, Context.REQUEST_A)
  asm.strW(REQUEST_B, CONTEXT, Context.REQUEST_B)
  asm.movSp(TEMPORARY, SP)
  asm.str(TEMPORARY, CONTEXT, Context.FIBER_SP)
  asm.ldr(TEMPORARY, CONTEXT, Context.HOST_SP)
  asm.movSp(SP, TEMPORARY)
  loadPairs(asm, SAVED_PAIRS, SAVED_FLOAT_PAIRS)
  asm.addImm(SP, SP, SAVED_BYTES)
  asm.ret()

  return { code: asm.finish(), enter, start, startReturn, callVm, leave: leaveOffset, step, refill }
}

/** Stores pairs of registers from the stack pointer up: general ones, then float ones. */
function storePairs(asm: A64Assembler, general: readonly number[], float: readonly number[]): void {
  let offset = 0
  for (const register of general) {
    asm.stp(register, register + 1, SP, offset)
    offset += 16
  }
  for (const register of float) {
    asm.stpD(register, register + 1, SP, offset)
    offset += 16
  }
}

function loadPairs(asm: A64Assembler, general: readonly number[], float: readonly number[]): void {
  let offset = 0
  for (const register of general) {
    asm.ldp(register, register + 1, SP, offset)
    offset += 16
  }
  for (const register of float) {
    asm.ldpD(register, register + 1, SP, offset)
    offset += 16
  }
}
