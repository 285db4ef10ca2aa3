/** What a value is, for whoever has shorter ways with constants or with what certain operations give. */
import { Instruction, type Value } from './graph.js'
import type { OpName } from './ops.js'

/**
 * The symbol of a call of the function that is compiled, at its entry. It reaches this code even when the function
 * has other code by then, as frames that run already do.
 */
export const SELF = 'self'
/**
 * The same behind another such call on every way. One that is asked for a safepoint is enough: calls that are not
 * asked make no loop, and there is a bounded number of them in a function.
 */
export const SELF_AGAIN = 'self again'

export function isSelfCall({ op, symbol }: Instruction): boolean {
  return op === 'call' && (symbol === SELF || symbol === SELF_AGAIN)
}

/** The instruction that makes the value if it is this operation, or null. */
export function definition(value: Value | null | undefined, op: OpName): Instruction | null {
  return value instanceof Instruction && value.op === op ? value : null
}

/** An integer constant, or null. */
export function integerConstant(value: Value | null | undefined): bigint | null {
  return definition(value, 'int')?.imm ?? null
}

/** An integer constant of 32 bits, or null. */
export function smallConstant(value: Value | null | undefined): number | null {
  const constant = integerConstant(value)
  return constant !== null && constant >= -0x80000000n && constant <= 0x7fffffffn ? Number(constant) : null
}

/** The exponent if the value is a constant power of two of at most 2^30, or -1. */
export function powerOfTwo(value: Value | null | undefined): number {
  const constant = smallConstant(value)
  if (constant === null || constant < 1 || (constant & (constant - 1)) !== 0) return -1
  return 31 - Math.clz32(constant)
}
