/** Runs the soak program in a process of its own, and judges what it had in use from batch to batch. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { JitReport } from '../../lib/jit/tier/report.js'
import type { Mode, RunOptions } from '../../lib/run/options.js'
import { soakProgram } from './program.js'
import type { Sample, SoakEnd } from './serve.js'

const SERVE = fileURLToPath(new URL('./serve.js', import.meta.url))

/** Less code than the program has, so that functions are thrown out and come back all the time. */
export const CODE_LIMITS = { maxCacheEntries: 40, maxCacheSize: 128 << 10 } satisfies Partial<RunOptions>

export interface SoakOptions {
  mode: Mode
  /** Requests in a batch. */
  batch: number
  /** It ends after so many batches, or at the first batch behind so many seconds. */
  batches: number
  seconds: number
  /** Is shown each batch when it is over. */
  watch?: (sample: Sample) => void
}

export interface SoakRun {
  samples: Sample[]
  exitCode: number
  jit: JitReport | null
  /** What it wrote on standard error. */
  errors: string
}

/** @throws Error if the process died */
export async function soak({ mode, batch, batches, seconds, watch }: SoakOptions): Promise<SoakRun> {
  const folder = mkdtempSync(join(tmpdir(), 'rush-soak-'))
  writeFileSync(join(folder, 'server.rush'), soakProgram({ batch, batches }))
  const words = ['--expose-gc', SERVE, 'server.rush', mode, JSON.stringify(CODE_LIMITS)]
  const child = spawn(process.execPath, words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const stop = setTimeout(() => writeFileSync(join(folder, 'stop'), ''), seconds * 1000)
  const closed = new Promise<string>((resolve) => {
    child.on('close', (code, signal) => resolve(signal ?? `exit code ${code}`))
  })
  const samples: Sample[] = []
  let end: SoakEnd | null = null
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const message = JSON.parse(line) as Sample | SoakEnd
      if ('exitCode' in message) end = message
      else {
        samples.push(message)
        watch?.(message)
      }
    }
    const how = await closed
    if (end === null) throw new Error(`${mode}: ${how}\n${errors}`)
    return { samples, errors, ...end }
  } finally {
    clearTimeout(stop)
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
    rmSync(`/tmp/perf-${child.pid}.map`, { force: true })
  }
}

const MIB = 2 ** 20

/** What must not grow: what it is, how much more than before is no growth, and how much in any case. */
interface Measure {
  name: string
  /** What some batches used, of which the first one follows `before`. */
  of: (samples: readonly Sample[], before: Sample) => number
  factor: number
  slack: number
  show: (value: number) => string
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number
}

const medianOf =
  (of: (sample: Sample) => number): Measure['of'] =>
  (samples) =>
    median(samples.map(of))

/** Of what is counted from the beginning of the run on: what each batch added. */
function added(samples: readonly Sample[], before: Sample, of: (sample: Sample) => number): number[] {
  return samples.map((sample, i) => of(sample) - of(samples[i - 1] ?? before))
}

/**
 * CPU time of a batch as a multiple of the reference work's. Others who share the processor only add to a time, to
 * both of them, so that the least of each is what it takes here.
 */
function relativeTime(samples: readonly Sample[], before: Sample): number {
  const batch = Math.min(...added(samples, before, ({ cpu }) => cpu))
  return batch / Math.min(...samples.map(({ reference }) => reference))
}

const mebibytes = (value: number): string => `${(value / MIB).toFixed(1)} MiB`
const plain = (value: number): string => value.toFixed(0)

/** Descriptors come and go: the program leaves its files to the collector. */
const MEASURES: readonly Measure[] = [
  {
    name: "JavaScript's heap",
    of: medianOf(({ javaScript }) => javaScript),
    factor: 1.05,
    slack: MIB,
    show: mebibytes,
  },
  { name: "Rush's heap", of: medianOf(({ live }) => live), factor: 1.1, slack: MIB / 16, show: mebibytes },
  {
    name: 'descriptors',
    of: medianOf(({ descriptors }) => descriptors),
    factor: 1.5,
    slack: 200,
    show: plain,
  },
  {
    name: 'code installed in a batch',
    of: (samples, before) => median(added(samples, before, ({ installed }) => installed)),
    factor: 1,
    slack: 2,
    show: plain,
  },
]

/** What counts as growth, as multiples. It depends on the length of the run: V8 takes its time to settle. */
export interface Tolerance {
  /** Of the CPU time of a batch. */
  slower: number
  /** Of the resident memory. */
  larger: number
}

function tolerant({ slower, larger }: Tolerance): Measure[] {
  return [
    { name: 'resident memory', of: medianOf(({ rss }) => rss), factor: larger, slack: 0, show: mebibytes },
    {
      name: 'CPU time of a batch',
      of: relativeTime,
      factor: slower,
      slack: 0,
      show: (multiple) => `${multiple.toFixed(1)} times the reference`,
    },
  ]
}

export interface Verdict {
  name: string
  /** Of the first and the last third behind the warm-up. */
  first: string
  last: string
  ok: boolean
}

/** Compares the last third of a run with the first one; of the whole, the first quarter is not looked at. */
export function judge(samples: readonly Sample[], tolerance: Tolerance): Verdict[] {
  const warm = Math.max(1, Math.ceil(samples.length / 4))
  const third = Math.floor((samples.length - warm) / 3)
  if (third < 1) throw new Error(`${samples.length} batches are too few to compare`)
  return [...tolerant(tolerance), ...MEASURES].map(({ name, of, factor, slack, show }) => {
    const part = (from: number) => of(samples.slice(from, from + third), samples[from - 1] as Sample)
    const first = part(warm)
    const last = part(samples.length - third)
    return { name, first: show(first), last: show(last), ok: last <= first * factor + slack }
  })
}
