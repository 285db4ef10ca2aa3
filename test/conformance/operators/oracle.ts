/**
 * What the operators give, written from core.md sections 6 and 8 and nothing else: a second opinion on
 * `lib/runtime/operators.ts`, whose code must not be used here.
 */
import { boolean, float, integer, type RushValue, string } from './values.js'

/** The message of the RuntimeError in which an operation ends. */
export class OperatorError extends Error {}

export const ARITHMETIC = ['+', '-', '*', '/', '%'] as const
export const COMPARISONS = ['==', '!=', '<', '>', '<=', '>='] as const
export const LOGIC = ['&&', '||'] as const
export const BINARY = [...ARITHMETIC, ...COMPARISONS, ...LOGIC] as const
type Arithmetic = (typeof ARITHMETIC)[number]
type Comparison = (typeof COMPARISONS)[number]
export type Binary = (typeof BINARY)[number]
export type Unary = '-' | '!'

const isString = (v: RushValue): boolean => v.type === 'STRING'
const isNumber = (v: RushValue): boolean => v.type === 'INTEGER' || v.type === 'FLOAT'
const isArithmetic = (symbol: Binary): symbol is Arithmetic =>
  (ARITHMETIC as readonly string[]).includes(symbol)

/** 6.1 */
export function isTrue(v: RushValue): boolean {
  return v.value !== false && v.value !== null
}

/** 6.2 */
function calculateIntegers(symbol: Arithmetic, x: bigint, y: bigint): RushValue {
  if (y === 0n && symbol === '/') throw new OperatorError('division by zero')
  if (y === 0n && symbol === '%') throw new OperatorError('modulo by zero')
  if (symbol === '/') return float(Number(x) / Number(y))
  const results = { '+': x + y, '-': x - y, '*': x * y, '%': y === 0n ? 0n : x % y }
  return integer(BigInt.asIntN(64, results[symbol]))
}

/** 6.2 */
function calculateFloats(symbol: Arithmetic, x: number, y: number): RushValue {
  if (y === 0 && symbol === '/') throw new OperatorError('division by zero')
  if (y === 0 && symbol === '%') throw new OperatorError('modulo by zero')
  return float({ '+': x + y, '-': x - y, '*': x * y, '/': x / y, '%': x % y }[symbol])
}

/** 6.2, 6.3 */
function calculate(symbol: Arithmetic, a: RushValue, b: RushValue): RushValue {
  if (isString(a) || isString(b)) {
    if (symbol === '+') return string(a.text + b.text)
    throw new OperatorError(`unknown operator: ${symbol}`)
  }
  if (!isNumber(a) || !isNumber(b)) return noRule(a, symbol, b)
  if (typeof a.value === 'bigint' && typeof b.value === 'bigint') {
    return calculateIntegers(symbol, a.value, b.value)
  }
  return calculateFloats(symbol, Number(a.value), Number(b.value))
}

function noRule(a: RushValue, symbol: Binary, b: RushValue): never {
  throw new OperatorError(`unknown operator: ${a.type} ${symbol} ${b.type}`)
}

/** Negative, 0 or positive: by code point, a prefix first. */
function order(a: string, b: string): number {
  const right = [...b]
  for (const [i, character] of [...a].entries()) {
    const other = right[i]
    if (other === undefined) return 1
    const difference = (character.codePointAt(0) as number) - (other.codePointAt(0) as number)
    if (difference !== 0) return difference
  }
  return [...a].length - right.length
}

/** Two numbers of one type by value; NaN is neither equal nor ordered. */
function compareNumbers<T extends bigint | number>(symbol: Comparison, x: T, y: T): boolean {
  return { '==': x === y, '!=': x !== y, '<': x < y, '>': x > y, '<=': x <= y, '>=': x >= y }[symbol]
}

/** 6.4 */
function compare(symbol: Comparison, a: RushValue, b: RushValue): boolean {
  if (isNumber(a) && isNumber(b)) {
    return typeof a.value === 'bigint' && typeof b.value === 'bigint'
      ? compareNumbers(symbol, a.value, b.value)
      : compareNumbers(symbol, Number(a.value), Number(b.value))
  }
  if (isString(a) || isString(b)) return compareNumbers(symbol, order(a.text, b.text), 0)
  if (symbol === '==') return matches(a, b)
  return symbol === '!=' ? !matches(a, b) : noRule(a, symbol, b)
}

/** The same type and value, or the same object: also how `switch` compares (section 8). */
export function matches(a: RushValue, b: RushValue): boolean {
  if (a.type !== b.type) return false
  return a.value === undefined ? a === b : a.value === b.value
}

export function binary(symbol: Binary, a: RushValue, b: RushValue): RushValue {
  if (symbol === '&&') return boolean(isTrue(a) && isTrue(b))
  if (symbol === '||') return boolean(isTrue(a) || isTrue(b))
  return isArithmetic(symbol) ? calculate(symbol, a, b) : boolean(compare(symbol, a, b))
}

export function unary(symbol: Unary, a: RushValue): RushValue {
  if (symbol === '!') return boolean(!isTrue(a))
  if (typeof a.value === 'bigint') return integer(BigInt.asIntN(64, -a.value))
  if (typeof a.value === 'number') return float(-a.value)
  throw new OperatorError(`unknown operator: -${a.type}`)
}
