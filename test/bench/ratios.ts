/** Ratios of times: of each contender for each program, and their geometric means. */
import type { Name } from './contenders.js'
import type { Sample } from './measure.js'
import { geometricMean } from './statistics.js'

/** Whole processes, and net of start-up. */
export type Part = 'whole' | 'net'

export interface Mean {
  of: Name
  over: Name
  whole: number
  net: number
}

/** The means that our goals speak of: the first one's time divided by the second one's. */
const GOALS: readonly (readonly [Name, Name])[] = [
  ['VM', 'JIT'],
  ['interpreter', 'VM'],
  ['JIT', 'LuaJIT'],
  ['JIT', 'Node'],
  ['VM', 'Lua'],
]

/** Finds samples by program and contender. */
export class Samples {
  readonly programs: readonly string[]
  readonly names: readonly Name[]
  private readonly byKey: ReadonlyMap<string, Sample>

  constructor(readonly all: readonly Sample[]) {
    this.programs = [...new Set(all.map(({ program }) => program))]
    this.names = [...new Set(all.map(({ contender }) => contender))]
    this.byKey = new Map(all.map((sample) => [`${sample.program} ${sample.contender}`, sample]))
  }

  get(program: string, name: Name): Sample | undefined {
    return this.byKey.get(`${program} ${name}`)
  }

  /** One's time divided by another's, or null if either is missing. */
  ratio(program: string, of: Name, over: Name, part: Part): number | null {
    const one = this.get(program, of)
    const other = this.get(program, over)
    return one === undefined || other === undefined ? null : one[part] / other[part]
  }

  /** Over all programs; null if either does not take part. */
  mean(of: Name, over: Name, part: Part): number | null {
    const ratios = this.programs.flatMap((program) => this.ratio(program, of, over, part) ?? [])
    return ratios.length === 0 ? null : geometricMean(ratios)
  }

  goals(): Mean[] {
    return GOALS.flatMap(([of, over]) => {
      const whole = this.mean(of, over, 'whole')
      const net = this.mean(of, over, 'net')
      return whole === null || net === null ? [] : [{ of, over, whole, net }]
    })
  }
}
