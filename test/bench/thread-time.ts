/** The CPU time of this thread alone, without V8's helpers and without the time that other processes had the CPU. */
import { readFileSync } from 'node:fs'

/** Linux: nanoseconds on a CPU, nanoseconds waiting for one, time slices. */
const FILE = '/proc/thread-self/schedstat'
const cell = new Int32Array(new SharedArrayBuffer(4))

/** In milliseconds since some fixed point; where the system does not tell, by the clock on the wall. */
export function threadTime(): number {
  // Linux brings the number up to date when the thread leaves the CPU.
  Atomics.wait(cell, 0, 0, 1)
  let text: string
  try {
    text = readFileSync(FILE, 'utf8')
  } catch {
    return performance.now()
  }
  return Number(text.split(' ')[0]) / 1e6
}
