/** Built-in functions on strings that native code has in itself. */
import { StringLayout, Tag } from '../../heap/layout.js'
import type { Value } from '../ir/graph.js'
import type { Builder } from './builder.js'
import { type BuiltinFunction, finish, fits } from './builtins.js'
import { type Abstract, known } from './state.js'
import { characterOf, codeAt, orVm } from './texts.js'

/** The result of `ord` and the argument of `chr`: code points below these. */
const CHR_LIMIT = 128

/** A value as an INTEGER if it is one or, by feedback, should be. */
export function expectInteger(b: Builder, value: Abstract, seen: number): Value | null {
  if (!fits(value, seen, Tag.INTEGER)) return null
  return b.expect(value, Tag.INTEGER, 'notInteger').payload as Value
}

/** Anything in a place where only INTEGERs work: the VM raises the error if it is none. */
export const ANY_INTEGER = 1 << Tag.INTEGER

function ord(b: Builder, _count: number, seen: number): boolean {
  const value = b.state.operand(0)
  if (!fits(value, seen, Tag.STRING)) return false
  const string = b.expect(value, Tag.STRING, 'notString').payload as Value
  b.guard('guard.eq', [b.load('load32', string, StringLayout.LENGTH, 'fixed'), b.int(1)], 'outOfRange')
  b.guard('guard.narrow', [string], 'wide')
  return finish(b, 2, known(Tag.INTEGER, codeAt(b, string, b.int(0))))
}

function chr(b: Builder, _count: number, seen: number): boolean {
  const code = expectInteger(b, b.state.operand(0), seen)
  if (code === null) return false
  b.guard('guard.below', [code, b.int(CHR_LIMIT)], 'outOfRange')
  return finish(b, 2, known(Tag.STRING, characterOf(b, code)))
}

/** Types of which the tag alone does not tell the name have no entry in the table. */
function type(b: Builder): boolean {
  const value = b.state.operand(0)
  const table = b.address('table:typeNames')
  const name = b.load('load', b.emit('pointer', [table, b.tagOf(value)]), 0, 'fixed')
  b.guard('guard.nonzero', [name], 'unnamedType')
  return finish(b, 2, known(Tag.STRING, name))
}

function substr(b: Builder, _count: number, seen: number): boolean {
  const { state } = b
  if (!fits(state.operand(2), seen, Tag.STRING)) return false
  const string = b.expect(state.operand(2), Tag.STRING, 'notString').payload as Value
  const start = expectInteger(b, state.operand(1), ANY_INTEGER)
  if (start === null) return false
  const count = expectInteger(b, state.operand(0), ANY_INTEGER)
  if (count === null) return false
  return finish(b, 4, known(Tag.STRING, orVm(b, 'string.part', [string, start, count], 4)))
}

/** Methods of strings: `count` arguments stand on the receiver, which stands on a reserved slot. */
export function translateTextMethod(b: Builder, name: string, count: number): boolean {
  return name === 'substr' && count === 2 && substr(b, count, b.feedbackAt(b.position).left)
}

function textOf(b: Builder, _count: number, seen: number): boolean {
  const value = b.state.operand(0)
  if (fits(value, seen, Tag.STRING)) return finish(b, 2, b.expect(value, Tag.STRING, 'notString'))
  const integer = expectInteger(b, value, seen)
  return integer !== null && finish(b, 2, known(Tag.STRING, orVm(b, 'integer.text', [integer], 2)))
}

/** By name of the built-in function. */
export const TEXT_FUNCTIONS: Readonly<Record<string, BuiltinFunction>> = {
  ord: { arguments: 1, build: ord },
  chr: { arguments: 1, build: chr },
  type: { arguments: 1, build: type },
  substr: { arguments: 3, build: substr },
  to_string: { arguments: 1, build: textOf },
}
