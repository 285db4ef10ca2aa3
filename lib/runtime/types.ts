/** The one table of type names. */
import { Context, HostLayout, MethodValueLayout, Tag, Word } from '../heap/layout.js'
import { internString } from '../heap/strings.js'
import type { Runtime } from './runtime.js'

/** How a type is called in the places where programs can see it. */
export interface TypeNames {
  /** What `type()` says and messages show. */
  type: string
  /** In "unknown property X for KIND"; only types with dot names have one. */
  kind?: string
  /** What `type()` says of a method taken from such a value. */
  methodType?: string
  /** Text form of a method taken from such a value: what stands before and behind the receiver's text. */
  methodText?: (name: string) => readonly [string, string]
}

/** The names of a type with dot names; `methodName` is shown in the text of its methods. */
export function withMethods(type: string, kind: string, methodType: string, methodName: string): TypeNames {
  return { type, kind, methodType, methodText: (name) => [`#<${methodName}:${name} on `, '>'] }
}

const NAMES: readonly (TypeNames | undefined)[] = (() => {
  const names: (TypeNames | undefined)[] = []
  names[Tag.NULL] = { type: 'NULL' }
  names[Tag.BOOLEAN] = { type: 'BOOLEAN' }
  names[Tag.INTEGER] = withMethods('INTEGER', 'integer', 'NUMBER_METHOD', 'NumberMethod')
  names[Tag.FLOAT] = withMethods('FLOAT', 'float', 'NUMBER_METHOD', 'NumberMethod')
  names[Tag.BUILTIN] = { type: 'BUILTIN' }
  names[Tag.STRING] = withMethods('STRING', 'string', 'STRING_METHOD', 'StringMethod')
  names[Tag.ARRAY] = withMethods('ARRAY', 'array', 'ARRAY_METHOD', 'ArrayMethod')
  names[Tag.HASH] = withMethods('HASH', 'hash', 'HASH_METHOD', 'HashMethod')
  names[Tag.CLOSURE] = { type: 'FUNCTION' }
  names[Tag.CLASS] = { type: 'CLASS' }
  names[Tag.INSTANCE] = { type: 'INSTANCE' }
  names[Tag.BOUND_METHOD] = { type: 'BOUND_METHOD' }
  names[Tag.ERROR] = { type: 'ERROR' }
  names[Tag.JSON] = withMethods('JSON', 'JSON', 'JSON_METHOD', 'JSONMethod')
  return names
})()

/** The names of the type of the value in a slot (METHOD_VALUE has none of its own: see `typeName`). */
export function typeNames(rt: Runtime, slot: number): TypeNames {
  const tag = rt.heap.tagOf(slot)
  if (tag === Tag.HOST) {
    return rt.hosts.typeOf(rt.heap.I32[(rt.heap.referenceOf(slot) + HostLayout.TYPE) >> 2] as number).names
  }
  const names = NAMES[tag]
  if (names === undefined) throw new Error(`no type has the tag ${tag}`)
  return names
}

/** What `type()` says. */
export function typeName(rt: Runtime, slot: number): string {
  if (rt.heap.tagOf(slot) === Tag.METHOD_VALUE) {
    const receiver = rt.heap.referenceOf(slot) + MethodValueLayout.RECEIVER
    return typeNames(rt, receiver).methodType as string
  }
  return typeNames(rt, slot).type
}

/** Fills the context's tables of type names and of the texts of constants, so that native code finds them. */
export function makeWordTables({ heap }: Runtime): void {
  NAMES.forEach((names, tag) => {
    if (names !== undefined) heap.setPointer(Context.TYPE_NAMES + tag * 8, internString(heap, names.type))
  })
  for (const [word, text] of [
    [Word.NULL, 'null'],
    [Word.FALSE, 'false'],
    [Word.TRUE, 'true'],
  ] as const)
    heap.setPointer(Context.WORDS + word * 8, internString(heap, text))
}

/** Whether values with this tag exist for programs, and all have the same type name. */
export function hasTypeName(tag: number): boolean {
  return NAMES[tag] !== undefined && tag !== Tag.METHOD_VALUE && tag !== Tag.HOST
}

/** The type name of values with this tag, for tables of expectations; only if there is one. */
export function tagTypeName(tag: number): string {
  return (NAMES[tag] as TypeNames).type
}
