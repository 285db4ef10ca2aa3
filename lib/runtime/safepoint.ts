/**
 * Safepoints: the only places where a collection can happen (calls, loop back-edges). `rt.base`,
 * `rt.position` and `rt.top` must be current, so that every frame can be read.
 */

import type { Marker } from '../heap/heap.js'
import { SLOT_SIZE } from '../heap/layout.js'
import type { Runtime } from './runtime.js'
import { functionOf, type PlaceInSource, placeHere, walkFrames } from './trace.js'

/**
 * Thrown when another thread asked the program to stop (`requestInterrupt`). It is no error of the program:
 * neither `catch` nor `finally` sees it. Whoever catches it calls `Runtime.abandon`.
 */
export class Interrupted extends Error {
  override name = 'Interrupted'

  /** @param place where the program stood; null if it is not known */
  constructor(readonly place: PlaceInSource | null) {
    super('interrupted')
  }
}

/**
 * Under GC stress a collection runs at every safepoint, but at a depth of n calls only at every
 * (n / STRESS_DEPTH)th: scanning a deep stack at each of its calls would take quadratic time.
 */
const STRESS_DEPTH = 64
/** And behind n safepoints only at every (n / STRESS_RUN)th: a long run passes the same ones over and over. */
const STRESS_RUN = 2000

/** Makes the Rush stack a root of the collector. Called once per runtime. */
export function registerStackRoots(rt: Runtime): void {
  rt.heap.addRoots((mark) => markStack(rt, mark))
}

function markStack(rt: Runtime, mark: Marker): void {
  for (const frame of walkFrames(rt)) {
    const { base, end } = frame
    mark.object(rt.heap.I32[(base - SLOT_SIZE) >> 2] as number)
    const fn = functionOf(rt, frame)
    if (frame.interpreted || fn.live === null) {
      mark.slots(base, end)
      continue
    }
    for (const local of fn.live(frame.position)) mark.slot(base + local * SLOT_SIZE)
    mark.slots(base + fn.bytecodeLocals * SLOT_SIZE, end)
  }
}

/** @throws Interrupted if the program shall stop */
export function checkInterrupt(rt: Runtime): void {
  if (rt.heap.interruptRequest !== 0) throw new Interrupted(placeHere(rt))
}

export function safepoint(rt: Runtime): void {
  const { heap } = rt
  if (!heap.needsCollection()) return
  checkInterrupt(rt)
  if (!heap.passSafepoint()) return
  if (heap.stress) {
    const depth = rt.limits.maxDepth - rt.depth
    rt.stressCount++
    const interval = Math.floor(Math.max(depth / STRESS_DEPTH, rt.stressCount / STRESS_RUN))
    if (interval > 1 && rt.stressCount % interval !== 0) return
  }
  heap.collect()
}
