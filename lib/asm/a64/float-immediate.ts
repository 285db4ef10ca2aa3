/** The 8-bit immediates of `fmov d, #imm`: (-1)^sign * (16..31)/16 * 2^(-3..4). */

const scratch = new DataView(new ArrayBuffer(8))

/** sign:exponent(3):fraction(4) of the value, or undefined if it has no encoding (0 has none). */
export function encodeFloatImmediate(value: number): number | undefined {
  scratch.setFloat64(0, value)
  const high = scratch.getUint32(0)
  if (scratch.getUint32(4) !== 0 || (high & 0xffff) !== 0) return undefined
  const exponent = ((high >>> 20) & 0x7ff) - 1023
  if (exponent < -3 || exponent > 4) return undefined
  // Exponent field is NOT(b):c:d, so -3..0 encode as 4..7 and 1..4 as 0..3.
  return ((high >>> 31) << 7) | (((exponent + 7) & 7) << 4) | ((high >>> 16) & 0xf)
}

/** The value of an 8-bit immediate. */
export function decodeFloatImmediate(field: number): number {
  const exponent = (((field >> 4) & 7) ^ 4) - 3
  const magnitude = ((16 + (field & 0xf)) / 16) * 2 ** exponent
  return field & 0x80 ? -magnitude : magnitude
}
