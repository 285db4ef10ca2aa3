/** Strict UTF-8 decoding: damaged text is reported with its place, never replaced. */
import { isUtf8 } from 'node:buffer'

/** The text of `bytes`, or the offset of the first byte that is not part of valid UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | number {
  if (!isUtf8(bytes)) return firstInvalidByte(bytes)
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
}

/** Halves the text until one character is left: a prefix is valid up to at most three cut-off bytes. */
function firstInvalidByte(bytes: Uint8Array): number {
  let valid = 0
  let length = bytes.length
  while (length - valid > 8) {
    const middle = characterStart(bytes, valid, (valid + length) >> 1)
    if (middle <= valid) break
    if (isUtf8(bytes.subarray(valid, middle))) valid = middle
    else length = middle
  }
  for (let width = 1; valid < bytes.length; ) {
    if (isUtf8(bytes.subarray(valid, valid + width))) {
      valid += width
      width = 1
    } else if (width === 4 || valid + width >= bytes.length) break
    else width++
  }
  return valid
}

/** The last position up to `position` at which a character may begin: not on a continuation byte. */
function characterStart(bytes: Uint8Array, low: number, position: number): number {
  let start = position
  while (start > low && start > position - 4 && ((bytes[start] as number) & 0xc0) === 0x80) start--
  return start
}
