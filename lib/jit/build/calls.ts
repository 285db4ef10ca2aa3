/** Calls of functions: of the one seen so far (guarded by identity), or of a closure that is known. */
import { ClosureLayout, FunctionLayout, Tag } from '../../heap/layout.js'
import { isConstant, type Value } from '../ir/graph.js'
import { SELF, SELF_AGAIN } from '../ir/patterns.js'
import { packCall } from '../ir/signature.js'
import { expectResult, passArguments, readArgumentsAgain, readSlotsAgain } from './arguments.js'
import type { Builder } from './builder.js'
import { translateBuiltin } from './builtins.js'
import { type Callee, inlineCall } from './inline.js'
import { inlinePartly } from './partial-inlining.js'
import { known, offsetOf, sameAbstract, UNKNOWN, unknown } from './state.js'

export function translateCall(b: Builder, count: number): boolean {
  const { state } = b
  const feedback = b.feedbackAt(b.position)
  const callee = state.operand(count)
  if (callee.tag === Tag.BUILTIN || (feedback.builtin >= 0 && callee.tag === UNKNOWN)) {
    return translateBuiltin(b, count)
  }
  const target = (callee.payload && state.functions.get(callee.payload)) ?? feedback.target
  if (target >= 0 && (callee.tag === UNKNOWN || callee.tag === Tag.CLOSURE)) {
    return callFunction(b, count, target)
  }
  if (callee.tag === Tag.CLOSURE || (callee.tag === UNKNOWN && feedback.left === 1 << Tag.CLOSURE)) {
    return callAny(b, count)
  }
  return false
}

/** A native call of whatever closure comes, as long as it takes that many arguments. */
function callAny(b: Builder, count: number): true {
  callUnknown(b, count + 1, b.expect(b.state.operand(count), Tag.CLOSURE, 'notFunction').payload as Value)
  return true
}

/** Calls a closure of which nothing is known, as `callClosure` does, if it takes all operands but the callee slot. */
export function callUnknown(b: Builder, size: number, closure: Value): void {
  const record = b.load('load', closure, ClosureLayout.FUNCTION, 'fixed')
  const parameters = b.load('load32', record, FunctionLayout.PARAMETERS, 'fixed')
  b.guard('guard.eq', [parameters, b.int(size - 1)], 'otherCount')
  callClosure(b, size, closure, [])
}

/** A native call of one known function. */
function callFunction(b: Builder, count: number, target: number): boolean {
  const { state } = b
  const fn = b.input.program.functions[target]
  if (fn === undefined || fn.method || fn.parameters.length !== count) return false
  const closure = b.expect(state.operand(count), Tag.CLOSURE, 'notFunction').payload as Value
  if (state.functions.get(closure) !== target) {
    b.guard('guard.function', [closure], 'otherFunction', 0n, `function:${target}`)
    state.functions.set(closure, target)
  }
  callKnown(b, count + 1, { target, closure, home: 0 })
  return true
}

/** Calls a certain function, or inlines it or a part of it; `size` operands become the result. */
export function callKnown(b: Builder, size: number, callee: Callee): void {
  if (inlineCall(b, size, callee) || inlinePartly(b, size, callee)) return
  callClosure(b, size, callee.closure, [callee.target])
}

/**
 * Calls a closure whose number of parameters fits. `size` operands, callee slot included, become the result.
 * All live slots go to memory, the callee slot with its link last: see `lib/runtime/frames.ts`.
 *
 * @param targets numbers of the functions that it may have; none: any, the closure tells
 * @param isOnlyWay control comes to what is behind it from nowhere else
 */
export function callClosure(
  b: Builder,
  size: number,
  closure: Value,
  targets: readonly number[],
  isOnlyWay = true,
): void {
  const { state } = b
  const calleeSlot = state.size - size
  const target = targets.length === 1 ? (targets[0] as number) : -1
  const isSelf = target >= 0 && b.input.program.functions[target] === b.fn && b.input.entry === null
  const { values, signature } = passArguments(b, targets, calleeSlot + 1)
  const callee = known(Tag.CLOSURE, closure)
  const isThere = state.inMemory[calleeSlot] && sameAbstract(callee, state.get(calleeSlot))
  state.set(calleeSlot, callee, true)
  b.flush()
  readArgumentsAgain(b)
  const distance = calleeSlot + 1
  const link = (BigInt(b.position) << 32n) | BigInt(Tag.CLOSURE | (distance << 8))
  b.emit('frame.put', isThere ? [b.int(link)] : [closure, b.int(link)], BigInt(offsetOf(calleeSlot)))
  // Of a closure that is only now known the record is a load away, closer than its address.
  const record =
    target >= 0 && (isSelf || isConstant(closure))
      ? b.address(`function:${target}`)
      : b.load('load', closure, ClosureLayout.FUNCTION, 'fixed')
  const payload = b.emit('call', [record, ...values], packCall(offsetOf(distance), signature))
  if (isSelf) {
    payload.symbol = state.askedForSafepoint ? SELF_AGAIN : SELF
    state.askedForSafepoint = true
  }
  const tag = b.emit('call.tag', [payload])
  state.pop(size)
  state.push(unknown(payload, tag))
  b.killMemory()
  if (isSelf) expectResult(b, isOnlyWay)
  if (!isOnlyWay) readSlotsAgain(b)
}
