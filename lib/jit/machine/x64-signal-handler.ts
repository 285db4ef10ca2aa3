/** The signal handler on x86-64 (System V); `signal-handler.ts` says what it does. */
import { Label } from '../../asm/buffer.js'
import { memory, X64Assembler } from '../../asm/x64/assembler.js'
import { Cond, R12, RAX, RBX, RDI, RDX, RSI, RSP } from '../../asm/x64/registers.js'
import { HeldOutput } from '../../heap/layout.js'
import { HANDLER_PATIENCE, HANDLER_PIECE } from './signal-handler.js'

/** @param address of the `HeldOutput` */
export function makeX64SignalHandler(address: bigint): Uint8Array {
  const asm = new X64Assembler()
  const next = new Label()
  const end = new Label()
  const done = new Label()
  const field = (offset: number) => memory(R12, offset)
  /** To the end if nobody reads. */
  const poll = (): void => {
    asm.lea(RDI, field(HeldOutput.POLL_DESCRIPTOR))
    asm.movImm(RSI, 1)
    asm.movImm(RDX, HANDLER_PATIENCE)
    asm.callMemory(field(HeldOutput.POLL))
    asm.opImmW('cmp', RAX, 1)
    asm.jcc(Cond.NE, end)
  }

  asm.push(RBX)
  asm.push(R12)
  // The stack pointer is a multiple of 16 at calls.
  asm.opImm('sub', RSP, 8)
  asm.movW(RBX, RDI)
  asm.movImm(R12, address)

  asm.memoryImmW('cmp', field(HeldOutput.WRITING), 0)
  asm.jcc(Cond.E, next)
  poll()
  asm.storeW(field(HeldOutput.DEFERRED), RBX)
  asm.jmp(done)

  asm.bind(next)
  asm.loadW(RDX, field(HeldOutput.END))
  asm.opMemoryW('sub', RDX, field(HeldOutput.START))
  asm.jcc(Cond.LE, end)
  poll()
  asm.loadW(RDX, field(HeldOutput.END))
  asm.opMemoryW('sub', RDX, field(HeldOutput.START))
  asm.movImm(RAX, HANDLER_PIECE)
  asm.opW('cmp', RDX, RAX)
  asm.cmov(Cond.G, RDX, RAX)
  asm.loadW(RSI, field(HeldOutput.START))
  asm.op('add', RSI, R12)
  asm.opImm('add', RSI, HeldOutput.DATA)
  asm.movImm(RDI, 1)
  asm.callMemory(field(HeldOutput.WRITE))
  asm.test(RAX, RAX)
  asm.jcc(Cond.LE, end)
  asm.opMemoryW('add', RAX, field(HeldOutput.START))
  asm.storeW(field(HeldOutput.START), RAX)
  asm.jmp(next)

  asm.bind(end)
  asm.movW(RDI, RBX)
  asm.movImm(RSI, 0)
  asm.callMemory(field(HeldOutput.SIGNAL))
  // It waits until the handler returns.
  asm.movW(RDI, RBX)
  asm.callMemory(field(HeldOutput.RAISE))
  asm.bind(done)
  asm.opImm('add', RSP, 8)
  asm.pop(R12)
  asm.pop(RBX)
  asm.ret()
  return asm.finish()
}
