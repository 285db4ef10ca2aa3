/** `c[i]` and `c[i] = v` (core.md sections 10.2 and 12.2). */
import { arrayLength, elementAddress, elementForWrite } from '../heap/arrays.js'
import { findEntry, isKeyTag, setEntry } from '../heap/hashes.js'
import { HASH_ENTRY_VALUE, Tag } from '../heap/layout.js'
import { charCodeAt, newCharacter, stringLength } from '../heap/strings.js'
import { fail, failRuntime, MESSAGES } from './errors.js'
import { formatFloat, formatInteger } from './format.js'
import type { Runtime } from './runtime.js'
import { typeName } from './types.js'

/** Fails unless the value in a slot can be a hash key. */
export function checkKey(rt: Runtime, key: number): void {
  if (!isKeyTag(rt.heap.tagOf(key))) failRuntime(rt, MESSAGES.unusableKey(typeName(rt, key)))
}

/** Not an index: beyond every length. */
const NOT_AN_INDEX = -1

/**
 * The number in an INTEGER or whole FLOAT slot if it is an index below `length`, else NOT_AN_INDEX.
 * `container` is for the message about fractions.
 */
function indexBelow(rt: Runtime, index: number, length: number, container: string): number {
  const heap = rt.heap
  let value: number
  if (heap.tagOf(index) === Tag.INTEGER) {
    if (!heap.isSmallInteger(index)) return NOT_AN_INDEX
    value = heap.referenceOf(index)
  } else {
    value = heap.floatOf(index)
    if (!Number.isInteger(value)) failRuntime(rt, MESSAGES.indexNotWhole(container, formatFloat(value)))
  }
  return value >= 0 && value < length ? value : NOT_AN_INDEX
}

/** An index in a message: floats without exponent. */
function indexText(rt: Runtime, index: number): string {
  const heap = rt.heap
  return heap.tagOf(index) === Tag.INTEGER ? formatInteger(rt, index) : String(BigInt(heap.floatOf(index)))
}

export function indexGet(rt: Runtime, dst: number, container: number, index: number): void {
  const heap = rt.heap
  const object = heap.referenceOf(container)
  const indexTag = heap.tagOf(index)
  const isIndex = indexTag === Tag.INTEGER || indexTag === Tag.FLOAT
  const tag = heap.tagOf(container)
  if (tag === Tag.ARRAY && isIndex) {
    const length = arrayLength(heap, object)
    const i = indexBelow(rt, index, length, 'array')
    if (i < 0) fail(rt, 'IndexError', MESSAGES.indexOutOfRange('array', indexText(rt, index), length))
    heap.copy(dst, elementAddress(heap, object, i))
  } else if (tag === Tag.HASH) {
    checkKey(rt, index)
    const entry = findEntry(heap, object, index)
    if (entry === 0) heap.setNull(dst)
    else heap.copy(dst, entry + HASH_ENTRY_VALUE)
  } else if (tag === Tag.STRING && isIndex) {
    const length = stringLength(heap, object)
    const i = indexBelow(rt, index, length, 'string')
    if (i < 0) fail(rt, 'IndexError', MESSAGES.indexOutOfRange('string', indexText(rt, index), length))
    heap.setReference(dst, Tag.STRING, newCharacter(heap, charCodeAt(heap, object, i)))
  } else failRuntime(rt, MESSAGES.indexNotSupported(typeName(rt, container)))
}

export function indexSet(rt: Runtime, container: number, index: number, value: number): void {
  const heap = rt.heap
  const object = heap.referenceOf(container)
  switch (heap.tagOf(container)) {
    case Tag.ARRAY: {
      const indexTag = heap.tagOf(index)
      if (indexTag !== Tag.INTEGER && indexTag !== Tag.FLOAT) {
        failRuntime(rt, MESSAGES.arrayIndexType(typeName(rt, index)))
      }
      const length = arrayLength(heap, object)
      const i = indexBelow(rt, index, length, 'array')
      if (i < 0) fail(rt, 'IndexError', MESSAGES.arrayIndexOutOfBounds(indexText(rt, index), length))
      heap.copy(elementForWrite(heap, object, i), value)
      return
    }
    case Tag.HASH:
      checkKey(rt, index)
      setEntry(heap, object, index, value)
      return
    case Tag.STRING:
      failRuntime(rt, MESSAGES.stringImmutable())
      break
    default:
      failRuntime(rt, MESSAGES.indexAssignment(typeName(rt, container)))
  }
}
