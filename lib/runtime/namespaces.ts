/** Values whose members are built-in functions: `Time`, what `Time()` gives, and their like. */
import { Tag } from '../heap/layout.js'
import { BUILTINS, builtinIndex, callBuiltin } from './builtins/registry.js'
import { failRuntime, MESSAGES } from './errors.js'
import type { Runtime } from './runtime.js'

/** The name of the namespace in a slot, or null if it holds none. */
export function namespaceIn(rt: Runtime, slot: number): string | null {
  switch (rt.heap.tagOf(slot)) {
    case Tag.BUILTIN: {
      const builtin = BUILTINS[rt.heap.referenceOf(slot)]
      return builtin?.namespace === true ? builtin.name : null
    }
    case Tag.HOST:
      return rt.hosts.typeAt(slot)?.namespace ?? null
    default:
      return null
  }
}

/** The index of the built-in function `namespace.name`; fails if there is none. */
export function namespaceMember(rt: Runtime, namespace: string, name: string): number {
  const index = builtinIndex(`${namespace}.${name}`)
  if (index < 0) failRuntime(rt, MESSAGES.undefinedNamespaceMethod(name, namespace))
  return index
}

/** Names of all members of a namespace. */
export function namespaceNames(namespace: string): string[] {
  const prefix = `${namespace}.`
  return BUILTINS.flatMap(({ name }) => (name.startsWith(prefix) ? [name.slice(prefix.length)] : []))
}

/** `receiver.new(args)` where the receiver is a namespace; false (and nothing done) if it is none. */
export function constructInNamespace(
  rt: Runtime,
  dst: number,
  receiver: number,
  args: number,
  argc: number,
): boolean {
  const namespace = namespaceIn(rt, receiver)
  if (namespace === null) return false
  callBuiltin(rt, namespaceMember(rt, namespace, 'new'), args, argc, dst)
  return true
}
