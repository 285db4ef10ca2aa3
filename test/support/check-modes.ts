/** Compares what programs do in different modes. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hostTarget } from '../../lib/jit/target.js'
import { findArm64 } from './arm64.js'
import type { TestProgram } from './mode-programs.js'
import { ModeRunner, RUNS_PER_PROCESS } from './mode-runner.js'
import { type Answer, type Job, MODES, type Mode, type ModeName, type Outcome } from './modes.js'

/** For one run, in milliseconds. */
export interface Timeouts {
  readonly native: number
  readonly emulated: number
}

export interface CheckerOptions {
  readonly timeouts: Timeouts
  /** Before a worker is replaced: one that has run much is faster, and larger. */
  readonly runsPerProcess: number
  /** Whether graphs are verified in a mode; in no mode twice what another one has verified. */
  verifies(mode: ModeName): boolean
}

/** On a machine that has much else to do. */
const TIMEOUTS: Timeouts = { native: 60_000, emulated: 180_000 }

/**
 * For workers, which run hundreds of programs in a process: garbage is rarely looked for while it is young,
 * and no other thread takes part. Takes a fifth off the time under emulation.
 */
const WORKER_FLAGS = ['--single-threaded', '--min-semi-space-size=32', '--max-semi-space-size=64']
/**
 * Here: most programs are over before optimised code is worth its while, above all that of the VM's loop, which
 * takes V8 more than a tenth of a second for each program. (Under emulation it is worth it.)
 */
const PATIENT = ['--interrupt-budget=1000000', '--max-optimized-bytecode-size=12000']

/** How a run differs from what it should do: what differs, with the details. */
export type Difference = Readonly<Record<string, string>>

export interface Check {
  program: TestProgram
  mode: ModeName
  /** Null if all is well. */
  difference: Difference | null
  milliseconds: number
}

/** Whether a mode can only run where ARM64 code can, and that is not here. */
function needsEmulation(name: ModeName): boolean {
  const mode: Mode = MODES[name]
  if (mode.tier !== 'jit' || process.arch === 'arm64') return false
  return mode.emulated === true || hostTarget() === null
}

/**
 * Whether another mode of this machine has the same graphs, and verifies them in a tenth of the time: they do
 * not depend on the target, and the emulated modes have the thresholds of `jitAtOnce`, `jitSoon` and `jitDeopt`,
 * in which `jit-at-once.test.ts` and `jit-observed.test.ts` run the same programs.
 */
function isVerifiedHere(name: ModeName): boolean {
  const mode: Mode = MODES[name]
  return mode.emulated === true && hostTarget() !== null && process.arch !== 'arm64'
}

/** Runs programs here, or where ARM64 code can run. */
export class ModeChecker {
  private readonly here: ModeRunner
  private readonly arm64: ModeRunner | null
  /** Why the modes with native code cannot be tried, or ''. */
  readonly reason: string
  private readonly verifies: (mode: ModeName) => boolean

  constructor(options: Partial<CheckerOptions> = {}) {
    const { timeouts = TIMEOUTS, runsPerProcess = RUNS_PER_PROCESS, verifies = () => true } = options
    this.verifies = verifies
    const { command, reason } = findArm64()
    this.reason = reason
    this.here = new ModeRunner(
      [process.execPath, ...WORKER_FLAGS, ...PATIENT],
      timeouts.native,
      runsPerProcess,
    )
    this.arm64 =
      command === null
        ? null
        : new ModeRunner([...command, ...WORKER_FLAGS], timeouts.emulated, runsPerProcess)
  }

  /** The given modes that can be tried on this machine. */
  possible(modes: readonly ModeName[]): readonly ModeName[] {
    return this.arm64 === null ? modes.filter((mode) => !needsEmulation(mode)) : modes
  }

  /** Runs `program` in `modes`; the measure is what is expected of it or else what the interpreter does. */
  async *check(program: TestProgram, modes: readonly ModeName[]): AsyncGenerator<Check> {
    if (modes.length === 0) return
    const measure = fullyKnown(program) ?? (await this.run(program, 'interpreter')).outcome
    for (const mode of modes) {
      const answer = await this.run(program, mode)
      const difference = compare(answer, program, mode, measure)
      yield { program, mode, difference, milliseconds: answer.milliseconds }
    }
  }

  /** One run; `watch`: the answer tells of the heap. Not for two runs at a time. */
  async run({ path, little }: TestProgram, name: ModeName, watch = false): Promise<Answer> {
    const emulated = needsEmulation(name)
    const runner = emulated ? this.arm64 : this.here
    if (runner === null) throw new Error(this.reason)
    const mode: Mode = MODES[name]
    const job: Job = {
      program: path,
      mode: name,
      little,
      watch,
      verify: this.verifies(name) && !isVerifiedHere(name),
    }
    if (!emulated || mode.object === undefined || hostTarget() === null) return runner.run(job)
    // As one would do it: the documents are made on this machine, which is faster, for the other.
    const folder = mkdtempSync(join(tmpdir(), 'rush-mode-'))
    try {
      const made = await this.here.run({ ...job, make: folder, verify: true })
      if (made.outcome?.code !== 0) return made
      return await runner.run({ ...job, use: folder })
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  stop(): void {
    this.here.stop()
    this.arm64?.stop()
  }
}

/** The outcome of a program that should succeed and whose output is known. */
function fullyKnown({ output, error }: TestProgram): Outcome | null {
  return output === null || error !== null ? null : { stdout: output, stderr: '', code: 0, notice: '' }
}

/** How a run differs from the measure, or from what is expected of the program. */
export function compare(
  { outcome, crash }: Answer,
  program: TestProgram,
  mode: ModeName,
  measure: Outcome | null,
): Difference | null {
  if (outcome === null) return { crash }
  const difference: Record<string, string> = {}
  const expected = program.output ?? measure?.stdout ?? ''
  if (outcome.stdout !== expected) difference.stdout = firstDifference(expected, outcome.stdout)
  if (measure !== null && outcome.stderr !== measure.stderr) {
    difference.stderr = firstDifference(measure.stderr, outcome.stderr)
  } else if (typeof program.error === 'string' && !outcome.stderr.includes(program.error)) {
    difference.stderr = `lacks ${JSON.stringify(program.error)}`
  }
  const code = program.error === undefined ? measure?.code : program.error === null ? 0 : 1
  if (outcome.code !== code) difference.code = `expected ${code}, got ${outcome.code}`
  // A JIT that quietly runs nothing natively would agree with the VM.
  if (MODES[mode].tier === 'jit' && mode !== 'jitRefused' && outcome.notice !== '') {
    difference.notice = outcome.notice
  }
  if (Object.keys(difference).length === 0) return null
  if (difference.stderr === undefined) difference.report = firstLines(outcome.stderr)
  return difference
}

function firstLines(text: string): string {
  return text.split('\n').slice(0, 5).join('\n')
}

function firstDifference(expected: string, got: string): string {
  const [left, right] = [expected.split('\n'), got.split('\n')]
  const line = left.findIndex((text, index) => text !== right[index])
  const at = line < 0 ? left.length : line
  const show = (text: string | undefined): string => (text === undefined ? 'the end' : JSON.stringify(text))
  return `line ${at + 1}: expected ${show(left[at])}, got ${show(right[at])}`
}
