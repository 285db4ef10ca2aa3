/** Arithmetic and comparison of numbers, chosen by what is known of the operands or was seen of them. */
import { Opcode } from '../../bytecode/opcodes.js'
import { Tag } from '../../heap/layout.js'
import { floatOf } from '../ir/floats.js'
import type { Value } from '../ir/graph.js'
import type { OpName } from '../ir/ops.js'
import { definition, integerConstant } from '../ir/patterns.js'
import type { Builder } from './builder.js'
import { translateDivisibility } from './divisibility.js'
import { translateIdentity } from './identity.js'
import { type Abstract, known, UNKNOWN } from './state.js'

const INTEGERS: Readonly<Record<number, OpName>> = {
  [Opcode.Add]: 'int.add',
  [Opcode.Subtract]: 'int.sub',
  [Opcode.Multiply]: 'int.mul',
  [Opcode.Modulo]: 'int.rem',
  [Opcode.Less]: 'int.lt',
  [Opcode.Greater]: 'int.gt',
  [Opcode.LessEqual]: 'int.le',
  [Opcode.GreaterEqual]: 'int.ge',
  [Opcode.Equal]: 'int.eq',
  [Opcode.NotEqual]: 'int.ne',
  [Opcode.SameCase]: 'int.eq',
}

const FLOATS: Readonly<Record<number, OpName>> = {
  [Opcode.Add]: 'float.add',
  [Opcode.Subtract]: 'float.sub',
  [Opcode.Multiply]: 'float.mul',
  [Opcode.Divide]: 'float.div',
  [Opcode.Less]: 'float.lt',
  [Opcode.Greater]: 'float.gt',
  [Opcode.LessEqual]: 'float.le',
  [Opcode.GreaterEqual]: 'float.ge',
  [Opcode.Equal]: 'float.eq',
  [Opcode.NotEqual]: 'float.ne',
  [Opcode.SameCase]: 'float.eq',
}

/** The number type an operand has or, by feedback, should have; UNKNOWN if neither. */
export function numberTag(value: Abstract, seen: number): number {
  if (value.tag === Tag.INTEGER || value.tag === Tag.FLOAT) return value.tag
  if (value.tag !== UNKNOWN) return UNKNOWN
  if (seen === 1 << Tag.INTEGER) return Tag.INTEGER
  return seen === 1 << Tag.FLOAT ? Tag.FLOAT : UNKNOWN
}

/** What was seen of an operand that is now an INTEGER, now a FLOAT. */
const MIXED = (1 << Tag.INTEGER) | (1 << Tag.FLOAT)

/** Whether an operand is to be taken as a float whatever number it is: the other one is a FLOAT, or `/` makes it one. */
function isMixed(value: Abstract, seen: number): boolean {
  return value.tag === UNKNOWN && seen === MIXED
}

/** A number of either type as a float. */
function mixedToFloat(b: Builder, value: Abstract): Abstract {
  const args = [value.payload as Value, value.tagValue as Value]
  b.guard('guard.number', [value.tagValue as Value], 'notNumber')
  return known(Tag.FLOAT, b.emit('number.tofloat', args))
}

/** Both operands as numbers of known type, guarded, or null where the general way must be taken. */
function numbers(b: Builder): readonly [Abstract, Abstract] | null {
  const { left: seenLeft, right: seenRight } = b.feedbackAt(b.position)
  const opcode = b.fn.code[b.position]
  const divides = opcode === Opcode.Divide
  const [x, y] = [b.state.operand(1), b.state.operand(0)]
  // `switch` tells 2 from 2.0, so that it must not see the one as the other.
  const converts = opcode !== Opcode.SameCase
  if (converts && isMixed(x, seenLeft) && (divides || numberTag(y, seenRight) === Tag.FLOAT)) {
    const right = isMixed(y, seenRight) ? mixedToFloat(b, y) : numberOrNull(b, y, seenRight)
    return right === null ? null : [mixedToFloat(b, x), right]
  }
  if (converts && isMixed(y, seenRight) && (divides || numberTag(x, seenLeft) === Tag.FLOAT)) {
    const left = numberOrNull(b, x, seenLeft)
    return left === null ? null : [left, mixedToFloat(b, y)]
  }
  const leftTag = numberTag(b.state.operand(1), seenLeft)
  const rightTag = numberTag(b.state.operand(0), seenRight)
  if (leftTag === UNKNOWN || rightTag === UNKNOWN) return null
  const left = expectNumber(b, b.state.operand(1), leftTag)
  // The same value on both sides: the first guard has told of the second, too.
  const right = expectNumber(
    b,
    b.state.operand(0),
    b.state.operand(0).tag === UNKNOWN ? rightTag : b.state.operand(0).tag,
  )
  return [left, right]
}

function numberOrNull(b: Builder, value: Abstract, seen: number): Abstract | null {
  const tag = numberTag(value, seen)
  return tag === UNKNOWN ? null : expectNumber(b, value, tag)
}

export function expectNumber(b: Builder, value: Abstract, tag: number): Abstract {
  return b.expect(value, tag, tag === Tag.INTEGER ? 'notInteger' : 'notFloat')
}

function asFloat(b: Builder, value: Abstract): Value {
  const payload = value.payload as Value
  if (value.tag === Tag.FLOAT) return payload
  const constant = integerConstant(payload)
  if (constant !== null) return b.float(Number(constant))
  return b.emit('int.tofloat', [payload])
}

export function translateBinary(b: Builder, opcode: number): boolean {
  const pair = numbers(b)
  if (pair === null) return false
  const [left, right] = pair
  const integers = left.tag === Tag.INTEGER && right.tag === Tag.INTEGER
  if (opcode === Opcode.Modulo && !integers) return floatModulo(b, left, right)
  if (opcode === Opcode.Divide) b.guard(...nonzero(right), 'zero')
  else if (opcode === Opcode.Modulo) b.guard('guard.nonzero', [right.payload as Value], 'zero')
  let result: Abstract
  if (integers && opcode !== Opcode.Divide) {
    result = known(Tag.INTEGER, ofIntegers(b, opcode, left.payload as Value, right.payload as Value))
  } else {
    result = known(Tag.FLOAT, b.emit(FLOATS[opcode] as OpName, [asFloat(b, left), asFloat(b, right)]))
  }
  b.state.pop(2)
  b.state.push(result)
  return true
}

/**
 * Remainder of floats that are whole numbers, which is exact as one of integers. The left one must not be negative:
 * a remainder of 0 would be -0.
 */
function floatModulo(b: Builder, left: Abstract, right: Abstract): true {
  const dividend = asFloat(b, left)
  const divisor = asFloat(b, right)
  b.guard('guard.fnonzero', [divisor], 'zero')
  // The sign bit: -0 has it, too.
  const positive = b.emit('int.ge', [b.emit('float.tobits', [dividend]), b.int(0)])
  b.guard('guard.nonzero', [positive], 'negative')
  b.guard('guard.integral', [dividend], 'notIntegral')
  b.guard('guard.integral', [divisor], 'notIntegral')
  const rest = b.emit('int.rem', [b.emit('float.toint', [dividend]), b.emit('float.toint', [divisor])])
  b.state.pop(2)
  b.state.push(known(Tag.FLOAT, b.emit('int.tofloat', [rest])))
  return true
}

function nonzero(value: Abstract): [OpName, Value[]] {
  return [value.tag === Tag.INTEGER ? 'guard.nonzero' : 'guard.fnonzero', [value.payload as Value]]
}

/**
 * For a quotient of an INTEGER and a power of two, rounded down: INTEGERs alone can tell it. Null if it is something
 * else.
 */
export function flooredQuotient(b: Builder, { payload }: Abstract): Abstract | null {
  const [left, right] = definition(payload, 'float.div')?.args ?? []
  const dividend = definition(left, 'int.tofloat')
  const divisor = definition(right, 'float')
  if (dividend === null || divisor === null) return null
  const exponent = Math.log2(floatOf(divisor.imm))
  if (!Number.isInteger(exponent) || exponent < 1 || exponent > 30) return null
  return known(Tag.INTEGER, b.emit('int.floordiv', [dividend.args[0] as Value], BigInt(exponent)))
}

/** What is known when code is made: mostly of the first pass of a loop. */
const OF_CONSTANTS: Readonly<Record<number, (x: bigint, y: bigint) => bigint | boolean>> = {
  [Opcode.Add]: (x, y) => x + y,
  [Opcode.Subtract]: (x, y) => x - y,
  [Opcode.Multiply]: (x, y) => x * y,
  [Opcode.Less]: (x, y) => x < y,
  [Opcode.Greater]: (x, y) => x > y,
  [Opcode.LessEqual]: (x, y) => x <= y,
  [Opcode.GreaterEqual]: (x, y) => x >= y,
  [Opcode.Equal]: (x, y) => x === y,
  [Opcode.NotEqual]: (x, y) => x !== y,
  [Opcode.SameCase]: (x, y) => x === y,
}

/** An operation on two INTEGERs, or its result if that is known. */
function ofIntegers(b: Builder, opcode: number, left: Value, right: Value): Value {
  const [x, y] = [integerConstant(left), integerConstant(right)]
  const result = x === null || y === null ? undefined : OF_CONSTANTS[opcode]?.(x, y)
  if (result !== undefined) return b.int(BigInt.asIntN(64, BigInt(result)))
  const op = INTEGERS[opcode] as OpName
  const divides =
    op === 'int.eq' || op === 'int.ne' ? translateDivisibility(b, op === 'int.eq', left, right) : null
  return divides ?? b.emit(op, [left, right])
}

function compare(b: Builder, opcode: number, left: Abstract, right: Abstract): void {
  const integers = left.tag === Tag.INTEGER && right.tag === Tag.INTEGER
  const value = integers
    ? ofIntegers(b, opcode, left.payload as Value, right.payload as Value)
    : b.emit(FLOATS[opcode] as OpName, [asFloat(b, left), asFloat(b, right)])
  b.state.pop(2)
  b.state.push(known(Tag.BOOLEAN, value))
}

export function translateComparison(b: Builder, opcode: number): boolean {
  const pair = numbers(b)
  if (pair === null) return false
  compare(b, opcode, ...pair)
  return true
}

export function translateEquality(b: Builder, opcode: number): boolean {
  const left = b.state.operand(1)
  const right = b.state.operand(0)
  if (left.tag === Tag.BOOLEAN && right.tag === Tag.BOOLEAN) {
    const op = opcode === Opcode.NotEqual ? 'int.ne' : 'int.eq'
    const value = b.emit(op, [left.payload as Value, right.payload as Value])
    b.state.pop(2)
    b.state.push(known(Tag.BOOLEAN, value))
    return true
  }
  const pair = numbers(b)
  if (pair === null) return translateIdentity(b, opcode)
  if (opcode === Opcode.SameCase && pair[0].tag !== pair[1].tag) {
    b.state.pop(2)
    b.state.push(known(Tag.BOOLEAN, b.int(0)))
    return true
  }
  compare(b, opcode, ...pair)
  return true
}
