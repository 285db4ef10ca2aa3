/**
 * The operators (core.md section 6): one table, and a function for each. Operands and results are
 * slots; `dst` may be one of the operands.
 */
import { SLOT_TAG, Tag } from '../heap/layout.js'
import { compareStrings, newConcatenation, stringsEqual } from '../heap/strings.js'
import { failRuntime, MESSAGES } from './errors.js'
import { textString } from './format.js'
import type { Runtime } from './runtime.js'
import { typeName } from './types.js'

function isNumber(tag: number): boolean {
  return tag === Tag.INTEGER || tag === Tag.FLOAT
}

/** The value of an INTEGER or FLOAT slot as a double. */
export function numberOf(rt: Runtime, slot: number): number {
  return rt.heap.tagOf(slot) === Tag.INTEGER ? rt.heap.integerAsNumber(slot) : rt.heap.floatOf(slot)
}

/** For operands that no rule covers. */
function failOperator(rt: Runtime, a: number, symbol: string, b: number): never {
  failRuntime(rt, MESSAGES.unknownOperator(typeName(rt, a), symbol, typeName(rt, b)))
}

/** Both operands of arithmetic other than `+` must be numbers; says why they are not. */
function checkNumbers(rt: Runtime, a: number, symbol: string, b: number): void {
  const tagA = rt.heap.tagOf(a)
  const tagB = rt.heap.tagOf(b)
  if (isNumber(tagA) && isNumber(tagB)) return
  if (tagA === Tag.STRING || tagB === Tag.STRING) failRuntime(rt, MESSAGES.unknownStringOperator(symbol))
  failOperator(rt, a, symbol, b)
}

export function add(rt: Runtime, dst: number, a: number, b: number): void {
  const { I32, I64, F64 } = rt.heap
  const tagA = I32[(a + SLOT_TAG) >> 2] as number
  const tagB = I32[(b + SLOT_TAG) >> 2] as number
  if (tagA === Tag.INTEGER && tagB === Tag.INTEGER) {
    I64[dst >> 3] = (I64[a >> 3] as bigint) + (I64[b >> 3] as bigint)
    I32[(dst + SLOT_TAG) >> 2] = Tag.INTEGER
  } else if (tagA === Tag.FLOAT && tagB === Tag.FLOAT) {
    F64[dst >> 3] = (F64[a >> 3] as number) + (F64[b >> 3] as number)
    I32[(dst + SLOT_TAG) >> 2] = Tag.FLOAT
  } else if (tagA === Tag.STRING || tagB === Tag.STRING) {
    const left = textString(rt, a)
    rt.heap.setReference(dst, Tag.STRING, newConcatenation(rt.heap, left, textString(rt, b)))
  } else {
    checkNumbers(rt, a, '+', b)
    rt.heap.setFloat(dst, numberOf(rt, a) + numberOf(rt, b))
  }
}

export function subtract(rt: Runtime, dst: number, a: number, b: number): void {
  const { I32, I64 } = rt.heap
  if (I32[(a + SLOT_TAG) >> 2] === Tag.INTEGER && I32[(b + SLOT_TAG) >> 2] === Tag.INTEGER) {
    I64[dst >> 3] = (I64[a >> 3] as bigint) - (I64[b >> 3] as bigint)
    I32[(dst + SLOT_TAG) >> 2] = Tag.INTEGER
  } else {
    checkNumbers(rt, a, '-', b)
    rt.heap.setFloat(dst, numberOf(rt, a) - numberOf(rt, b))
  }
}

export function multiply(rt: Runtime, dst: number, a: number, b: number): void {
  const { I32, I64 } = rt.heap
  if (I32[(a + SLOT_TAG) >> 2] === Tag.INTEGER && I32[(b + SLOT_TAG) >> 2] === Tag.INTEGER) {
    I64[dst >> 3] = (I64[a >> 3] as bigint) * (I64[b >> 3] as bigint)
    I32[(dst + SLOT_TAG) >> 2] = Tag.INTEGER
  } else {
    checkNumbers(rt, a, '*', b)
    rt.heap.setFloat(dst, numberOf(rt, a) * numberOf(rt, b))
  }
}

/** Always a FLOAT: the quotient of the two as doubles. */
export function divide(rt: Runtime, dst: number, a: number, b: number): void {
  checkNumbers(rt, a, '/', b)
  const divisor = numberOf(rt, b)
  if (divisor === 0) failRuntime(rt, MESSAGES.divisionByZero())
  rt.heap.setFloat(dst, numberOf(rt, a) / divisor)
}

/** The sign of the result is that of the left operand. */
export function modulo(rt: Runtime, dst: number, a: number, b: number): void {
  const { I32, I64 } = rt.heap
  if (I32[(a + SLOT_TAG) >> 2] === Tag.INTEGER && I32[(b + SLOT_TAG) >> 2] === Tag.INTEGER) {
    const word = b >> 2
    if (I32[word] === 0 && I32[word + 1] === 0) failRuntime(rt, MESSAGES.moduloByZero())
    I64[dst >> 3] = (I64[a >> 3] as bigint) % (I64[b >> 3] as bigint)
    I32[(dst + SLOT_TAG) >> 2] = Tag.INTEGER
    return
  }
  checkNumbers(rt, a, '%', b)
  const divisor = numberOf(rt, b)
  if (divisor === 0) failRuntime(rt, MESSAGES.moduloByZero())
  rt.heap.setFloat(dst, numberOf(rt, a) % divisor)
}

export function negate(rt: Runtime, dst: number, a: number): void {
  const { I32, I64, F64 } = rt.heap
  const tag = I32[(a + SLOT_TAG) >> 2]
  if (tag === Tag.INTEGER) I64[dst >> 3] = -(I64[a >> 3] as bigint)
  else if (tag === Tag.FLOAT) F64[dst >> 3] = -(F64[a >> 3] as number)
  else failRuntime(rt, MESSAGES.unknownUnary('-', typeName(rt, a)))
  I32[(dst + SLOT_TAG) >> 2] = tag
}

export function not(rt: Runtime, dst: number, a: number): void {
  rt.heap.setBoolean(dst, !rt.heap.isTruthy(a))
}

/** The truth value of any value. */
export function toBoolean(rt: Runtime, dst: number, a: number): void {
  rt.heap.setBoolean(dst, rt.heap.isTruthy(a))
}

/**
 * Same type and same value; containers, functions and objects: the same object. NaN equals nothing.
 * This is how `switch`, `index_of`, `includes?` and `has_value?` compare.
 */
export function strictEqual(rt: Runtime, a: number, b: number): boolean {
  const { I32, F64 } = rt.heap
  const tag = I32[(a + SLOT_TAG) >> 2]
  if (tag !== I32[(b + SLOT_TAG) >> 2]) return false
  const wordA = a >> 2
  const wordB = b >> 2
  switch (tag) {
    case Tag.NULL:
      return true
    case Tag.INTEGER:
      return I32[wordA] === I32[wordB] && I32[wordA + 1] === I32[wordB + 1]
    case Tag.FLOAT:
      return F64[a >> 3] === F64[b >> 3]
    case Tag.STRING:
      return stringsEqual(rt.heap, I32[wordA] as number, I32[wordB] as number)
    default:
      return I32[wordA] === I32[wordB]
  }
}

/** `==`: like strictEqual, but numbers compare across types, and strings with anything by text form. */
export function valuesEqual(rt: Runtime, a: number, b: number): boolean {
  const tagA = rt.heap.tagOf(a)
  const tagB = rt.heap.tagOf(b)
  if (tagA === tagB) return strictEqual(rt, a, b)
  if (tagA === Tag.STRING || tagB === Tag.STRING) {
    return stringsEqual(rt.heap, textString(rt, a), textString(rt, b))
  }
  return isNumber(tagA) && isNumber(tagB) && numberOf(rt, a) === numberOf(rt, b)
}

export function equal(rt: Runtime, dst: number, a: number, b: number): void {
  rt.heap.setBoolean(dst, valuesEqual(rt, a, b))
}

export function notEqual(rt: Runtime, dst: number, a: number, b: number): void {
  rt.heap.setBoolean(dst, !valuesEqual(rt, a, b))
}

/** Whether a switch value (`a`) matches a case value. */
export function sameCase(rt: Runtime, dst: number, a: number, b: number): void {
  rt.heap.setBoolean(dst, strictEqual(rt, a, b))
}

/** Negative, 0, positive, or NaN if the two have no order. */
function compare(rt: Runtime, a: number, b: number, symbol: string): number {
  const heap = rt.heap
  const tagA = heap.tagOf(a)
  const tagB = heap.tagOf(b)
  if (tagA === Tag.INTEGER && tagB === Tag.INTEGER) return compareIntegers(rt, a, b)
  if (isNumber(tagA) && isNumber(tagB)) {
    const x = numberOf(rt, a)
    const y = numberOf(rt, b)
    return x < y ? -1 : x > y ? 1 : x === y ? 0 : Number.NaN
  }
  if (tagA === Tag.STRING || tagB === Tag.STRING) {
    return compareStrings(heap, textString(rt, a), textString(rt, b))
  }
  failOperator(rt, a, symbol, b)
}

/** Negative, 0 or positive: the order of two INTEGER slots. */
export function compareIntegers(rt: Runtime, a: number, b: number): number {
  const { I32, U32 } = rt.heap
  const wordA = a >> 2
  const wordB = b >> 2
  const high = (I32[wordA + 1] as number) - (I32[wordB + 1] as number)
  return high !== 0 ? high : (U32[wordA] as number) - (U32[wordB] as number)
}

export function less(rt: Runtime, dst: number, a: number, b: number): void {
  rt.heap.setBoolean(dst, compare(rt, a, b, '<') < 0)
}

export function greater(rt: Runtime, dst: number, a: number, b: number): void {
  rt.heap.setBoolean(dst, compare(rt, a, b, '>') > 0)
}

export function lessEqual(rt: Runtime, dst: number, a: number, b: number): void {
  rt.heap.setBoolean(dst, compare(rt, a, b, '<=') <= 0)
}

export function greaterEqual(rt: Runtime, dst: number, a: number, b: number): void {
  rt.heap.setBoolean(dst, compare(rt, a, b, '>=') >= 0)
}

export interface BinaryOperator {
  symbol: string
  /** The name of the bytecode instruction. */
  name: string
  apply: (rt: Runtime, dst: number, a: number, b: number) => void
}

export interface UnaryOperator {
  symbol: string
  name: string
  apply: (rt: Runtime, dst: number, a: number) => void
}

/** The operators; `&&` and `||` are control flow and not among them. */
export const BINARY_OPERATORS: readonly BinaryOperator[] = [
  { symbol: '+', name: 'Add', apply: add },
  { symbol: '-', name: 'Subtract', apply: subtract },
  { symbol: '*', name: 'Multiply', apply: multiply },
  { symbol: '/', name: 'Divide', apply: divide },
  { symbol: '%', name: 'Modulo', apply: modulo },
  { symbol: '==', name: 'Equal', apply: equal },
  { symbol: '!=', name: 'NotEqual', apply: notEqual },
  { symbol: '<', name: 'Less', apply: less },
  { symbol: '>', name: 'Greater', apply: greater },
  { symbol: '<=', name: 'LessEqual', apply: lessEqual },
  { symbol: '>=', name: 'GreaterEqual', apply: greaterEqual },
]

export const UNARY_OPERATORS: readonly UnaryOperator[] = [
  { symbol: '-', name: 'Negate', apply: negate },
  { symbol: '!', name: 'Not', apply: not },
]
