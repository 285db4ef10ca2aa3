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
import type { Instruction, Value } from '../ir/graph.js'
import { argumentOf, packArgument } from '../ir/ops.js'
import { definition } from '../ir/patterns.js'
import { MOST_ARGUMENTS, type PassedParameter, packSignature } from '../ir/signature.js'
import type { Builder } from './builder.js'
import type { Emitter } from './emitter.js'
import type { BuildInput } from './input.js'
import { assignedIn } from './loops.js'
import { type Abstract, known, offsetOf, onlyType, TYPE_REASONS, UNKNOWN } from './state.js'

type Feedback = BuildInput['feedback']

/** The local that comes as this argument. */
function slotOf({ imm }: Instruction): number {
  return argumentOf(imm).offset / offsetOf(1)
}

/** Which parameters a function takes in registers, by what has been seen of it: its callers find the same. */
function passedParameters(fn: BytecodeFunction, feedback: Feedback | null): PassedParameter[] {
  const entry = feedback?.get(ENTRY_SITE)
  if (entry === undefined || entry.generic || fn.method) return []
  const assigned = assignedIn(fn.code, 0, fn.code.length)
  const passed: PassedParameter[] = []
  for (let slot = 0; slot < Math.min(fn.parameters.length, MOST_ARGUMENTS); slot++) {
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
  if (call >= end) return
  for (const slot of b.liveDuring(call)) {
    if (state.slots[slot] && isArgument(b, slot)) b.flushSlot(slot)
  }
}

/** Calls preserve no registers: behind one, arguments are read from the frame, where they are. */
export function readArgumentsAgain(b: Builder): void {
  const { state, graph } = b
  if (b.site !== null) return
  for (const argument of graph.entryArguments) {
    const slot = slotOf(argument)
    const value = state.slots[slot]
    if (!value || !state.inMemory[slot] || definition(value.payload, 'frame.load') !== null) continue
    if (definition(value.payload, 'frame.float') === null) state.replace(value, b.loadKnown(slot, value.tag))
  }
}

/** What a call of the function by itself has given has the type that it always had; else the VM goes on behind it. */
export function expectResult(b: Builder): void {
  const next = nextPosition(b.fn.code, b.position)
  const tag = onlyType(b.input.feedback.get(ENTRY_SITE)?.results ?? 0)
  if (tag === UNKNOWN) return
  // What is returned as it is needs no type.
  if (b.fn.code[next] === Opcode.Return) return
  const { state } = b
  const slot = state.size - 1
  // With the tag as it came, one store will do.
  if (isOperandOfCallers(b, next, slot)) b.flushSlot(slot)
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
  return site === null && graph.entryArguments.some((argument) => slotOf(argument) === slot)
}

/** What a call passes in registers. */
export interface PassedArguments {
  values: readonly Value[]
  signature: number
}

export const NOTHING: PassedArguments = { values: [], signature: 0 }

/**
 * What a call of a known function passes besides the frame, if its arguments have the right types or are expected
 * to; the topmost operands are the arguments.
 *
 * @param target number of the function
 * @param first the frame's slot of the first argument
 */
export function passArguments(b: Builder, target: number, first: number): PassedArguments {
  // Inlined code calls nothing.
  if (b.site !== null) return NOTHING
  const { program, world, entry } = b.input
  const fn = program.functions[target] as BytecodeFunction
  const passed =
    fn === b.fn && entry === null
      ? b.graph.entryArguments.map((argument) => ({
          slot: slotOf(argument),
          tag: argumentOf(argument.imm).tag,
        }))
      : passedParameters(fn, world.feedbackOf(target))
  const values = passed.length === 0 ? null : passThese(b, passed, first)
  return values === null ? NOTHING : { values, signature: packSignature(passed) }
}

function passThese(b: Builder, passed: readonly PassedParameter[], first: number): Value[] | null {
  const { state } = b
  const general = b.input.feedback.get(b.position)?.generic ?? false
  const slots = passed.map(({ slot, tag }) => ({ slot: first + slot, tag }))
  const fits = ({ tag }: Abstract, expected: number): boolean =>
    tag === expected || (tag === UNKNOWN && !general)
  if (!slots.every(({ slot, tag }) => fits(state.get(slot), tag))) return null
  for (const { slot, tag } of slots) {
    const value = state.get(slot)
    // A guard tells of all places that hold the value; then they may not fit any more.
    if (value.tag !== UNKNOWN) continue
    b.expect(value, tag, TYPE_REASONS[tag] as NonNullable<(typeof TYPE_REASONS)[number]>)
  }
  if (!slots.every(({ slot, tag }) => state.get(slot).tag === tag)) return null
  return slots.map(({ slot }) => {
    const { payload } = state.get(slot)
    // The callee puts it there.
    state.inMemory[slot] = true
    return payload as Value
  })
}
