/** Means of measurements. */

/** The middle value; the mean of the two in the middle for an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  const lower = sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN
  return (lower + upper) / 2
}

/** The mean of ratios. */
export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}

/** Runs of one program with few and with many rounds, in turn; in milliseconds. */
export interface Growth {
  few: number
  many: number
  fewTimes: readonly number[]
  manyTimes: readonly number[]
}

export interface Slope {
  /** Milliseconds of one more round. */
  perRound: number
  /** The difference cannot be told from nothing; `perRound` is what a round takes at most. */
  atMost: boolean
}

/** What many rounds take more than few. Runs of the same turn are compared, as the machine is alike for both. */
export function differenceOf({ fewTimes, manyTimes }: Growth): number {
  return median(manyTimes.map((time, turn) => time - (fewTimes[turn] ?? Number.NaN)))
}

/**
 * The time of a round once the program is warm: start-up and warm-up, which both runs have, do not count.
 * @param resolution a shorter difference, in milliseconds, is noise
 */
export function slope(growth: Growth, resolution: number): Slope {
  const difference = differenceOf(growth)
  return {
    perRound: Math.max(difference, resolution) / (growth.many - growth.few),
    atMost: difference < resolution,
  }
}
