/**
 * The time limit of a run. A thread of its own asks the program to stop when the time is over, by the means that
 * Ctrl-C has in the interactive mode (`lib/heap/interrupt.ts`): neither `catch` nor `finally` sees it.
 *
 * What does not get to a safepoint within GRACE (one call of a built-in function that has very much to do, or waits
 * for a pipe) cannot be asked: then the thread ends the process.
 */
import { Worker } from 'node:worker_threads'
import type { SharedHeap } from './shared-heap.js'
import { DONE, type WatchdogSettings } from './time-limit.js'

export class Watchdog {
  private readonly control = new Int32Array(new SharedArrayBuffer(4))

  /** Starts the clock. */
  static async start(memory: SharedHeap, seconds: number): Promise<Watchdog> {
    const watchdog = new Watchdog()
    const settings: WatchdogSettings = { memory, seconds, control: watchdog.control }
    const worker = new Worker(new URL('./watchdog-thread.js', import.meta.url), { workerData: settings })
    await new Promise((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
    worker.unref()
    return watchdog
  }

  /** The program has ended. */
  stop(): void {
    Atomics.store(this.control, 0, DONE)
    Atomics.notify(this.control, 0)
  }
}
