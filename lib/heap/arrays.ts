/**
 * Arrays: a header (length, pointer to elements) and a SLOTS block. `push` gives a new header that
 * may share the block: it appends at the block's frontier (USED) and marks the block SHARED; whoever
 * then writes an element copies its part first, unless it is the one at the frontier, which only the
 * longest array has. So reads never check anything, and no array ever sees another one's changes.
 */
import { type Heap, TooLong, usableSize } from './heap.js'
import { ArrayLayout, BlockLayout, Kind, SLOT_SIZE, Tag } from './layout.js'

const SHARED_BEFORE_DATA = BlockLayout.SHARED - BlockLayout.DATA
const USED_BEFORE_DATA = BlockLayout.USED - BlockLayout.DATA
const CAPACITY_BEFORE_DATA = BlockLayout.CAPACITY - BlockLayout.DATA
const MIN_CAPACITY = 3

export function arrayLength(heap: Heap, array: number): number {
  return heap.I32[(array + ArrayLayout.LENGTH) >> 2] as number
}

/** Address of the slot of element `index`, for reading; valid until the next safepoint. */
export function elementAddress(heap: Heap, array: number, index: number): number {
  return (heap.I32[(array + ArrayLayout.DATA) >> 2] as number) + index * SLOT_SIZE
}

/**
 * A SLOTS block with room for `capacity` slots, but for no more than an array may have, `used` of which the caller
 * fills. Returns its data. So whatever appends where there is room need not ask for that limit.
 *
 * @throws TooLong
 */
function newSlots(heap: Heap, capacity: number, used: number): number {
  const { maxArray } = heap
  if (used > maxArray) throw new TooLong('array', maxArray)
  const bytes = BlockLayout.DATA + Math.min(capacity, maxArray) * SLOT_SIZE
  const block = heap.allocate(Kind.SLOTS, bytes)
  const word = block >> 2
  const fits = Math.floor((usableSize(bytes) - BlockLayout.DATA) / SLOT_SIZE)
  heap.I32[word + (BlockLayout.CAPACITY >> 2)] = Math.min(fits, maxArray)
  heap.I32[word + (BlockLayout.USED >> 2)] = used
  heap.I32[word + (BlockLayout.SHARED >> 2)] = 0
  return block + BlockLayout.DATA
}

function newHeader(heap: Heap, data: number, length: number): number {
  const array = heap.allocate(Tag.ARRAY, ArrayLayout.SIZE)
  const I32 = heap.I32
  I32[(array + ArrayLayout.LENGTH) >> 2] = length
  I32[(array + ArrayLayout.DATA) >> 2] = data
  I32[((array + ArrayLayout.DATA) >> 2) + 1] = heap.baseHigh
  return array
}

/** Copies `count` slots between blocks that do not overlap. */
function copySlots(heap: Heap, to: number, from: number, count: number): void {
  if (count <= 4) {
    for (let i = 0; i < count * SLOT_SIZE; i += SLOT_SIZE) heap.copy(to + i, from + i)
  } else heap.U8.copyWithin(to, from, from + count * SLOT_SIZE)
}

/** A new empty array with room for `capacity` elements, also written to `dst`. */
export function createArray(heap: Heap, dst: number, capacity: number): number {
  const array = newHeader(heap, newSlots(heap, Math.max(capacity, MIN_CAPACITY), 0), 0)
  heap.setReference(dst, Tag.ARRAY, array)
  return array
}

/** A new array of the `count` values from the slot `from` on (which may include `dst`). */
export function arrayFromSlots(heap: Heap, dst: number, from: number, count: number): number {
  const data = newSlots(heap, Math.max(count, MIN_CAPACITY), count)
  copySlots(heap, data, from, count)
  const array = newHeader(heap, data, count)
  heap.setReference(dst, Tag.ARRAY, array)
  return array
}

/** Adds a value in place. Only for arrays just made that nobody else has seen yet. */
export function appendElement(heap: Heap, array: number, value: number): void {
  const I32 = heap.I32
  const length = I32[(array + ArrayLayout.LENGTH) >> 2] as number
  let data = I32[(array + ArrayLayout.DATA) >> 2] as number
  if (length === I32[(data + CAPACITY_BEFORE_DATA) >> 2]) {
    const grown = newSlots(heap, length * 2, length + 1)
    copySlots(heap, grown, data, length)
    I32[(array + ArrayLayout.DATA) >> 2] = grown
    data = grown
  }
  heap.copy(data + length * SLOT_SIZE, value)
  I32[(data + USED_BEFORE_DATA) >> 2] = length + 1
  I32[(array + ArrayLayout.LENGTH) >> 2] = length + 1
}

/** `dst` becomes a new array: the elements of `array` and the value. Amortised O(1) along a chain. */
export function pushElement(heap: Heap, dst: number, array: number, value: number): void {
  const I32 = heap.I32
  const length = I32[(array + ArrayLayout.LENGTH) >> 2] as number
  let data = I32[(array + ArrayLayout.DATA) >> 2] as number
  const used = (data + USED_BEFORE_DATA) >> 2
  if (I32[used] === length && length < (I32[(data + CAPACITY_BEFORE_DATA) >> 2] as number)) {
    I32[used] = length + 1
    I32[(data + SHARED_BEFORE_DATA) >> 2] = 1
  } else {
    const grown = newSlots(heap, Math.max(length * 2, MIN_CAPACITY), length + 1)
    copySlots(heap, grown, data, length)
    data = grown
  }
  heap.copy(data + length * SLOT_SIZE, value)
  heap.setReference(dst, Tag.ARRAY, newHeader(heap, data, length + 1))
}

/** Address of element `index` for writing: copies the elements first if other arrays may have this one. */
export function elementForWrite(heap: Heap, array: number, index: number): number {
  const I32 = heap.I32
  const data = I32[(array + ArrayLayout.DATA) >> 2] as number
  const isLast = index === (I32[(data + USED_BEFORE_DATA) >> 2] as number) - 1
  const isShared = I32[(data + SHARED_BEFORE_DATA) >> 2] !== 0 && !isLast
  return (isShared ? moveElements(heap, array) : data) + index * SLOT_SIZE
}

/** Copies the elements to a block of their own. @returns where they are then */
function moveElements(heap: Heap, array: number): number {
  const I32 = heap.I32
  const length = I32[(array + ArrayLayout.LENGTH) >> 2] as number
  const own = newSlots(heap, Math.max(length, MIN_CAPACITY), length)
  copySlots(heap, own, I32[(array + ArrayLayout.DATA) >> 2] as number, length)
  I32[(array + ArrayLayout.DATA) >> 2] = own
  return own
}

/** Elements that may be copied although nobody has written any yet: a limited effort. */
const SMALL = 500

/** Copies the elements if other arrays may have them, too, and there are few. */
export function unshareSmall(heap: Heap, array: number): void {
  const I32 = heap.I32
  const data = I32[(array + ArrayLayout.DATA) >> 2] as number
  const isShared = I32[(data + SHARED_BEFORE_DATA) >> 2] !== 0
  if (isShared && (I32[(array + ArrayLayout.LENGTH) >> 2] as number) <= SMALL) moveElements(heap, array)
}

/** `dst` becomes a new array of the elements from `start` up to `end`, both in range. */
export function sliceArray(heap: Heap, dst: number, array: number, start: number, end: number): void {
  arrayFromSlots(heap, dst, elementAddress(heap, array, start), end - start)
}
