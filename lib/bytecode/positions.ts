/** Which place in the source an instruction belongs to. */
import type { BytecodeFunction } from './program.js'

export interface LinePoint {
  line: number
  column: number
}

/**
 * The place of the instruction at `position`. What stands before the first entry of the line table
 * (the set-up of variables) belongs to the first entry; a function without entries is at 1:1.
 */
export function pointAt(fn: Pick<BytecodeFunction, 'lines'>, position: number): LinePoint {
  const { lines } = fn
  if (lines.length === 0) return { line: 1, column: 1 }
  // Invariant: entry `low` is at or before the position (or the first), entry `high` is behind it.
  let low = 0
  let high = lines.length / 3
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((lines[3 * middle] as number) <= position) low = middle
    else high = middle
  }
  return { line: lines[3 * low + 1] as number, column: lines[3 * low + 2] as number }
}
