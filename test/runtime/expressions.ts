/** Tables of Rush expressions and what they give. */
import { runProgram } from '../interpreter/run-program.js'

/** An expression and its text form, or `! MESSAGE` of the RuntimeError it ends in. */
export type Row = readonly [expression: string, expected: string]

const SHOW = `show = fn(f) { try { print(f()) } catch (RuntimeError e) { print("! " + e.message) } }\n`

/** The rows that give something else. `before` is run first; results must be of one line. */
export function mismatches(rows: readonly Row[], before = ''): string[] {
  const calls = rows.map(([expression]) => `show(fn() { return ${expression} })`)
  const { output, error, messages } = runProgram(`${SHOW}${before}\n${calls.join('\n')}`)
  if (error !== null || messages.length > 0) return [error?.message ?? messages.join('\n')]
  const lines = output.split('\n')
  return rows.flatMap(([expression, expected], i) =>
    lines[i] === expected ? [] : [`${expression}: ${lines[i]} instead of ${expected}`],
  )
}
