/**
 * What all tiers share while a program runs: the heap, the function table, output, limits, and the
 * error in flight. A tier is anything that can `call` a value; whichever runs sets `top` (and
 * `base`, `position`) before it enters code of this folder.
 */
import type { Heap } from '../heap/heap.js'

/** Thrown (as the singleton THROWN) while a Rush error unwinds; the error is in `Runtime.errorSlot`. */
export class RushThrow {
  readonly rushThrow = true
}
/** One object for all throws: creating JavaScript errors with stacks would dominate try/catch loops. */
export const THROWN = new RushThrow()

/** The part of a compiled function that the runtime needs in every tier. */
export interface RuntimeFunction {
  /** For people: the variable it was first assigned to, the method's name, or `<anonymous>`. */
  name: string
  /** Parameters as written (without `self`). */
  parameters: readonly string[]
  method: boolean
  /** The function's text form (core.md section 5). */
  text: string
  /** Address of its FUNCTION record. */
  record: number
}

/** What a tier provides to code that calls back into the program. */
export interface Tier {
  /**
   * Calls the value in the slot `callee` with the `argc` values in the slots behind it and leaves
   * the result in `callee`. The slots are the topmost in use. Throws THROWN if the callee does.
   */
  call(callee: number, argc: number): void
}

export interface SourceText {
  file: string
  text: string
}

export interface RuntimeLimits {
  /** Nested calls before "stack overflow". */
  maxDepth: number
}

export class Runtime {
  /** First free slot of the Rush stack; code of this folder may use slots from here on. */
  top: number
  /** Base of the frame that is running, and where it stands (see `frames.ts`). */
  base = 0
  position = 0
  /** Calls still allowed before "stack overflow"; a mirror of Context.DEPTH while the VM runs. */
  depth: number
  readonly functions: RuntimeFunction[] = []
  tier: Tier | null = null
  /** Slot (outside the stack, a root) that holds the error in flight. */
  readonly errorSlot: number

  constructor(
    readonly heap: Heap,
    readonly output: { write(text: string): void },
    readonly limits: RuntimeLimits,
  ) {
    this.top = heap.stackBase
    this.depth = limits.maxDepth
    this.errorSlot = heap.allocateRootSlots(1)
  }

  /** Takes a slot for a temporary that must survive a callback; the tier resets `top` afterwards. */
  pushTemporary(): number {
    const slot = this.top
    this.heap.setNull(slot)
    this.top = slot + 16
    return slot
  }
}
