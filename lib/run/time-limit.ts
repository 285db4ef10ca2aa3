/** What the thread of the program and that of the clock (`watchdog.ts`) both know. */
import type { SharedHeap } from './shared-heap.js'

/** Milliseconds from the request to the end of the process. */
export const GRACE = 2000

export interface WatchdogSettings {
  memory: SharedHeap
  /** The limit. */
  seconds: number
  /** One word: DONE when the program has ended. */
  control: Int32Array
}

export const RUNNING = 0
export const DONE = 1

export function timeoutText(seconds: number): string {
  return `execution timed out after ${seconds} s`
}
