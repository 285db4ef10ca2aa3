/** Properties, methods and functions of hashes (data-types.md section 5). */
import { appendElement, arrayFromSlots, arrayLength, createArray, elementAddress } from '../../heap/arrays.js'
import {
  copyHash,
  copyWithout,
  createHash,
  entryAddress,
  findEntry,
  hashCount,
  setEntry,
} from '../../heap/hashes.js'
import { HASH_ENTRY_VALUE, SLOT_SIZE, Tag } from '../../heap/layout.js'
import { callBack, checkCallback } from '../callbacks.js'
import { checkKey } from '../indexing.js'
import { type Method, memberTable } from '../members.js'
import { strictEqual } from '../operators.js'
import type { Runtime } from '../runtime.js'
import { requireTag } from './arguments.js'
import type { Builtin } from './registry.js'

function countOf(rt: Runtime, slot: number): number {
  return hashCount(rt.heap, rt.heap.referenceOf(slot))
}

/** Address of an entry of the hash in a slot; to be asked for anew after every callback. */
function entryOf(rt: Runtime, slot: number, index: number): number {
  return entryAddress(rt.heap, rt.heap.referenceOf(slot), index)
}

/** An array of the keys (`part` = 0) or values (`part` = HASH_ENTRY_VALUE). */
function setParts(rt: Runtime, dst: number, receiver: number, part: number): void {
  const heap = rt.heap
  const hash = heap.referenceOf(receiver)
  const count = hashCount(heap, hash)
  const array = createArray(heap, dst, count)
  for (let i = 0; i < count; i++) appendElement(heap, array, entryAddress(heap, hash, i) + part)
}

function get(rt: Runtime, receiver: number, args: number, argc: number, dst: number): void {
  const heap = rt.heap
  checkKey(rt, args)
  const entry = findEntry(heap, heap.referenceOf(receiver), args)
  if (entry !== 0) heap.copy(dst, entry + HASH_ENTRY_VALUE)
  else if (argc > 1) heap.copy(dst, args + SLOT_SIZE)
  else heap.setNull(dst)
}

function hasKey(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  checkKey(rt, args)
  rt.heap.setBoolean(dst, findEntry(rt.heap, rt.heap.referenceOf(receiver), args) !== 0)
}

function hasValue(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  const count = countOf(rt, receiver)
  let found = false
  for (let i = 0; i < count && !found; i++) {
    found = strictEqual(rt, entryOf(rt, receiver, i) + HASH_ENTRY_VALUE, args)
  }
  rt.heap.setBoolean(dst, found)
}

function set(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  const { heap, top } = rt
  checkKey(rt, args)
  const result = rt.pushTemporary()
  const copy = copyHash(heap, result, heap.referenceOf(receiver), 1)
  setEntry(heap, copy, args, args + SLOT_SIZE)
  heap.copy(dst, result)
  rt.top = top
}

function remove(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  checkKey(rt, args)
  copyWithout(rt.heap, dst, rt.heap.referenceOf(receiver), args)
}

/** The entries of `receiver`, then those of the hash in `other`, whose values count. */
function setMerged(rt: Runtime, dst: number, receiver: number, other: number): void {
  const heap = rt.heap
  const added = heap.referenceOf(other)
  const count = hashCount(heap, added)
  const copy = copyHash(heap, dst, heap.referenceOf(receiver), count)
  for (let i = 0; i < count; i++) {
    const entry = entryAddress(heap, added, i)
    setEntry(heap, copy, entry, entry + HASH_ENTRY_VALUE)
  }
}

function merge(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  requireTag(rt, args, Tag.HASH, 'argument to merge')
  setMerged(rt, dst, receiver, args)
}

function filter(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  checkCallback(rt, args, 'argument to filter')
  const { heap, top } = rt
  const count = countOf(rt, receiver)
  const result = rt.pushTemporary()
  const key = rt.pushTemporary()
  const value = rt.pushTemporary()
  createHash(heap, result, 0)
  for (let i = 0; i < count; i++) {
    const entry = entryOf(rt, receiver, i)
    heap.copy(key, entry)
    heap.copy(value, entry + HASH_ENTRY_VALUE)
    if (heap.isTruthy(callBack(rt, args, true, key, value)))
      setEntry(heap, heap.referenceOf(result), key, value)
  }
  heap.copy(dst, result)
  rt.top = top
}

function mapValues(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  checkCallback(rt, args, 'argument to map_values')
  const { heap, top } = rt
  const count = countOf(rt, receiver)
  const result = rt.pushTemporary()
  createHash(heap, result, count)
  for (let i = 0; i < count; i++) {
    const value = callBack(rt, args, true, entryOf(rt, receiver, i) + HASH_ENTRY_VALUE, 0)
    setEntry(heap, heap.referenceOf(result), entryOf(rt, receiver, i), value)
  }
  heap.copy(dst, result)
  rt.top = top
}

function each(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  checkCallback(rt, args, 'argument to each')
  const count = countOf(rt, receiver)
  for (let i = 0; i < count; i++) {
    const entry = entryOf(rt, receiver, i)
    callBack(rt, args, true, entry, entry + HASH_ENTRY_VALUE)
  }
  rt.heap.copy(dst, receiver)
}

/** Entries by a list of keys: only those in it, in its order (`select`), or all the others. */
function pickKeys(name: string, select: boolean): Method {
  return {
    arity: [1, 1],
    call(rt, receiver, args, _argc, dst) {
      const { heap, top } = rt
      requireTag(rt, args, Tag.ARRAY, `argument to ${name}`)
      const hash = heap.referenceOf(receiver)
      const list = heap.referenceOf(args)
      const length = arrayLength(heap, list)
      const temporary = rt.pushTemporary()
      const picked = createHash(heap, temporary, select ? length : 0)
      for (let i = 0; i < length; i++) {
        const key = elementAddress(heap, list, i)
        checkKey(rt, key)
        const entry = findEntry(heap, hash, key)
        if (entry !== 0) setEntry(heap, picked, entry, entry + HASH_ENTRY_VALUE)
      }
      if (select) heap.copy(dst, temporary)
      else {
        const count = hashCount(heap, hash)
        const rest = createHash(heap, dst, count)
        for (let i = 0; i < count; i++) {
          const entry = entryAddress(heap, hash, i)
          if (findEntry(heap, picked, entry) === 0) setEntry(heap, rest, entry, entry + HASH_ENTRY_VALUE)
        }
      }
      rt.top = top
    },
  }
}

function invert(rt: Runtime, receiver: number, _args: number, _argc: number, dst: number): void {
  const { heap, top } = rt
  const hash = heap.referenceOf(receiver)
  const count = hashCount(heap, hash)
  const temporary = rt.pushTemporary()
  const result = createHash(heap, temporary, count)
  for (let i = 0; i < count; i++) {
    const entry = entryAddress(heap, hash, i)
    checkKey(rt, entry + HASH_ENTRY_VALUE)
    setEntry(heap, result, entry + HASH_ENTRY_VALUE, entry)
  }
  heap.copy(dst, temporary)
  rt.top = top
}

function toArray(rt: Runtime, receiver: number, _args: number, _argc: number, dst: number): void {
  const { heap, top } = rt
  const hash = heap.referenceOf(receiver)
  const count = hashCount(heap, hash)
  const pair = rt.pushTemporary()
  const array = createArray(heap, dst, count)
  for (let i = 0; i < count; i++) {
    // An entry is two slots in a row: key and value.
    arrayFromSlots(heap, pair, entryAddress(heap, hash, i), 2)
    appendElement(heap, array, pair)
  }
  rt.top = top
}

export const HASH_MEMBERS = memberTable(
  {
    keys: (rt, receiver, dst) => setParts(rt, dst, receiver, 0),
    values: (rt, receiver, dst) => setParts(rt, dst, receiver, HASH_ENTRY_VALUE),
    length: (rt, receiver, dst) => rt.heap.setInteger(dst, countOf(rt, receiver)),
    size: (rt, receiver, dst) => rt.heap.setInteger(dst, countOf(rt, receiver)),
    empty: (rt, receiver, dst) => rt.heap.setBoolean(dst, countOf(rt, receiver) === 0),
  },
  {
    'has_key?': { arity: [1, 1], call: hasKey },
    'has_value?': { arity: [1, 1], call: hasValue },
    get: { arity: [1, 2], call: get },
    set: { arity: [2, 2], call: set },
    delete: { arity: [1, 1], call: remove },
    merge: { arity: [1, 1], call: merge },
    filter: { arity: [1, 1], call: filter },
    map_values: { arity: [1, 1], call: mapValues },
    each: { arity: [1, 1], call: each },
    select_keys: pickKeys('select_keys', true),
    reject_keys: pickKeys('reject_keys', false),
    invert: { arity: [0, 0], call: invert },
    to_array: { arity: [0, 0], call: toArray },
  },
)

/** A function whose first argument is a hash and that otherwise is a method. */
function hashFunction(name: string, arity: readonly [number, number], call: Method['call']): Builtin {
  return {
    name,
    arity,
    call(rt, args, argc, dst) {
      requireTag(rt, args, Tag.HASH, `first argument to \`${name}\``)
      call(rt, args, args + SLOT_SIZE, argc - 1, dst)
    },
  }
}

/** `builtin_hash_keys` and `builtin_hash_values`. */
function partsFunction(name: string, part: number): Builtin {
  return {
    name,
    arity: [1, 1],
    call(rt, args, _argc, dst) {
      requireTag(rt, args, Tag.HASH, `argument to \`${name}\``)
      setParts(rt, dst, args, part)
    },
  }
}

export const HASH_FUNCTIONS: readonly Builtin[] = [
  partsFunction('builtin_hash_keys', 0),
  partsFunction('builtin_hash_values', HASH_ENTRY_VALUE),
  hashFunction('builtin_hash_has_key', [2, 2], hasKey),
  hashFunction('builtin_hash_get', [2, 3], get),
  hashFunction('builtin_hash_set', [3, 3], set),
  hashFunction('builtin_hash_delete', [2, 2], remove),
  hashFunction('builtin_hash_merge', [2, 2], (rt, receiver, args, _argc, dst) => {
    requireTag(rt, args, Tag.HASH, 'second argument to `builtin_hash_merge`')
    setMerged(rt, dst, receiver, args)
  }),
]
