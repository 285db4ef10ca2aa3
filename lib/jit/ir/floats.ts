/** Floats and their bits, as constants of the IR hold them. */

const BITS = new BigInt64Array(1)
const FLOAT = new Float64Array(BITS.buffer)

export function bitsOf(value: number): bigint {
  FLOAT[0] = value
  return BITS[0] as bigint
}

export function floatOf(bits: bigint): number {
  BITS[0] = bits
  return FLOAT[0] as number
}
