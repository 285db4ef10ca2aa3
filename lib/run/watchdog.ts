/**
 * The time limit of a run. A thread of its own asks the program to stop when the time is over, by the means that
 * Ctrl-C has in the interactive mode (`lib/heap/interrupt.ts`): neither `catch` nor `finally` sees it.
 *
 * What does not get to a safepoint within GRACE (one call of a built-in function that has very much to do, or waits
 * for a pipe) cannot be asked, and neither can the compiler: then the thread ends the process.
 */
import { Worker } from 'node:worker_threads'
import type { Heap } from '../heap/heap.js'
import { shareHeap } from './shared-heap.js'
import { RunState, type WatchdogSettings } from './time-limit.js'

export class Watchdog {
  private constructor(
    private readonly worker: Worker,
    private readonly control: Int32Array,
  ) {}

  /** Starts the clock. */
  static async start(seconds: number): Promise<Watchdog> {
    const control = new Int32Array(new SharedArrayBuffer(4))
    const settings: WatchdogSettings = { seconds, control }
    const worker = new Worker(new URL('./watchdog-thread.js', import.meta.url), { workerData: settings })
    await new Promise((resolve, reject) => {
      worker.once('message', resolve)
      worker.once('error', reject)
    })
    worker.unref()
    return new Watchdog(worker, control)
  }

  /** The program begins to run on a heap that is shared. */
  watch(heap: Heap): void {
    this.worker.postMessage(shareHeap(heap))
    this.enter(RunState.RUNNING)
  }

  /** The program has ended; its heap may be unmapped. */
  stop(): void {
    Atomics.wait(this.control, 0, RunState.ASKING)
    this.enter(RunState.DONE)
  }

  private enter(state: number): void {
    Atomics.store(this.control, 0, state)
    Atomics.notify(this.control, 0)
  }
}
