/** What a dot reaches on the builtin types: tables of properties and methods, one per type. */
import type { Runtime } from './runtime.js'

/** `receiver` and `args` are slots; `dst` may be one of them, so it is written last. */
export interface Method {
  /** Fewest and most arguments. */
  readonly arity: readonly [number, number]
  call(rt: Runtime, receiver: number, args: number, argc: number, dst: number): void
}

export type Property = (rt: Runtime, receiver: number, dst: number) => void

export interface MemberTable {
  readonly properties: ReadonlyMap<string, Property>
  readonly methods: ReadonlyMap<string, Method>
  /**
   * Stands before the method's name in messages about the number of arguments; null: the messages are
   * those of functions.
   */
  readonly prefix: string | null
}

/** Makes a table from plain objects. */
export function memberTable(
  properties: Readonly<Record<string, Property>>,
  methods: Readonly<Record<string, Method>>,
  prefix: string | null = '',
): MemberTable {
  return {
    properties: new Map(Object.entries(properties)),
    methods: new Map(Object.entries(methods)),
    prefix,
  }
}

/** How a number of arguments is put: `=1`, `=1 or 2`, ` at least 1`. */
export function arityText([least, most]: readonly [number, number]): string {
  if (most === Number.POSITIVE_INFINITY) return ` at least ${least}`
  return least === most ? `=${least}` : `=${least} or ${most}`
}
