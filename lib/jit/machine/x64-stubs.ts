/** The stubs on x86-64 (System V); `stubs.ts` says what they do. */
import { Label } from '../../asm/buffer.js'
import { memory, X64Assembler } from '../../asm/x64/assembler.js'
import { R12, R13, R14, R15, RBP, RBX, RSP } from '../../asm/x64/registers.js'
import { Context } from '../../heap/layout.js'
import { Status } from '../../vm/segments.js'
import type { Stubs } from './stubs.js'
import { CALL_COUNT, X64_ROLES } from './x64-registers.js'

const CALLEE_SAVED = [RBP, RBX, R12, R13, R14, R15] as const

const { base, context, depth, resultPayload, resultTag, general, float } = X64_ROLES

/** @param address absolute address of the context block */
export function makeX64Stubs(address: bigint): Stubs {
  const asm = new X64Assembler()
  const leave = new Label()
  const word = (offset: number) => memory(context, offset)
  const status = (value: number): void => asm.storeImmW(word(Context.STATUS), value)

  const enter = asm.offset
  for (const register of CALLEE_SAVED) asm.push(register)
  asm.movImm(context, address)
  asm.store(word(Context.HOST_SP), RSP)
  asm.load(RSP, word(Context.FIBER_SP))
  asm.load(RBP, word(Context.FIBER_FP))
  asm.load(base, word(Context.BASE))
  asm.loadW(depth, word(Context.DEPTH))
  asm.movsdLoad(CALL_COUNT, word(Context.NATIVE_CALLS))
  asm.load(resultPayload, word(Context.RESULT))
  asm.loadW(resultTag, word(Context.RESULT + 8))
  asm.jmpMemory(word(Context.RESUME))

  const start = asm.offset
  asm.callMemory(word(Context.ENTRY))
  const startReturn = asm.offset
  asm.store(word(Context.RESULT), resultPayload)
  asm.store(word(Context.RESULT + 8), resultTag)
  status(Status.RETURN)
  // The return address that this pushes is taken off again by `leave`.
  asm.call(leave)

  const callVm = asm.offset
  status(Status.CALL_VM)
  asm.jmp(leave)

  const request = (value: number): number => {
    const offset = asm.offset
    asm.opImm('sub', RSP, (general.length + float.length) * 8)
    general.forEach((register, i) => {
      asm.store(memory(RSP, i * 8), register)
    })
    float.forEach((register, i) => {
      asm.movsdStore(memory(RSP, (general.length + i) * 8), register)
    })
    status(value)
    asm.call(leave)
    general.forEach((register, i) => {
      asm.load(register, memory(RSP, i * 8))
    })
    float.forEach((register, i) => {
      asm.movsdLoad(register, memory(RSP, (general.length + i) * 8))
    })
    asm.opImm('add', RSP, (general.length + float.length) * 8)
    asm.ret()
    return offset
  }
  const step = request(Status.STEP)
  const refill = request(Status.REFILL)

  asm.bind(leave)
  const leaveOffset = asm.offset
  asm.popMemory(word(Context.RESUME))
  asm.store(word(Context.FIBER_FP), RBP)
  asm.store(word(Context.BASE), base)
  asm.storeW(word(Context.DEPTH), depth)
  asm.movsdStore(word(Context.NATIVE_CALLS), CALL_COUNT)
  asm.store(word(Context.FIBER_SP), RSP)
  asm.load(RSP, word(Context.HOST_SP))
  for (const register of [...CALLEE_SAVED].reverse()) asm.pop(register)
  asm.ret()

  return { code: asm.finish(), enter, start, startReturn, callVm, leave: leaveOffset, step, refill }
}
