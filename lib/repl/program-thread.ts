/** The main thread's view of the worker: requests with answers, and interrupts. */
import { Worker } from 'node:worker_threads'
import { requestInterrupt } from '../heap/interrupt.js'
import type { Mode, RunOptions } from '../run/options.js'
import { viewSharedHeap } from '../run/shared-heap.js'
import type { Completion } from './complete.js'
import type { Reply } from './conversation.js'
import { plainOptions, type Request, type Response, type WorkerSettings } from './protocol.js'

export class ProgramThread {
  private readonly worker: Worker
  /** The heap's memory, as soon as the worker has one. */
  private heap: Int32Array | null = null
  /** Number of the line that runs or ran last. */
  private run = 0
  /** Who waits for responses, in order. */
  private readonly waiting: ((response: Response) => void)[] = []
  private fail: (error: unknown) => void = () => {}
  /** Rejected if the worker dies, which it must not. */
  readonly failed: Promise<never>

  constructor(mode: Mode, options: RunOptions) {
    const settings: WorkerSettings = { mode, options: plainOptions(options) }
    this.worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: settings })
    this.failed = new Promise((_, reject) => {
      this.fail = reject
    })
    this.worker.on('error', (error) => this.fail(error))
    this.worker.on('message', (response: Response) => this.waiting.shift()?.(response))
  }

  /** Must be awaited before anything is asked. */
  async ready(): Promise<void> {
    const response = await this.response()
    if (response.kind === 'ready') this.heap = await viewSharedHeap(response.memory)
  }

  async line(text: string): Promise<Reply> {
    this.run++
    const response = await this.ask({ kind: 'line', text, run: this.run })
    return response.kind === 'reply' ? response.reply : 'next'
  }

  /** Forgets the lines of an input that is not complete. */
  cancel(): void {
    this.worker.postMessage({ kind: 'cancel' } satisfies Request)
  }

  async complete(text: string): Promise<Completion> {
    const response = await this.ask({ kind: 'complete', text })
    return response.kind === 'completion' ? response.completion : { candidates: [], word: '' }
  }

  /** Stops what runs for the line that was given last. */
  interrupt(): void {
    if (this.heap !== null) requestInterrupt(this.heap, this.run)
  }

  private ask(request: Request): Promise<Response> {
    const response = this.response()
    this.worker.postMessage(request)
    return response
  }

  private response(): Promise<Response> {
    return Promise.race([
      new Promise<Response>((resolve) => {
        this.waiting.push(resolve)
      }),
      this.failed,
    ])
  }
}
