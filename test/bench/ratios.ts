/** Ratios of times: of each contender for each program, and their geometric means. */
import type { Name } from './contenders.js'
import type { Sample } from './measure.js'
import { geometricMean } from './statistics.js'

/** Whole processes, and the steady state: without start-up and warm-up. */
export type Part = 'whole' | 'steady'

export interface Mean {
  of: Name
  over: Name
  whole: number
  steady: number
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

  /**
   * '<' if the ratio is really smaller than it looks because the first one's time is an upper bound, '>' if it
   * is larger because the second one's is, '?' if both are bounds.
   */
  bound(program: string, of: Name, over: Name, part: Part): '' | '<' | '>' | '?' {
    const bounded = (name: Name): boolean => part === 'steady' && this.get(program, name)?.atMost === true
    if (bounded(of)) return bounded(over) ? '?' : '<'
    return bounded(over) ? '>' : ''
  }

  /** Over all programs; null if either does not take part. */
  mean(of: Name, over: Name, part: Part): number | null {
    const ratios = this.programs.flatMap((program) => this.ratio(program, of, over, part) ?? [])
    return ratios.length === 0 ? null : geometricMean(ratios)
  }

  goals(): Mean[] {
    return GOALS.flatMap(([of, over]) => {
      const whole = this.mean(of, over, 'whole')
      const steady = this.mean(of, over, 'steady')
      return whole === null || steady === null ? [] : [{ of, over, whole, steady }]
    })
  }
}
