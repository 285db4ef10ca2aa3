/**
 * Runs random programs in many modes and looks for those that do not do what the interpreter does; these are made
 * as small as possible and printed.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MODES, type ModeName } from '../support/modes.js'
import { Comparer, type Finding } from './compare.js'
import { Coverage } from './cover.js'
import { countFlag, numberFlag, parseFlags, runTool, seedFlag, UsageError } from './flags.js'
import { generate, KINDS, type ProgramKind } from './generate.js'
import { DEFAULT_MODES, EMULATED_MODES, EMULATED_SHARE } from './plan.js'
import { reduce } from './reduce.js'
import { newTotals, RunLog, type Totals } from './run-log.js'

const USAGE = `usage: node run.js [FLAGS]    or: make fuzz FLAGS='...'
  --seed=N         seed of the first program, which the others follow (default: from the clock)
  --count=N        programs (default: as many as the time allows)
  --seconds=N      time after which no further program begins (default: 60)
  --modes=A,B      modes to compare with the interpreter
                   (default: ${DEFAULT_MODES.join(', ')},
                   and every ${EMULATED_SHARE}th program: ${EMULATED_MODES.join(', ')})
  --kind=K         ${KINDS.join(', ')}: kind of programs (default: by turns)
  --jobs=N         programs at a time (default: 2)
  --keep=FOLDER    where programs that differ are written, as SEED-KIND.rush and SEED-KIND.small.rush
  --patience=N     seconds for making a program smaller (default: 60; 0: leave it as it is)
  --log=FILE       a line is added each minute and at the end: what was run since the line before
  --cover          run nothing in many modes, but tell what of the language and the compiler occurs in the programs
  --print          print the first program and run nothing
`

const OPTIONS = {
  seed: { type: 'string' },
  count: { type: 'string' },
  seconds: { type: 'string', default: '60' },
  modes: { type: 'string' },
  kind: { type: 'string' },
  jobs: { type: 'string', default: '2' },
  keep: { type: 'string' },
  log: { type: 'string' },
  patience: { type: 'string', default: '60' },
  cover: { type: 'boolean', default: false },
  print: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

interface Settings {
  readonly seed: number
  readonly count: number
  readonly seconds: number
  /** Null: those of the plan. */
  readonly modes: readonly ModeName[] | null
  readonly kinds: readonly ProgramKind[]
  readonly jobs: number
  readonly keep: string | null
  readonly log: string | null
  readonly patience: number
  readonly cover: boolean
  readonly print: boolean
}

/** Null: the usage is asked for. */
function readSettings(parameters: string[]): Settings | null {
  const values = parseFlags(parameters, OPTIONS)
  if (values.help) return null
  return {
    seed: seedFlag(values.seed),
    count: countFlag(values.count),
    seconds: numberFlag('seconds', values.seconds),
    modes:
      values.modes?.split(',').map((name) => oneOf('mode', name, Object.keys(MODES) as ModeName[])) ?? null,
    kinds: values.kind === undefined ? KINDS : [oneOf('kind', values.kind, KINDS)],
    jobs: numberFlag('jobs', values.jobs),
    keep: values.keep ?? null,
    log: values.log ?? null,
    patience: numberFlag('patience', values.patience),
    cover: values.cover,
    print: values.print,
  }
}

function oneOf<T extends string>(what: string, name: string, names: readonly T[]): T {
  const found = names.find((known) => known === name)
  if (found === undefined) throw new UsageError(`unknown ${what}: ${name}; there are: ${names.join(', ')}`)
  return found
}

/** Programs one after the other; several of these share the numbers of the programs. */
async function work(
  settings: Settings,
  numbers: Iterator<number>,
  totals: Totals,
  log: RunLog | null,
): Promise<void> {
  const comparer = new Comparer()
  for (let next = numbers.next(); !next.done; next = numbers.next()) {
    const seed = settings.seed + next.value
    const kind = settings.kinds[seed % settings.kinds.length] as ProgramKind
    const text = generate(seed, kind)
    const wanted =
      settings.modes ?? (seed % EMULATED_SHARE === 0 ? [...DEFAULT_MODES, ...EMULATED_MODES] : DEFAULT_MODES)
    const modes = comparer.possible(wanted)
    const { findings, skipped } = await comparer.compare(text, modes)
    totals.programs++
    totals.runs += modes.length
    totals.emulated += modes.filter((mode) => EMULATED_MODES.includes(mode)).length
    if (skipped) totals.skipped++
    if (findings.length > 0) totals.differing++
    log?.note(totals)
    if (findings.length === 0) continue
    await report(settings, comparer, { seed, kind, text, findings })
  }
  comparer.stop()
}

interface Differing {
  readonly seed: number
  readonly kind: ProgramKind
  readonly text: string
  readonly findings: readonly Finding[]
}

async function report(
  settings: Settings,
  comparer: Comparer,
  { seed, kind, text, findings }: Differing,
): Promise<void> {
  const { keep, patience } = settings
  const save = (name: string, content: string): void => {
    if (keep === null) return
    mkdirSync(keep, { recursive: true })
    writeFileSync(join(keep, name), content)
  }
  save(`${seed}-${kind}.rush`, text)
  const first = findings[0] as Finding
  const end = Date.now() + patience * 1000
  const isAlike = async (smaller: string): Promise<boolean> => {
    const [found] = (await comparer.compare(smaller, [first.mode])).findings
    return found !== undefined && 'crash' in found.difference === 'crash' in first.difference
  }
  const small = await reduce(text, isAlike, () => Date.now() > end)
  save(`${seed}-${kind}.small.rush`, small)
  const again = (await comparer.compare(small, [first.mode])).findings
  const lines = [`DIFFERS: --seed=${seed} --kind=${kind} in ${findings.map(({ mode }) => mode).join(', ')}`]
  if (again.length === 0) lines.push('  not when it runs again; the first time:')
  for (const { mode, difference } of again.length === 0 ? findings : again) {
    for (const [what, details] of Object.entries(difference))
      lines.push(`  ${mode}: ${what}: ${details.trimEnd()}`)
  }
  console.log(`${lines.join('\n')}\n${small.replace(/^/gm, '    ').trimEnd()}\n`)
}

/** Programs until the count or the time is over, and how much they cover. */
async function cover({ seed, count, kinds }: Settings, end: number): Promise<void> {
  const coverage = new Coverage()
  let programs = 0
  for (; programs < count && Date.now() < end; programs++) {
    await coverage.add(generate(seed + programs, kinds[(seed + programs) % kinds.length] as ProgramKind))
  }
  coverage.end()
  console.log(`${programs} programs`)
  for (const { report } of coverage.counts) console.log(report)
}

async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2))
  if (settings === null) return console.log(USAGE)
  const { seed, count, seconds, kinds, jobs } = settings
  if (settings.print) {
    process.stdout.write(generate(seed, kinds[seed % kinds.length] as ProgramKind))
    return
  }
  console.log(`seed ${seed}`)
  const end = Date.now() + seconds * 1000
  if (settings.cover) return cover(settings, end)
  const numbers = (function* () {
    for (let n = 0; n < count && Date.now() < end; n++) yield n
  })()
  const totals = newTotals()
  const log = settings.log === null ? null : new RunLog(settings.log, seed)
  await Promise.all(Array.from({ length: jobs }, () => work(settings, numbers, totals, log)))
  log?.finish(totals)
  const { programs, runs, emulated, skipped, differing } = totals
  console.log(
    `${programs} programs, ${runs} runs compared with the interpreter, ${emulated} of them emulated; ` +
      `${skipped} programs skipped, ${differing} differ`,
  )
  if (differing > 0) process.exitCode = 1
}

await runTool(USAGE, main)
