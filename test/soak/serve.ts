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
  /** Milliseconds of CPU time of this process so far, of all its threads. */
  cpu: number
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

function sample(line: string): Sample {
  globalThis.gc?.()
  const { user, system } = process.cpuUsage()
  return {
    line,
    cpu: (user + system) / 1000,
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
