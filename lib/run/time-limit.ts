/** What the thread of the program and that of the clock (`watchdog.ts`) both know. */

/** Milliseconds from the request to the end of the process. */
export const GRACE = 2000

export interface WatchdogSettings {
  /** The limit. */
  seconds: number
  /** One word, a `RunState`. */
  control: Int32Array
}

/** Where a run is. The clock's thread makes RUNNING into ASKING and ASKED, the program's thread all others. */
export const RunState = {
  /** Nothing runs yet that could be asked to stop. */
  LOADING: 0,
  RUNNING: 1,
  /** The heap is being written to: it must stay mapped. */
  ASKING: 2,
  ASKED: 3,
  DONE: 4,
} as const

export function timeoutText(seconds: number): string {
  return `execution timed out after ${seconds} s`
}
