/** One operation of the machine with chosen registers and constants, and what it must do. */
import type { Machine } from '../../../lib/jit/machine/machine.js'
import type { Target } from '../../../lib/jit/target.js'
import type { State } from './state.js'

export interface Trial {
  readonly name: string
  emit(m: Machine): void
  /** Changes random operands into ones that are allowed. */
  prepare?(s: State): void
  /** Says what differs afterwards; everything else must be as before. */
  model(s: State): void
  /** General registers that may hold anything afterwards. */
  readonly destroys?: readonly number[]
  /** Symbols that the code refers to. */
  readonly symbols?: Readonly<Record<string, bigint>>
}

/** A few registers that are encoded differently, and all with a special part in some instruction. */
export interface Pool {
  readonly general: readonly number[]
  readonly float: readonly number[]
}

const POOLS: Readonly<Record<string, Pool>> = {
  // rcx, r12 and r13 (special as bases), r11, rax, rdx.
  x64: { general: [1, 12, 13, 11, 0, 2], float: [0, 7, 11, 12, 13] },
  arm64: { general: [2, 13, 24, 14, 15, 0, 1], float: [0, 8, 27, 28, 30] },
}

export function poolOf(target: Target): Pool {
  return POOLS[target.name] as Pool
}

/** All ways to choose three of the registers, with repetition. */
export function triples(pool: readonly number[]): [number, number, number][] {
  return pool.flatMap((d) => pairs(pool).map(([a, b]): [number, number, number] => [d, a, b]))
}

export function pairs(pool: readonly number[]): [number, number][] {
  return pool.flatMap((d) => pool.map((a): [number, number] => [d, a]))
}
