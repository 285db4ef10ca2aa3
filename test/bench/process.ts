/** Runs one process and tells how long it took. */
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Contender } from './contenders.js'

/** Longest time of one process, in milliseconds. */
const TIMEOUT = 300_000

/**
 * Node cannot tell the CPU time of a child, bash can, to the millisecond. $0 is the file for the times;
 * the program keeps its own standard error.
 */
const TIMED = 'exec 3>&2; TIMEFORMAT="%3R %3U %3S"; { time "$@" 2>&3; } 2>"$0"'

/** In milliseconds: by the clock on the wall, and in the user's and the system's code on all cores. */
export interface Times {
  wall: number
  cpu: number
}

/** A run that failed or printed something else than the others. */
export class BenchmarkError extends Error {}

/**
 * Runs a program.
 * @param folder where a file may be put meanwhile
 */
export function runOnce(
  contender: Contender,
  program: string,
  folder: string,
): { output: string; times: Times } {
  const report = join(folder, 'times')
  const command = ['-c', TIMED, report, ...contender.command, program]
  const result = spawnSync('bash', command, { encoding: 'utf8', timeout: TIMEOUT })
  if (result.error !== undefined) throw new BenchmarkError(`${contender.name}: ${result.error.message}`)
  if (result.status !== 0) {
    const how = result.signal ?? `exit code ${result.status}`
    throw new BenchmarkError(`${contender.name} on ${program}: ${how}\n${result.stderr.trim()}`)
  }
  const [wall, user, system] = readFileSync(report, 'utf8').trim().split(' ').map(Number)
  rmSync(report)
  if (wall === undefined || user === undefined || system === undefined) {
    throw new BenchmarkError('bash did not report times')
  }
  return { output: result.stdout.trim(), times: { wall: wall * 1000, cpu: (user + system) * 1000 } }
}
