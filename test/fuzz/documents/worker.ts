/**
 * Tries mutated documents, one after the other: a `Task` in JSON per line of standard input, lines of `Report`s on
 * standard output. The present folder is for its files. A document may kill this process or never end; the parent knows which one it was.
 */
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { deserialize } from 'node:v8'
import type { DocumentKind } from '../../../lib/formats/envelope.js'
import { makeMutant } from './mutants.js'
import type { SeedProgram } from './seeds.js'
import { catchStreams, writeSync } from './tool-runs.js'
import { Trials } from './trial.js'
import { Watchdog } from './watchdog.js'

/** Documents `first` up to, not including, `end`. */
export interface Task {
  readonly first: number
  readonly end: number
  readonly only: DocumentKind | null
}

export interface Settings {
  /** Serialized seed programs. */
  readonly seeds: string
  /** Of the bytecode that is let pass, how much is run: 0 ... 1. */
  readonly share: number
}

export type Report =
  /** This document comes next. */
  | { readonly next: number }
  | { readonly number: number; readonly what: string; readonly problems: readonly string[] }
  | { readonly done: true; readonly verdicts: Readonly<Record<string, number>>; readonly megabytes: number }

const { seeds: file, share } = JSON.parse(process.argv[2] as string) as Settings
const seeds = deserialize(readFileSync(file)) as SeedProgram[]
catchStreams()
const trials = new Trials(new Watchdog(), share)

function send(report: Report): void {
  writeSync(1, `${JSON.stringify(report)}\n`)
}

for await (const line of createInterface({ input: process.stdin })) {
  const { first, end, only } = JSON.parse(line) as Task
  const verdicts: Record<string, number> = {}
  for (let number = first; number < end; number++) {
    send({ next: number })
    const mutant = makeMutant(number, seeds, only)
    const { verdicts: words, problems } = await trials.run(mutant)
    for (const word of ['documents', ...words]) {
      const key = `${mutant.kind} ${word}`
      verdicts[key] = (verdicts[key] ?? 0) + 1
    }
    const what = `${mutant.kind}, ${mutant.way}, ${mutant.encoding}, of ${mutant.seed.name}`
    if (problems.length > 0) send({ number, what, problems })
  }
  send({ done: true, verdicts, megabytes: Math.round(process.memoryUsage().rss / 2 ** 20) })
}
process.exit()
