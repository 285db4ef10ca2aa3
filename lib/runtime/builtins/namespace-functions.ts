/** Namespaces as values: the function `Time` and what calling it gives. */
import type { HostType } from '../hosts.js'
import { memberTable } from '../members.js'
import type { Builtin } from './registry.js'

/** The function that stands for a namespace; its members are the functions called `NAME.member`. */
export function namespaceFunction(name: string): Builtin {
  const type: HostType<null> = {
    names: { type: `${name.toUpperCase()}_NAMESPACE` },
    members: memberTable({}, {}),
    namespace: name,
    text: () => `#<${name}Namespace>`,
  }
  return {
    name,
    arity: [0, Number.POSITIVE_INFINITY],
    namespace: true,
    call: (rt, _args, _argc, dst) => rt.hosts.create(dst, type, null),
  }
}
