/** The order of `sort` (data-types.md section 4.5): numbers by size, strings by code point, else by text. */
import { arrayFromSlots, arrayLength, createArray, elementAddress } from '../../heap/arrays.js'
import { SLOT_SIZE, Tag } from '../../heap/layout.js'
import { compareStrings } from '../../heap/strings.js'
import { textString } from '../format.js'
import { compareIntegers, numberOf } from '../operators.js'
import type { Runtime } from '../runtime.js'

type Compare = (i: number, j: number) => number

/** `dst` becomes a new array: the elements of the array in `slot` in ascending order; stable. */
export function sortArray(rt: Runtime, dst: number, slot: number): void {
  const heap = rt.heap
  const array = heap.referenceOf(slot)
  const length = arrayLength(heap, array)
  if (length === 0) {
    createArray(heap, dst, 0)
    return
  }
  const from = elementAddress(heap, array, 0)
  let tags = 0
  for (let i = 0; i < length; i++) tags |= 1 << heap.tagOf(from + i * SLOT_SIZE)
  const result = arrayFromSlots(heap, dst, from, length)
  const to = elementAddress(heap, result, 0)
  if (tags === 1 << Tag.INTEGER) {
    const values = new BigInt64Array(length)
    for (let i = 0; i < length; i++) values[i] = heap.I64[(from + i * SLOT_SIZE) >> 3] as bigint
    values.sort()
    for (let i = 0; i < length; i++) heap.I64[(to + i * SLOT_SIZE) >> 3] = values[i] as bigint
    return
  }
  const order = Array.from({ length }, (_, i) => i).sort(comparison(rt, from, length, tags))
  for (let i = 0; i < length; i++) heap.copy(to + i * SLOT_SIZE, from + (order[i] as number) * SLOT_SIZE)
}

/** How to compare elements by their numbers; `tags` is the set of the tags that occur. */
function comparison(rt: Runtime, from: number, length: number, tags: number): Compare {
  const heap = rt.heap
  const numbers = (1 << Tag.INTEGER) | (1 << Tag.FLOAT)
  if ((tags & ~numbers) === 0) {
    return (i, j) => compareNumbers(rt, from + i * SLOT_SIZE, from + j * SLOT_SIZE)
  }
  // Nothing is collected while the sort runs, so the texts need no roots.
  const texts = new Int32Array(length)
  for (let i = 0; i < length; i++) texts[i] = textString(rt, from + i * SLOT_SIZE)
  if ((tags & numbers) === 0) return (i, j) => compareStrings(heap, texts[i] as number, texts[j] as number)
  return (i, j) => {
    const a = from + i * SLOT_SIZE
    const b = from + j * SLOT_SIZE
    if (isNumber(heap.tagOf(a)) && isNumber(heap.tagOf(b))) return compareNumbers(rt, a, b)
    return compareStrings(heap, texts[i] as number, texts[j] as number)
  }
}

function isNumber(tag: number): boolean {
  return tag === Tag.INTEGER || tag === Tag.FLOAT
}

/** NaN counts as equal to everything. */
function compareNumbers(rt: Runtime, a: number, b: number): number {
  if (rt.heap.tagOf(a) === Tag.INTEGER && rt.heap.tagOf(b) === Tag.INTEGER) return compareIntegers(rt, a, b)
  const x = numberOf(rt, a)
  const y = numberOf(rt, b)
  return x < y ? -1 : x > y ? 1 : 0
}
