/** Feeds mutated documents to all tools, and tells which of them did what must not happen. */
import { parseArgs } from 'node:util'
import type { DocumentKind } from '../../../lib/formats/envelope.js'
import { type Finding, tryDocuments } from './fleet.js'
import { KINDS, makeSeeds } from './seeds.js'

const USAGE = `usage: node run.js [FLAGS]    or: make fuzz-documents FLAGS='...'
  --seed=N      number of the first document, which the others follow (default: from the clock)
  --count=N     documents (default: as many as the time allows)
  --seconds=N   time after which no further batch begins (default: 60, with --count unlimited)
  --kind=K      ${KINDS.join(', ')} (default: all)
  --share=N     how many percent of the bytecode that is let pass are run (default: 100)
  --few         mutate only the programs written for this, no test programs
A document that does wrong is made again by: --seed=NUMBER --count=1 and the same --kind and --few.
`

const OPTIONS = {
  seed: { type: 'string' },
  count: { type: 'string' },
  seconds: { type: 'string' },
  kind: { type: 'string' },
  share: { type: 'string', default: '100' },
  few: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

/** A mistake in the command line, which says what is wrong. */
class UsageError extends Error {}

function number(flag: string, text: string): number {
  if (!/^[0-9]+$/.test(text)) throw new UsageError(`--${flag}: ${JSON.stringify(text)} is not a number`)
  return Number(text)
}

function kindNamed(name: string): DocumentKind {
  const kind = KINDS.find((candidate) => candidate === name)
  if (kind === undefined) throw new UsageError(`--kind: must be one of ${KINDS.join(', ')}`)
  return kind
}

function valuesOf(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, strict: true }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

function show({ number, what, problems }: Finding): void {
  console.log(`WRONG: --seed=${number} --count=1 (${what})`)
  for (const problem of problems) console.log(`  ${problem}`)
}

async function main(): Promise<void> {
  const values = valuesOf(process.argv.slice(2))
  if (values.help) return console.log(USAGE)
  const first = values.seed === undefined ? Date.now() % 1_000_000_000 : number('seed', values.seed)
  const count = values.count === undefined ? Number.MAX_SAFE_INTEGER - first : number('count', values.count)
  const only = values.kind === undefined ? null : kindNamed(values.kind)
  const share = number('share', values.share) / 100
  const unlimited = values.seconds === undefined && values.count !== undefined
  const end = unlimited
    ? Number.POSITIVE_INFINITY
    : Date.now() + number('seconds', values.seconds ?? '60') * 1000
  console.log(`seed ${first}`)
  const isOver = (): boolean => Date.now() > end
  const seeds = await makeSeeds(!values.few)
  const plan = { seeds, first, count, only, share }
  const { documents, verdicts, findings, megabytes } = await tryDocuments(plan, show, isOver)
  for (const [key, times] of [...verdicts].sort(([a], [b]) => (a < b ? -1 : 1)))
    console.log(`${String(times).padStart(9)} ${key}`)
  console.log(`${documents} documents, ${findings.length} went wrong; largest process ${megabytes} MB`)
  if (findings.length > 0) process.exitCode = 1
}

main().catch((error: unknown) => {
  if (!(error instanceof UsageError)) throw error
  console.error(`${error.message}\n${USAGE}`)
  process.exitCode = 2
})
