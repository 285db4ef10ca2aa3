/**
 * The stubs between JavaScript and compiled code: entering and leaving the fiber. One copy per heap.
 *
 * Native code runs on its own stack, the fiber. `enter` is a C function without arguments: it saves what
 * the C calling convention wants kept, switches stacks and goes on where the context says. `leave` does the
 * reverse and so returns from `enter`. Nothing else is ever on the C stack, so native code can be left
 * and resumed in any nested order, and abandoned by forgetting it.
 */

/**
 * Code memory set apart for the stubs, with the handler of signals, and for the routines: they fit with room to spare.
 * Pages of their own (`lib/native/code-memory.ts`): routines are added while signals may come, and pages that are
 * written cannot be executed meanwhile.
 */
export const STUB_BYTES = 16384
export const ROUTINE_BYTES = 16384
export const FIXED_BYTES = STUB_BYTES + ROUTINE_BYTES

/** Their code, and byte offsets in it. */
export interface Stubs {
  code: Uint8Array
  enter: number
  /** Calls Context.ENTRY, then leaves with Status.RETURN. */
  start: number
  /** Where `start` goes on after the call: the return address of the outermost native frame. */
  startReturn: number
  /** Entry of functions without native code: leaves with Status.CALL_VM. */
  callVm: number
  leave: number
  /** Called by native code: leaves with Status.STEP and returns with all but the scratch registers as they were. */
  step: number
  /** The same with Status.REFILL. */
  refill: number
}
