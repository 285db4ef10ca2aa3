/** Runs one text in several modes and tells where they differ from the interpreter. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compare, type Difference, ModeChecker, type Timeouts } from '../support/check-modes.js'
import type { ModeName } from '../support/modes.js'
import { splitFiles } from './files.js'

/** In milliseconds, on a machine that has much else to do. Programs take a hundredth of it; what the reducer makes of them may not end. */
const TIMEOUTS: Timeouts = { native: 120_000, emulated: 1_200_000 }
/** Programs are small, and starting anew takes as long as twenty of them. */
const RUNS_PER_PROCESS = 3000
/** Graphs of the other modes are of the same kinds, and verifying them takes a tenth of the time. */
const VERIFIED: ReadonlySet<ModeName> = new Set(['jitAtOnce', 'jitSoon', 'jitLate', 'jitProfiled'])
const TOO_LONG = /^took longer than/
/** When it comes depends on what a tier keeps in memory. */
const OUT_OF_MEMORY = 'out of memory'

export interface Finding {
  readonly mode: ModeName
  readonly difference: Difference
}

/** `skipped`: the program says nothing, because it takes too long or too much memory. */
export interface Comparison {
  readonly findings: readonly Finding[]
  readonly skipped: boolean
}

const SKIPPED: Comparison = { findings: [], skipped: true }

/** Not for two texts at a time. */
export class Comparer {
  private readonly checker: ModeChecker
  private readonly folder = mkdtempSync(join(tmpdir(), 'rush-fuzz-'))
  /** Files of the program before, of which the next one must not see anything. */
  private modules: readonly string[] = []

  constructor(timeouts: Timeouts = TIMEOUTS) {
    this.checker = new ModeChecker({
      timeouts,
      runsPerProcess: RUNS_PER_PROCESS,
      verifies: (mode) => VERIFIED.has(mode),
    })
  }

  /** The modes that can be tried on this machine. */
  possible(modes: readonly ModeName[]): readonly ModeName[] {
    return this.checker.possible(modes)
  }

  async compare(text: string, modes: readonly ModeName[]): Promise<Comparison> {
    const path = join(this.folder, 'program.rush')
    const { main, others } = splitFiles(text)
    writeFileSync(path, main)
    for (const name of this.modules) rmSync(join(this.folder, name))
    this.modules = [...others.keys()]
    for (const [name, content] of others) writeFileSync(join(this.folder, name), content)
    const program = { path, output: null, error: undefined, little: true }
    const measure = await this.checker.run(program, 'interpreter')
    if (measure.outcome === null) {
      if (TOO_LONG.test(measure.crash)) return SKIPPED
      return {
        findings: [{ mode: 'interpreter', difference: { crash: measure.crash } }],
        skipped: false,
      }
    }
    if (isExhausted(measure.outcome)) return SKIPPED
    const findings: Finding[] = []
    for (const mode of modes) {
      const answer = await this.checker.run(program, mode)
      if (answer.outcome !== null && isExhausted(answer.outcome)) return SKIPPED
      const difference = compare(answer, program, mode, measure.outcome)
      if (difference !== null) findings.push({ mode, difference })
    }
    return { findings, skipped: false }
  }

  stop(): void {
    this.checker.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

function isExhausted({ stdout, stderr }: { stdout: string; stderr: string }): boolean {
  return stdout.includes(OUT_OF_MEMORY) || stderr.includes(OUT_OF_MEMORY)
}
