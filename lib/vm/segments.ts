/**
 * Native segments: the parts of the fiber's stack that wait while the VM runs.
 *
 * The run loop and native code take turns and never call each other on the JavaScript stack. Whenever
 * native code yields, where it stands is pushed here; resuming pops it. Between the two, the VM may run
 * functions that native code called, which may enter native code again further up on the same fiber:
 * segments are strictly nested.
 *
 * All addresses share the heap's high word, so the low 32 bits stand for them.
 */

import type { Heap } from '../heap/heap.js'
import { Context } from '../heap/layout.js'
import { callerBase } from '../runtime/frames.js'

/** What `lib/native` provides. */
export interface NativeGate {
  /** Switches to the fiber at Context.RESUME; returns when native code yields or ends. */
  enter(): void
  /** Address of the stub that calls Context.ENTRY and ends with STATUS_RETURN. */
  readonly start: number
  /** Where that stub goes on after the call: the return address of the outermost native frame. */
  readonly startReturn: number
  /** Entry of functions without native code: asks the VM to run them. */
  readonly callVm: number
  /** Stack pointer of the empty fiber. */
  readonly fiberTop: number
  /** How native frames lie: from the frame pointer to the caller's stack pointer. */
  readonly frame: { readonly size: number }
}

/** Context.STATUS: why native code came back. */
export const Status = {
  /** The entry function returned; the result is in Context.RESULT. */
  RETURN: 0,
  /** Execute the instruction at REQUEST_A for the frame at BASE and resume. */
  STEP: 1,
  /** Run the function whose frame is at BASE in the VM and resume with its result. */
  CALL_VM: 2,
  /** A guard failed: the frame at BASE goes on in the VM at REQUEST_A; REQUEST_B tells which exit. */
  EXIT: 3,
  /**
   * For the instruction at REQUEST_A: put free cells into the list of a size class (REQUEST_B, `refillRequest`), or
   * find the method that it calls (METHOD_REQUEST), or copy elements (UNSHARE_REQUEST).
   */
  REFILL: 4,
} as const

/** At the frame pointer of every native frame. */
const NativeFrame = { CALLER_FP: 0, RETURN: 8 } as const

/** @param collects whether a collection may run: all that the native code holds is in its frame */
export function refillRequest(sizeClass: number, collects: boolean): number {
  return sizeClass | (collects ? 256 : 0)
}

/**
 * Let the array at Context.REQUEST_C have its elements to itself, unless there are many of them: before a loop that may
 * write some.
 */
export const UNSHARE_REQUEST = 513

/** Put the method that a CallMethod instruction calls into the method cache. */
export const METHOD_REQUEST = 512

const ENTRY_BASE = 0
const TOP_BASE = 1
const ENTRY_SP = 2
const SP = 3
const FP = 4
const RESUME = 5
const BASE = 6
const WORDS = 8

export class Segments {
  private words = new Int32Array(WORDS * 64)
  count = 0
  /** Of the segment that runs: its outermost frame, and the fiber's stack pointer below it. */
  entryBase = 0
  private entrySp = 0
  private readonly I32: Int32Array

  constructor(
    private readonly heap: Heap,
    private readonly gate: NativeGate,
  ) {
    this.I32 = heap.I32
  }

  /** Prepares the context to run the native code at `entry` for the frame at `base`. */
  start(base: number, entry: number): void {
    const { heap, gate } = this
    this.entryBase = base
    this.entrySp = this.count > 0 ? this.get(SP) : gate.fiberTop
    heap.setPointer(Context.FIBER_SP, this.entrySp)
    heap.setPointer(Context.FIBER_FP, 0)
    heap.setPointer(Context.RESUME, gate.start)
    heap.setPointer(Context.ENTRY, entry)
    heap.setPointer(Context.BASE, base)
  }

  /**
   * Pushes where native code stands after a yield.
   * @param topBase base of the innermost Rush frame that has a native frame
   */
  suspend(topBase: number): void {
    const { I32 } = this
    if ((this.count + 1) * WORDS > this.words.length) this.grow()
    this.count++
    this.set(ENTRY_BASE, this.entryBase)
    this.set(TOP_BASE, topBase)
    this.set(ENTRY_SP, this.entrySp)
    this.set(SP, I32[Context.FIBER_SP >> 2] as number)
    this.set(FP, I32[Context.FIBER_FP >> 2] as number)
    this.set(RESUME, I32[Context.RESUME >> 2] as number)
    this.set(BASE, I32[Context.BASE >> 2] as number)
  }

  /** Pops the innermost segment into the context, ready to enter. */
  resume(): void {
    const { heap } = this
    this.entryBase = this.get(ENTRY_BASE)
    this.entrySp = this.get(ENTRY_SP)
    heap.setPointer(Context.FIBER_SP, this.get(SP))
    heap.setPointer(Context.FIBER_FP, this.get(FP))
    heap.setPointer(Context.RESUME, this.get(RESUME))
    heap.setPointer(Context.BASE, this.get(BASE))
    this.count--
  }

  /** Whether the Rush frame at `base` has a native frame in the innermost segment. */
  contains(base: number): boolean {
    return this.count > 0 && base <= this.get(TOP_BASE) && base >= this.get(ENTRY_BASE)
  }

  /** Whether it is the outermost frame of the innermost segment. */
  isEntry(base: number): boolean {
    return this.count > 0 && base === this.get(ENTRY_BASE)
  }

  /** Forgets the innermost segment and its part of the fiber. */
  drop(): void {
    this.count--
  }

  /** Forgets all segments. */
  clear(): void {
    this.count = 0
  }

  /**
   * Takes the frame at `base` out of the innermost segment, with all native frames above it, so that
   * it goes on in the VM.
   * @returns whether native code still waits for its result (its link must be marked BOUNDARY)
   */
  detach(base: number): boolean {
    if (this.isEntry(base)) {
      this.count--
      return false
    }
    const { I32 } = this
    // Within a segment each Rush frame has one native frame.
    let fp = this.get(FP)
    for (let at = this.get(TOP_BASE); at !== base; at = callerBase(I32, at))
      fp = I32[(fp + NativeFrame.CALLER_FP) >> 2] as number
    this.set(SP, fp + this.gate.frame.size)
    this.set(FP, I32[(fp + NativeFrame.CALLER_FP) >> 2] as number)
    this.set(RESUME, I32[(fp + NativeFrame.RETURN) >> 2] as number)
    this.set(BASE, base)
    this.set(TOP_BASE, callerBase(I32, base))
    return true
  }

  /** Bases of all Rush frames that have native frames, in all segments. */
  *frames(): Generator<number> {
    const { I32 } = this
    for (let segment = this.count; segment > 0; segment--) {
      const first = this.words[(segment - 1) * WORDS + TOP_BASE] as number
      const last = this.words[(segment - 1) * WORDS + ENTRY_BASE] as number
      yield first
      for (let base = first; base !== last; ) {
        base = callerBase(I32, base)
        yield base
      }
    }
  }

  private get(field: number): number {
    return this.words[(this.count - 1) * WORDS + field] as number
  }

  private set(field: number, value: number): void {
    this.words[(this.count - 1) * WORDS + field] = value
  }

  private grow(): void {
    const words = new Int32Array(this.words.length * 2)
    words.set(this.words)
    this.words = words
  }
}
