/**
 * Calling functions of the program from builtin methods. During the call everything may be collected
 * or moved to other blocks: values must be in slots below `rt.top`, addresses must be read again.
 */
import { ClosureLayout, FunctionLayout, SLOT_SIZE, Tag } from '../heap/layout.js'
import { failRuntime, MESSAGES } from './errors.js'
import type { Runtime } from './runtime.js'
import { typeName } from './types.js'

/**
 * Callbacks that may be nested: each takes JavaScript stack. Of Node's 984 KiB it takes 3 at worst, before
 * V8 has compiled the functions that take part; counted here, so that the limit is the same in all tiers.
 */
const MAX_CALLBACKS = 200

/** Fails unless the value is a function written in the program; `what` begins the message. */
export function checkCallback(rt: Runtime, slot: number, what: string): void {
  if (rt.heap.tagOf(slot) === Tag.CLOSURE) return
  failRuntime(rt, MESSAGES.argumentType(what, 'FUNCTION', typeName(rt, slot)))
}

/** Parameters that the function in a slot declares. */
function parametersOf(rt: Runtime, callee: number): number {
  const heap = rt.heap
  const record = heap.getPointer(heap.referenceOf(callee) + ClosureLayout.FUNCTION)
  return heap.I32[(record + FunctionLayout.PARAMETERS) >> 2] as number
}

/**
 * Calls the function in the slot `callee` with the values of one or two slots (`second` = 0: one) and
 * returns the slot of the result, which lies at `rt.top`: read it before anything else is pushed.
 * `exact`: the function must declare as many parameters as it gets; else it may declare fewer.
 */
export function callBack(rt: Runtime, callee: number, exact: boolean, first: number, second: number): number {
  const heap = rt.heap
  const given = second === 0 ? 1 : 2
  const parameters = parametersOf(rt, callee)
  if (parameters > given || (exact && parameters !== given)) {
    failRuntime(rt, MESSAGES.argumentCount(parameters, given))
  }
  if (rt.tier === null) throw new Error('no tier runs')
  if (rt.callbacks >= MAX_CALLBACKS) failRuntime(rt, MESSAGES.stackOverflow())
  const frame = rt.top
  heap.copy(frame, callee)
  if (parameters > 0) heap.copy(frame + SLOT_SIZE, first)
  if (parameters > 1) heap.copy(frame + 2 * SLOT_SIZE, second)
  rt.top = frame + (parameters + 1) * SLOT_SIZE
  rt.callbacks++
  try {
    rt.tier.call(frame, parameters)
  } finally {
    rt.callbacks--
  }
  rt.top = frame
  return frame
}
