/** What the generator of programs knows at a place in the text. */

/**
 * What an expression gives, as far as the generator takes care: `num` is an integer or a float, `any` anything.
 * Arrays are of numbers and have `ARRAY_LENGTH` elements; hashes have numbers as values; functions (`fn`) take and give one.
 */
export const TYPES = ['int', 'float', 'num', 'str', 'bool', 'arr', 'hash', 'obj', 'fn', 'any'] as const
export type Type = (typeof TYPES)[number]

/** Whether what is of the type `given` may stand where `wanted` is wanted. */
export function accepts(wanted: Type, given: Type): boolean {
  if (wanted === given) return true
  if (wanted === 'num') return given === 'int' || given === 'float'
  return wanted === 'any' && given !== 'obj' && given !== 'fn'
}

export const ARRAY_LENGTH = 8
export const HASH_KEYS = ['"a"', '"b"', '"né"', '0', '1', '2.5', '-1', 'true'] as const

export interface Variable {
  readonly name: string
  readonly type: Type
  /** Loop counters are not: loops must end. */
  readonly writable: boolean
}

/** A function of the program. */
export interface Callable {
  readonly name: string
  readonly parameters: readonly Type[]
  readonly returns: Type
  /** Statements that a call executes, roughly. */
  readonly cost: number
}

/** A function under construction, or the file. */
export interface Place {
  readonly variables: Variable[]
  /** Statements are executed so often for each that is written here: the product of the loops around. */
  times: number
  /** Statements executed so far. */
  cost: number
  /** What `cost` should not exceed. */
  readonly limit: number
  /** Blocks around the present statement. */
  depth: number
  /** Loops around the present statement that `break` may leave. */
  loops: number
  /** What a `return` should give, or null at the top of the file. */
  readonly returns: Type | null
  /** Whether `@a` and `self` mean something. */
  readonly inMethod: boolean
}
