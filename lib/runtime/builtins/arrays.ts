/** Properties, methods and functions of arrays (data-types.md section 4). */
import {
  appendElement,
  arrayFromSlots,
  arrayLength,
  createArray,
  elementAddress,
  pushElement,
  sliceArray,
} from '../../heap/arrays.js'
import { createHash, setEntry } from '../../heap/hashes.js'
import { SLOT_SIZE, Tag } from '../../heap/layout.js'
import { callBack, checkCallback } from '../callbacks.js'
import { fail, failRuntime, MESSAGES } from '../errors.js'
import { checkKey } from '../indexing.js'
import { memberTable } from '../members.js'
import { strictEqual } from '../operators.js'
import type { Runtime } from '../runtime.js'
import { typeName } from '../types.js'
import { requireIntegers, requireTag } from './arguments.js'
import type { Builtin } from './registry.js'
import { sortArray } from './sort.js'

function lengthOf(rt: Runtime, slot: number): number {
  return arrayLength(rt.heap, rt.heap.referenceOf(slot))
}

/** Address of an element of the array in a slot; to be asked for anew after every callback. */
function elementOf(rt: Runtime, slot: number, index: number): number {
  return elementAddress(rt.heap, rt.heap.referenceOf(slot), index)
}

function map(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  checkCallback(rt, args, 'argument to map')
  const { heap, top } = rt
  const length = lengthOf(rt, receiver)
  const result = rt.pushTemporary()
  createArray(heap, result, length)
  for (let i = 0; i < length; i++) {
    const value = callBack(rt, args, false, elementOf(rt, receiver, i), 0)
    appendElement(heap, heap.referenceOf(result), value)
  }
  heap.copy(dst, result)
  rt.top = top
}

function filter(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  checkCallback(rt, args, 'argument to filter')
  const { heap, top } = rt
  const length = lengthOf(rt, receiver)
  const result = rt.pushTemporary()
  const element = rt.pushTemporary()
  createArray(heap, result, 0)
  for (let i = 0; i < length; i++) {
    heap.copy(element, elementOf(rt, receiver, i))
    if (heap.isTruthy(callBack(rt, args, false, element, 0))) {
      appendElement(heap, heap.referenceOf(result), element)
    }
  }
  heap.copy(dst, result)
  rt.top = top
}

function reduce(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  checkCallback(rt, args, 'first argument to reduce')
  const { heap, top } = rt
  const length = lengthOf(rt, receiver)
  const accumulator = rt.pushTemporary()
  heap.copy(accumulator, args + SLOT_SIZE)
  for (let i = 0; i < length; i++) {
    heap.copy(accumulator, callBack(rt, args, false, accumulator, elementOf(rt, receiver, i)))
  }
  heap.copy(dst, accumulator)
  rt.top = top
}

function find(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  checkCallback(rt, args, 'argument to find')
  const { heap, top } = rt
  const length = lengthOf(rt, receiver)
  const element = rt.pushTemporary()
  let found = false
  for (let i = 0; i < length && !found; i++) {
    heap.copy(element, elementOf(rt, receiver, i))
    found = heap.isTruthy(callBack(rt, args, false, element, 0))
  }
  if (found) heap.copy(dst, element)
  else heap.setNull(dst)
  rt.top = top
}

/** Index of the first element with the same type and value, or -1. */
function indexOf(rt: Runtime, array: number, value: number): number {
  const length = lengthOf(rt, array)
  for (let i = 0; i < length; i++) if (strictEqual(rt, elementOf(rt, array, i), value)) return i
  return -1
}

function reverse(rt: Runtime, receiver: number, _args: number, _argc: number, dst: number): void {
  const heap = rt.heap
  const array = heap.referenceOf(receiver)
  const length = arrayLength(heap, array)
  const result = arrayFromSlots(heap, dst, elementAddress(heap, array, 0), length)
  for (let i = 0; i < length; i++) {
    heap.copy(elementAddress(heap, result, i), elementAddress(heap, array, length - 1 - i))
  }
}

/** The elements `start` up to `end`, an empty array if there are none. */
function setSlice(rt: Runtime, dst: number, array: number, start: number, end: number): void {
  const heap = rt.heap
  const last = Math.min(end, lengthOf(rt, array))
  if (start >= last) createArray(heap, dst, 0)
  else sliceArray(heap, dst, heap.referenceOf(array), start, last)
}

export const ARRAY_MEMBERS = memberTable(
  {
    length: (rt, receiver, dst) => rt.heap.setInteger(dst, lengthOf(rt, receiver)),
    empty: (rt, receiver, dst) => rt.heap.setBoolean(dst, lengthOf(rt, receiver) === 0),
  },
  {
    map: { arity: [1, 1], call: map },
    filter: { arity: [1, 1], call: filter },
    reduce: { arity: [2, 2], call: reduce },
    find: { arity: [1, 1], call: find },
    index_of: {
      arity: [1, 1],
      call: (rt, receiver, args, _argc, dst) => rt.heap.setInteger(dst, indexOf(rt, receiver, args)),
    },
    'includes?': {
      arity: [1, 1],
      call: (rt, receiver, args, _argc, dst) => rt.heap.setBoolean(dst, indexOf(rt, receiver, args) >= 0),
    },
    reverse: { arity: [0, 0], call: reverse },
    sort: { arity: [0, 0], call: (rt, receiver, _args, _argc, dst) => sortArray(rt, dst, receiver) },
    push: {
      arity: [1, 1],
      call: (rt, receiver, args, _argc, dst) =>
        pushElement(rt.heap, dst, rt.heap.referenceOf(receiver), args),
    },
    pop: {
      arity: [0, 0],
      call(rt, receiver, _args, _argc, dst) {
        const length = lengthOf(rt, receiver)
        if (length === 0) failRuntime(rt, MESSAGES.popEmptyMethod())
        rt.heap.copy(dst, elementOf(rt, receiver, length - 1))
      },
    },
    slice: {
      arity: [2, 2],
      call(rt, receiver, args, _argc, dst) {
        requireIntegers(rt, args, args + SLOT_SIZE, 'arguments to slice')
        const start = Math.max(0, rt.heap.integerAsNumber(args))
        setSlice(rt, dst, receiver, start, rt.heap.integerAsNumber(args + SLOT_SIZE))
      },
    },
  },
)

function slice(rt: Runtime, args: number, _argc: number, dst: number): void {
  const from = args + SLOT_SIZE
  const to = args + 2 * SLOT_SIZE
  requireTag(rt, args, Tag.ARRAY, 'first argument to `slice`')
  requireTag(rt, from, Tag.INTEGER, 'second argument to `slice`')
  requireTag(rt, to, Tag.INTEGER, 'third argument to `slice`')
  const start = rt.heap.integerAsNumber(from)
  if (start < 0) createArray(rt.heap, dst, 0)
  else setSlice(rt, dst, args, start, rt.heap.integerAsNumber(to))
}

function arrayToHash(rt: Runtime, args: number, _argc: number, dst: number): void {
  const heap = rt.heap
  requireTag(rt, args, Tag.ARRAY, 'argument to `array_to_hash`')
  const top = rt.top
  const result = rt.pushTemporary()
  const length = lengthOf(rt, args)
  const hash = createHash(heap, result, length)
  for (let i = 0; i < length; i++) {
    const pair = elementOf(rt, args, i)
    if (heap.tagOf(pair) !== Tag.ARRAY) failRuntime(rt, MESSAGES.pairType(typeName(rt, pair)))
    const parts = lengthOf(rt, pair)
    if (parts < 2) failRuntime(rt, MESSAGES.pairLength(parts))
    const key = elementOf(rt, pair, 0)
    checkKey(rt, key)
    setEntry(heap, hash, key, key + SLOT_SIZE)
  }
  heap.copy(dst, result)
  rt.top = top
}

export const ARRAY_FUNCTIONS: readonly Builtin[] = [
  {
    name: 'push',
    arity: [2, 2],
    call(rt, args, _argc, dst) {
      requireTag(rt, args, Tag.ARRAY, 'argument to `push`')
      pushElement(rt.heap, dst, rt.heap.referenceOf(args), args + SLOT_SIZE)
    },
  },
  {
    name: 'pop',
    arity: [1, 1],
    call(rt, args, _argc, dst) {
      requireTag(rt, args, Tag.ARRAY, 'argument to `pop`')
      const length = lengthOf(rt, args)
      if (length === 0) fail(rt, 'IndexError', MESSAGES.popEmpty())
      rt.heap.copy(dst, elementOf(rt, args, length - 1))
    },
  },
  { name: 'slice', arity: [3, 3], call: slice },
  { name: 'array_to_hash', arity: [1, 1], call: arrayToHash },
]
