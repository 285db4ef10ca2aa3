/**
 * `make arm64-loops`: how many ARM64 instructions the hot loops of some benchmark programs take, beside what
 * GCC -O1 makes of the same loops in C. Nothing is executed on ARM64: the programs run here for their profiles,
 * and the code is made and counted.
 *
 * usage: node arm64-loops.js
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runTool } from '../tools/run-tool.js'
import { type Blocks, readFunction, runsWithoutCalls, shortestLoop, shortestRun } from './control-flow.js'
import { type Program, ProgramFiles } from './programs.js'

interface Row {
  program: Program
  /** The same in Rush and in C. */
  function: string
  /** What is counted, for people. */
  what: string
  count(blocks: Blocks): number | null
}

const loop = (program: Program, name: string, what = 'loop'): Row => ({
  program,
  function: name,
  what,
  count: shortestLoop,
})
/**
 * Instructions of `fib(n)` for each call in the source: inlined calls count as calls, too. There is a way with a single
 * call only where calls with n < 2 are inlined; then n = 2 takes the longer of the ways without a call.
 */
function perCall(blocks: Blocks, n: number): number | null {
  const [simplest, other] = runsWithoutCalls(blocks)
  const [one, two] = [1, 2].map((calls) => shortestRun(blocks, calls))
  if (simplest === undefined || two == null) return null
  const inlines = one != null
  const costs = [simplest, simplest]
  const calls = [1, 1]
  for (let i = 2; i <= n; i++) {
    const called = [i - 1, i - 2].filter((k) => k >= 2 || !inlines)
    const own = [other, one, two][called.length] ?? Number.NaN
    costs[i] = called.reduce((sum, k) => sum + (costs[k] as number), own)
    calls[i] = 1 + (calls[i - 1] as number) + (calls[i - 2] as number)
  }
  return Math.round(((costs[n] as number) / (calls[n] as number)) * 10) / 10
}

const FIB = { program: 'fib', function: 'fib' } as const
const ROWS: readonly Row[] = [
  loop('mandelbrot', 'escape_time'),
  loop('matmul', 'cell'),
  loop('sieve', 'clear'),
  loop('sieve', 'cross_out'),
  loop('sieve', 'sum_of_primes', 'loop, not a prime'),
  { ...FIB, what: 'each call, of all that `fib(20)` makes', count: (blocks) => perCall(blocks, 20) },
]

const SOURCES = join('test', 'bench')
const COMPILER = 'aarch64-linux-gnu-gcc'
/** Enough for a profile. */
const ROUNDS = 60

/** What GCC makes of the loops in C, or null if it is not there. */
function compileC(): string | null {
  const command = ['-O1', '-S', '-o', '-', join(SOURCES, 'arm64-loops.c')]
  const { error, status, stdout, stderr } = spawnSync(COMPILER, command, { encoding: 'utf8' })
  if (error !== undefined) return null
  if (status !== 0) throw new Error(`${COMPILER}: ${stderr.trim()}`)
  return stdout
}

/** Listings of the whole program, specialised for what it did in a run. */
function compileRush(program: Program, folder: string): string {
  const source = new ProgramFiles(SOURCES, folder).copy(program, 'rush', ROUNDS)
  const bytecode = join(folder, `${program}.rbc`)
  const profile = join(folder, `${program}.json`)
  const tool = (name: string, ...words: string[]): string => {
    const { code, stdout, stderr } = runTool(name, words)
    if (code !== 0) throw new Error(`${name} ${words.join(' ')}: ${stderr.trim()}`)
    return stdout
  }
  tool('rush-compile', '-o', bytecode, source)
  tool('rush-run', '-profile-out', profile, bytecode)
  return tool('rush-jit-asm', '-target', 'arm64', '-profile', profile, bytecode)
}

/** The counts of one row. */
interface Counted {
  program: string
  function: string
  what: string
  rush: number | null
  /** Null without GCC, too. */
  gcc: number | null
}

/** Compiles and counts all rows. */
function countLoops(): { rows: Counted[]; hasGcc: boolean } {
  const folder = mkdtempSync(join(tmpdir(), 'rush-loops-'))
  try {
    const c = compileC()
    const listings = new Map(ROWS.map(({ program }) => [program, '']))
    for (const program of listings.keys()) listings.set(program, compileRush(program, folder))
    const rows = ROWS.map((row) => ({
      program: row.program,
      function: row.function,
      what: row.what,
      rush: row.count(readFunction(listings.get(row.program) ?? '', row.function)),
      gcc: c === null ? null : row.count(readFunction(c, row.function)),
    }))
    return { rows, hasGcc: c !== null }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** As a Markdown table, as README has it. */
function printLoops({ rows, hasGcc }: ReturnType<typeof countLoops>): string {
  const cells = rows.map(({ program, function: name, what, rush, gcc }) => [
    program,
    `\`${name}\`: ${what}`,
    String(rush ?? '-'),
    String(gcc ?? '-'),
    rush === null || gcc === null ? '-' : (rush / gcc).toFixed(1),
  ])
  const line = (words: readonly string[]): string => `| ${words.join(' | ')} |`
  return [
    line(['program', 'what', 'Rush', 'GCC -O1', 'ratio']),
    '|---|---|--:|--:|--:|',
    ...cells.map(line),
    ...(hasGcc ? [] : ['', `GCC's column needs ${COMPILER}: apt-get install gcc-aarch64-linux-gnu`]),
  ].join('\n')
}

console.log(printLoops(countLoops()))
