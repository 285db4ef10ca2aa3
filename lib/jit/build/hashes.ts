/** Hashes with keys of one type, STRING or INTEGER: reading, writing and making them. */
import { sizeClassOf } from '../../heap/allocate.js'
import { LEAST_CAPACITY } from '../../heap/hashes.js'
import {
  BlockLayout,
  HASH_ENTRY_SIZE,
  HASH_ENTRY_VALUE,
  HASH_LINEAR_LIMIT,
  HashLayout,
  Kind,
  SIZE_CLASSES,
  SLOT_SPARE,
  SLOT_TAG,
  StringLayout,
  Tag,
} from '../../heap/layout.js'
import type { Instruction, Value } from '../ir/graph.js'
import { isInterned } from '../ir/interned.js'
import { allocate } from './allocation.js'
import type { Builder } from './builder.js'
import { fits } from './builtins.js'
import { type Abstract, hasPayload, known, unknown } from './state.js'
import { orVm } from './texts.js'
import { loadValue, payloadWord, storeValue } from './translate.js'

interface Access {
  hash: Value
  key: Value
  keyTag: number
}

/** Container and key as they are expected to be, guarded; null if they are not a HASH and a key of one type. */
function access(b: Builder, hashDepth: number, keyDepth: number): Access | null {
  const { left, right } = b.feedbackAt(b.position)
  const { state } = b
  const keyTag = (): number | undefined =>
    [Tag.STRING, Tag.INTEGER].find((tag) => fits(state.operand(keyDepth), right, tag))
  if (!fits(state.operand(hashDepth), left, Tag.HASH) || keyTag() === undefined) return null
  const hash = b.expect(state.operand(hashDepth), Tag.HASH, 'notHash').payload as Value
  // The guard has told of the key, too, if both are the same value.
  const tag = keyTag()
  if (tag === undefined) return null
  return { hash, key: expectKey(b, state.operand(keyDepth), tag), keyTag: tag }
}

function expectKey(b: Builder, key: Abstract, tag: number): Value {
  return b.expect(key, tag, tag === Tag.STRING ? 'notString' : 'notInteger').payload as Value
}

/** The value of a key, null if there is none. */
function find(b: Builder, { hash, key, keyTag }: Access): Abstract {
  return loadValue(b, b.emit('hash.find', [hash, key], BigInt(keyTag)), 0, 'hash')
}

export function translateHashGet(b: Builder): boolean {
  const found = access(b, 1, 0)
  if (found === null) return false
  const value = find(b, found)
  b.state.pop(2)
  b.state.push(value)
  return true
}

/** Methods of hashes: `count` arguments stand on the receiver, which stands on a reserved slot. */
export function translateHashMethod(b: Builder, name: string, count: number): boolean {
  const { state } = b
  const has = name === 'has_key?' && count === 1
  if (!has && !(name === 'get' && (count === 1 || count === 2))) return false
  const found = access(b, count, count - 1)
  if (found === null) return false
  const slot = b.emit('hash.find', [found.hash, found.key], BigInt(found.keyTag))
  const missing = b.address('table:null')
  let result: Abstract
  if (has) result = known(Tag.BOOLEAN, b.emit('int.ne', [slot, missing]))
  else if (count === 1) result = loadValue(b, slot, 0, 'hash')
  else {
    const value = loadValue(b, slot, 0, 'hash')
    const otherwise = state.operand(0)
    const choose = (a: Value, c: Value): Value => b.emit('int.select', [slot, missing, a, c])
    result = unknown(
      choose(payloadWord(b, otherwise), value.payload as Value),
      choose(b.tagOf(otherwise), b.tagOf(value)),
    )
  }
  state.pop(count + 2)
  state.push(result)
  return true
}

/** `.keys` and `.values`. */
export function translateHashParts(b: Builder, name: string): boolean {
  const { state } = b
  if (name !== 'keys' && name !== 'values') return false
  if (!fits(state.operand(0), b.feedbackAt(b.position).left, Tag.HASH)) return false
  const hash = b.expect(state.operand(0), Tag.HASH, 'notHash').payload as Value
  const parts = orVm(b, name === 'keys' ? 'hash.keys' : 'hash.values', [hash], 1)
  state.pop()
  state.push(known(Tag.ARRAY, parts))
  return true
}

export function translateHashSet(b: Builder): boolean {
  const { state } = b
  const found = access(b, 2, 1)
  if (found === null) return false
  const value = state.operand(0)
  store(b, found, value)
  state.pop(3)
  state.push(value)
  return true
}

function store(b: Builder, { hash, key, keyTag }: Access, value: Abstract): void {
  const args = [hash, key, b.tagOf(value)]
  if (hasPayload(value.tag)) args.push(value.payload as Value)
  b.emit('hash.store', args, BigInt(keyTag)).snapshot = b.snapshot(null)
}

/** A hash whose keys are different strings known now, few enough to be searched in order. */
export function translateHash(b: Builder, count: number): boolean {
  const { state } = b
  const bytes = BlockLayout.DATA + Math.max(count, LEAST_CAPACITY) * HASH_ENTRY_SIZE
  const keys = Array.from({ length: count }, (_, i) => constantOf(state.operand(2 * (count - i) - 1)))
  if (count > HASH_LINEAR_LIMIT || keys.includes(null) || new Set(keys).size < count) return false
  const entries = allocate(b, Kind.ENTRIES, bytes, true)
  const size = SIZE_CLASSES[sizeClassOf(bytes)] as number
  const capacity = Math.floor((size - BlockLayout.DATA) / HASH_ENTRY_SIZE)
  b.emit('store32', [entries, b.int(capacity)], BigInt(BlockLayout.CAPACITY))
  b.emit('store32', [entries, b.int(count)], BigInt(BlockLayout.USED))
  b.emit('store32', [entries, b.int(0)], BigInt(BlockLayout.SHARED))
  for (let i = 0; i < count; i++) {
    const at = BlockLayout.DATA + i * HASH_ENTRY_SIZE
    const key = state.operand(2 * (count - i) - 1).payload as Value
    b.emit('store', [entries, key], BigInt(at))
    b.emit('store32', [entries, b.int(Tag.STRING)], BigInt(at + SLOT_TAG))
    // Constants have their hashes from the start.
    const hashOfKey = b.load('load32', key, StringLayout.HASH, 'fixed')
    b.emit('store32', [entries, hashOfKey], BigInt(at + SLOT_SPARE))
    storeValue(b, entries, at + HASH_ENTRY_VALUE, state.operand(2 * (count - i) - 2), 'hash')
  }
  const hash = allocate(b, Tag.HASH, HashLayout.SIZE, false)
  b.emit('store32', [hash, b.int(count)], BigInt(HashLayout.COUNT)).memory = 'hash'
  const data = b.emit('int.add', [entries, b.int(BlockLayout.DATA)])
  b.emit('store', [hash, data], BigInt(HashLayout.ENTRIES))
  b.emit('store', [hash, b.int(0)], BigInt(HashLayout.INDEX))
  b.emit('store32', [hash, b.int(0)], BigInt(HashLayout.MASK))
  b.emit('store32', [hash, b.int(capacity)], BigInt(HashLayout.CAPACITY))
  state.pop(2 * count)
  state.push(known(Tag.HASH, hash))
  return true
}

/** The symbol of the constant that a STRING is, or null. */
function constantOf({ tag, payload }: Abstract): string | null {
  if (tag !== Tag.STRING || payload === null || !isInterned(payload)) return null
  const { op, symbol } = (payload as Instruction).args[0] as Instruction
  return op === 'address' && symbol?.startsWith('constant:') ? symbol : null
}
