/** Runs the benchmark programs in interleaved rounds and takes medians. */
import type { Contender, Name } from './contenders.js'
import { BenchmarkError, runOnce, type Times } from './process.js'
import { PROGRAMS, type Program, type ProgramFiles } from './programs.js'
import { differenceOf, type Growth, median, slope } from './statistics.js'

export interface Settings {
  programs: readonly Program[]
  rounds: number
  /** Share of the work that all do. */
  share: number
  /** A contender that interprets and would take longer, in milliseconds, does less of the work. */
  limit: number
  /** Who is done sooner does more of the work, until a part of it takes this many milliseconds less than all. */
  difference: number
  /** Which time counts. */
  clock: keyof Times
}

/** What one contender needed for one program. */
export interface Sample {
  program: Program
  contender: Name
  /** The whole process, in milliseconds. */
  whole: number
  /** The whole work in the steady state, without start-up and warm-up. */
  steady: number
  /** Even the most rounds took too little to tell: `steady` is an upper bound. */
  atMost: boolean
  /** The share of the work that the slope was measured with: more than 1 for the fast, less for the slow. */
  done: number
}

/** The steady state is the slope between this share of the rounds and all of them. */
const PART = 0.25
/** A part of fewer would be all. */
const MIN_ROUNDS = 2
/** Two runs of the same vary by this much, in milliseconds: a smaller difference means nothing. */
const RESOLUTION = 20
/** The longest work of the fast, as a multiple of the program's. */
const MOST = 64
/** The work grows by no more than this at once, as a short difference is a bad guess. */
const STEP = 8
/** This share of the wanted difference is enough, as times vary. */
const ENOUGH = 0.6
/** Aim a little higher than needed, so that one step is enough. */
const MARGIN = 1.3
/** Share of the work that the search for an affordable share starts with. */
const PILOT = 0.02

interface Entry extends Growth {
  contender: Contender
  fewTimes: number[]
  manyTimes: number[]
  /** Of the work that is wanted, where `many` is more. */
  whole: number[]
}

function growthOf(many: number): Omit<Entry, 'contender' | 'whole'> {
  return { few: Math.ceil(many * PART), many, fewTimes: [], manyTimes: [] }
}

/** The answer to "how long does this contender need", by an interleaved sequence of runs. */
export class Benchmark {
  private readonly expected = new Map<string, string>()

  /**
   * @param judge computes the checksums that the others must agree with
   * @param report is told what is being done
   */
  constructor(
    private readonly settings: Settings,
    private readonly contenders: readonly Contender[],
    private readonly judge: Contender,
    private readonly files: ProgramFiles,
    private readonly folder: string,
    private readonly report: (text: string) => void,
  ) {}

  /** Measures everything; one program after the other, so that each can be reported when it is done. */
  run(): { samples: Sample[]; startUps: Map<Name, number> } {
    const startUps = this.startUps()
    const samples = PROGRAMS.filter((name) => this.settings.programs.includes(name)).flatMap((program) => {
      this.report(program)
      return this.measure(program, startUps)
    })
    return { samples, startUps }
  }

  /** What an empty program takes. */
  private startUps(): Map<Name, number> {
    const times = new Map(this.contenders.map(({ name }) => [name, [] as number[]]))
    for (let round = 0; round < this.settings.rounds; round++) {
      for (const contender of this.contenders) {
        const { times: taken } = runOnce(contender, this.files.empty(contender.language), this.folder)
        times.get(contender.name)?.push(taken[this.settings.clock])
      }
    }
    return new Map([...times].map(([name, values]) => [name, median(values)]))
  }

  private measure(program: Program, startUps: ReadonlyMap<Name, number>): Sample[] {
    const all = this.files.rounds(program, this.judge.language)
    const wanted = Math.max(MIN_ROUNDS, Math.round(all * this.settings.share))
    const entries = this.contenders.map((contender): Entry => {
      const startUp = startUps.get(contender.name) ?? 0
      const affordable = contender.interprets ? this.affordable(program, contender, wanted, startUp) : wanted
      const many = affordable < wanted ? affordable : this.telling(program, contender, wanted)
      return { contender, whole: [], ...growthOf(many) }
    })
    this.takeTurns(program, entries, wanted)
    // The search for enough rounds goes by single runs, which the medians may prove wrong.
    for (;;) {
      const { difference } = this.settings
      const short = entries.filter(
        (entry) =>
          entry.many >= wanted && entry.many < wanted * MOST && differenceOf(entry) < difference * ENOUGH,
      )
      if (short.length === 0) break
      for (const entry of short) {
        Object.assign(entry, { whole: [], ...growthOf(this.more(entry.many, differenceOf(entry), wanted)) })
      }
      this.takeTurns(program, short, wanted)
    }
    return entries.map(({ whole, contender, ...growth }): Sample => {
      const { perRound, atMost } = slope(growth, RESOLUTION)
      const { many, manyTimes } = growth
      return {
        program,
        contender: contender.name,
        whole: many > wanted ? median(whole) : median(manyTimes) + perRound * (wanted - many),
        steady: perRound * wanted,
        atMost,
        done: many / wanted,
      }
    })
  }

  private takeTurns(program: Program, entries: readonly Entry[], wanted: number): void {
    for (let round = 0; round < this.settings.rounds; round++) {
      for (const { contender, few, many, fewTimes, manyTimes, whole } of entries) {
        fewTimes.push(this.time(program, contender, few))
        manyTimes.push(this.time(program, contender, many))
        if (many > wanted) whole.push(this.time(program, contender, wanted))
      }
    }
  }

  /** So many rounds that a part of them takes measurably less. */
  private telling(program: Program, contender: Contender, wanted: number): number {
    let rounds = wanted
    while (rounds < wanted * MOST) {
      const few = this.time(program, contender, Math.ceil(rounds * PART))
      const difference = this.time(program, contender, rounds) - few
      if (difference >= this.settings.difference) break
      rounds = this.more(rounds, difference, wanted)
    }
    return rounds
  }

  /** More rounds, as these had too small a difference. */
  private more(rounds: number, difference: number, wanted: number): number {
    const growth = (this.settings.difference * MARGIN) / Math.max(1, difference)
    return Math.min(Math.ceil(rounds * Math.min(STEP, growth)), wanted * MOST)
  }

  /** As many rounds of the program as fit in the limit of time, found by doubling. */
  private affordable(program: Program, contender: Contender, wanted: number, startUp: number): number {
    let rounds = Math.max(MIN_ROUNDS, Math.round(wanted * PILOT))
    while (rounds < wanted && this.time(program, contender, rounds) - startUp < this.settings.limit / 2)
      rounds *= 2
    return Math.min(rounds, wanted)
  }

  /** A benchmark whose contenders do not compute the same is worth nothing. */
  private time(program: Program, contender: Contender, rounds: number): number {
    const { output, times } = runOnce(
      contender,
      this.files.copy(program, contender.language, rounds),
      this.folder,
    )
    const right = this.checksum(program, rounds)
    if (output !== right) {
      const what = `${program} with ROUNDS = ${rounds}`
      throw new BenchmarkError(
        `${what}: ${this.judge.name} printed ${right}, ${contender.name} printed ${output}`,
      )
    }
    return times[this.settings.clock]
  }

  private checksum(program: Program, rounds: number): string {
    const key = `${program} ${rounds}`
    const known = this.expected.get(key)
    if (known !== undefined) return known
    const file = this.files.copy(program, this.judge.language, rounds)
    const { output } = runOnce(this.judge, file, this.folder)
    this.expected.set(key, output)
    return output
  }
}
