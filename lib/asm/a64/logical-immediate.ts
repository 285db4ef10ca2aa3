/**
 * Logical ("bitmask") immediates: a run of ones, rotated, in an element of 2..64 bits that is
 * repeated across the register. Encoded in 13 bits as N:immr:imms.
 */

const mask = (bits: number): bigint => (1n << BigInt(bits)) - 1n

/** N:immr:imms of the value, or undefined if it has no encoding. `value` is unsigned, below 2^width. */
export function encodeLogicalImmediate(value: bigint, width: 32 | 64): number | undefined {
  if (value < 0n || value > mask(width)) return undefined
  const low = Number(value & 0xffffffffn)
  // A 32-bit immediate is encoded like the 64-bit one that repeats it.
  return encodeLogicalHalves(width === 32 ? low : Number(value >> 32n), low)
}

/** encodeLogicalImmediate of the 64-bit value high:low (32-bit patterns, of either sign), without bigints. */
export function encodeLogicalHalves(high: number, low: number): number | undefined {
  // A rotated run of ones has exactly one place where a one follows a zero: its first bit.
  if ((high | 0) !== (low | 0)) {
    const lowStarts = low & ~((low << 1) | (high >>> 31))
    const highStarts = high & ~((high << 1) | (low >>> 31))
    if (popcount32(lowStarts) + popcount32(highStarts) !== 1) return undefined
    const start = lowStarts !== 0 ? trailingZeros32(lowStarts) : 32 + trailingZeros32(highStarts)
    return pack(64, start, popcount32(low) + popcount32(high))
  }
  let size = 32
  let element = low >>> 0
  while (size > 2) {
    const half = size >> 1
    const lower = (element & (2 ** half - 1)) >>> 0
    if (element >>> half !== lower) break
    element = lower
    size = half
  }
  const starts = element & ~((element << 1) | (element >>> (size - 1)))
  if (popcount32(starts) !== 1) return undefined
  return pack(size, trailingZeros32(starts), popcount32(element))
}

/** Encoding of a run of ones that starts at a bit of the element. */
function pack(size: number, start: number, ones: number): number {
  const rotation = (size - start) % size
  // imms carries the element size as a prefix of ones: 64 -> N=1, 32 -> 0xxxxx, ..., 2 -> 11110x.
  const imms = (0x3f & ~(size * 2 - 1)) | (ones - 1)
  return ((size === 64 ? 1 : 0) << 12) | (rotation << 6) | imms
}

/** The value of N:immr:imms, or undefined for a reserved or redundant encoding (high rotation bits set). */
export function decodeLogicalImmediate(field: number, width: 32 | 64): bigint | undefined {
  const n = (field >> 12) & 1
  const rotation = (field >> 6) & 0x3f
  const imms = field & 0x3f
  if (n === 1 && width === 32) return undefined
  const prefix = (n << 6) | (~imms & 0x3f)
  if (prefix < 2) return undefined
  const size = 1 << (31 - Math.clz32(prefix))
  const ones = (imms & (size - 1)) + 1
  if (ones === size || rotation >= size) return undefined
  let value = rotateRight(mask(ones), rotation, size)
  for (let filled = size; filled < width; filled *= 2) value |= value << BigInt(filled)
  return value
}

function rotateRight(value: bigint, by: number, size: number): bigint {
  if (by === 0) return value
  return ((value >> BigInt(by)) | (value << BigInt(size - by))) & mask(size)
}

function popcount32(value: number): number {
  let x = value - ((value >>> 1) & 0x55555555)
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333)
  return Math.imul((x + (x >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

const trailingZeros32 = (value: number): number => 31 - Math.clz32(value & -value)
