/**
 * Logical ("bitmask") immediates: a run of ones, rotated, in an element of 2..64 bits that is
 * repeated across the register. Encoded in 13 bits as N:immr:imms.
 */

const mask = (bits: number): bigint => (1n << BigInt(bits)) - 1n

/** N:immr:imms of the value, or undefined if it has no encoding. `value` is unsigned, below 2^width. */
export function encodeLogicalImmediate(value: bigint, width: 32 | 64): number | undefined {
  const full = mask(width)
  if (value <= 0n || value >= full) return undefined
  let size: number = width
  let element = value
  while (size > 2) {
    const half = size >> 1
    const low = element & mask(half)
    if (element >> BigInt(half) !== low) break
    element = low
    size = half
  }
  const ones = popcount(element)
  const run = mask(ones)
  for (let rotation = 0; rotation < size; rotation++) {
    if (rotateRight(run, rotation, size) === element) {
      // imms carries the element size as a prefix of ones: 64 -> N=1, 32 -> 0xxxxx, ..., 2 -> 11110x.
      const imms = (0x3f & ~(size * 2 - 1)) | (ones - 1)
      return ((size === 64 ? 1 : 0) << 12) | (rotation << 6) | imms
    }
  }
  return undefined
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

function popcount(value: bigint): number {
  let count = 0
  for (let rest = value; rest !== 0n; rest &= rest - 1n) count++
  return count
}
