/** The namespace `JSON`, and properties and methods of JSON documents (data-types.md section 6). */
import {
  appendElement,
  arrayFromSlots,
  arrayLength,
  createArray,
  elementAddress,
  elementForWrite,
  sliceArray,
} from '../../heap/arrays.js'
import {
  copyHash,
  entryAddress,
  findEntry,
  findStringEntry,
  hashCount,
  isKeyTag,
  setEntry,
} from '../../heap/hashes.js'
import { HASH_ENTRY_VALUE, SLOT_SIZE, Tag } from '../../heap/layout.js'
import { createJson, jsonData } from '../../heap/objects.js'
import { internString, newString, setString, stringLength, toJsString } from '../../heap/strings.js'
import { failRuntime, MESSAGES } from '../errors.js'
import { checkKey } from '../indexing.js'
import { arityText, type Method, memberTable } from '../members.js'
import type { Runtime } from '../runtime.js'
import { typeName } from '../types.js'
import { requireTag } from './arguments.js'
import { parseJson } from './json-parse.js'
import { type JsonStyle, writeJson } from './json-write.js'
import type { Builtin } from './registry.js'

/** Address of the data of the document in a slot. */
function dataOf(rt: Runtime, document: number): number {
  return jsonData(rt.heap.referenceOf(document))
}

/** The slot itself, or the data of the document in it: a document's data is never another document. */
function unwrapped(rt: Runtime, slot: number): number {
  return rt.heap.tagOf(slot) === Tag.JSON ? dataOf(rt, slot) : slot
}

/** The index in a slot if it is an INTEGER below `length`, else -1. */
function indexBelow(rt: Runtime, slot: number, length: number): number {
  const heap = rt.heap
  if (heap.tagOf(slot) !== Tag.INTEGER || !heap.isSmallInteger(slot)) return -1
  const index = heap.referenceOf(slot)
  return index >= 0 && index < length ? index : -1
}

/** Address of what stands in a container under a key: a member's or element's slot, or 0. */
function find(rt: Runtime, data: number, key: number): number {
  const heap = rt.heap
  const object = heap.referenceOf(data)
  if (heap.tagOf(data) === Tag.HASH) {
    const entry = isKeyTag(heap.tagOf(key)) ? findEntry(heap, object, key) : 0
    return entry === 0 ? 0 : entry + HASH_ENTRY_VALUE
  }
  if (heap.tagOf(data) !== Tag.ARRAY) return 0
  const index = indexBelow(rt, key, arrayLength(heap, object))
  return index < 0 ? 0 : elementAddress(heap, object, index)
}

function isContainer(tag: number): boolean {
  return tag === Tag.HASH || tag === Tag.ARRAY
}

function get(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  const heap = rt.heap
  const data = dataOf(rt, receiver)
  if (!isContainer(heap.tagOf(data))) failRuntime(rt, MESSAGES.jsonGetScalar())
  const found = find(rt, data, args)
  if (found === 0) heap.setNull(dst)
  else if (isContainer(heap.tagOf(found))) createJson(heap, dst, found)
  else heap.copy(dst, found)
}

function set(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  const { heap, top } = rt
  const data = dataOf(rt, receiver)
  const object = heap.referenceOf(data)
  const value = unwrapped(rt, args + SLOT_SIZE)
  const result = rt.pushTemporary()
  switch (heap.tagOf(data)) {
    case Tag.HASH:
      checkKey(rt, args)
      setEntry(heap, copyHash(heap, result, object, 1), args, value)
      break
    case Tag.ARRAY: {
      const length = arrayLength(heap, object)
      const index = indexBelow(rt, args, length)
      if (index < 0) failRuntime(rt, MESSAGES.jsonSetIndex())
      sliceArray(heap, result, object, 0, length)
      heap.copy(elementForWrite(heap, heap.referenceOf(result), index), value)
      break
    }
    default:
      failRuntime(rt, MESSAGES.jsonSetScalar())
  }
  createJson(heap, dst, result)
  rt.top = top
}

function has(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  rt.heap.setBoolean(dst, find(rt, dataOf(rt, receiver), args) !== 0)
}

function keys(rt: Runtime, receiver: number, _args: number, _argc: number, dst: number): void {
  const { heap, top } = rt
  const data = dataOf(rt, receiver)
  const count = isContainer(heap.tagOf(data)) ? lengthOf(rt, data) : 0
  const object = heap.referenceOf(data)
  const isHash = heap.tagOf(data) === Tag.HASH
  const index = rt.pushTemporary()
  const array = createArray(heap, dst, count)
  for (let i = 0; i < count; i++) {
    heap.setInteger(index, i)
    appendElement(heap, array, isHash ? entryAddress(heap, object, i) : index)
  }
  rt.top = top
}

function values(rt: Runtime, receiver: number, _args: number, _argc: number, dst: number): void {
  const heap = rt.heap
  const data = dataOf(rt, receiver)
  const object = heap.referenceOf(data)
  switch (heap.tagOf(data)) {
    case Tag.HASH: {
      const count = hashCount(heap, object)
      const array = createArray(heap, dst, count)
      for (let i = 0; i < count; i++) {
        appendElement(heap, array, entryAddress(heap, object, i) + HASH_ENTRY_VALUE)
      }
      break
    }
    case Tag.ARRAY:
      sliceArray(heap, dst, object, 0, arrayLength(heap, object))
      break
    default:
      arrayFromSlots(heap, dst, data, 1)
  }
}

function lengthOf(rt: Runtime, data: number): number {
  const heap = rt.heap
  const object = heap.referenceOf(data)
  switch (heap.tagOf(data)) {
    case Tag.HASH:
      return hashCount(heap, object)
    case Tag.ARRAY:
      return arrayLength(heap, object)
    case Tag.STRING:
      return stringLength(heap, object)
    default:
      return 0
  }
}

const LENGTH: Method = {
  arity: [0, 0],
  call: (rt, receiver, _args, _argc, dst) => rt.heap.setInteger(dst, lengthOf(rt, dataOf(rt, receiver))),
}

/** What one step of a path leads to: the address of its slot, or 0. */
function follow(rt: Runtime, slot: number, step: string): number {
  const heap = rt.heap
  const object = heap.referenceOf(slot)
  if (heap.tagOf(slot) === Tag.HASH) {
    const entry = findStringEntry(heap, object, newString(heap, step))
    return entry === 0 ? 0 : entry + HASH_ENTRY_VALUE
  }
  if (heap.tagOf(slot) !== Tag.ARRAY || !/^[0-9]+$/.test(step)) return 0
  const index = Number(step)
  return index < arrayLength(heap, object) ? elementAddress(heap, object, index) : 0
}

function path(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  const heap = rt.heap
  if (heap.tagOf(args) !== Tag.STRING) failRuntime(rt, MESSAGES.jsonPathType())
  let at = receiver
  for (const step of toJsString(heap, heap.referenceOf(args)).split('.')) {
    if (step === '') continue
    at = follow(rt, unwrapped(rt, at), step)
    if (at === 0) {
      heap.setNull(dst)
      return
    }
  }
  heap.copy(dst, unwrapped(rt, at))
}

/** A copy of a hash that still waits for the entries of another. */
interface PendingMerge {
  copy: number
  added: number
}

/**
 * Writes a new hash to `dst`: the entries of the hash `left`, then those of the hash `right` (addresses).
 * Hashes on both sides merge likewise. Each pair is merged once, so cyclic data gives a cyclic result.
 */
function mergeHashes(rt: Runtime, dst: number, left: number, right: number): void {
  const { heap, top } = rt
  const merged = new Map<string, number>()
  const pending: PendingMerge[] = []
  const slot = rt.pushTemporary()

  /** The result for a pair, filled in later. */
  const start = (base: number, added: number): number => {
    const pair = `${base} ${added}`
    const known = merged.get(pair)
    if (known !== undefined) return known
    const copy = copyHash(heap, slot, base, hashCount(heap, added))
    merged.set(pair, copy)
    pending.push({ copy, added })
    return copy
  }

  const result = start(left, right)
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { copy, added } = next
    for (let i = 0, count = hashCount(heap, added); i < count; i++) {
      const entry = entryAddress(heap, added, i)
      const own = findEntry(heap, copy, entry)
      const base = own === 0 ? 0 : unwrapped(rt, own + HASH_ENTRY_VALUE)
      const value = unwrapped(rt, entry + HASH_ENTRY_VALUE)
      if (base !== 0 && heap.tagOf(base) === Tag.HASH && heap.tagOf(value) === Tag.HASH) {
        heap.setReference(slot, Tag.HASH, start(heap.referenceOf(base), heap.referenceOf(value)))
        setEntry(heap, copy, entry, slot)
      } else setEntry(heap, copy, entry, entry + HASH_ENTRY_VALUE)
    }
  }
  heap.setReference(dst, Tag.HASH, result)
  rt.top = top
}

function merge(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  const { heap, top } = rt
  if (heap.tagOf(args) !== Tag.JSON) failRuntime(rt, MESSAGES.jsonMergeType())
  const left = dataOf(rt, receiver)
  const right = dataOf(rt, args)
  if (heap.tagOf(left) !== Tag.HASH || heap.tagOf(right) !== Tag.HASH) {
    failRuntime(rt, MESSAGES.jsonMergeData())
  }
  const result = rt.pushTemporary()
  mergeHashes(rt, result, heap.referenceOf(left), heap.referenceOf(right))
  createJson(heap, dst, result)
  rt.top = top
}

const STRINGIFY: JsonStyle = { task: 'error stringifying value', indent: null }
const COMPACT: JsonStyle = { task: 'failed to compact JSON', indent: null }
const PRETTY: JsonStyle = { task: 'failed to format JSON', indent: '  ' }

function pretty(rt: Runtime, receiver: number, args: number, argc: number, dst: number): void {
  const heap = rt.heap
  let style = PRETTY
  if (argc > 0) {
    if (heap.tagOf(args) !== Tag.STRING) failRuntime(rt, MESSAGES.jsonIndentType())
    style = { task: PRETTY.task, indent: toJsString(heap, heap.referenceOf(args)) }
  }
  setString(heap, dst, writeJson(rt, receiver, style))
}

export const JSON_MEMBERS = memberTable(
  {
    data: (rt, receiver, dst) => rt.heap.copy(dst, dataOf(rt, receiver)),
    type: (rt, receiver, dst) => {
      const type = typeName(rt, dataOf(rt, receiver))
      rt.heap.setReference(dst, Tag.STRING, internString(rt.heap, type))
    },
    valid: (rt, _receiver, dst) => rt.heap.setBoolean(dst, true),
  },
  {
    get: { arity: [1, 1], call: get },
    set: { arity: [2, 2], call: set },
    'has?': { arity: [1, 1], call: has },
    keys: { arity: [0, 0], call: keys },
    values: { arity: [0, 0], call: values },
    length: LENGTH,
    size: LENGTH,
    path: { arity: [1, 1], call: path },
    merge: { arity: [1, 1], call: merge },
    pretty: { arity: [0, 1], call: pretty },
    compact: {
      arity: [0, 0],
      call: (rt, receiver, _args, _argc, dst) => setString(rt.heap, dst, writeJson(rt, receiver, COMPACT)),
    },
    validate: { arity: [0, 0], call: (rt, _receiver, _args, _argc, dst) => rt.heap.setBoolean(dst, true) },
  },
  'json.',
)

/** The functions of the namespace exist under global names, too. */
function namedTwice(
  member: string,
  global: string,
  call: (rt: Runtime, value: number, dst: number) => void,
): readonly Builtin[] {
  const builtin = (name: string): Builtin => ({
    name,
    arity: [1, 1],
    countMessage: (got) => MESSAGES.methodCount(member, arityText([1, 1]), got),
    call: (rt, args, _argc, dst) => call(rt, args, dst),
  })
  return [builtin(member), builtin(global)]
}

function parse(rt: Runtime, text: number, dst: number): void {
  const { heap, top } = rt
  requireTag(rt, text, Tag.STRING, 'argument to JSON.parse')
  const value = rt.pushTemporary()
  parseJson(rt, value, toJsString(heap, heap.referenceOf(text)))
  createJson(heap, dst, value)
  rt.top = top
}

function stringify(rt: Runtime, value: number, dst: number): void {
  setString(rt.heap, dst, writeJson(rt, value, STRINGIFY))
}

export const JSON_FUNCTIONS: readonly Builtin[] = [
  {
    name: 'JSON',
    namespace: true,
    arity: [0, Number.POSITIVE_INFINITY],
    call: (rt) => failRuntime(rt, MESSAGES.notAFunction('BUILTIN')),
  },
  ...namedTwice('JSON.parse', 'json_parse', parse),
  ...namedTwice('JSON.stringify', 'json_stringify', stringify),
]
