/** The signal handler on ARM64; `signal-handler.ts` says what it does. */
import { A64Assembler } from '../../asm/a64/assembler.js'
import { Cond, FP, LR, SP } from '../../asm/a64/registers.js'
import { Label } from '../../asm/buffer.js'
import { HeldOutput } from '../../heap/layout.js'
import { HANDLER_PATIENCE, HANDLER_PIECE } from './signal-handler.js'

/** Kept by the functions that are called. */
const SIGNAL = 19
const HELD = 20
const FUNCTION = 16

/** @param address of the `HeldOutput` */
export function makeA64SignalHandler(address: bigint): Uint8Array {
  const asm = new A64Assembler()
  const next = new Label()
  const end = new Label()
  const done = new Label()
  const call = (field: number): void => {
    asm.ldr(FUNCTION, HELD, field)
    asm.blr(FUNCTION)
  }
  /** x1 = START, x2 = bytes from there to END; sets the flags. */
  const extent = (): void => {
    asm.ldrW(2, HELD, HeldOutput.END)
    asm.ldrW(1, HELD, HeldOutput.START)
    asm.subsW(2, 2, 1)
  }

  /** To the end if nobody reads. */
  const poll = (): void => {
    asm.addImm(0, HELD, HeldOutput.POLL_DESCRIPTOR)
    asm.movImm(1, 1)
    asm.movImm(2, HANDLER_PATIENCE)
    call(HeldOutput.POLL)
    asm.cmpImmW(0, 1)
    asm.bCond(Cond.NE, end)
  }

  asm.subImm(SP, SP, 32)
  asm.stp(FP, LR, SP, 0)
  asm.stp(SIGNAL, HELD, SP, 16)
  asm.mov32(SIGNAL, 0)
  asm.movImm(HELD, address)

  asm.ldrW(1, HELD, HeldOutput.WRITING)
  asm.cmpImmW(1, 0)
  asm.bCond(Cond.EQ, next)
  poll()
  asm.strW(SIGNAL, HELD, HeldOutput.DEFERRED)
  asm.b(done)

  asm.bind(next)
  extent()
  asm.bCond(Cond.LE, end)
  poll()
  extent()
  asm.movImm(3, HANDLER_PIECE)
  asm.cmpW(2, 3)
  asm.cselW(2, 3, 2, Cond.GT)
  asm.add(1, 1, HELD)
  asm.addImm(1, 1, HeldOutput.DATA)
  asm.movImm(0, 1)
  call(HeldOutput.WRITE)
  asm.cmpImm(0, 0)
  asm.bCond(Cond.LE, end)
  asm.ldrW(1, HELD, HeldOutput.START)
  asm.addW(1, 1, 0)
  asm.strW(1, HELD, HeldOutput.START)
  asm.b(next)

  asm.bind(end)
  asm.mov32(0, SIGNAL)
  asm.movImm(1, 0)
  call(HeldOutput.SIGNAL)
  // It waits until the handler returns.
  asm.mov32(0, SIGNAL)
  call(HeldOutput.RAISE)
  asm.bind(done)
  asm.ldp(SIGNAL, HELD, SP, 16)
  asm.ldp(FP, LR, SP, 0)
  asm.addImm(SP, SP, 32)
  asm.ret()
  return asm.finish()
}
