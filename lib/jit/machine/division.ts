/**
 * Division by a constant as a multiplication, for processors that divide slowly: Granlund and Montgomery, "Division by
 * invariant integers using multiplication" (1994), as in Warren, "Hacker's Delight", chapter 10.
 */

const TWO_63 = 1n << 63n

export interface Reciprocal {
  /** A signed 64-bit word. */
  readonly multiplier: bigint
  readonly shift: number
}

/**
 * The truncated quotient of a signed 64-bit `n` and `divisor` is the upper half of `multiplier` * n, plus n if
 * `multiplier` is negative, shifted right by `shift`, plus 1 if n is negative.
 *
 * @param divisor 2 to 2^31 - 1
 */
export function reciprocalOf(divisor: number): Reciprocal {
  const d = BigInt(divisor)
  /** The largest dividend whose remainder is d - 1. */
  const largest = TWO_63 - 1n - (TWO_63 % d)
  for (let shift = 0n; ; shift++) {
    const power = 1n << (64n + shift)
    const excess = d - (power % d)
    if (power <= largest * excess) continue
    return { multiplier: BigInt.asIntN(64, (power + excess) / d), shift: Number(shift) }
  }
}
