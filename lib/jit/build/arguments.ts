/**
 * Arguments in registers: a function takes those of its parameters that nothing assigns, and that have had one type
 * only, in registers, without their tags. Callers that know which function they call pass them there and know the
 * types; all others enter where the frame is read and the tags are guarded.
 *
 * The frame in memory lacks them until something needs it to be whole. From then on they are read from there, as
 * calls preserve no registers.
 */
import { nextPosition } from '../../bytecode/instructions.js'
import { Opcode, popsAt } from '../../bytecode/opcodes.js'
import type { BytecodeFunction } from '../../bytecode/program.js'
import { Tag } from '../../heap/layout.js'
import { ENTRY_SITE } from '../../vm/feedback.js'
import { isConstant, type Value } from '../ir/graph.js'
import { homeOf } from '../ir/homes.js'
import { packArgument } from '../ir/ops.js'
import { definition } from '../ir/patterns.js'
import { MOST_ARGUMENTS, type PassedParameter, packSignature, parameterOf } from '../ir/signature.js'
import type { ExitReason } from '../reasons.js'
import type { Builder } from './builder.js'
import type { Emitter } from './emitter.js'
import type { BuildInput } from './input.js'
import { assignedIn } from './loops.js'
import { mayInlinePartly } from './partial-inlining.js'
import { known, offsetOf, onlyType, TYPE_REASONS, UNKNOWN } from './state.js'

type Feedback = BuildInput['feedback']

/** Which parameters a function takes in registers, by what has been seen of it: its callers find the same. */
function passedParameters(fn: BytecodeFunction, feedback: Feedback | null): PassedParameter[] {
  const entry = feedback?.get(ENTRY_SITE)
  if (entry === undefined || entry.generic) return []
  const assigned = assignedIn(fn.code, 0, fn.code.length)
  const passed: PassedParameter[] = []
  const parameters = fn.parameters.length + (fn.method ? 1 : 0)
  for (let slot = 0; slot < Math.min(parameters, MOST_ARGUMENTS); slot++) {
    const tag = onlyType(entry.parameters[slot] ?? 0)
    if (tag !== UNKNOWN && !assigned.has(slot)) passed.push({ slot, tag })
  }
  return passed
}

/** At the entry: makes `Graph.entryArguments`, and lets the state know of them. */
export function takeArguments(b: Builder): void {
  const { fn, graph, state } = b
  for (const { slot, tag } of passedParameters(fn, b.input.feedback)) {
    const op = tag === Tag.FLOAT ? 'argument.float' : 'argument'
    const argument = b.emit(op, [], packArgument(offsetOf(slot), tag))
    graph.entryArguments.push(argument)
    state.set(slot, known(tag, argument))
  }
}

/**
 * In front of a block that calls something: puts what is needed behind the first call into the frame, so that the
 * registers are free for the arguments of that.
 */
export function putArguments(b: Builder, start: number, end: number): void {
  const { state, fn } = b
  if (b.site !== null || b.graph.entryArguments.length === 0) return
  let call = start
  while (call < end && fn.code[call] !== Opcode.Call) call = nextPosition(fn.code, call)
  // Where the call is only one of two ways, the other one needs no frame.
  if (call >= end || mayInlinePartly(b, b.feedbackAt(call).target, call)) return
  for (const slot of b.liveDuring(call)) {
    if (state.slots[slot] && isArgument(b, slot)) b.flushSlot(slot)
  }
}

/** Calls preserve no registers: behind one, arguments are read from the frame, where they are. */
export function readArgumentsAgain(b: Builder): void {
  const { state, graph } = b
  if (b.site !== null) return
  for (const argument of graph.entryArguments) {
    const { slot } = parameterOf(argument)
    const value = state.slots[slot]
    if (!value || !state.inMemory[slot] || definition(value.payload, 'frame.load') !== null) continue
    if (definition(value.payload, 'frame.float') === null) state.replace(value, b.loadKnown(slot, value.tag))
  }
}

/** Calls preserve no registers: behind one that is only one of two ways, what it has put into the frame is read there. */
export function readSlotsAgain(b: Builder): void {
  const { state, fn } = b
  for (let slot = fn.method ? 1 : 0; slot < state.size - 1; slot++) {
    const value = state.slots[slot]
    if (!value || !state.inMemory[slot] || value.payload === null || isConstant(value.payload)) continue
    if (homeOf(value.payload, b.graph.stableSlots) !== null) continue
    state.replace(value, value.tag === UNKNOWN ? b.loadSlot(slot) : b.loadKnown(slot, value.tag))
  }
}

/**
 * What a call of the function by itself has given has the type that it always had; else the VM goes on behind it.
 * @param isOnlyWay control comes to what is behind it from nowhere else
 */
export function expectResult(b: Builder, isOnlyWay: boolean): void {
  const next = nextPosition(b.fn.code, b.position)
  const tag = onlyType(b.input.feedback.get(ENTRY_SITE)?.results ?? 0)
  if (tag === UNKNOWN) return
  // What is returned as it is needs no type.
  if (b.fn.code[next] === Opcode.Return) return
  const { state } = b
  const slot = state.size - 1
  // With the tag as it came, one store will do.
  if (isOnlyWay && isOperandOfCallers(b, next, slot)) b.flushSlot(slot)
  const here = b.position
  b.position = next
  b.expect(state.operand(0), tag, 'otherResult')
  b.position = here
}

/** Whether the operand in this slot is still needed behind a call that comes in the same block. */
function isOperandOfCallers(b: Builder, start: number, slot: number): boolean {
  const { fn, flow, depths } = b
  for (let at = start; at < fn.code.length; at = nextPosition(fn.code, at)) {
    if (at > start && (flow.blockAt[at] as number) >= 0) return false
    const untouched = fn.locals + (depths[at] as number) - popsAt(fn.code, at)
    if (untouched <= slot) return false
    if (fn.code[at] === Opcode.Call) return true
  }
  return false
}

/** Whether the local is a parameter that comes in a register. */
export function isArgument({ graph, site }: Emitter, slot: number): boolean {
  return site === null && graph.entryArguments.some((argument) => parameterOf(argument).slot === slot)
}

/** What a call passes in registers. */
export interface PassedArguments {
  values: readonly Value[]
  signature: number
}

const NOTHING: PassedArguments = { values: [], signature: 0 }

/**
 * What a call passes besides the frame if all functions that it may call take the same in registers, and its
 * arguments have the right types or are expected to; the topmost operands are the arguments.
 *
 * @param targets numbers of the functions; none: any may be called
 * @param first the frame's slot of the first argument
 */
export function passArguments(b: Builder, targets: readonly number[], first: number): PassedArguments {
  const passed = expectArguments(b, targets, first)
  if (passed.length === 0 || !passed.every(({ slot, tag }) => b.state.get(first + slot).tag === tag))
    return NOTHING
  const values = passed.map(({ slot }) => {
    // The callee puts it there.
    b.state.inMemory[first + slot] = true
    return b.state.get(first + slot).payload as Value
  })
  return { values, signature: packSignature(passed) }
}

/**
 * The part of it that may leave: guards types that are not known, unless others are known to be wrong.
 *
 * @param known parameters before this one are left out
 * @returns what is to be passed
 */
export function expectArguments(
  b: Builder,
  targets: readonly number[],
  first: number,
  known = 0,
): readonly PassedParameter[] {
  // Inlined code calls nothing.
  if (b.site !== null || targets.length === 0) return []
  const [passed, ...others] = targets.map((target) => parametersOf(b, target)) as [
    PassedParameter[],
    ...PassedParameter[][],
  ]
  const signature = packSignature(passed)
  if (others.some((other) => packSignature(other) !== signature)) return []
  const general = b.input.feedback.get(b.position)?.generic ?? false
  const expected = passed.filter(({ slot }) => slot >= known)
  const fits = ({ slot, tag }: PassedParameter): boolean => {
    const value = b.state.get(first + slot)
    return value.tag === tag || (value.tag === UNKNOWN && !general)
  }
  if (!expected.every(fits)) return []
  for (const { slot, tag } of expected) {
    const value = b.state.get(first + slot)
    // A guard tells of all places that hold the value; then they may not fit any more.
    if (value.tag === UNKNOWN) b.expect(value, tag, TYPE_REASONS[tag] as ExitReason)
  }
  return passed
}

/** What a function takes in registers; of the one that is compiled that is known already. */
function parametersOf(b: Builder, target: number): PassedParameter[] {
  const { program, world, entry } = b.input
  const fn = program.functions[target] as BytecodeFunction
  if (fn !== b.fn || entry !== null) return passedParameters(fn, world.feedbackOf(target))
  return b.graph.entryArguments.map(parameterOf)
}
