/** Identities and operations on constants. */
import { floatOf } from '../ir/floats.js'
import type { Instruction, Value } from '../ir/graph.js'
import { definition, integerConstant } from '../ir/patterns.js'

/** Whether it is an integer divided by a constant of at least 2, which lies well within the range of int64. */
function isHalfOfInteger(value: Value | undefined): boolean {
  const [left, right] = definition(value, 'float.div')?.args ?? []
  const divisor = definition(right, 'float')
  if (divisor === null || definition(left, 'int.tofloat') === null) return false
  return Math.abs(floatOf(divisor.imm)) >= 2
}

/** Whether the first constant is below the second, as unsigned numbers. */
function isBelow(a: bigint | null, b: bigint | null): boolean {
  return a !== null && b !== null && BigInt.asUintN(64, a) < BigInt.asUintN(64, b)
}

/** @returns the value that the instruction always has, 'passes' for a guard that cannot fail, or null */
export function foldInstruction(instruction: Instruction): Value | 'passes' | null {
  const { op, args, imm } = instruction
  const [a, b] = args
  switch (op) {
    case 'bits.tofloat':
      return definition(a, 'float.tobits')?.args[0] ?? null
    case 'float.tobits':
      return definition(a, 'bits.tofloat')?.args[0] ?? null
    case 'int.add':
    case 'int.sub':
      return integerConstant(b) === 0n ? (a as Value) : null
    case 'int.mul':
      return integerConstant(b) === 1n ? (a as Value) : null
    case 'guard.int64':
      return isHalfOfInteger(definition(a, 'float.floor')?.args[0]) ? 'passes' : null
    case 'guard.tag':
      return integerConstant(a) === imm ? 'passes' : null
    case 'guard.nottag': {
      const tag = integerConstant(a)
      return tag !== null && tag !== imm ? 'passes' : null
    }
    case 'guard.nonzero': {
      const value = integerConstant(a)
      return value !== null && value !== 0n ? 'passes' : null
    }
    case 'guard.fnonzero': {
      const float = definition(a, 'float')
      if (float !== null && float.imm !== 0n && float.imm !== -0x8000000000000000n) return 'passes'
      const converted = integerConstant(definition(a, 'int.tofloat')?.args[0])
      return converted !== null && converted !== 0n ? 'passes' : null
    }
    case 'guard.below':
      return isBelow(integerConstant(a), integerConstant(b)) ? 'passes' : null
    case 'guard.eq':
      return a === b || (integerConstant(a) !== null && integerConstant(a) === integerConstant(b))
        ? 'passes'
        : null
    default:
      return null
  }
}
