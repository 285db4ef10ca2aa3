/** Calls: of the function seen so far (guarded by identity), or of `len`. Anything else is a `step`. */
import { ArrayLayout, ClosureLayout, Tag } from '../../heap/layout.js'
import type { Value } from '../ir/graph.js'
import type { Builder } from './builder.js'
import { known, offsetOf, UNKNOWN, unknown } from './state.js'

export function translateCall(b: Builder, count: number): boolean {
  const { state } = b
  const feedback = b.feedbackAt(b.position)
  const callee = state.operand(count)
  if (callee.tag === Tag.BUILTIN) return translateLen(b, count)
  if (feedback.target >= 0 && (callee.tag === UNKNOWN || callee.tag === Tag.CLOSURE)) {
    return callFunction(b, count, feedback.target)
  }
  return feedback.builtin >= 0 && callee.tag === UNKNOWN && translateLen(b, count)
}

/** A native call of one known function. */
function callFunction(b: Builder, count: number, target: number): boolean {
  const { state } = b
  const fn = b.input.program.functions[target]
  if (fn === undefined || fn.method || fn.parameters.length !== count) return false
  const closure = b.expect(state.operand(count), Tag.CLOSURE, 'notFunction').payload as Value
  const record = b.emit('load', [closure], BigInt(ClosureLayout.FUNCTION))
  const expected = b.address(`function:${target}`)
  b.guard('guard.eq', [record, expected], 'otherFunction')
  // All live slots go to memory, the callee slot with its link last: see `lib/runtime/frames.ts`.
  const calleeSlot = state.size - count - 1
  state.inMemory[calleeSlot] = true
  b.flush()
  const distance = calleeSlot + 1
  const link = (BigInt(b.position) << 32n) | BigInt(Tag.CLOSURE | (distance << 8))
  b.emit('frame.put', [closure, b.int(link)], BigInt(offsetOf(calleeSlot)))
  const payload = b.emit('call', [record], BigInt(offsetOf(distance)))
  const tag = b.emit('call.tag', [payload])
  state.pop(count + 1)
  state.push(unknown(payload, tag))
  return true
}

/** `len(array)` */
function translateLen(b: Builder, count: number): boolean {
  const { state } = b
  const feedback = b.feedbackAt(b.position)
  const index = b.input.builtinIndex('len')
  const callee = state.operand(count)
  if (count !== 1 || feedback.builtin !== index || feedback.right !== 1 << Tag.ARRAY) return false
  const argument = state.operand(0)
  if (argument.tag !== UNKNOWN && argument.tag !== Tag.ARRAY) return false
  const builtin = b.expect(callee, Tag.BUILTIN, 'otherBuiltin')
  b.guard('guard.eq', [builtin.payload as Value, b.int(index)], 'otherBuiltin')
  const array = b.expect(argument, Tag.ARRAY, 'notArray')
  const length = b.emit('load32', [array.payload as Value], BigInt(ArrayLayout.LENGTH))
  state.pop(2)
  state.push(known(Tag.INTEGER, length))
  return true
}
