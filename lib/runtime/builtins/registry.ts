/**
 * All built-in functions: one table. A BUILTIN value holds an index into it; indices beyond it are
 * constructors of error types that a program made up (`DatabaseError`).
 */
import { failRuntime, MESSAGES } from '../errors.js'
import { arityText } from '../members.js'
import type { Runtime } from '../runtime.js'
import { ARRAY_FUNCTIONS } from './arrays.js'
import { CORE_FUNCTIONS, constructError } from './core.js'
import { DIRECTORY_FUNCTIONS } from './directories.js'
import { DURATION_FUNCTIONS } from './durations.js'
import { FILE_FUNCTIONS } from './files.js'
import { HASH_FUNCTIONS } from './hashes.js'
import { JSON_FUNCTIONS } from './json.js'
import { NUMBER_FUNCTIONS } from './numbers.js'
import { PATH_FUNCTIONS } from './paths.js'
import { REGEXP_FUNCTIONS } from './regexp.js'
import { STRING_FUNCTIONS } from './strings.js'
import { TIME_FUNCTIONS } from './time.js'
import { TIMEZONE_FUNCTIONS } from './timezones.js'

/** `args` is the slot of the first argument; `dst` may be one of the slots and is written last. */
export interface Builtin {
  readonly name: string
  /** Fewest and most arguments. */
  readonly arity: readonly [number, number]
  /** Whether the functions called `NAME.member` are reached by a dot behind this one. */
  readonly namespace?: boolean
  /** How a wrong number of arguments is put, where it is not the usual way. */
  countMessage?(got: number): string
  call(rt: Runtime, args: number, argc: number, dst: number): void
}

export const BUILTINS: readonly Builtin[] = [
  ...CORE_FUNCTIONS,
  ...STRING_FUNCTIONS,
  ...ARRAY_FUNCTIONS,
  ...HASH_FUNCTIONS,
  ...NUMBER_FUNCTIONS,
  ...JSON_FUNCTIONS,
  ...REGEXP_FUNCTIONS,
  ...FILE_FUNCTIONS,
  ...DIRECTORY_FUNCTIONS,
  ...PATH_FUNCTIONS,
  ...TIME_FUNCTIONS,
  ...DURATION_FUNCTIONS,
  ...TIMEZONE_FUNCTIONS,
]

const INDEX_BY_NAME: ReadonlyMap<string, number> = new Map(BUILTINS.map(({ name }, index) => [name, index]))

/** Names like DatabaseError that are bound nowhere construct errors of that type. */
const ERROR_NAME = /^[A-Z][A-Za-z0-9_?]*Error$/

/** The index of the built-in function with this name, or -1. */
export function builtinIndex(name: string): number {
  return INDEX_BY_NAME.get(name) ?? -1
}

export function isBuiltin(name: string): boolean {
  return INDEX_BY_NAME.has(name)
}

/** Whether a name that is bound nowhere is a constructor of errors. */
export function isErrorConstructorName(name: string): boolean {
  return ERROR_NAME.test(name)
}

/** Writes the constructor of errors of the type `name` to `dst`. */
export function errorConstructor(rt: Runtime, dst: number, name: string): void {
  const standard = builtinIndex(name)
  if (standard >= 0) {
    rt.heap.setBuiltin(dst, standard)
    return
  }
  const known = rt.errorConstructors.indexOf(name)
  const number = known >= 0 ? known : rt.errorConstructors.push(name) - 1
  rt.heap.setBuiltin(dst, BUILTINS.length + number)
}

/** A name that no scope binds: an error constructor, or the error "identifier not found". */
export function unboundName(rt: Runtime, dst: number, name: string): void {
  if (!isErrorConstructorName(name)) failRuntime(rt, MESSAGES.identifierNotFound(name))
  errorConstructor(rt, dst, name)
}

/** Calls a built-in function by the index in a BUILTIN value. */
export function callBuiltin(rt: Runtime, index: number, args: number, argc: number, dst: number): void {
  const builtin = BUILTINS[index]
  const arity = builtin === undefined ? ([1, 1] as const) : builtin.arity
  if (argc < arity[0] || argc > arity[1]) {
    failRuntime(rt, builtin?.countMessage?.(argc) ?? MESSAGES.builtinCount(argc, arityText(arity)))
  }
  if (builtin !== undefined) builtin.call(rt, args, argc, dst)
  else constructError(rt, rt.errorConstructors[index - BUILTINS.length] as string, args, dst)
}
