/** `print`, `puts`, `len`, `type`, `to_string`, `ord`, `chr` and the constructors of errors. */
import { arrayLength } from '../../heap/arrays.js'
import { hashCount } from '../../heap/hashes.js'
import { SLOT_SIZE, Tag } from '../../heap/layout.js'
import { charCodeAt, internString, newCharacter, stringLength } from '../../heap/strings.js'
import { failRuntime, MESSAGES, makeError } from '../errors.js'
import { formatInteger, toStringValue, toText } from '../format.js'
import type { Runtime } from '../runtime.js'
import { typeName } from '../types.js'
import { requireTag } from './arguments.js'
import type { Builtin } from './registry.js'

function print(rt: Runtime, args: number, argc: number, dst: number): void {
  let line = argc > 0 ? toText(rt, args) : ''
  for (let i = 1; i < argc; i++) line += ` ${toText(rt, args + i * SLOT_SIZE)}`
  rt.output.write(`${line}\n`)
  rt.heap.setNull(dst)
}

function len(rt: Runtime, args: number, _argc: number, dst: number): void {
  const heap = rt.heap
  const object = heap.referenceOf(args)
  switch (heap.tagOf(args)) {
    case Tag.STRING:
      heap.setInteger(dst, stringLength(heap, object))
      break
    case Tag.ARRAY:
      heap.setInteger(dst, arrayLength(heap, object))
      break
    case Tag.HASH:
      heap.setInteger(dst, hashCount(heap, object))
      break
    default:
      failRuntime(rt, MESSAGES.lenType(typeName(rt, args)))
  }
}

function type(rt: Runtime, args: number, _argc: number, dst: number): void {
  rt.heap.setReference(dst, Tag.STRING, internString(rt.heap, typeName(rt, args)))
}

function ord(rt: Runtime, args: number, _argc: number, dst: number): void {
  const heap = rt.heap
  requireTag(rt, args, Tag.STRING, 'argument to `ord`')
  const string = heap.referenceOf(args)
  const length = stringLength(heap, string)
  if (length !== 1) failRuntime(rt, MESSAGES.ordLength(length))
  heap.setInteger(dst, charCodeAt(heap, string, 0))
}

function chr(rt: Runtime, args: number, _argc: number, dst: number): void {
  const heap = rt.heap
  requireTag(rt, args, Tag.INTEGER, 'argument to `chr`')
  const code = heap.integerAsNumber(args)
  if (code < 0 || code > 127) failRuntime(rt, MESSAGES.chrRange(formatInteger(rt, args)))
  heap.setReference(dst, Tag.STRING, newCharacter(heap, code))
}

/** What the constructor of errors of the type `name` does. */
export function constructError(rt: Runtime, name: string, args: number, dst: number): void {
  requireTag(rt, args, Tag.STRING, `argument to ${name} constructor`)
  makeError(rt, dst, name, args)
}

function errorConstructor(name: string): Builtin {
  return { name, arity: [1, 1], call: (rt, args, _argc, dst) => constructError(rt, name, args, dst) }
}

export const CORE_FUNCTIONS: readonly Builtin[] = [
  { name: 'print', arity: [0, Number.POSITIVE_INFINITY], call: print },
  { name: 'puts', arity: [0, Number.POSITIVE_INFINITY], call: print },
  { name: 'len', arity: [1, 1], call: len },
  { name: 'type', arity: [1, 1], call: type },
  { name: 'to_string', arity: [1, 1], call: (rt, args, _argc, dst) => toStringValue(rt, dst, args) },
  { name: 'ord', arity: [1, 1], call: ord },
  { name: 'chr', arity: [1, 1], call: chr },
  errorConstructor('Error'),
  errorConstructor('ValidationError'),
  errorConstructor('TypeError'),
  errorConstructor('IndexError'),
  errorConstructor('ArgumentError'),
  errorConstructor('RuntimeError'),
]
