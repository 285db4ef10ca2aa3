/**
 * `make bench`: runs every benchmark program with every contender and prints how long they took
 * compared with our VM. Everything happens in interleaved rounds, so that a busy moment of the machine
 * hits all contenders alike; what counts is the median.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Contender, findContenders } from './contenders.js'
import { BenchmarkError, median, PROGRAMS, runOnce, type Sample, scaledCopy } from './measure.js'
import { makeRows, printTable } from './table.js'

const USAGE = `usage: node dist/test/bench/run.js [--quick] [--rounds=N] [--only=PROGRAM] [--no-emulation]
  --quick          one round, a tenth of the work, no emulation
  --rounds=N       rounds (3)
  --only=PROGRAM   one of ${PROGRAMS.join(', ')}
  --no-emulation   leave out ARM64 code under QEMU
`
const FLAGS = {
  quick: { type: 'boolean' },
  rounds: { type: 'string' },
  only: { type: 'string' },
  'no-emulation': { type: 'boolean' },
  help: { type: 'boolean' },
} as const
const SOURCES = join('test', 'bench')
const RESULTS = join('dist', 'bench')
/** Share of the work done with --quick. */
const QUICK_SHARE = 0.1
/**
 * Share of the work done under emulation. Compiling alone takes a second there: less work would show
 * nothing else.
 */
const EMULATED_SHARE = 1
const LANGUAGES: readonly Contender['language'][] = ['rush', 'js', 'lua']

interface Settings {
  rounds: number
  share: number
  emulation: boolean
  programs: readonly string[]
}

/** Null if only help is wanted. */
function readSettings(): Settings | null {
  const values = readFlags()
  if (values.help) return null
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 3))
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new BenchmarkError(`bad number of rounds: ${values.rounds}`)
  const programs = PROGRAMS.filter((name) => values.only === undefined || name === values.only)
  if (programs.length === 0) throw new BenchmarkError(`no program ${values.only}`)
  const emulation = !values.quick && !values['no-emulation']
  return { rounds, share: values.quick ? QUICK_SHARE : 1, emulation, programs }
}

function readFlags() {
  try {
    return parseArgs({ options: FLAGS }).values
  } catch (error) {
    throw new BenchmarkError(error instanceof Error ? error.message : String(error))
  }
}

function bench(settings: Settings): void {
  const folder = mkdtempSync(join(tmpdir(), 'rush-bench-'))
  try {
    const files = new EmptyPrograms(folder)
    const { present: contenders, absent } = findContenders(files.of('rush'), settings.emulation)
    const machine = describeMachine()
    console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${machine.node}`)
    for (const { name, reason } of absent) console.log(`not taking part: ${name} (${reason})`)
    const { startUps, samples } = measure(settings, contenders, files, folder)
    const rows = makeRows(samples, startUps)
    console.log(`medians of ${settings.rounds}; net: without the time of an empty program\n`)
    console.log(printTable(rows))
    mkdirSync(RESULTS, { recursive: true })
    const results = { machine, rounds: settings.rounds, share: settings.share, absent, rows }
    writeFileSync(join(RESULTS, 'results.json'), `${JSON.stringify(results, null, 2)}\n`)
    console.log(`\nwritten to ${join(RESULTS, 'results.json')}`)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

interface Measurements {
  /** By the contender's name: the median time of an empty program, in milliseconds. */
  startUps: Map<string, number>
  samples: Sample[]
}

function measure(
  settings: Settings,
  contenders: readonly Contender[],
  empty: EmptyPrograms,
  folder: string,
): Measurements {
  const starts = contenders.map((contender) => ({ contender, times: [] as number[] }))
  const checksums = new Checksums()
  const samples = settings.programs.flatMap((program) =>
    contenders.map((contender) => {
      const share = contender.emulated ? EMULATED_SHARE * settings.share : settings.share
      const file = scaledCopy(SOURCES, program, contender.language, share, folder)
      return { program, contender, share, file, times: [] as number[] }
    }),
  )
  for (let round = 0; round < settings.rounds; round++) {
    for (const { contender, times } of starts) {
      times.push(runOnce(contender, empty.of(contender.language)).milliseconds)
    }
    for (const { program, contender, share, file, times } of samples) {
      const { output, milliseconds } = runOnce(contender, file)
      checksums.check(`${program}, ${share} of the work`, contender.name, output.trim())
      times.push(milliseconds)
    }
  }
  checkEmulated(settings, samples, checksums, folder)
  const startUps = new Map(starts.map(({ contender, times }) => [contender.name, median(times)]))
  return { startUps, samples }
}

/** The smaller programs that run under emulation are checked against Node's answer, too. */
function checkEmulated(
  settings: Settings,
  samples: readonly (Sample & { share: number })[],
  checksums: Checksums,
  folder: string,
): void {
  const node = samples.find(({ contender }) => contender.language === 'js')?.contender
  const share = samples.find(({ contender }) => contender.emulated)?.share
  if (node === undefined || share === undefined) return
  for (const program of settings.programs) {
    const { output } = runOnce(node, scaledCopy(SOURCES, program, node.language, share, folder))
    checksums.check(`${program}, ${share} of the work`, node.name, output.trim())
  }
}

/** A benchmark whose contenders do not compute the same is worth nothing. */
class Checksums {
  private readonly first = new Map<string, { name: string; output: string }>()

  check(what: string, name: string, output: string): void {
    const known = this.first.get(what)
    if (known === undefined) this.first.set(what, { name, output })
    else if (known.output !== output) {
      throw new BenchmarkError(`${what}: ${known.name} printed ${known.output}, ${name} printed ${output}`)
    }
  }
}

class EmptyPrograms {
  constructor(private readonly folder: string) {
    for (const language of LANGUAGES) writeFileSync(this.of(language), '')
  }

  of(language: Contender['language']): string {
    return join(this.folder, `empty.${language}`)
  }
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
  const settings = readSettings()
  if (settings === null) process.stdout.write(USAGE)
  else bench(settings)
} catch (error) {
  if (!(error instanceof BenchmarkError)) throw error
  process.stderr.write(`bench: ${error.message}\n`)
  process.exitCode = 1
}
