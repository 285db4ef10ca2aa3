/** A file that says how much has been run with which build, so that runs of many days add up. */
import { appendFileSync, readFileSync } from 'node:fs'

export interface Totals {
  programs: number
  runs: number
  /** Of the runs. */
  emulated: number
  skipped: number
  differing: number
}

export function newTotals(): Totals {
  return { programs: 0, runs: 0, emulated: 0, skipped: 0, differing: 0 }
}

/** Milliseconds. */
const PERIOD = 60_000
const BUILD = new URL('../../lib/cache/build-hash.txt', import.meta.url)

/** Adds what came to the totals since the line before. */
export class RunLog {
  /** Of `lib`, at the start: a build in the midst of a run makes other code. */
  private readonly build = readFileSync(BUILD, 'latin1').slice(0, 12)
  private written = newTotals()
  private due = Date.now() + PERIOD

  constructor(
    private readonly path: string,
    private readonly seed: number,
  ) {}

  note(totals: Totals): void {
    if (Date.now() >= this.due) this.finish(totals)
  }

  finish(totals: Totals): void {
    const { build, seed, written } = this
    const part = { ...totals }
    for (const name of Object.keys(part) as (keyof Totals)[]) part[name] -= written[name]
    if (part.programs > 0) {
      const line = { time: new Date().toISOString(), build, seed: seed + written.programs, ...part }
      appendFileSync(this.path, `${JSON.stringify(line)}\n`)
    }
    this.written = { ...totals }
    this.due = Date.now() + PERIOD
  }
}
