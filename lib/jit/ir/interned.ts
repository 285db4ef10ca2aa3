/** Which values are surely interned strings: two such are equal only if they are the same object. */
import { type Instruction, isConstant, type Value } from './graph.js'

/** Whether a value is surely an interned STRING: a constant, or one of a table. */
export function isInterned(value: Value): boolean {
  const instruction = value as Instruction
  if (instruction.op !== 'load' || instruction.memory !== 'fixed') return false
  const from = instruction.args[0] as Instruction
  const table = from.op === 'pointer' ? (from.args[0] as Instruction) : from
  return isConstant(table) && table.op === 'address' && /^(constant|table):/.test(table.symbol as string)
}
