/**
 * `make bench`: runs every benchmark program with every contender and prints how long they took compared
 * with our JIT. The contenders take turns in every round, so that a busy moment of the machine hits all of
 * them alike; what counts is the median.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { drawChart } from './chart.js'
import { type Contender, findContenders } from './contenders.js'
import { Benchmark, type Settings } from './measure.js'
import { BenchmarkError, type Times } from './process.js'
import { PROGRAMS, ProgramFiles } from './programs.js'
import { Samples } from './ratios.js'
import { printGoals, printReduced, printTable } from './table.js'

const USAGE = `usage: node dist/test/bench/run.js [FLAGS]
  --only=A,B,…     these programs only, of ${PROGRAMS.join(', ')}
  --rounds=N       rounds of measurement; medians count (3)
  --share=S        share of the work that all do (1)
  --limit=SECONDS  Rush's interpreter and VM and PUC Lua do a part of the work if they would take longer (5)
  --difference=SECONDS  the steady state is measured with so many rounds that a quarter of them takes this
                   much less than all (0.3)
  --wall           measure the clock on the wall, not CPU time (user and system, of all threads)
  --quick          one round, a third of the work, a limit of 1 s, a difference of 0.2 s, no interpreter
  --arm64          all run ARM64 code, under emulation where the machine needs it: half the work, one round
  --json=FILE      write all results as JSON (results.json, in test/bench after a complete run, else in dist/bench)
  --svg=FILE       draw the bar chart (results.svg, in the same folder): README shows that of test/bench
A run is complete without --quick, --arm64 and --only.
`
const FLAGS = {
  only: { type: 'string' },
  rounds: { type: 'string' },
  share: { type: 'string' },
  limit: { type: 'string' },
  difference: { type: 'string' },
  wall: { type: 'boolean' },
  quick: { type: 'boolean' },
  arm64: { type: 'boolean' },
  json: { type: 'string' },
  svg: { type: 'string' },
  help: { type: 'boolean' },
} as const
const SOURCES = join('test', 'bench')
const RESULTS = join('dist', 'bench')
const COMPILE_TIME = fileURLToPath(new URL('compile-time.js', import.meta.url))

/** What the flags that stand for several choose. */
const USUAL = { rounds: 3, share: 1, limit: 5, difference: 0.3 }
const QUICK = { ...USUAL, rounds: 1, share: 0.33, limit: 1, difference: 0.2 }
const ARM64 = { ...USUAL, rounds: 1, share: 0.5 }

interface Choice {
  settings: Settings
  arm64: boolean
  interpreter: boolean
  compileTime: boolean
  json: string
  svg: string
}

/** Null if only help is wanted. */
function readChoice(): Choice | null {
  const values = readFlags()
  if (values.help) return null
  const defaults = values.quick ? QUICK : values.arm64 ? ARM64 : USUAL
  const rounds = positive('rounds', values.rounds, defaults.rounds)
  if (!Number.isInteger(rounds)) throw new BenchmarkError(`bad --rounds: ${values.rounds}`)
  const only = values.only?.split(',') ?? [...PROGRAMS]
  const unknown = only.find((name) => !PROGRAMS.some((program) => program === name))
  if (unknown !== undefined) throw new BenchmarkError(`no program ${unknown}`)
  const complete = !values.quick && !values.arm64 && values.only === undefined
  const folder = complete ? SOURCES : RESULTS
  const clock: keyof Times = values.wall ? 'wall' : 'cpu'
  return {
    settings: {
      programs: PROGRAMS.filter((name) => only.includes(name)),
      rounds,
      share: positive('share', values.share, defaults.share),
      limit: positive('limit', values.limit, defaults.limit) * 1000,
      difference: positive('difference', values.difference, defaults.difference) * 1000,
      clock,
    },
    arm64: values.arm64 ?? false,
    interpreter: !values.quick,
    compileTime: !values.arm64 && values.only === undefined,
    json: values.json ?? join(folder, 'results.json'),
    svg: values.svg ?? join(folder, 'results.svg'),
  }
}

function readFlags() {
  try {
    return parseArgs({ options: FLAGS }).values
  } catch (error) {
    throw new BenchmarkError(error instanceof Error ? error.message : String(error))
  }
}

function positive(name: string, text: string | undefined, usual: number): number {
  const number = Number(text ?? usual)
  if (!(number > 0)) throw new BenchmarkError(`bad --${name}: ${text}`)
  return number
}

function bench(choice: Choice): void {
  const folder = mkdtempSync(join(tmpdir(), 'rush-bench-'))
  try {
    const { settings } = choice
    const files = new ProgramFiles(SOURCES, folder)
    const { present, absent } = findContenders(files.empty('rush'), choice.arm64)
    const contenders = present.filter(({ name }) => choice.interpreter || name !== 'interpreter')
    const machine = describeMachine()
    console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${machine.node}`)
    for (const { name, reason } of absent) console.log(`not taking part: ${name} (${reason})`)
    const judge: Contender = { name: 'Node', language: 'js', command: [process.execPath], interprets: false }
    const report = (text: string): void => void process.stderr.write(`${text}\n`)
    const { samples: all, startUps } = new Benchmark(settings, contenders, judge, files, folder, report).run()
    const samples = new Samples(all)
    const clock = settings.clock === 'cpu' ? 'CPU time (user and system)' : 'time on the wall'
    console.log(`${clock}, medians of ${settings.rounds}; steady state: without start-up and warm-up\n`)
    console.log(`${printTable(samples)}\n\n${printGoals(samples)}\n\n${printReduced(samples)}\n`)
    if (choice.compileTime) {
      const { status } = spawnSync(process.execPath, [COMPILE_TIME], { stdio: 'inherit' })
      if (status !== 0) throw new BenchmarkError('measuring the time of the compiler failed')
    }
    const results = {
      machine,
      arm64: choice.arm64,
      settings,
      absent,
      startUps: Object.fromEntries(startUps),
      samples: all,
      means: samples.goals(),
    }
    save(choice.json, `${JSON.stringify(results, null, 2)}\n`)
    save(choice.svg, drawChart(samples))
    console.log(`written: ${choice.json}, ${choice.svg}`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function save(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

function describeMachine(): { cpu: string; cores: number; platform: string; node: string } {
  const all = cpus()
  return {
    cpu: all[0]?.model.trim() ?? 'unknown CPU',
    cores: all.length,
    platform: `${process.platform} ${process.arch}`,
    node: process.version,
  }
}

try {
  const choice = readChoice()
  if (choice === null) process.stdout.write(USAGE)
  else bench(choice)
} catch (error) {
  if (!(error instanceof BenchmarkError)) throw error
  process.stderr.write(`bench: ${error.message}\n`)
  process.exitCode = 1
}
