/** What the VM and the tier manager say to each other. */
import type { LoadedFunction } from './loaded-function.js'

/** What the tier manager hears of. */
export interface TierEvents {
  /** A function's call count reached its `nextEvent`; its frame is at `base`. */
  called(fn: LoadedFunction, calls: number, base: number): void
  /** A guard failed in the native code of `fn`. */
  exited(fn: LoadedFunction, position: number, exit: number): void
  /**
   * The loop's fuel ran out when the frame at `base` came back to the loop header at `position`.
   * @returns address of native code that goes on there (on-stack replacement), or 0
   */
  looped(fn: LoadedFunction, position: number, base: number): number
  /**
   * Native code of `fn` asks for the instruction at `position`, whose operands end at `sp`.
   * @returns whether the frame goes on in the VM instead: its code has been replaced by better one
   */
  stepped(fn: LoadedFunction, position: number, base: number, sp: number): boolean
}

/** Passes of a loop in the VM, after native code was left, before it is entered again. */
export const RETRY_LOOPS = 4

/** Called before an instruction whose code word is marked OBSERVED. */
export type Observer = (fn: LoadedFunction, position: number, base: number, sp: number) => void
