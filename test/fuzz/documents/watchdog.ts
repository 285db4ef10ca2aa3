/**
 * Programs made of mutated bytecode may run for ever, and have the right to. A second thread asks them to stop
 * (`requestInterrupt`), as it does for Ctrl-C in an interactive session.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import type { Heap } from '../../../lib/heap/heap.js'
import { requestInterrupt } from '../../../lib/heap/interrupt.js'
import { viewHeap } from '../../../lib/native/region.js'

/** What the shared word says. */
const enum State {
  IDLE = 0,
  ARMED = 1,
  /** The thread is writing to the heap, which must not be unmapped now. */
  FIRING = 2,
}

interface Order {
  readonly baseHigh: number
  readonly bytes: number
  readonly milliseconds: number
  readonly turn: number
}

const STATE = 0
const TURN = 1

export class Watchdog {
  private readonly words = new Int32Array(new SharedArrayBuffer(8))
  private readonly worker = new Worker(new URL(import.meta.url), { workerData: this.words.buffer })

  constructor() {
    this.worker.unref()
  }

  /** @param heap in memory that was mapped for native code, which all threads see */
  arm(heap: Heap, milliseconds: number): void {
    const turn = Atomics.add(this.words, TURN, 1) + 1
    Atomics.store(this.words, STATE, State.ARMED)
    const order: Order = { baseHigh: heap.baseHigh, bytes: heap.buffer.byteLength, milliseconds, turn }
    this.worker.postMessage(order)
  }

  /** When it comes back, the heap is no longer touched. */
  disarm(): void {
    Atomics.compareExchange(this.words, STATE, State.ARMED, State.IDLE)
    while (Atomics.load(this.words, STATE) === State.FIRING) Atomics.wait(this.words, STATE, State.FIRING, 1)
  }

  stop(): Promise<number> {
    return this.worker.terminate()
  }
}

function watch(words: Int32Array): void {
  let timer: NodeJS.Timeout | undefined
  parentPort?.on('message', ({ baseHigh, bytes, milliseconds, turn }: Order) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (Atomics.load(words, TURN) !== turn) return
      if (Atomics.compareExchange(words, STATE, State.ARMED, State.FIRING) !== State.ARMED) return
      requestInterrupt(new Int32Array(viewHeap(baseHigh, bytes)))
      Atomics.store(words, STATE, State.IDLE)
    }, milliseconds)
  })
}

if (!isMainThread && workerData instanceof SharedArrayBuffer) watch(new Int32Array(workerData))
