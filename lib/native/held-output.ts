/** Memory for output that is held back, from which a signal handler in machine code can write it. */
import { constants } from 'node:os'
import { HeldOutput } from '../heap/layout.js'
import { NativeUnavailable, nativeSystem } from './system.js'

/** The signals that end a process when people or systems want it to end. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const STANDARD_OUTPUT = 1
/** The same on all systems that we know. */
const POLLOUT = 4

export interface HeldBlock {
  /** Of the `HeldOutput`. */
  address: bigint
  /** What `Output` holds it in: its DATA, and the words from START to DEFERRED. */
  memory: { bytes: Buffer; marks: Int32Array }
}

/** @throws NativeUnavailable */
export function mapHeldOutput(capacity: number): HeldBlock {
  const system = nativeSystem()
  const total = HeldOutput.DATA + capacity
  const address = system.map(total)
  const buffer = system.view(address, total)
  const fields = new DataView(buffer)
  fields.setInt32(HeldOutput.POLL_DESCRIPTOR, STANDARD_OUTPUT, true)
  fields.setInt16(HeldOutput.POLL_DESCRIPTOR + 4, POLLOUT, true)
  const functions = [
    [HeldOutput.POLL, 'poll'],
    [HeldOutput.WRITE, 'write'],
    [HeldOutput.SIGNAL, 'signal'],
    [HeldOutput.RAISE, 'raise'],
  ] as const
  for (const [field, name] of functions) {
    const found = system.find(name)
    if (found === 0n) throw new NativeUnavailable(`the C library has no ${name}`)
    fields.setBigInt64(field, found, true)
  }
  const marks = new Int32Array(buffer, HeldOutput.START, 4)
  return { address, memory: { bytes: Buffer.from(buffer, HeldOutput.DATA, capacity), marks } }
}

/** Puts the usual reaction in the place of a handler. */
export const NO_HANDLER = 0n

/** Has all signals that ask the process to end call the handler at this address. */
export function handleSignals(handler: bigint): void {
  for (const name of SIGNALS) nativeSystem().onSignal(constants.signals[name], handler)
}
