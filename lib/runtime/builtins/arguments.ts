/** Checks of arguments that all builtin functions share. */
import { Tag } from '../../heap/layout.js'
import { failRuntime, MESSAGES } from '../errors.js'
import type { Runtime } from '../runtime.js'
import { tagTypeName, typeName } from '../types.js'

/** Fails unless the value has the tag; `what` begins the message, for instance "argument to `ord`". */
export function requireTag(rt: Runtime, slot: number, tag: number, what: string): void {
  if (rt.heap.tagOf(slot) === tag) return
  failRuntime(rt, MESSAGES.argumentType(what, tagTypeName(tag), typeName(rt, slot)))
}

/** Fails unless the value is an INTEGER or a FLOAT. */
export function requireNumber(rt: Runtime, slot: number, what: string): void {
  const tag = rt.heap.tagOf(slot)
  if (tag === Tag.INTEGER || tag === Tag.FLOAT) return
  failRuntime(rt, MESSAGES.argumentType(what, 'INTEGER or FLOAT', typeName(rt, slot)))
}

/** For methods that name the types of two arguments at once. */
export function requireIntegers(rt: Runtime, first: number, second: number, what: string): void {
  const heap = rt.heap
  if (heap.tagOf(first) === Tag.INTEGER && heap.tagOf(second) === Tag.INTEGER) return
  const got = `${typeName(rt, first)}, ${typeName(rt, second)}`
  failRuntime(rt, MESSAGES.argumentType(what, 'INTEGER', got))
}
