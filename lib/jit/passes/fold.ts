/** Identities and operations on constants. */
import { floatOf } from '../ir/floats.js'
import type { Instruction, Value } from '../ir/graph.js'
import { byCode, type OpName } from '../ir/ops.js'
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

/** The value that an instruction always has, 'passes' for a guard that cannot fail, or null. */
type Folded = Value | 'passes' | null

function passesIf(holds: boolean): Folded {
  return holds ? 'passes' : null
}

function withoutNothing({ args: [a, b] }: Instruction): Folded {
  return integerConstant(b) === 0n ? (a as Value) : null
}

const FOLDS: { readonly [K in OpName]?: (instruction: Instruction) => Folded } = {
  'bits.tofloat': ({ args: [a] }) => definition(a, 'float.tobits')?.args[0] ?? null,
  'float.tobits': ({ args: [a] }) => definition(a, 'bits.tofloat')?.args[0] ?? null,
  'int.add': withoutNothing,
  'int.sub': withoutNothing,
  'int.mul': ({ args: [a, b] }) => (integerConstant(b) === 1n ? (a as Value) : null),
  'guard.int64': ({ args: [a] }) => passesIf(isHalfOfInteger(definition(a, 'float.floor')?.args[0])),
  'guard.tag': ({ args: [a], imm }) => passesIf(integerConstant(a) === imm),
  'guard.nottag': ({ args: [a], imm }) => {
    const tag = integerConstant(a)
    return passesIf(tag !== null && tag !== imm)
  },
  'guard.nonzero': ({ args: [a] }) => {
    const value = integerConstant(a)
    return passesIf(value !== null && value !== 0n)
  },
  'guard.fnonzero': ({ args: [a] }) => {
    const float = definition(a, 'float')
    if (float !== null && float.imm !== 0n && float.imm !== -0x8000000000000000n) return 'passes'
    const converted = integerConstant(definition(a, 'int.tofloat')?.args[0])
    return passesIf(converted !== null && converted !== 0n)
  },
  'guard.below': ({ args: [a, b] }) => passesIf(isBelow(integerConstant(a), integerConstant(b))),
  'guard.eq': ({ args: [a, b] }) =>
    passesIf(a === b || (integerConstant(a) !== null && integerConstant(a) === integerConstant(b))),
}
const BY_CODE = byCode(FOLDS)

export function foldInstruction(instruction: Instruction): Folded {
  return BY_CODE[instruction.info.code]?.(instruction) ?? null
}
