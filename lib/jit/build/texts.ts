/** Operators on strings, chosen by what is known of the operands or was seen of them. */
import { Opcode } from '../../bytecode/opcodes.js'
import { StringLayout, Tag, Word } from '../../heap/layout.js'
import type { Instruction, Value } from '../ir/graph.js'
import { isInterned } from '../ir/interned.js'
import { type OpName, packWord } from '../ir/ops.js'
import type { Builder } from './builder.js'
import { fits } from './builtins.js'
import { type Abstract, known, offsetOf, UNKNOWN } from './state.js'

/** Both operands as STRINGs, guarded, or null if they are not expected to be. */
function strings(b: Builder): readonly [Value, Value] | null {
  const { left, right } = b.feedbackAt(b.position)
  const { state } = b
  if (!fits(state.operand(1), left, Tag.STRING) || !fits(state.operand(0), right, Tag.STRING)) return null
  return [expectString(b, 1), expectString(b, 0)]
}

function expectString(b: Builder, depth: number): Value {
  return b.expect(b.state.operand(depth), Tag.STRING, 'notString').payload as Value
}

function expectInteger(b: Builder, depth: number): Value {
  return b.expect(b.state.operand(depth), Tag.INTEGER, 'notInteger').payload as Value
}

function finish(b: Builder, tag: number, value: Value): true {
  b.state.pop(2)
  b.state.push(known(tag, value))
  return true
}

export function translateTextEquality(b: Builder, opcode: number): boolean {
  const pair = strings(b)
  if (pair === null) return false
  const [left, right] = pair
  const both = isInterned(left) && isInterned(right)
  const negated = opcode === Opcode.NotEqual
  const op = both ? (negated ? 'int.ne' : 'int.eq') : 'string.equal'
  return finish(b, Tag.BOOLEAN, b.emit(op, [left, right], both || negated ? 0n : 1n))
}

/** What the operand is, if it is surely null or a certain boolean. */
function wordKnown({ tag, payload }: Abstract): Word | null {
  if (tag === Tag.NULL) return Word.NULL
  const constant = payload as Instruction | null
  if (tag !== Tag.BOOLEAN || constant?.op !== 'int') return null
  return constant.imm === 1n ? Word.TRUE : Word.FALSE
}

/** `==` and `!=` of anything with null or a boolean constant, where strings have come, too. */
export function translateIs(b: Builder, opcode: number): boolean {
  const [x, y] = [b.state.operand(1), b.state.operand(0)]
  const [left, right] = [wordKnown(x), wordKnown(y)]
  const word = left ?? right
  const value = left === null ? x : y
  if (opcode === Opcode.SameCase || word === null) return false
  if (value.tag !== UNKNOWN && value.tag !== Tag.STRING) return false
  const args = [value.payload as Value, b.tagOf(value)]
  return finish(b, Tag.BOOLEAN, b.emit('value.is', args, packWord(word, opcode === Opcode.Equal)))
}

/** By the sign of what `string.order` gives. */
const ORDERS: Readonly<Record<number, OpName>> = {
  [Opcode.Less]: 'int.lt',
  [Opcode.Greater]: 'int.gt',
  [Opcode.LessEqual]: 'int.le',
  [Opcode.GreaterEqual]: 'int.ge',
}

export function translateTextOrder(b: Builder, opcode: number): boolean {
  const pair = strings(b)
  if (pair === null) return false
  const order = b.emit('string.order', [...pair])
  return finish(b, Tag.BOOLEAN, b.emit(ORDERS[opcode] as OpName, [order, b.int(0)]))
}

/** An operation that the VM does where native code cannot, leaving the result in the lowest of `size` operands. */
export function orVm(b: Builder, op: OpName, args: Value[], size: number): Value {
  const result = b.emit(op, args, BigInt(offsetOf(b.state.size - size)))
  result.snapshot = b.snapshot(null)
  return result
}

/** `+` where one side is a STRING and the other a STRING or an INTEGER. */
export function translateTextAdd(b: Builder): boolean {
  const { left, right } = b.feedbackAt(b.position)
  const { state } = b
  const [leftIs, rightIs] = [Tag.STRING, Tag.INTEGER].map((tag) => [
    fits(state.operand(1), left, tag),
    fits(state.operand(0), right, tag),
  ]) as [[boolean, boolean], [boolean, boolean]]
  const [leftString, rightString] = leftIs
  const [leftInteger, rightInteger] = rightIs
  let value: Value
  if (leftString && rightString) value = orVm(b, 'string.add', [...(strings(b) as [Value, Value])], 2)
  else if (leftString && rightInteger) {
    const text = expectString(b, 1)
    // The guard has told of both operands if they are the same value.
    if (!fits(state.operand(0), right, Tag.INTEGER)) return false
    value = orVm(b, 'string.addinteger', [text, expectInteger(b, 0)], 2)
  } else if (leftInteger && rightString) {
    const integer = expectInteger(b, 1)
    if (!fits(state.operand(0), right, Tag.STRING)) return false
    value = orVm(b, 'integer.addstring', [integer, expectString(b, 0)], 2)
  } else return false
  return finish(b, Tag.STRING, value)
}

/** The one-character string of a code point below 256. */
export function characterOf(b: Builder, code: Value): Value {
  return b.load('load', b.emit('pointer', [b.address('table:characters'), code]), 0, 'fixed')
}

/** The code point at an index of a STRING that takes one byte per character. */
export function codeAt(b: Builder, string: Value, index: Value): Value {
  const data = b.load('load', string, StringLayout.DATA, 'fixed')
  const code = b.emit('load8', [b.emit('int.add', [data, index])])
  code.memory = 'fixed'
  return code
}

/** `text[i]`. */
export function translateTextIndex(b: Builder): boolean {
  const { state } = b
  const feedback = b.feedbackAt(b.position)
  const isText = fits(state.operand(1), feedback.left, Tag.STRING)
  if (!isText || !fits(state.operand(0), feedback.right, Tag.INTEGER)) return false
  const string = expectString(b, 1)
  if (!fits(state.operand(0), feedback.right, Tag.INTEGER)) return false
  const index = expectInteger(b, 0)
  b.guard('guard.below', [index, b.load('load32', string, StringLayout.LENGTH, 'fixed')], 'outOfRange')
  if (feedback.wide) return finish(b, Tag.STRING, orVm(b, 'string.at', [string, index], 2))
  b.guard('guard.narrow', [string], 'wide')
  return finish(b, Tag.STRING, characterOf(b, codeAt(b, string, index)))
}
