/** Runs the benchmark programs in interleaved rounds and takes medians. */
import type { Contender, Name } from './contenders.js'
import { BenchmarkError, runOnce, type Times } from './process.js'
import { PROGRAMS, type Program, type ProgramFiles } from './programs.js'
import { median } from './statistics.js'

export interface Settings {
  programs: readonly Program[]
  rounds: number
  /** Share of the work that all do. */
  share: number
  /** A steady contender that would take longer, in milliseconds, does less of the work. */
  limit: number
  /** Which time counts. */
  clock: keyof Times
}

/** What one contender needed for one program. */
export interface Sample {
  program: Program
  contender: Name
  /** The whole process, in milliseconds. */
  whole: number
  /** `whole` without the time of an empty program. */
  net: number
  /** The program took less than start-up varies; `net` is what it took at most. */
  atMost: boolean
  /** The share of the work that was really done; the times are those of the whole work. */
  done: number
}

/** Start-up varies by this share of itself; a shorter net time cannot be told from nothing. */
const START_UP_NOISE = 0.05
/** Share of the work that the search for an affordable share starts with. */
const PILOT = 0.02

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

  /** Start-up is a part of every net time, so it gets more rounds than the programs. */
  private startUps(): Map<Name, number> {
    const times = new Map(this.contenders.map(({ name }) => [name, [] as number[]]))
    for (let round = 0; round < this.settings.rounds + 2; round++) {
      for (const contender of this.contenders) {
        const { times: taken } = runOnce(contender, this.files.empty(contender.language), this.folder)
        times.get(contender.name)?.push(taken[this.settings.clock])
      }
    }
    return new Map([...times].map(([name, values]) => [name, median(values)]))
  }

  private measure(program: Program, startUps: ReadonlyMap<Name, number>): Sample[] {
    const all = this.files.rounds(program, this.judge.language)
    const wanted = Math.max(1, Math.round(all * this.settings.share))
    const entries = this.contenders.map((contender) => {
      const startUp = startUps.get(contender.name) ?? 0
      const done = contender.steady ? this.affordable(program, contender, wanted, startUp) : wanted
      return { contender, startUp, done, times: [] as number[], halfTimes: [] as number[] }
    })
    for (let round = 0; round < this.settings.rounds; round++) {
      for (const { contender, done, times, halfTimes } of entries) {
        if (done < wanted) halfTimes.push(this.time(program, contender, Math.ceil(done / 2)))
        times.push(this.time(program, contender, done))
      }
    }
    return entries.map(({ contender, startUp, done, times, halfTimes }): Sample => {
      const shortest = startUp * START_UP_NOISE
      const taken = median(times)
      // V8 compiles our VM while it runs, so the first rounds are slow: the rest goes at the later speed.
      const perRound = done < wanted ? (taken - median(halfTimes)) / (done - Math.ceil(done / 2)) : 0
      const net = Math.max(shortest, taken - startUp) + perRound * (wanted - done)
      const atMost = taken - startUp < shortest
      return { program, contender: contender.name, whole: startUp + net, net, atMost, done: done / wanted }
    })
  }

  /** As many rounds of the program as fit in the limit of time, found by doubling. */
  private affordable(program: Program, contender: Contender, wanted: number, startUp: number): number {
    let rounds = Math.max(2, Math.round(wanted * PILOT))
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
