/**
 * Arguments in registers: a function that calls itself directly takes those of its parameters that nothing assigns,
 * and that have had one type only, in registers, without their tags. Its own calls pass them there and know the
 * types; all other callers enter where the frame is read and the tags are guarded.
 *
 * The frame in memory lacks them until something needs it to be whole. From then on they are read from there, as
 * calls preserve no registers.
 */
import { instructionPositions } from '../../bytecode/instructions.js'
import { Opcode } from '../../bytecode/opcodes.js'
import { Tag } from '../../heap/layout.js'
import { ENTRY_SITE } from '../../vm/feedback.js'
import type { Value } from '../ir/graph.js'
import { argumentOf, packArgument } from '../ir/ops.js'
import type { Builder } from './builder.js'
import type { Emitter } from './emitter.js'
import { type Abstract, known, offsetOf, TYPE_REASONS, UNKNOWN } from './state.js'

/** More would be moved about to no avail. */
const MOST_ARGUMENTS = 6

/** At the entry: makes `Graph.entryArguments`, and lets the state know of them. */
export function takeArguments(b: Builder): void {
  const { fn, graph, state } = b
  const entry = b.input.feedback.get(ENTRY_SITE)
  if (entry === undefined || entry.generic || fn.method) return
  for (let slot = 0; slot < fn.parameters.length; slot++) {
    const seen = entry.parameters[slot] ?? 0
    const tag = 31 - Math.clz32(seen)
    if (seen !== 1 << tag || TYPE_REASONS[tag] === undefined || !graph.stableSlots.has(offsetOf(slot)))
      continue
    if (graph.entryArguments.length === MOST_ARGUMENTS) return
    const op = tag === Tag.FLOAT ? 'argument.float' : 'argument'
    const argument = b.emit(op, [], packArgument(offsetOf(slot), tag))
    graph.entryArguments.push(argument)
    state.set(slot, known(tag, argument))
  }
}

/** Whether arguments are better put into the frame at once: a loop would do it in each pass. */
export function hasLoop(b: Builder): boolean {
  const { code } = b.fn
  for (const at of instructionPositions(code)) if (code[at] === Opcode.Loop) return true
  return false
}

/** Whether the local is a parameter that comes in a register. */
export function isArgument({ graph, site }: Emitter, slot: number): boolean {
  return site === null && graph.entryArguments.some(({ imm }) => argumentOf(imm).offset === offsetOf(slot))
}

/**
 * What a call of the function by itself passes besides the frame, if its arguments have the right types or are
 * expected to; the topmost operands are the arguments.
 *
 * @param first the frame's slot of the first argument
 * @returns null if they shall be in the frame
 */
export function passArguments(b: Builder, first: number): Value[] | null {
  const { state, graph } = b
  const general = b.input.feedback.get(b.position)?.generic ?? false
  const slots = graph.entryArguments.map(({ imm }) => {
    const { offset, tag } = argumentOf(imm)
    return { slot: first + offset / offsetOf(1), tag }
  })
  const fits = ({ tag }: Abstract, expected: number): boolean =>
    tag === expected || (tag === UNKNOWN && !general)
  if (slots.length === 0 || !slots.every(({ slot, tag }) => fits(state.get(slot), tag))) return null
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
