/**
 * Whether a remainder is 0, without a division: its sign does not matter. (Granlund and Montgomery, "Division by
 * invariant integers using multiplication", 1994, section 9; Warren, "Hacker's Delight", 10-17.)
 */
import type { Value } from '../ir/graph.js'
import { definition, integerConstant, powerOfTwo, smallConstant } from '../ir/patterns.js'
import type { Builder } from './builder.js'

const LARGEST = (1n << 63n) - 1n

/** The inverse of an odd number modulo 2^64, by Newton's iteration: each doubles the bits that are right. */
export function inverseOf(odd: bigint): bigint {
  let inverse = odd
  for (let bits = 3; bits < 64; bits *= 2) inverse = BigInt.asUintN(64, inverse * (2n - odd * inverse))
  return BigInt.asIntN(64, inverse)
}

/** Compares two integers where one is a remainder by a constant and the other is 0, or gives null. */
export function translateDivisibility(b: Builder, equal: boolean, left: Value, right: Value): Value | null {
  const remainder = integerConstant(right) === 0n ? definition(left, 'int.rem') : null
  if (remainder === null) return null
  const [dividend, divisor] = remainder.args as [Value, Value]
  const exponent = powerOfTwo(divisor)
  if (exponent >= 0) {
    const low = b.emit('int.and', [dividend], (1n << BigInt(exponent)) - 1n)
    return b.emit(equal ? 'int.eq' : 'int.ne', [low, right])
  }
  const constant = smallConstant(divisor)
  if (constant === null || constant < 3 || constant % 2 === 0) return null
  // Multiples are the numbers whose product with the inverse is their quotient; all others give larger ones.
  const odd = BigInt(constant)
  const most = LARGEST / odd
  const quotient = b.emit('int.mul', [dividend, b.int(inverseOf(odd))])
  const shifted = b.emit('int.add', [quotient, b.int(most)])
  return equal
    ? b.emit('int.below', [shifted, b.int(2n * most + 1n)])
    : b.emit('int.below', [b.int(2n * most), shifted])
}
