/** Runs benchmark programs and measures whole processes. */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Contender } from './contenders.js'

/** The programs; each exists in all languages and has one constant that says how much work it does. */
export const PROGRAMS = ['fib', 'loops', 'sieve', 'mandelbrot', 'matmul'] as const
const SIZE = /\bROUNDS = (\d+)/
/** Longest time of one process, in milliseconds. */
const TIMEOUT = 300_000

export interface Sample {
  program: string
  contender: Contender
  /** Whole processes, in milliseconds, one per round. */
  times: number[]
}

/** A run that failed or printed something else than the others. */
export class BenchmarkError extends Error {}

/** One pass over a program file: its output and how long the process took. */
export function runOnce(contender: Contender, file: string): { output: string; milliseconds: number } {
  const [program = '', ...rest] = contender.command
  const started = performance.now()
  const result = spawnSync(program, [...rest, file], { encoding: 'utf8', timeout: TIMEOUT })
  const milliseconds = performance.now() - started
  if (result.error !== undefined) throw new BenchmarkError(`${contender.name}: ${result.error.message}`)
  if (result.status !== 0) {
    const how = result.signal ?? `exit code ${result.status}`
    throw new BenchmarkError(`${contender.name} on ${file}: ${how}\n${result.stderr.trim()}`)
  }
  return { output: result.stdout, milliseconds }
}

/**
 * Writes a copy of a program that does `share` of the work, as programs cannot see arguments.
 * @param sources where the programs are
 * @param folder where the copy goes
 */
export function scaledCopy(
  sources: string,
  name: string,
  language: string,
  share: number,
  folder: string,
): string {
  const source = readFileSync(join(sources, `${name}.${language}`), 'utf8')
  const rounds = SIZE.exec(source)?.[1]
  if (rounds === undefined) throw new BenchmarkError(`${name}.${language} has no line ROUNDS = …`)
  const file = join(folder, `${name}-${share}.${language}`)
  writeFileSync(file, source.replace(SIZE, `ROUNDS = ${Math.max(1, Math.round(Number(rounds) * share))}`))
  return file
}

/** The middle value; the mean of the two in the middle for an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  return (lower + upper) / 2
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}
