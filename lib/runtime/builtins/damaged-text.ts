/**
 * Bytes that are not all valid UTF-8 as text, so that every file can be copied through a string. A byte that
 * is not part of a valid sequence is the character ESCAPE + byte: a lone surrogate, which no valid text has.
 */
const ESCAPE = 0xdc00
const ESCAPED = /[\udc80-\udcff]/u

/** Whether the text has characters that stand for single bytes. */
export function isDamaged(text: string): boolean {
  return ESCAPED.test(text)
}

function isBetween(value: number | undefined, low: number, high: number): boolean {
  return value !== undefined && value >= low && value <= high
}

/** Range of the second byte by the first one: neither longer than necessary, nor surrogates, nor too large. */
function secondByte(first: number): readonly [low: number, high: number] {
  if (first === 0xe0) return [0xa0, 0xbf]
  if (first === 0xed) return [0x80, 0x9f]
  if (first === 0xf0) return [0x90, 0xbf]
  return first === 0xf4 ? [0x80, 0x8f] : [0x80, 0xbf]
}

/** The code point of the valid sequence of several bytes that begins at `at`, or 0. */
function sequenceCode(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  if (!isBetween(first, 0xc2, 0xf4)) return 0
  const length = sequenceLength(first)
  const [low, high] = secondByte(first)
  if (!isBetween(bytes[at + 1], low, high)) return 0
  let code = first & (0x7f >> length)
  for (let i = at + 1; i < at + length; i++) {
    const byte = bytes[i]
    if (byte === undefined || (byte & 0xc0) !== 0x80) return 0
    code = (code << 6) | (byte & 0x3f)
  }
  return code
}

function sequenceLength(first: number): number {
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4
}

/** The text of the bytes. */
export function damagedText(bytes: Uint8Array): string {
  const units = new Uint16Array(bytes.length)
  let length = 0
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] as number
    const code = first < 0x80 ? 0 : sequenceCode(bytes, at)
    if (code === 0) {
      units[length++] = first < 0x80 ? first : ESCAPE + first
      at++
      continue
    }
    if (code < 0x10000) units[length++] = code
    else {
      units[length++] = 0xd7c0 + (code >> 10)
      units[length++] = 0xdc00 + (code & 0x3ff)
    }
    at += sequenceLength(first)
  }
  return Buffer.from(units.buffer, 0, length * 2).toString('utf16le')
}

/** The bytes of a damaged text. */
export function damagedBytes(text: string): Buffer {
  // Lone surrogates count as three bytes here, so this is more than enough.
  const bytes = Buffer.allocUnsafe(Buffer.byteLength(text))
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.codePointAt(i) as number
    if (code < 0x80) bytes[length++] = code
    else if (isBetween(code, ESCAPE + 0x80, ESCAPE + 0xff)) bytes[length++] = code - ESCAPE
    else {
      const following = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3
      bytes[length++] = ((0xf80 >> following) & 0xff) | (code >> (6 * following))
      for (let shift = 6 * (following - 1); shift >= 0; shift -= 6) {
        bytes[length++] = 0x80 | ((code >> shift) & 0x3f)
      }
      if (following === 3) i++
    }
  }
  return bytes.subarray(0, length)
}
