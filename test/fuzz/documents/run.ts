/** Feeds mutated documents to all tools, and tells which of them did what must not happen. */
import type { DocumentKind } from '../../../lib/formats/envelope.js'
import { countFlag, numberFlag, parseFlags, runTool, seedFlag, UsageError } from '../flags.js'
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

function kindNamed(name: string): DocumentKind {
  const kind = KINDS.find((candidate) => candidate === name)
  if (kind === undefined) throw new UsageError(`--kind: must be one of ${KINDS.join(', ')}`)
  return kind
}

function show({ number, what, problems }: Finding): void {
  console.log(`WRONG: --seed=${number} --count=1 (${what})`)
  for (const problem of problems) console.log(`  ${problem}`)
}

async function main(): Promise<void> {
  const values = parseFlags(process.argv.slice(2), OPTIONS)
  if (values.help) return console.log(USAGE)
  const first = seedFlag(values.seed)
  const count = countFlag(values.count)
  const only = values.kind === undefined ? null : kindNamed(values.kind)
  const share = numberFlag('share', values.share) / 100
  const unlimited = values.seconds === undefined && values.count !== undefined
  const end = unlimited
    ? Number.POSITIVE_INFINITY
    : Date.now() + numberFlag('seconds', values.seconds ?? '60') * 1000
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

await runTool(USAGE, main)
