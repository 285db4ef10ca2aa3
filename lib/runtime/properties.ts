/**
 * The dot: `x.name` for all values, `x.name(args)` for all but instances, whose methods are program
 * code that the tiers call themselves.
 */
import { MethodValueLayout, Tag } from '../heap/layout.js'
import { createBoundMethod, createMethodValue, instanceClass } from '../heap/objects.js'
import { internString, toJsString } from '../heap/strings.js'
import { ARRAY_MEMBERS } from './builtins/arrays.js'
import { HASH_MEMBERS } from './builtins/hashes.js'
import { JSON_MEMBERS } from './builtins/json.js'
import { NUMBER_MEMBERS } from './builtins/numbers.js'
import { callBuiltin } from './builtins/registry.js'
import { STRING_MEMBERS } from './builtins/strings.js'
import { instanceMethod, methodNames } from './classes.js'
import { ERROR_PROPERTIES, errorProperty, failRuntime, MESSAGES } from './errors.js'
import { arityText, type MemberTable, type Method } from './members.js'
import { namespaceIn, namespaceMember, namespaceNames } from './namespaces.js'
import type { Runtime } from './runtime.js'
import { typeName, typeNames } from './types.js'

/** The members of the value in a slot, or null if its type has none. */
function membersOf(rt: Runtime, slot: number): MemberTable | null {
  switch (rt.heap.tagOf(slot)) {
    case Tag.INTEGER:
    case Tag.FLOAT:
      return NUMBER_MEMBERS
    case Tag.STRING:
      return STRING_MEMBERS
    case Tag.ARRAY:
      return ARRAY_MEMBERS
    case Tag.HASH:
      return HASH_MEMBERS
    case Tag.JSON:
      return JSON_MEMBERS
    case Tag.HOST:
      return rt.hosts.typeAt(slot)?.members ?? null
    default:
      return null
  }
}

/** All names that a dot reaches on the value in a slot, in no particular order. */
export function memberNames(rt: Runtime, slot: number): string[] {
  const { heap } = rt
  switch (heap.tagOf(slot)) {
    case Tag.INSTANCE:
      return methodNames(rt, instanceClass(heap, heap.referenceOf(slot)))
    case Tag.CLASS:
      return ['new']
    case Tag.ERROR:
      return [...ERROR_PROPERTIES.keys()]
  }
  const members = membersOf(rt, slot)
  const namespace = namespaceIn(rt, slot)
  return [
    ...(members === null ? [] : [...members.properties.keys(), ...members.methods.keys()]),
    ...(namespace === null ? [] : namespaceNames(namespace)),
  ]
}

/** Fails for values without dot names, and for names that the value's type does not have. */
function failProperty(rt: Runtime, receiver: number, name: string): never {
  const kind = rt.heap.tagOf(receiver) === Tag.METHOD_VALUE ? undefined : typeNames(rt, receiver).kind
  if (kind === undefined) failRuntime(rt, MESSAGES.noProperties(typeName(rt, receiver)))
  failRuntime(rt, MESSAGES.unknownProperty(name, kind))
}

/** `receiver.name`: a property's value, or the method as a value. */
export function getProperty(rt: Runtime, dst: number, receiver: number, name: string): void {
  const heap = rt.heap
  const tag = heap.tagOf(receiver)
  if (tag === Tag.INSTANCE) {
    const instance = heap.referenceOf(receiver)
    const interned = internString(heap, name)
    createBoundMethod(heap, dst, instance, instanceMethod(rt, instance, interned), interned)
    return
  }
  if (tag === Tag.ERROR) {
    errorProperty(rt, dst, receiver, name)
    return
  }
  const members = membersOf(rt, receiver)
  const property = members?.properties.get(name)
  if (property !== undefined) property(rt, receiver, dst)
  else if (members?.methods.has(name)) createMethodValue(heap, dst, receiver, internString(heap, name))
  else {
    const namespace = namespaceIn(rt, receiver)
    if (namespace === null) failProperty(rt, receiver, name)
    heap.setBuiltin(dst, namespaceMember(rt, namespace, name))
  }
}

/** `receiver.name(args)` for receivers that are not instances. */
export function callMethod(
  rt: Runtime,
  dst: number,
  receiver: number,
  name: string,
  args: number,
  argc: number,
): void {
  const members = membersOf(rt, receiver)
  const method = members?.methods.get(name)
  if (members !== null && method !== undefined) {
    applyMethod(rt, dst, receiver, members, method, name, args, argc)
    return
  }
  const namespace = namespaceIn(rt, receiver)
  if (namespace !== null) {
    callBuiltin(rt, namespaceMember(rt, namespace, name), args, argc, dst)
    return
  }
  const temporary = rt.pushTemporary()
  getProperty(rt, temporary, receiver, name)
  failRuntime(rt, MESSAGES.notAFunction(typeName(rt, temporary)))
}

/** Calls a METHOD_VALUE (its address). */
export function callMethodValue(
  rt: Runtime,
  dst: number,
  methodValue: number,
  args: number,
  argc: number,
): void {
  const heap = rt.heap
  const name = toJsString(heap, heap.getPointer(methodValue + MethodValueLayout.NAME))
  // The receiver must lie in a slot of the stack while callbacks run: nothing else may hold it.
  const top = rt.top
  const receiver = rt.pushTemporary()
  heap.copy(receiver, methodValue + MethodValueLayout.RECEIVER)
  callMethod(rt, dst, receiver, name, args, argc)
  rt.top = top
}

function applyMethod(
  rt: Runtime,
  dst: number,
  receiver: number,
  members: MemberTable,
  method: Method,
  name: string,
  args: number,
  argc: number,
): void {
  const [least, most] = method.arity
  if (argc < least || argc > most) {
    const want = arityText(method.arity)
    if (members.prefix === null) failRuntime(rt, MESSAGES.builtinCount(argc, want))
    failRuntime(rt, MESSAGES.methodCount(members.prefix + name, want, argc))
  }
  method.call(rt, receiver, args, argc, dst)
}
