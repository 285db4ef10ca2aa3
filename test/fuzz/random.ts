/** Random choices that depend on a seed alone. */

export class Random {
  private state: number

  constructor(seed: number) {
    this.state = seed >>> 0
    // Seeds that stand close together give unlike sequences after a few steps.
    for (let i = 0; i < 4; i++) this.next()
  }

  /** Mulberry32: 32 bits. */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  /** 0 … limit - 1 */
  below(limit: number): number {
    return this.next() % limit
  }

  /** low … high */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }

  /** @param probability 0 … 1 */
  chance(probability: number): boolean {
    return this.next() < probability * 0x1_0000_0000
  }

  pick<T>(list: readonly T[]): T {
    const item = list[this.below(list.length)]
    if (item === undefined) throw new Error('nothing to pick from')
    return item
  }
}
