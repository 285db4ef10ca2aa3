/** `==`, `!=` and `switch` on values that are neither numbers nor strings: the same type and the same word. */
import { Opcode } from '../../bytecode/opcodes.js'
import { Tag } from '../../heap/layout.js'
import type { Value } from '../ir/graph.js'
import type { Builder } from './builder.js'
import { type Abstract, hasPayload, known, UNKNOWN } from './state.js'
import { negated, payloadWord } from './translate.js'

const STRING = 1 << Tag.STRING
const NUMBERS = (1 << Tag.INTEGER) | (1 << Tag.FLOAT)
const BY_CONTENT = STRING | NUMBERS

/** Tags that the operand can have, or by feedback has; 0: nothing is known. */
function tagsOf(value: Abstract, seen: number): number {
  return value.tag === UNKNOWN ? seen : 1 << value.tag
}

/**
 * Strings are equal to whatever has the same text, and numbers of both types to each other: no string may come, and
 * on one side no number. Then tags and payloads decide.
 */
export function translateIdentity(b: Builder, opcode: number): boolean {
  const { left: seenLeft, right: seenRight } = b.feedbackAt(b.position)
  const [x, y] = [b.state.operand(1), b.state.operand(0)]
  const [left, right] = [tagsOf(x, seenLeft), tagsOf(y, seenRight)]
  if (left === 0 || right === 0 || ((left | right) & STRING) !== 0) return false
  if ((left & NUMBERS) !== 0 && (right & NUMBERS) !== 0) return false
  // A side that is known to be compared by identity settles how `switch` compares.
  const plain = [x, y].some(({ tag }) => tag !== UNKNOWN && ((1 << tag) & BY_CONTENT) === 0)
  if (!plain || opcode !== Opcode.SameCase) for (const value of [x, y]) exclude(b, value, Tag.STRING)
  if (!plain) {
    const side = (left & NUMBERS) === 0 ? x : y
    exclude(b, side, Tag.INTEGER)
    exclude(b, side, Tag.FLOAT)
  }
  const same = sameWord(b, x, y)
  b.state.pop(2)
  b.state.push(known(Tag.BOOLEAN, opcode === Opcode.NotEqual ? negated(b, same) : same))
  return true
}

/** Guards that a value whose type is not known is not of this one. */
function exclude(b: Builder, value: Abstract, tag: number): void {
  if (value.tag !== UNKNOWN) return
  b.guard(
    'guard.nottag',
    [value.tagValue as Value],
    tag === Tag.STRING ? 'isString' : 'isNumber',
    BigInt(tag),
  )
}

/** 1 if tag and payload agree. */
function sameWord(b: Builder, x: Abstract, y: Abstract): Value {
  if (x.tag !== UNKNOWN && y.tag !== UNKNOWN) {
    if (x.tag !== y.tag) return b.int(0)
    return hasPayload(x.tag) ? b.emit('int.eq', [x.payload as Value, y.payload as Value]) : b.int(1)
  }
  const [constant, other] = x.tag === UNKNOWN ? [y, x] : [x, y]
  const otherTag = other.tagValue as Value
  if (constant.tag !== UNKNOWN && !hasPayload(constant.tag)) {
    return b.emit('int.eq', [otherTag, b.int(constant.tag)])
  }
  const bits = payloadWord(b, constant)
  const samePayload = b.emit('int.eq', [bits, other.payload as Value])
  if (constant.tag !== UNKNOWN) {
    return b.emit('int.select', [otherTag, b.int(constant.tag), samePayload, b.int(0)])
  }
  // The payload of null means nothing.
  const payloads = b.emit('int.select', [otherTag, b.int(Tag.NULL), b.int(1), samePayload])
  return b.emit('int.select', [otherTag, constant.tagValue as Value, payloads, b.int(0)])
}
