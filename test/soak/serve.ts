/**
 * Runs a program as `rush-run` does, and writes a line of JSON for each line that it prints: what it said, and
 * what the process has in use at that moment. A last line has the report of the JIT.
 *
 * usage: node --expose-gc serve.js FILE MODE OPTIONS     OPTIONS: run options, as JSON
 */
import { readdirSync, readFileSync } from 'node:fs'
import { writeStream } from '../../lib/files/streams.js'
import type { Heap } from '../../lib/heap/heap.js'
import type { JitReport } from '../../lib/jit/tier/report.js'
import { runSource } from '../../lib/run/index.js'
import { defaultRunOptions, type Mode, type RunOptions } from '../../lib/run/options.js'

/** What is in use at the end of a batch. */
export interface Sample {
  /** What the program printed. */
  line: string
  /** Milliseconds of CPU time of this process so far, of all its threads, without the measured `reference`s. */
  cpu: number
  /** Milliseconds of CPU time of a fixed piece of work at this moment: how fast the machine is just now. */
  reference: number
  /** Bytes: of the process, of JavaScript's heap, of Rush's heap after its last collection. */
  rss: number
  javaScript: number
  live: number
  /** File descriptors. */
  descriptors: number
  /** Pieces of native code installed so far. */
  installed: number
}

export interface SoakEnd {
  /** Null without -jit. */
  jit: JitReport | null
  exitCode: number
}

const PAGE = 4096

function residentBytes(): number {
  return Number(readFileSync('/proc/self/statm', 'utf8').split(' ')[1]) * PAGE
}

function linesOf(file: string): number {
  try {
    return readFileSync(file, 'utf8').split('\n').length - 1
  } catch {
    // Only the JIT writes it.
    return 0
  }
}

const [file = '', mode = '', words = '{}'] = process.argv.slice(2)
let heap: Heap | null = null
let held = ''
let report = ''

function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/**
 * Loads that depend on each other, and stores, all over half a mebibyte: who shares the processor's core or its caches
 * makes it slower as well as the program.
 */
const cells = new Int32Array(1 << 17)
const REFERENCE_STEPS = 6_000_000

function referenceWork(): void {
  let at = 1
  for (let i = 0; i < REFERENCE_STEPS; i++) {
    at = (Math.imul(at, 1664525) + 1013904223 + (cells[at & (cells.length - 1)] as number)) | 0
    cells[(at >>> 8) & (cells.length - 1)] = i & at & 7
  }
}

/** All CPU time that went into `referenceWork`. */
let references = 0

function sample(line: string): Sample {
  globalThis.gc?.()
  const before = cpuMilliseconds()
  referenceWork()
  const reference = cpuMilliseconds() - before
  references += reference
  return {
    line,
    cpu: before + reference - references,
    reference,
    rss: residentBytes(),
    javaScript: process.memoryUsage().heapUsed,
    live: heap?.stats.liveBytes ?? 0,
    descriptors: readdirSync('/proc/self/fd').length,
    installed: linesOf(`/tmp/perf-${process.pid}.map`),
  }
}

const output = {
  write(text: string): void {
    held += text
    const lines = held.split('\n')
    held = lines.pop() as string
    for (const line of lines) writeStream(1, `${JSON.stringify(sample(line))}\n`)
  },
  flush(): void {},
}

const options: RunOptions = {
  ...defaultRunOptions(output),
  ...(JSON.parse(words) as Partial<RunOptions>),
  jitStats: mode === 'jit' ? 'json' : '',
  perfMap: mode === 'jit',
  watchHeap: (watched) => {
    heap = watched
  },
  errors: {
    write(text) {
      if (text.startsWith('{')) report = text
      else writeStream(2, text)
    },
  },
}
const exitCode = await runSource({
  text: readFileSync(file, 'utf8'),
  file: 'server.rush',
  mode: mode as Mode,
  options,
})
const end: SoakEnd = { jit: report === '' ? null : (JSON.parse(report) as JitReport), exitCode }
writeStream(1, `${JSON.stringify(end)}\n`)
