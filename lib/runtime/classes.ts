/** Classes: making them, finding methods and fields, `new` and `super` (core.md section 11). */
import {
  copyHash,
  createHash,
  entryAddress,
  findStringEntry,
  hashCount,
  newHash,
  setStringEntry,
} from '../heap/hashes.js'
import { ClassLayout, ClosureLayout, HASH_ENTRY_VALUE, Tag } from '../heap/layout.js'
import { createClassObject, createInstance, instanceClass } from '../heap/objects.js'
import { internString, toJsString } from '../heap/strings.js'
import { failRuntime, MESSAGES } from './errors.js'
import { className } from './format.js'
import { clearMethodCache } from './method-cache.js'
import type { Runtime } from './runtime.js'
import { typeName } from './types.js'

/**
 * A class without methods. `name` is a STRING address; `superSlot` a slot with the superclass or 0;
 * `fieldNames` the instance variables that the class's text mentions, without `@`.
 */
export function createClass(
  rt: Runtime,
  dst: number,
  name: number,
  superSlot: number,
  fieldNames: readonly string[],
): number {
  const heap = rt.heap
  let superclass = 0
  if (superSlot !== 0) {
    if (heap.tagOf(superSlot) !== Tag.CLASS) failRuntime(rt, MESSAGES.superclassType(typeName(rt, superSlot)))
    superclass = heap.referenceOf(superSlot)
  }
  const temporary = rt.pushTemporary()
  const fieldNumbers =
    superclass === 0
      ? createHash(heap, temporary, fieldNames.length)
      : copyHash(heap, temporary, heap.getPointer(superclass + ClassLayout.FIELD_NUMBERS), fieldNames.length)
  for (const fieldName of fieldNames) {
    const string = internString(heap, fieldName)
    if (findStringEntry(heap, fieldNumbers, string) !== 0) continue
    heap.setInteger(temporary, hashCount(heap, fieldNumbers))
    setStringEntry(heap, fieldNumbers, string, temporary)
  }
  rt.top = temporary
  const fields = hashCount(heap, fieldNumbers)
  const object = createClassObject(heap, name, superclass, newHash(heap, 0), fieldNumbers, fields)
  heap.setReference(dst, Tag.CLASS, object)
  return object
}

/** Adds a method, or replaces one of the class itself; the closure's home becomes the class. */
export function addMethod(rt: Runtime, classObject: number, name: number, closure: number): void {
  const heap = rt.heap
  heap.setPointer(closure + ClosureLayout.HOME, classObject)
  const temporary = rt.pushTemporary()
  heap.setReference(temporary, Tag.CLOSURE, closure)
  setStringEntry(heap, heap.getPointer(classObject + ClassLayout.METHODS), name, temporary)
  rt.top = temporary
  clearMethodCache(heap)
}

/** The method of a class (or 0: none) with this name, found first going up: a CLOSURE address, or 0. */
export function findMethod(rt: Runtime, classObject: number, name: number): number {
  const heap = rt.heap
  for (let at = classObject; at !== 0; at = heap.getPointer(at + ClassLayout.SUPER)) {
    const entry = findStringEntry(heap, heap.getPointer(at + ClassLayout.METHODS), name)
    if (entry !== 0) return heap.referenceOf(entry + HASH_ENTRY_VALUE)
  }
  return 0
}

/** Names of the methods that objects of a class have, inherited ones included. */
export function methodNames(rt: Runtime, classObject: number): string[] {
  const { heap } = rt
  const names = new Set<string>()
  for (let at = classObject; at !== 0; at = heap.getPointer(at + ClassLayout.SUPER)) {
    const methods = heap.getPointer(at + ClassLayout.METHODS)
    for (let i = 0; i < hashCount(heap, methods); i++)
      names.add(toJsString(heap, heap.referenceOf(entryAddress(heap, methods, i))))
  }
  return [...names]
}

/** The method of an instance (an INSTANCE address); fails if there is none. */
export function instanceMethod(rt: Runtime, instance: number, name: number): number {
  const classObject = instanceClass(rt.heap, instance)
  const closure = findMethod(rt, classObject, name)
  if (closure !== 0) return closure
  failRuntime(rt, MESSAGES.undefinedMethod(toJsString(rt.heap, name), className(rt, classObject)))
}

/** The class in a slot (its address); fails if it is none. */
export function classIn(rt: Runtime, slot: number): number {
  if (rt.heap.tagOf(slot) !== Tag.CLASS) failRuntime(rt, MESSAGES.notAClass(typeName(rt, slot)))
  return rt.heap.referenceOf(slot)
}

/** A new object with all fields NULL; `initialize` is the caller's business. */
export function instantiate(rt: Runtime, dst: number, classObject: number): void {
  createInstance(rt.heap, dst, classObject)
}

/** The number of an instance variable in objects of a class, or -1. */
export function fieldNumber(rt: Runtime, classObject: number, name: number): number {
  const heap = rt.heap
  const entry = findStringEntry(heap, heap.getPointer(classObject + ClassLayout.FIELD_NUMBERS), name)
  return entry === 0 ? -1 : heap.referenceOf(entry + HASH_ENTRY_VALUE)
}

/**
 * What `super(...)` calls: the method `name` above `home`, the class whose text contains the running
 * method (0: there is none).
 */
export function superMethod(rt: Runtime, home: number, name: number): number {
  if (home === 0) failRuntime(rt, MESSAGES.superOutsideMethod())
  const superclass = rt.heap.getPointer(home + ClassLayout.SUPER)
  if (superclass === 0) failRuntime(rt, MESSAGES.noSuperclass())
  const closure = findMethod(rt, superclass, name)
  if (closure === 0) failRuntime(rt, MESSAGES.superMethodNotFound(toJsString(rt.heap, name)))
  return closure
}
