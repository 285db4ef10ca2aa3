/**
 * Feeds jobs to worker processes and gives their answers; a worker that dies or takes too long is
 * replaced, and its job is answered for.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Answer, Job } from './modes.js'

const WORKER = fileURLToPath(new URL('./mode-worker.js', import.meta.url))
/** Runs in one process: what they leave behind (code caches of Node, mapped memory) must not add up. */
export const RUNS_PER_PROCESS = 400

/** Milliseconds between looks at the time limit. */
const TICK = 500

/** One worker process at a time, behind `command` (see `Arm64`). */
export class ModeRunner {
  private child: ChildProcess | null = null
  private runs = 0
  private stderr = ''
  private settle: (answer: Answer) => void = () => {}

  constructor(
    private readonly command: readonly string[],
    /** For one run, in milliseconds. */
    private readonly timeout: number,
    private readonly runsPerProcess = RUNS_PER_PROCESS,
  ) {}

  /** Never rejects: whatever happens to the worker becomes an answer. Not for two jobs at a time. */
  run(job: Job): Promise<Answer> {
    if (this.child !== null && this.runs >= this.runsPerProcess) this.stop()
    const child = this.child ?? this.start()
    this.runs++
    return new Promise((resolve) => {
      const started = performance.now()
      // Counted in ticks: while all of this is stopped (SIGSTOP, a machine asleep) no time must pass.
      let left = this.timeout
      const limit = setInterval(() => {
        left -= TICK
        if (left > 0) return
        this.stop()
        this.fail(`took longer than ${this.timeout / 1000} s`, started)
      }, TICK)
      this.settle = (answer) => {
        clearInterval(limit)
        resolve(answer)
      }
      child.stdin?.write(`${JSON.stringify(job)}\n`)
    })
  }

  stop(): void {
    const { child } = this
    this.child = null
    child?.removeAllListeners('close')
    child?.kill('SIGKILL')
  }

  private start(): ChildProcess {
    const [program, ...parameters] = this.command as [string, ...string[]]
    const child = spawn(program, [...parameters, WORKER], { stdio: ['pipe', 'pipe', 'pipe'] })
    this.child = child
    this.runs = 0
    this.stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = `${this.stderr}${text}`.slice(-4000)
    })
    // A worker that is gone is noticed when it closes.
    child.stdin?.on('error', () => {})
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) =>
      this.settle(JSON.parse(line) as Answer),
    )
    child.on('error', (error) => this.fail(error.message, performance.now()))
    child.on('close', (code, signal) => {
      this.child = null
      this.fail(`the process ended: ${signal ?? `exit code ${code}`}`, performance.now())
    })
    return child
  }

  private fail(reason: string, started: number): void {
    const crash = this.stderr === '' ? reason : `${reason}\n${this.stderr}`
    this.settle({ outcome: null, crash, milliseconds: performance.now() - started, heap: [] })
  }
}
