/**
 * Hashes in insertion order: dense entries, and an index from 9 entries on. A key is its type together
 * with its value: `1`, `1.0`, `"1"` and `true` are four keys. `0.0` and `-0.0` are one key, and so are
 * all NaNs.
 *
 * Hash function (native code computes it too, for strings and integers): strings `stringHash`;
 * integers `mix(lo ^ imul(hi, 0x9e3779b1))`; mix(x) = x ^ (x >>> 16) after x = imul(x, 0x85ebca6b).
 * An entry's key slot keeps the hash in its spare word. The home position is `hash & MASK`.
 */
import { type Heap, usableSize } from './heap.js'
import {
  BlockLayout,
  HASH_ENTRY_SIZE,
  HASH_ENTRY_VALUE,
  HASH_LINEAR_LIMIT,
  HashLayout,
  Kind,
  SLOT_SPARE,
  SLOT_TAG,
  Tag,
} from './layout.js'
import { newBytes, stringHash, stringsEqual } from './strings.js'

const FLOAT_SALT = 0x3c6ef372
const BOOLEAN_SALT = 0x1f83d9ab
/** A hash has room for so many entries at least. */
export const LEAST_CAPACITY = 2

/** Whether values with this tag can be keys. */
export function isKeyTag(tag: number): boolean {
  return tag === Tag.STRING || tag === Tag.INTEGER || tag === Tag.FLOAT || tag === Tag.BOOLEAN
}

function mix(value: number): number {
  const product = Math.imul(value, 0x85ebca6b)
  return product ^ (product >>> 16)
}

/** The hash of the key in a slot, whose tag must be a key tag. */
export function hashOfKey(heap: Heap, key: number): number {
  const word = key >> 2
  const tag = heap.I32[(key + SLOT_TAG) >> 2]
  const low = heap.I32[word] as number
  if (tag === Tag.STRING) return stringHash(heap, low)
  if (tag === Tag.INTEGER) return mix(low ^ Math.imul(heap.I32[word + 1] as number, 0x9e3779b1))
  if (tag === Tag.BOOLEAN) return mix(low ^ BOOLEAN_SALT)
  const value = heap.F64[key >> 3] as number
  if (value === 0 || Number.isNaN(value)) return mix(FLOAT_SALT)
  return mix(low ^ Math.imul(heap.I32[word + 1] as number, 0x9e3779b1) ^ FLOAT_SALT)
}

/** Whether two slots with equal hashes hold the same key. */
function sameKey(heap: Heap, a: number, b: number): boolean {
  const { I32, F64 } = heap
  const tag = I32[(a + SLOT_TAG) >> 2]
  if (tag !== I32[(b + SLOT_TAG) >> 2]) return false
  if (tag === Tag.STRING) return stringsEqual(heap, I32[a >> 2] as number, I32[b >> 2] as number)
  if (tag === Tag.FLOAT) {
    const x = F64[a >> 3] as number
    const y = F64[b >> 3] as number
    return x === y || (Number.isNaN(x) && Number.isNaN(y))
  }
  return I32[a >> 2] === I32[b >> 2] && I32[(a >> 2) + 1] === I32[(b >> 2) + 1]
}

export function hashCount(heap: Heap, hash: number): number {
  return heap.I32[(hash + HashLayout.COUNT) >> 2] as number
}

/** Address of entry `index` in insertion order: the key's slot, the value's behind it. */
export function entryAddress(heap: Heap, hash: number, index: number): number {
  return (heap.I32[(hash + HashLayout.ENTRIES) >> 2] as number) + index * HASH_ENTRY_SIZE
}

/** Gives the hash an ENTRIES block with room for `capacity` entries and keeps the present ones. */
function setCapacity(heap: Heap, hash: number, capacity: number): void {
  const I32 = heap.I32
  const bytes = BlockLayout.DATA + capacity * HASH_ENTRY_SIZE
  const block = heap.allocate(Kind.ENTRIES, bytes)
  const fits = Math.floor((usableSize(bytes) - BlockLayout.DATA) / HASH_ENTRY_SIZE)
  const count = hashCount(heap, hash)
  I32[(block + BlockLayout.CAPACITY) >> 2] = fits
  I32[(block + BlockLayout.USED) >> 2] = count
  I32[(block + BlockLayout.SHARED) >> 2] = 0
  const from = I32[(hash + HashLayout.ENTRIES) >> 2] as number
  const entries = block + BlockLayout.DATA
  if (count > 0) heap.U8.copyWithin(entries, from, from + count * HASH_ENTRY_SIZE)
  heap.setPointer(hash + HashLayout.ENTRIES, entries)
  I32[(hash + HashLayout.CAPACITY) >> 2] = fits
}

/** Makes the index anew: for hashes beyond the linear limit, at most half full. */
function rebuildIndex(heap: Heap, hash: number): void {
  const I32 = heap.I32
  const capacity = I32[(hash + HashLayout.CAPACITY) >> 2] as number
  let words = 32
  while (words < capacity * 2) words *= 2
  const index = newBytes(heap, words * 4, words * 4)
  I32.fill(0, index >> 2, (index >> 2) + words)
  heap.setPointer(hash + HashLayout.INDEX, index)
  I32[(hash + HashLayout.MASK) >> 2] = words - 1
  const entries = I32[(hash + HashLayout.ENTRIES) >> 2] as number
  const count = hashCount(heap, hash)
  for (let i = 0; i < count; i++) {
    addToIndex(I32, index, words - 1, I32[(entries + i * HASH_ENTRY_SIZE + SLOT_SPARE) >> 2] as number, i)
  }
}

function addToIndex(I32: Int32Array, index: number, mask: number, hashValue: number, entry: number): void {
  const base = index >> 2
  let at = hashValue & mask
  while (I32[base + at] !== 0) at = (at + 1) & mask
  I32[base + at] = entry + 1
}

/** A new empty hash with room for `capacity` entries, also written to `dst`. */
export function createHash(heap: Heap, dst: number, capacity: number): number {
  const hash = newHash(heap, capacity)
  heap.setReference(dst, Tag.HASH, hash)
  return hash
}

/** A new empty hash. */
export function newHash(heap: Heap, capacity: number): number {
  const hash = heap.allocate(Tag.HASH, HashLayout.SIZE)
  heap.setPointer(hash + HashLayout.ENTRIES, 0)
  heap.setPointer(hash + HashLayout.INDEX, 0)
  heap.I32[(hash + HashLayout.MASK) >> 2] = 0
  setCapacity(heap, hash, Math.max(capacity, LEAST_CAPACITY))
  return hash
}

/** Address of the entry with this key, or 0. */
export function findEntry(heap: Heap, hash: number, key: number): number {
  return findHashed(heap, hash, key, hashOfKey(heap, key))
}

function findHashed(heap: Heap, hash: number, key: number, hashValue: number): number {
  const I32 = heap.I32
  const entries = I32[(hash + HashLayout.ENTRIES) >> 2] as number
  const index = I32[(hash + HashLayout.INDEX) >> 2] as number
  if (index === 0) {
    const end = entries + (I32[(hash + HashLayout.COUNT) >> 2] as number) * HASH_ENTRY_SIZE
    for (let entry = entries; entry < end; entry += HASH_ENTRY_SIZE) {
      if (I32[(entry + SLOT_SPARE) >> 2] === hashValue && sameKey(heap, entry, key)) return entry
    }
    return 0
  }
  const mask = I32[(hash + HashLayout.MASK) >> 2] as number
  for (let at = hashValue & mask; ; at = (at + 1) & mask) {
    const number = I32[(index >> 2) + at] as number
    if (number === 0) return 0
    const entry = entries + (number - 1) * HASH_ENTRY_SIZE
    if (I32[(entry + SLOT_SPARE) >> 2] === hashValue && sameKey(heap, entry, key)) return entry
  }
}

/** Address of the entry whose key is this string (a STRING address), or 0. */
export function findStringEntry(heap: Heap, hash: number, string: number): number {
  const I32 = heap.I32
  const hashValue = stringHash(heap, string)
  const entries = I32[(hash + HashLayout.ENTRIES) >> 2] as number
  const index = I32[(hash + HashLayout.INDEX) >> 2] as number
  const count = I32[(hash + HashLayout.COUNT) >> 2] as number
  const mask = I32[(hash + HashLayout.MASK) >> 2] as number
  for (let at = index === 0 ? 0 : hashValue & mask, seen = 0; seen < count; seen++) {
    let number = at
    if (index !== 0) {
      number = (I32[(index >> 2) + at] as number) - 1
      if (number < 0) return 0
      at = (at + 1) & mask
    } else at++
    const entry = entries + number * HASH_ENTRY_SIZE
    if (
      I32[(entry + SLOT_SPARE) >> 2] === hashValue &&
      I32[(entry + SLOT_TAG) >> 2] === Tag.STRING &&
      stringsEqual(heap, I32[entry >> 2] as number, string)
    ) {
      return entry
    }
  }
  return 0
}

/** Sets the value of a key: adds an entry at the end or replaces the value in place. */
export function setEntry(heap: Heap, hash: number, key: number, value: number): void {
  const hashValue = hashOfKey(heap, key)
  const entry = findHashed(heap, hash, key, hashValue)
  if (entry !== 0) heap.copy(entry + HASH_ENTRY_VALUE, value)
  else addEntry(heap, hash, key, value, hashValue)
}

function addEntry(heap: Heap, hash: number, key: number, value: number, hashValue: number): void {
  const I32 = heap.I32
  const count = hashCount(heap, hash)
  if (count === I32[(hash + HashLayout.CAPACITY) >> 2]) {
    // The old block stays readable, so `key` and `value` may lie in it.
    setCapacity(heap, hash, count * 2)
    if (count > HASH_LINEAR_LIMIT) rebuildIndex(heap, hash)
  }
  const entry = entryAddress(heap, hash, count)
  heap.copy(entry, key)
  I32[(entry + SLOT_SPARE) >> 2] = hashValue
  heap.copy(entry + HASH_ENTRY_VALUE, value)
  I32[(hash + HashLayout.COUNT) >> 2] = count + 1
  const index = I32[(hash + HashLayout.INDEX) >> 2] as number
  if (index !== 0) addToIndex(I32, index, I32[(hash + HashLayout.MASK) >> 2] as number, hashValue, count)
  else if (count + 1 > HASH_LINEAR_LIMIT) rebuildIndex(heap, hash)
}

/** Sets the value of the key that is this string. */
export function setStringEntry(heap: Heap, hash: number, string: number, value: number): void {
  const entry = findStringEntry(heap, hash, string)
  if (entry !== 0) {
    heap.copy(entry + HASH_ENTRY_VALUE, value)
    return
  }
  const key = heap.scratch
  heap.setReference(key, Tag.STRING, string)
  addEntry(heap, hash, key, value, stringHash(heap, string))
}

/** A copy with room for `extra` more entries, also written to `dst`. */
export function copyHash(heap: Heap, dst: number, hash: number, extra: number): number {
  const copy = newCopy(heap, hash, extra)
  heap.setReference(dst, Tag.HASH, copy)
  return copy
}

function newCopy(heap: Heap, hash: number, extra: number): number {
  const count = hashCount(heap, hash)
  const copy = newHash(heap, count + extra)
  const from = entryAddress(heap, hash, 0)
  heap.U8.copyWithin(entryAddress(heap, copy, 0), from, from + count * HASH_ENTRY_SIZE)
  heap.I32[(copy + HashLayout.COUNT) >> 2] = count
  if (count > HASH_LINEAR_LIMIT) rebuildIndex(heap, copy)
  return copy
}

/** A copy without the entry of this key, written to `dst`. */
export function copyWithout(heap: Heap, dst: number, hash: number, key: number): void {
  const count = hashCount(heap, hash)
  const entry = findEntry(heap, hash, key)
  const copy = newHash(heap, count)
  const from = entryAddress(heap, hash, 0)
  const to = entryAddress(heap, copy, 0)
  const before = entry === 0 ? count * HASH_ENTRY_SIZE : entry - from
  heap.U8.copyWithin(to, from, from + before)
  let rest = count
  if (entry !== 0) {
    heap.U8.copyWithin(to + before, entry + HASH_ENTRY_SIZE, from + count * HASH_ENTRY_SIZE)
    rest = count - 1
  }
  heap.I32[(copy + HashLayout.COUNT) >> 2] = rest
  if (rest > HASH_LINEAR_LIMIT) rebuildIndex(heap, copy)
  heap.setReference(dst, Tag.HASH, copy)
}
