/**
 * Runs random programs in many modes and looks for those that do not do what the interpreter does; these are made
 * as small as possible and printed.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MODES, type ModeName } from '../support/modes.js'
import { Comparer, type Finding } from './compare.js'
import { countFlag, numberFlag, parseFlags, runTool, seedFlag, UsageError } from './flags.js'
import { generate } from './generate.js'
import { DEFAULT_MODES, EMULATED_MODES, EMULATED_SHARE } from './plan.js'
import { reduce } from './reduce.js'
import { KINDS, type Kind } from './writer.js'

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
  patience: { type: 'string', default: '60' },
  print: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const

interface Settings {
  readonly seed: number
  readonly count: number
  readonly seconds: number
  /** Null: those of the plan. */
  readonly modes: readonly ModeName[] | null
  readonly kinds: readonly Kind[]
  readonly jobs: number
  readonly keep: string | null
  readonly patience: number
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
    patience: numberFlag('patience', values.patience),
    print: values.print,
  }
}

function oneOf<T extends string>(what: string, name: string, names: readonly T[]): T {
  const found = names.find((known) => known === name)
  if (found === undefined) throw new UsageError(`unknown ${what}: ${name}; there are: ${names.join(', ')}`)
  return found
}

interface Totals {
  programs: number
  runs: number
  skipped: number
  differing: number
}

/** Programs one after the other; several of these share the numbers of the programs. */
async function work(settings: Settings, numbers: Iterator<number>, totals: Totals): Promise<void> {
  const comparer = new Comparer()
  for (let next = numbers.next(); !next.done; next = numbers.next()) {
    const seed = settings.seed + next.value
    const kind = settings.kinds[seed % settings.kinds.length] as Kind
    const text = generate(seed, kind)
    const wanted =
      settings.modes ?? (seed % EMULATED_SHARE === 0 ? [...DEFAULT_MODES, ...EMULATED_MODES] : DEFAULT_MODES)
    const modes = comparer.possible(wanted)
    const { findings, skipped } = await comparer.compare(text, modes)
    totals.programs++
    totals.runs += modes.length
    if (skipped) totals.skipped++
    if (findings.length === 0) continue
    totals.differing++
    await report(settings, comparer, { seed, kind, text, findings })
  }
  comparer.stop()
}

interface Differing {
  readonly seed: number
  readonly kind: Kind
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
  for (const { mode, difference } of again) {
    for (const [what, details] of Object.entries(difference))
      lines.push(`  ${mode}: ${what}: ${details.trimEnd()}`)
  }
  console.log(`${lines.join('\n')}\n${small.replace(/^/gm, '    ').trimEnd()}\n`)
}

async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2))
  if (settings === null) return console.log(USAGE)
  const { seed, count, seconds, kinds, jobs } = settings
  if (settings.print) {
    process.stdout.write(generate(seed, kinds[seed % kinds.length] as Kind))
    return
  }
  console.log(`seed ${seed}`)
  const end = Date.now() + seconds * 1000
  const numbers = (function* () {
    for (let n = 0; n < count && Date.now() < end; n++) yield n
  })()
  const totals: Totals = { programs: 0, runs: 0, skipped: 0, differing: 0 }
  await Promise.all(Array.from({ length: jobs }, () => work(settings, numbers, totals)))
  const { programs, runs, skipped, differing } = totals
  console.log(
    `${programs} programs, ${runs} runs compared with the interpreter; ${skipped} programs skipped, ${differing} differ`,
  )
  if (differing > 0) process.exitCode = 1
}

await runTool(USAGE, main)
