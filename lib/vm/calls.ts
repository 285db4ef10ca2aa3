/**
 * The four call instructions up to the point where a Rush frame is to be entered, the same for the run
 * loop and for native code that yields: resolve the callee, lay out its arguments, check their number.
 *
 * Each returns the callee slot of a closure to enter, or 0 if the call is already done and its result
 * is in place. `sp` is one past the last argument.
 */

import {
  BoundMethodLayout,
  ClosureLayout,
  FunctionLayout,
  InstanceLayout,
  SLOT_SIZE,
  Tag,
} from '../heap/layout.js'
import { internString } from '../heap/strings.js'
import { callBuiltin } from '../runtime/builtins/registry.js'
import { findMethod, instantiate, superMethod } from '../runtime/classes.js'
import { failRuntime, MESSAGES } from '../runtime/errors.js'
import { className } from '../runtime/format.js'
import { cacheMethod } from '../runtime/method-cache.js'
import { constructInNamespace } from '../runtime/namespaces.js'
import { callMethod, callMethodValue } from '../runtime/properties.js'
import type { Runtime } from '../runtime/runtime.js'
import { typeName } from '../runtime/types.js'
import { cachedValue, fillCache, type LoadedFunction } from './loaded-function.js'

/** Which number of arguments a call expects, for the texts of errors. */
type CountMessage = (want: number, got: number) => string

function parametersOf(rt: Runtime, closure: number): number {
  const { I32 } = rt.heap
  const record = I32[(closure + ClosureLayout.FUNCTION) >> 2] as number
  return I32[(record + FunctionLayout.PARAMETERS) >> 2] as number
}

/** @param hidden 1 if the first argument is `self`, which nobody wrote */
function checkCount(
  rt: Runtime,
  closure: number,
  count: number,
  hidden: number,
  message: CountMessage,
): void {
  const want = parametersOf(rt, closure)
  if (want !== count) failRuntime(rt, message(want - hidden, count - hidden))
}

/** `callee(arguments)` */
export function prepareCall(rt: Runtime, sp: number, count: number): number {
  const { heap } = rt
  const callee = sp - (count + 1) * SLOT_SIZE
  switch (heap.tagOf(callee)) {
    case Tag.CLOSURE:
      checkCount(rt, heap.referenceOf(callee), count, 0, MESSAGES.argumentCount)
      return callee
    case Tag.BUILTIN:
      rt.top = sp
      callBuiltin(rt, heap.I32[callee >> 2] as number, callee + SLOT_SIZE, count, callee)
      return 0
    case Tag.BOUND_METHOD: {
      const bound = heap.referenceOf(callee)
      for (let slot = sp - SLOT_SIZE; slot > callee; slot -= SLOT_SIZE) heap.copy(slot + SLOT_SIZE, slot)
      heap.setReference(callee + SLOT_SIZE, Tag.INSTANCE, heap.getPointer(bound + BoundMethodLayout.RECEIVER))
      const closure = heap.getPointer(bound + BoundMethodLayout.METHOD)
      heap.setReference(callee, Tag.CLOSURE, closure)
      checkCount(rt, closure, count + 1, 1, MESSAGES.argumentCount)
      return callee
    }
    case Tag.METHOD_VALUE:
      rt.top = sp
      callMethodValue(rt, callee, heap.referenceOf(callee), callee + SLOT_SIZE, count)
      return 0
    default:
      return failRuntime(rt, MESSAGES.notAFunction(typeName(rt, callee)))
  }
}

/** `receiver.name(arguments)`; the slot before the receiver is reserved for callee and result. */
export function prepareMethodCall(
  rt: Runtime,
  fn: LoadedFunction,
  position: number,
  sp: number,
  name: number,
  count: number,
): number {
  const { heap } = rt
  const receiver = sp - (count + 1) * SLOT_SIZE
  const callee = receiver - SLOT_SIZE
  if (heap.tagOf(receiver) !== Tag.INSTANCE) {
    rt.top = sp
    const text = fn.unit.texts[(name - fn.unit.constants) / SLOT_SIZE] as string
    callMethod(rt, callee, receiver, text, receiver + SLOT_SIZE, count)
    return 0
  }
  const classObject = heap.getPointer(heap.referenceOf(receiver) + InstanceLayout.CLASS)
  const cache = fn.cacheAt(position)
  let closure = cachedValue(heap, cache, classObject)
  if (closure === 0) {
    closure = findMethod(rt, classObject, heap.referenceOf(name))
    if (closure === 0) return failUndefinedMethod(rt, fn, name, classObject)
    fillCache(heap, cache, classObject, closure)
  }
  heap.setReference(callee, Tag.CLOSURE, closure)
  checkCount(rt, closure, count + 1, 1, MESSAGES.argumentCount)
  return callee
}

/**
 * Puts the method that a CallMethod instruction calls, whose receiver is an INSTANCE, into the method cache.
 * @param sp one past the last argument
 */
export function findForCache(rt: Runtime, fn: LoadedFunction, position: number, sp: number): void {
  const { heap } = rt
  const nameSlot = fn.code[position + 1] as number
  const receiver = sp - ((fn.code[position + 2] as number) + 1) * SLOT_SIZE
  const classObject = heap.getPointer(heap.referenceOf(receiver) + InstanceLayout.CLASS)
  const name = heap.referenceOf(nameSlot)
  const text = fn.unit.texts[(nameSlot - fn.unit.constants) / SLOT_SIZE] as string
  cacheMethod(heap, classObject, name, text, findMethod(rt, classObject, name))
}

function failUndefinedMethod(rt: Runtime, fn: LoadedFunction, name: number, classObject: number): never {
  const text = fn.unit.texts[(name - fn.unit.constants) / SLOT_SIZE] as string
  return failRuntime(rt, MESSAGES.undefinedMethod(text, className(rt, classObject)))
}

/** Two reserved slots, the class, arguments -> the object, `initialize`'s frame or null. */
export function prepareNew(
  rt: Runtime,
  fn: LoadedFunction,
  position: number,
  sp: number,
  count: number,
): number {
  const { heap } = rt
  const self = sp - (count + 1) * SLOT_SIZE
  const callee = self - SLOT_SIZE
  const object = callee - SLOT_SIZE
  if (heap.tagOf(self) !== Tag.CLASS) {
    rt.top = sp
    if (!constructInNamespace(rt, object, self, self + SLOT_SIZE, count)) {
      failRuntime(rt, MESSAGES.notAClass(typeName(rt, self)))
    }
    heap.setNull(callee)
    return 0
  }
  const classObject = heap.referenceOf(self)
  const cache = fn.cacheAt(position)
  let closure = cachedValue(heap, cache, classObject)
  if (closure === 0) closure = findMethod(rt, classObject, internString(heap, 'initialize'))
  if (closure === 0) {
    if (count !== 0) failRuntime(rt, MESSAGES.initializeCount(0, count))
    instantiate(rt, object, classObject)
    heap.setNull(callee)
    return 0
  }
  checkCount(rt, closure, count + 1, 1, MESSAGES.initializeCount)
  fillCache(heap, cache, classObject, closure)
  instantiate(rt, object, classObject)
  heap.copy(self, object)
  heap.setReference(callee, Tag.CLOSURE, closure)
  return callee
}

/** A reserved slot, `self`, arguments; `home` is the class whose text contains the running function. */
export function prepareSuper(rt: Runtime, base: number, sp: number, name: number, count: number): number {
  const { heap } = rt
  const callee = sp - (count + 2) * SLOT_SIZE
  const running = heap.referenceOf(base - SLOT_SIZE)
  const home = heap.getPointer(running + ClosureLayout.HOME)
  const closure = superMethod(rt, home, heap.referenceOf(name))
  heap.setReference(callee, Tag.CLOSURE, closure)
  checkCount(rt, closure, count + 1, 1, MESSAGES.superCount)
  return callee
}
