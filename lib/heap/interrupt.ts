/**
 * Stopping a running program from another thread, which shares the heap's memory and nothing else. All tiers
 * compare ALLOCATED with ALLOCATION_LIMIT at each loop and at most calls, so a limit of -1 brings them to
 * a safepoint soon, and there the request is found. Native functions that call each other poll nowhere, but
 * they look up each other's entries: these lead to the VM as long as the request stands, and those that take
 * arguments in registers are not used.
 */
import { Context, FunctionLayout } from './layout.js'

/**
 * Asks what runs on the heap to stop.
 *
 * @param I32 the heap's memory, which is shared between threads
 * @param run not 0: tells which run is meant, where there are several, one after the other
 */
export function requestInterrupt(I32: Int32Array, run = 1): void {
  Atomics.store(I32, Context.INTERRUPT >> 2, run)
  Atomics.store(I32, Context.ALLOCATION_LIMIT >> 2, -1)
  const callVm = I32[Context.CALL_VM >> 2] as number
  if (callVm !== 0) setEntries(I32, callVm)
}

/** Undoes all that `requestInterrupt` did, except for the limit. */
export function withdrawInterrupt(I32: Int32Array): void {
  Atomics.store(I32, Context.INTERRUPT >> 2, 0)
  if (I32[Context.CALL_VM >> 2] !== 0) setEntries(I32, 0)
}

/** The bit that no signature has. */
const NOT_NOW = -0x80000000

/** Leads all functions that have native code to `entry`, in whatever way they are called, or, if that is 0, to their own. */
function setEntries(I32: Int32Array, entry: number): void {
  for (
    let record = Atomics.load(I32, Context.FUNCTIONS >> 2);
    record !== 0;
    record = I32[(record + FunctionLayout.PREVIOUS) >> 2] as number
  ) {
    const native = Atomics.load(I32, (record + FunctionLayout.NATIVE) >> 2)
    if (native === 0) continue
    Atomics.store(I32, (record + FunctionLayout.ENTRY) >> 2, entry === 0 ? native : entry)
    const signature = (record + FunctionLayout.SIGNATURE) >> 2
    if (entry === 0) Atomics.and(I32, signature, ~NOT_NOW)
    else Atomics.or(I32, signature, NOT_NOW)
  }
}
