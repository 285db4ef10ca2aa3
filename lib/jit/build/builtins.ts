/** Built-in functions and methods that native code has in itself; all others are a `step`. */
import { ArrayLayout, HashLayout, StringLayout, Tag } from '../../heap/layout.js'
import type { Value } from '../ir/graph.js'
import type { OpName } from '../ir/ops.js'
import type { ExitReason } from '../reasons.js'
import { expectNumber, numberTag } from './arithmetic.js'
import type { Builder } from './builder.js'
import { translateHashMethod } from './hashes.js'
import { absolute, NUMERIC_BUILTINS, squareRoot } from './numeric-builtins.js'
import { type Abstract, hasPayload, known, offsetOf, UNKNOWN } from './state.js'
import { ANY_INTEGER, expectInteger, TEXT_FUNCTIONS, translateTextMethod } from './text-functions.js'
import { orVm } from './texts.js'
import { nameOf } from './translate.js'

/** Whether the operand is, or by feedback should be, of this type. */
export function fits(value: Abstract, seen: number, tag: number): boolean {
  return value.tag === tag || (value.tag === UNKNOWN && seen === 1 << tag)
}

/** What has a length in its header: where, and what to say if it is something else. */
const LENGTHS: readonly (readonly [tag: number, offset: number, reason: ExitReason])[] = [
  [Tag.ARRAY, ArrayLayout.LENGTH, 'notArray'],
  [Tag.STRING, StringLayout.LENGTH, 'notString'],
  [Tag.HASH, HashLayout.COUNT, 'notHash'],
]

/** The length of an array, string or hash, or null if it cannot be had here. */
export function lengthOf(b: Builder, value: Abstract, seen: number): Value | null {
  for (const [tag, offset, reason] of LENGTHS) {
    if (!fits(value, seen, tag)) continue
    const object = b.expect(value, tag, reason).payload as Value
    return b.load('load32', object, offset, tag === Tag.HASH ? 'hash' : 'fixed')
  }
  return null
}

/** Replaces the call's operands by its result. */
export function finish(b: Builder, size: number, result: Abstract): true {
  b.state.pop(size)
  b.state.push(result)
  return true
}

export type BuiltinBuilder = (b: Builder, count: number, seen: number) => boolean

export interface BuiltinFunction {
  arguments: number
  build: BuiltinBuilder
}

/** By name of the built-in function; `seen`: tags of the first argument. */
const FUNCTIONS: Readonly<Record<string, BuiltinFunction>> = {
  len: {
    arguments: 1,
    build: (b, _, seen) => {
      const length = lengthOf(b, b.state.operand(0), seen)
      return length !== null && finish(b, 2, known(Tag.INTEGER, length))
    },
  },
  push: {
    arguments: 2,
    build: (b, _, seen) => {
      if (!fits(b.state.operand(1), seen, Tag.ARRAY)) return false
      const array = b.expect(b.state.operand(1), Tag.ARRAY, 'notArray').payload as Value
      return push(b, array, 3)
    },
  },
  slice: {
    arguments: 3,
    build: (b, _, seen) => {
      if (!fits(b.state.operand(2), seen, Tag.ARRAY)) return false
      return slice(b, b.expect(b.state.operand(2), Tag.ARRAY, 'notArray').payload as Value)
    },
  },
  ...TEXT_FUNCTIONS,
  ...Object.fromEntries(
    Object.entries(NUMERIC_BUILTINS).map(([name, { arguments: count, build }]) => [
      name,
      {
        arguments: count,
        build: (b: Builder) => {
          const result = build(b)
          return result !== null && finish(b, count + 1, result)
        },
      },
    ]),
  ),
}

export function translateBuiltin(b: Builder, count: number): boolean {
  const { state } = b
  const feedback = b.feedbackAt(b.position)
  const { world } = b.input
  const callee = state.operand(count)
  for (const [name, row] of Object.entries(FUNCTIONS)) {
    const index = world.builtinIndex(name)
    if (index !== feedback.builtin || count !== row.arguments) continue
    const builtin = b.expect(callee, Tag.BUILTIN, 'otherBuiltin').payload as Value
    b.guard('guard.eq', [builtin, b.int(index)], 'otherBuiltin')
    return row.build(b, count, feedback.right)
  }
  return false
}

/** `push(array, value)`: of `size` operands the value is the topmost; the result takes the place of the lowest. */
function push(b: Builder, array: Value, size: number): true {
  const { state } = b
  const value = state.operand(0)
  const args = [array, b.tagOf(value)]
  if (hasPayload(value.tag)) args.push(value.payload as Value)
  const header = b.emit('array.push', args, BigInt(offsetOf(state.size - size)))
  header.snapshot = b.snapshot(null)
  return finish(b, size, known(Tag.ARRAY, header))
}

/** The operands are four, of which the topmost are start and end. */
function slice(b: Builder, array: Value): boolean {
  const { state } = b
  const start = expectInteger(b, state.operand(1), ANY_INTEGER)
  const end = start && expectInteger(b, state.operand(0), ANY_INTEGER)
  if (!start || !end) return false
  return finish(b, 4, known(Tag.ARRAY, orVm(b, 'array.part', [array, start, end], 4)))
}

/** Methods of floats whose result is one machine operation. */
const FLOAT_METHODS: Readonly<Record<string, OpName>> = {
  floor: 'float.floor',
  ceil: 'float.ceil',
}

/** `receiver.name(...)` of values that are no instances; the operands are the reserved slot, receiver, arguments. */
export function translateBuiltinMethod(b: Builder, count: number): boolean {
  const { state } = b
  const feedback = b.feedbackAt(b.position)
  const name = nameOf(b, b.fn.code[b.position + 1] as number)
  const receiver = state.operand(count)
  if (name === 'push' && count === 1 && fits(receiver, feedback.left, Tag.ARRAY)) {
    return push(b, b.expect(receiver, Tag.ARRAY, 'notArray').payload as Value, 3)
  }
  if (name === 'slice' && count === 2 && fits(receiver, feedback.left, Tag.ARRAY)) {
    return slice(b, b.expect(receiver, Tag.ARRAY, 'notArray').payload as Value)
  }
  if (translateHashMethod(b, name, count) || translateTextMethod(b, name, count)) return true
  const tag = numberTag(receiver, feedback.left)
  if (count !== 0 || tag === UNKNOWN) return false
  if (name === 'sqrt') return finish(b, 2, squareRoot(b, expectNumber(b, receiver, tag)))
  if (name === 'abs') return finish(b, 2, absolute(b, expectNumber(b, receiver, tag)))
  const op = FLOAT_METHODS[name]
  if (op === undefined) return false
  const value = expectNumber(b, receiver, tag)
  if (tag === Tag.FLOAT) return finish(b, 2, known(tag, b.emit(op, [value.payload as Value])))
  return finish(b, 2, value)
}
