/**
 * Strings: immutable sequences of code points, 1, 2 or 4 bytes each. The width is always the smallest
 * that fits all characters, so equal strings have equal bytes. Functions named `new...` return the
 * address of a STRING; those with `dst` write a slot.
 */
import { type Heap, TooLong, usableSize } from './heap.js'
import { BlockLayout, Context, Header, Kind, StringLayout, Tag } from './layout.js'

/** Up to this many bytes a result of concatenation gets no room to grow beyond its size class. */
export const SMALL_TEXT = 64
/** From here on less room is kept: half as much again instead of twice. */
const LARGE_TEXT = 1 << 20
/** Pieces that a `StringBuilder` keeps in one array. */
const MOST_PIECES = 1 << 14

export function stringLength(heap: Heap, string: number): number {
  return heap.I32[(string + StringLayout.LENGTH) >> 2] as number
}

/** Bytes per character: 1, 2 or 4. */
export function stringWidth(heap: Heap, string: number): number {
  return heap.U8[string + Header.AUX] as number
}

/** Address of the first character. */
export function stringData(heap: Heap, string: number): number {
  return heap.I32[(string + StringLayout.DATA) >> 2] as number
}

/** The code point at `index`, which must be in range. */
export function charCodeAt(heap: Heap, string: number, index: number): number {
  const data = stringData(heap, string)
  const width = heap.U8[string + Header.AUX]
  if (width === 1) return heap.U8[data + index] as number
  if (width === 2) return heap.U16[(data >> 1) + index] as number
  return heap.I32[(data >> 2) + index] as number
}

function widthOf(code: number): number {
  return code < 0x100 ? 1 : code < 0x10000 ? 2 : 4
}

function newHeader(heap: Heap, data: number, length: number, width: number): number {
  const string = heap.allocate(Tag.STRING, StringLayout.SIZE)
  const I32 = heap.I32
  const word = string >> 2
  heap.U8[string + Header.AUX] = width
  I32[word + (StringLayout.LENGTH >> 2)] = length
  I32[word + (StringLayout.DATA >> 2)] = data
  I32[word + (StringLayout.DATA >> 2) + 1] = heap.baseHigh
  I32[word + (StringLayout.HASH >> 2)] = 0
  I32[word + (StringLayout.INTERNED >> 2)] = 0
  return string
}

/** A BYTES block for at least `bytes`; `used` of them will belong to its first owner. Returns its data. */
export function newBytes(heap: Heap, bytes: number, used: number): number {
  const total = bytes + BlockLayout.DATA
  const block = heap.allocate(Kind.BYTES, total)
  const I32 = heap.I32
  I32[(block + BlockLayout.CAPACITY) >> 2] = usableSize(total) - BlockLayout.DATA
  I32[(block + BlockLayout.USED) >> 2] = used
  I32[(block + BlockLayout.SHARED) >> 2] = 0
  return block + BlockLayout.DATA
}

/**
 * A BYTES block for the text of strings: with room for no more than one may have.
 *
 * @throws TooLong
 */
function newText(heap: Heap, bytes: number, used: number): number {
  const { maxString } = heap
  if (used > maxString) throw new TooLong('string', maxString)
  const data = newBytes(heap, Math.min(bytes, maxString), used)
  const capacity = (data - BlockLayout.DATA + BlockLayout.CAPACITY) >> 2
  if ((heap.I32[capacity] as number) > maxString) heap.I32[capacity] = maxString
  return data
}

/** A string of `length` characters of `width`, whose text the caller writes at its data. */
function newUninitialised(heap: Heap, length: number, width: number): number {
  return newHeader(heap, newText(heap, length * width, length * width), length, width)
}

/** A string with the text of a JavaScript string. */
export function newString(heap: Heap, text: string): number {
  const units = text.length
  let highest = 0
  let pairs = 0
  for (let i = 0; i < units; i++) {
    const unit = text.charCodeAt(i)
    highest |= unit
    if ((unit & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) pairs++
  }
  if (pairs > 0) {
    const string = newUninitialised(heap, units - pairs, 4)
    const I32 = heap.I32
    let word = stringData(heap, string) >> 2
    for (let i = 0; i < units; i++) {
      const code = text.codePointAt(i) as number
      I32[word++] = code
      if (code > 0xffff) i++
    }
    return string
  }
  if (highest < 0x100) {
    const string = newUninitialised(heap, units, 1)
    const data = stringData(heap, string)
    if (units > 32) heap.bytes.write(text, data, units, 'latin1')
    else for (let i = 0; i < units; i++) heap.U8[data + i] = text.charCodeAt(i)
    return string
  }
  const string = newUninitialised(heap, units, 2)
  const start = stringData(heap, string) >> 1
  for (let i = 0; i < units; i++) heap.U16[start + i] = text.charCodeAt(i)
  return string
}

/** The text as a JavaScript string. */
export function toJsString(heap: Heap, string: number): string {
  const length = stringLength(heap, string)
  const data = stringData(heap, string)
  const width = heap.U8[string + Header.AUX]
  if (width === 1) {
    if (length === 1) return String.fromCharCode(heap.U8[data] as number)
    return heap.bytes.toString('latin1', data, data + length)
  }
  if (width === 2) return heap.bytes.toString('utf16le', data, data + length * 2)
  let text = ''
  const I32 = heap.I32
  for (let word = data >> 2, end = word + length; word < end; word += 4096) {
    text += String.fromCodePoint(...I32.subarray(word, Math.min(end, word + 4096)))
  }
  return text
}

/** The one-character string of a code point; those below 256 are made once and interned. */
export function newCharacter(heap: Heap, code: number): number {
  if (code < 256) {
    const entry = Context.CHARACTERS + code * 8
    let string = heap.getPointer(entry)
    if (string === 0) {
      string = newUninitialised(heap, 1, 1)
      heap.U8[stringData(heap, string)] = code
      keepInterned(heap, string)
      heap.setPointer(entry, string)
    }
    return string
  }
  const width = widthOf(code)
  const string = newUninitialised(heap, 1, width)
  if (width === 2) heap.U16[stringData(heap, string) >> 1] = code
  else heap.I32[stringData(heap, string) >> 2] = code
  return string
}

/** Makes all one-character strings below 256, so that native code finds them. */
export function makeCharacters(heap: Heap): void {
  for (let code = 0; code < 256; code++) newCharacter(heap, code)
}

/** Marks the only interned string with its content, and keeps it for ever. */
function keepInterned(heap: Heap, string: number): void {
  heap.I32[(string + StringLayout.INTERNED) >> 2] = 1
  stringHash(heap, string)
  heap.keep(string)
}

/** The one string with this content among names and constants; kept for ever. */
export function internString(heap: Heap, text: string): number {
  const code = text.length === 1 ? text.charCodeAt(0) : 256
  if (code < 256) return newCharacter(heap, code)
  const known = heap.interned.get(text)
  if (known !== undefined) return known
  const string = newString(heap, text)
  keepInterned(heap, string)
  heap.interned.set(text, string)
  return string
}

/** The decimal digits of a whole number of at most 32 bits, without a detour over JavaScript strings. */
export function newDecimal(heap: Heap, value: number): number {
  let rest = Math.abs(value)
  if (value === rest && value < 10) return newCharacter(heap, 48 + value)
  const sign = value < 0 ? 1 : 0
  let length = 1 + sign
  for (let limit = 10; limit <= rest; limit *= 10) length++
  const string = newUninitialised(heap, length, 1)
  const data = stringData(heap, string)
  if (sign === 1) heap.U8[data] = 45
  for (let at = data + length - 1; at >= data + sign; at--) {
    const quotient = Math.floor(rest / 10)
    heap.U8[at] = 48 + rest - quotient * 10
    rest = quotient
  }
  return string
}

/** A string of the first `length` of these code points. */
export function newFromCodes(heap: Heap, codes: Int32Array, length: number): number {
  let highest = 0
  for (let i = 0; i < length; i++) highest |= codes[i] as number
  const width = widthOf(highest)
  const string = newUninitialised(heap, length, width)
  const data = stringData(heap, string)
  if (width === 1) for (let i = 0; i < length; i++) heap.U8[data + i] = codes[i] as number
  else if (width === 2) for (let i = 0; i < length; i++) heap.U16[(data >> 1) + i] = codes[i] as number
  else heap.I32.set(codes.subarray(0, length), data >> 2)
  return string
}

/** Writes a string with the text of a JavaScript string to `dst`. */
export function setString(heap: Heap, dst: number, text: string): void {
  const code = text.length === 1 ? text.charCodeAt(0) : 256
  heap.setReference(dst, Tag.STRING, code < 256 ? newCharacter(heap, code) : newString(heap, text))
}

/** Copies `length` characters to `to` (an address), widening them. */
function copyCharacters(
  heap: Heap,
  string: number,
  from: number,
  length: number,
  to: number,
  width: number,
): void {
  const ownWidth = heap.U8[string + Header.AUX] as number
  const data = stringData(heap, string)
  if (ownWidth === width) {
    const start = data + from * width
    const bytes = length * width
    const U8 = heap.U8
    // Short copies are the rule, and a call of copyWithin costs more than they do.
    if (bytes <= 32) for (let i = 0; i < bytes; i++) U8[to + i] = U8[start + i] as number
    else U8.copyWithin(to, start, start + bytes)
  } else if (width === 2) {
    const { U8, U16 } = heap
    for (let i = 0; i < length; i++) U16[(to >> 1) + i] = U8[data + from + i] as number
  } else if (ownWidth === 1) {
    const { U8, I32 } = heap
    for (let i = 0; i < length; i++) I32[(to >> 2) + i] = U8[data + from + i] as number
  } else {
    const { U16, I32 } = heap
    for (let i = 0; i < length; i++) I32[(to >> 2) + i] = U16[(data >> 1) + from + i] as number
  }
}

/**
 * `left` followed by `right`. If `left` ends at the frontier of its block and there is room, the new
 * text is appended in place: `left` itself sees no more than its own length.
 */
export function newConcatenation(heap: Heap, left: number, right: number): number {
  const leftLength = stringLength(heap, left)
  const rightLength = stringLength(heap, right)
  if (rightLength === 0) return left
  if (leftLength === 0) return right
  const I32 = heap.I32
  const leftWidth = heap.U8[left + Header.AUX] as number
  const rightWidth = heap.U8[right + Header.AUX] as number
  const length = leftLength + rightLength
  const width = leftWidth > rightWidth ? leftWidth : rightWidth
  const leftBytes = leftLength * width
  const bytes = length * width
  if (width === leftWidth) {
    const data = stringData(heap, left)
    const header = data - BlockLayout.DATA
    const used = (header + BlockLayout.USED) >> 2
    if (I32[used] === leftBytes && bytes <= (I32[(header + BlockLayout.CAPACITY) >> 2] as number)) {
      copyCharacters(heap, right, 0, rightLength, data + leftBytes, width)
      I32[used] = bytes
      return newHeader(heap, data, length, width)
    }
  }
  // Room to grow only where little is added to much: otherwise the lengths grow geometrically anyway.
  const builds = bytes > SMALL_TEXT && rightLength * 4 < leftLength
  const capacity = builds ? bytes * (bytes < LARGE_TEXT ? 2 : 1.5) : bytes
  const data = newText(heap, capacity, bytes)
  copyCharacters(heap, left, 0, leftLength, data, width)
  copyCharacters(heap, right, 0, rightLength, data + leftBytes, width)
  return newHeader(heap, data, length, width)
}

/** The characters from `start` up to `end`, both in range. */
export function newSubstring(heap: Heap, string: number, start: number, end: number): number {
  const length = end - start
  if (length === stringLength(heap, string)) return string
  if (length === 1) return newCharacter(heap, charCodeAt(heap, string, start))
  let width = heap.U8[string + Header.AUX] as number
  if (width > 1) {
    let highest = 0
    for (let i = start; i < end; i++) highest |= charCodeAt(heap, string, i)
    const needed = widthOf(highest)
    if (needed < width) {
      width = needed
      const result = newUninitialised(heap, length, width)
      const data = stringData(heap, result)
      for (let i = 0; i < length; i++) {
        const code = charCodeAt(heap, string, start + i)
        if (width === 1) heap.U8[data + i] = code
        else heap.U16[(data >> 1) + i] = code
      }
      return result
    }
  }
  const result = newUninitialised(heap, length, width)
  copyCharacters(heap, string, start, length, stringData(heap, result), width)
  return result
}

/** Whether two strings have the same text. */
export function stringsEqual(heap: Heap, a: number, b: number): boolean {
  if (a === b) return true
  const { I32, U8 } = heap
  const length = I32[(a + StringLayout.LENGTH) >> 2] as number
  if (length !== I32[(b + StringLayout.LENGTH) >> 2]) return false
  const width = U8[a + Header.AUX] as number
  if (width !== U8[b + Header.AUX]) return false
  if (I32[(a + StringLayout.INTERNED) >> 2] === 1 && I32[(b + StringLayout.INTERNED) >> 2] === 1) return false
  const dataA = I32[(a + StringLayout.DATA) >> 2] as number
  const dataB = I32[(b + StringLayout.DATA) >> 2] as number
  if (dataA === dataB) return true
  const bytes = length * width
  if (bytes > 64) return heap.bytes.compare(heap.bytes, dataB, dataB + bytes, dataA, dataA + bytes) === 0
  for (let i = 0; i < bytes; i++) if (U8[dataA + i] !== U8[dataB + i]) return false
  return true
}

/** Negative, 0 or positive: order by code point; a prefix sorts first. */
export function compareStrings(heap: Heap, a: number, b: number): number {
  if (a === b) return 0
  const { U8 } = heap
  const lengthA = stringLength(heap, a)
  const lengthB = stringLength(heap, b)
  const length = lengthA < lengthB ? lengthA : lengthB
  if (U8[a + Header.AUX] === 1 && U8[b + Header.AUX] === 1) {
    const dataA = stringData(heap, a)
    const dataB = stringData(heap, b)
    for (let i = 0; i < length; i++) {
      const difference = (U8[dataA + i] as number) - (U8[dataB + i] as number)
      if (difference !== 0) return difference
    }
  } else {
    for (let i = 0; i < length; i++) {
      const difference = charCodeAt(heap, a, i) - charCodeAt(heap, b, i)
      if (difference !== 0) return difference
    }
  }
  return lengthA - lengthB
}

/** The hash of the text, never 0; computed once per string: FNV-1a over code points, then mixed. */
export function stringHash(heap: Heap, string: number): number {
  const I32 = heap.I32
  const word = (string + StringLayout.HASH) >> 2
  const known = I32[word] as number
  if (known !== 0) return known
  const length = stringLength(heap, string)
  let hash = 0x811c9dc5
  if (heap.U8[string + Header.AUX] === 1) {
    const U8 = heap.U8
    const data = stringData(heap, string)
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ (U8[data + i] as number), 0x01000193)
  } else {
    for (let i = 0; i < length; i++) hash = Math.imul(hash ^ charCodeAt(heap, string, i), 0x01000193)
  }
  hash ^= hash >>> 15
  hash = hash === 0 ? 1 : hash
  I32[word] = hash
  return hash
}

/** Index of the first occurrence of `part` at or behind `from`, or -1. */
export function indexOfString(heap: Heap, string: number, part: number, from: number): number {
  const partLength = stringLength(heap, part)
  const last = stringLength(heap, string) - partLength
  if (partLength === 0) return from <= last ? from : -1
  const partWidth = stringWidth(heap, part)
  const width = stringWidth(heap, string)
  if (partWidth > width) return -1
  if (width === 1) {
    const data = stringData(heap, string)
    const partData = stringData(heap, part)
    const end = data + last + partLength
    const text = heap.bytes.subarray(data, end)
    if (from > last) return -1
    return text.indexOf(heap.bytes.subarray(partData, partData + partLength), from)
  }
  for (let i = from; i <= last; i++) if (matchesAt(heap, string, part, i)) return i
  return -1
}

/** Whether `part` stands in `string` at `index`. */
export function matchesAt(heap: Heap, string: number, part: number, index: number): boolean {
  const partLength = stringLength(heap, part)
  if (index < 0 || index + partLength > stringLength(heap, string)) return false
  for (let i = 0; i < partLength; i++) {
    if (charCodeAt(heap, string, index + i) !== charCodeAt(heap, part, i)) return false
  }
  return true
}

/** Puts strings together piece by piece without intermediate strings; made for one result. */
export class StringBuilder {
  /** Three numbers each: STRING, start, end. */
  private pieces: number[] = []
  /** Pieces that stand before these. */
  private readonly earlier: Int32Array[] = []
  private length = 0
  private width = 1

  constructor(private readonly heap: Heap) {}

  /** Adds characters `start` to `end` of a string. */
  add(string: number, start: number, end: number): void {
    if (start >= end) return
    this.pieces.push(string, start, end)
    // Many numbers take half the memory as typed arrays, and it is not that of JavaScript's heap.
    if (this.pieces.length >= MOST_PIECES * 3) {
      this.earlier.push(Int32Array.from(this.pieces))
      this.pieces = []
    }
    this.length += end - start
    const width = stringWidth(this.heap, string)
    if (width > this.width) this.width = this.partWidth(string, start, end, width)
  }

  /** The whole as a new string. */
  finish(): number {
    const { heap, width } = this
    const result = newUninitialised(heap, this.length, width)
    let to = stringData(heap, result)
    for (const pieces of [...this.earlier, this.pieces]) {
      for (let i = 0; i < pieces.length; i += 3) {
        const string = pieces[i] as number
        const start = pieces[i + 1] as number
        const length = (pieces[i + 2] as number) - start
        if (stringWidth(heap, string) <= width) copyCharacters(heap, string, start, length, to, width)
        else copyCharacters(heap, newSubstring(heap, string, start, start + length), 0, length, to, width)
        to += length * width
      }
    }
    return result
  }

  private partWidth(string: number, start: number, end: number, width: number): number {
    let highest = 0
    for (let i = start; i < end; i++) highest |= charCodeAt(this.heap, string, i)
    const needed = widthOf(highest)
    return needed > this.width ? Math.min(needed, width) : this.width
  }
}
