/**
 * `make soak`: a server-like program for ten minutes with a small code cache; memory must stay flat and requests
 * must not get slower.
 */
import { numberFlag, parseFlags, runTool, UsageError } from '../fuzz/flags.js'
import type { Sample } from './serve.js'
import { CODE_LIMITS, judge, soak } from './soak.js'

const MODES = ['interpreter', 'bytecode', 'jit'] as const

const USAGE = `usage: node run.js [FLAGS]    or: make soak FLAGS='...'
  --seconds=N   time after which no further batch begins (default: 600)
  --mode=M      ${MODES.join(', ')} (default: jit)
`

const OPTIONS = {
  seconds: { type: 'string', default: '600' },
  mode: { type: 'string', default: 'jit' },
  help: { type: 'boolean', default: false },
} as const

const BATCH = 24_000
/** The machine may be shared, which shows in the CPU time, too. */
const TOLERANCE = { slower: 1.1, larger: 1.05 }

const MIB = 2 ** 20
let before: Sample | null = null
let batches = 0

function show(sample: Sample): void {
  const row = [
    `${++batches}`,
    (sample.cpu - (before?.cpu ?? 0)).toFixed(0),
    (sample.rss / MIB).toFixed(1),
    (sample.javaScript / MIB).toFixed(2),
    (sample.live / 1024).toFixed(0),
    `${sample.descriptors}`,
    `${sample.installed - (before?.installed ?? 0)}`,
  ]
  console.log(row.map((text) => text.padStart(9)).join(' '))
  before = sample
}

async function main(): Promise<void> {
  const flags = parseFlags(process.argv.slice(2), OPTIONS)
  if (flags.help) return console.log(USAGE)
  const mode = MODES.find((name) => name === flags.mode)
  if (mode === undefined) throw new UsageError(`--mode must be one of ${MODES.join(', ')}, not ${flags.mode}`)
  const seconds = numberFlag('seconds', flags.seconds)
  const columns = ['batch', 'ms CPU', 'MiB RSS', 'MiB JS', 'KiB Rush', 'files', 'installed']
  console.log(columns.map((text) => text.padStart(9)).join(' '))
  const { samples, jit, exitCode, errors } = await soak({
    mode,
    batch: BATCH,
    batches: Number.MAX_SAFE_INTEGER,
    seconds,
    watch: show,
  })
  let failed = exitCode !== 0 || errors !== ''
  process.stdout.write(errors)
  if (jit !== null) {
    const { attempted, refused, again, loops } = jit.compilations
    console.log(`compilations: ${attempted}, ${refused} refused, ${again} again, ${loops} of loops`)
    console.log(`compile time: ${(jit.compileMilliseconds / 1000).toFixed(1)} s; evictions: ${jit.evictions}`)
    console.log(`deoptimizations: ${jit.deoptimizations}; given up: ${jit.givenUp.length}`)
    console.log(`code: ${jit.codeBytes} bytes made, ${jit.codeBytesInstalled} installed`)
    failed ||= jit.codeBytesInstalled > CODE_LIMITS.maxCacheSize || jit.evictions === 0
  }
  console.log(`requests: ${samples.length * BATCH}`)
  for (const { name, first, last, ok } of judge(samples, TOLERANCE)) {
    console.log(`${ok ? 'ok' : 'NOT OK'}: ${name}: ${first} in the first third, ${last} in the last`)
    failed ||= !ok
  }
  process.exitCode = failed ? 1 : 0
}

await runTool(USAGE, main)
