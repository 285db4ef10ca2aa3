/**
 * Loops: a header is built before its back-edges are known, with parameters for what the loop assigns. They take the
 * types that come in from before the loop; a back-edge that brings another type has the whole function built again,
 * with the first pass peeled (`peel.ts`) or that parameter taking any type. Both have an end, so building has.
 */
import { nextPosition, opcodeAt } from '../../bytecode/instructions.js'
import { Op } from '../../bytecode/opcodes.js'
import { Tag } from '../../heap/layout.js'
import type { Block, Value } from '../ir/graph.js'
import type { Builder } from './builder.js'
import { blockOf, type Incoming, isSameValue, mergeValues, payloadBits } from './merge.js'
import type { PlannedLoop, Variable } from './peel.js'
import { type Abstract, FrameState, hasPayload, TYPE_REASONS, UNKNOWN } from './state.js'
import { keepInLoop, storeForHeader } from './variables.js'

/** A loop header that is built. */
export interface LoopHeader extends PlannedLoop {
  block: Block
  /** Locals that the loop assigns. */
  assigned: Set<number>
  /** File-level variables that have parameters, too. */
  globals: readonly number[]
}

/** File-level variables that a header has parameters for, and those that the loop assigns. */
export interface LoopVariables {
  readonly globals: readonly number[]
  readonly assigned: ReadonlySet<number>
}

/** Locals that a loop assigns. */
export function assignedInBlocks({ fn, flow }: Builder, blocks: readonly number[]): Set<number> {
  const assigned = new Set<number>()
  for (const block of blocks)
    assignedIn(fn.code, flow.starts[block] as number, flow.starts[block + 1] as number, assigned)
  return assigned
}

/** The locals that code between these positions assigns; they are added to a set. */
export function assignedIn(
  code: ArrayLike<number>,
  start: number,
  end: number,
  assigned = new Set<number>(),
): Set<number> {
  for (let at = start; at < end; at = nextPosition(code, at)) {
    const opcode = code[at] as number
    if (opcode === Op.SetLocal || opcode === Op.ClearLocal || opcode === Op.NewCell)
      assigned.add(code[at + 1] as number)
  }
  return assigned
}

/** Ends the present block with a back-edge to a header at `target` that is built already. */
export function closeLoop(b: Builder, target: number, header: LoopHeader): void {
  // The instruction before is done: a guard that fails here leaves at the header.
  b.position = target
  const passed: Passed[] = []
  for (let slot = 0; slot < header.state.size; slot++) {
    const assumed = header.state.slots[slot]
    if (assumed && header.assigned.has(slot))
      passed.push({ variable: String(slot), assumed, value: b.state.get(slot) })
  }
  for (const slot of header.globals) {
    const assumed = header.state.globals.get(slot) as Abstract
    let value = b.readGlobal(slot, 0)
    const reason = TYPE_REASONS[assumed.tag]
    if (value.tag === UNKNOWN && reason !== undefined) value = b.expect(value, assumed.tag, reason)
    passed.push({ variable: `g${slot}`, assumed, value })
  }
  learnTypes(b, header, passed)
  const args = passed.flatMap((each) => backArguments(b, each))
  storeForHeader(b, header.state)
  const jump = b.emit('jump', [])
  jump.targets.push({ block: header.block, args })
}

/** What a variable is at a back-edge, and what its header assumes of it. */
interface Passed {
  readonly variable: Variable
  readonly assumed: Abstract
  readonly value: Abstract
}

/** Has the loop built in another way if types at a back-edge say so. */
function learnTypes({ plan }: Builder, header: LoopHeader, passed: readonly Passed[]): void {
  const contradicted: Variable[] = []
  const told: Variable[] = []
  for (const { variable, assumed, value } of passed) {
    if (value.tag === assumed.tag) continue
    if (assumed.tag !== UNKNOWN) contradicted.push(variable)
    else if (!isSameValue(value, assumed) && TYPE_REASONS[value.tag] !== undefined) {
      if (!plan.isWide(header.name, variable)) told.push(variable)
    }
  }
  plan.learn(header, contradicted, told)
}

function backArguments(b: Builder, { assumed, value }: Passed): Value[] {
  if (assumed.tag === UNKNOWN) {
    if (isSameValue(value, assumed)) return [assumed.payload as Value, assumed.tagValue as Value]
    return [payloadBits(b, value, null), b.tagOf(value)]
  }
  return hasPayload(assumed.tag) ? [value.payload as Value] : []
}

/**
 * Before a loop, on the way into it: reads the file-level variables that it uses, expecting the types that they have
 * now, and notes what leaving at the header means there. `assignedSlots`: of the frame.
 *
 * @returns those that will be parameters of the header, which is the present block
 */
export function prepareLoop(
  b: Builder,
  header: number,
  { terminator, state }: Incoming,
  loop: readonly number[],
  assignedSlots: ReadonlySet<number>,
): LoopVariables {
  const { used, assigned, calls } = variablesIn(b, loop)
  // What a loop without calls does not touch can be kept back all through it.
  if (!calls) for (const slot of state.kept.keys()) used.add(slot)
  const { block: present } = b
  const block = blockOf(b.graph, terminator)
  block.instructions.pop()
  b.block = block
  b.state = state
  const seen = b.input.feedback.get(header)
  const guess = !(seen?.generic ?? false)
  present.checksEach = seen?.checksEach ?? false
  for (const slot of used) {
    const tag = guess ? b.input.world.globalTag(slot) : UNKNOWN
    // One without a value may get it in the loop.
    if (tag === Tag.EMPTY && !state.globals.has(slot)) continue
    const value = b.readGlobal(slot, 0)
    const reason = TYPE_REASONS[tag]
    if (value.tag === UNKNOWN && reason !== undefined) b.expect(value, tag, reason)
  }
  if (calls) b.flushFor(assignedSlots)
  present.entrySnapshot = b.snapshot(null)
  block.instructions.push(terminator)
  b.block = present
  return { globals: [...used].filter((slot) => state.globals.has(slot)), assigned }
}

/** The variables that a loop uses, and whether it calls anything but built-in functions. */
export function variablesIn(b: Builder, loop: readonly number[]) {
  const { fn, flow } = b
  const { code } = fn
  const used = new Set<number>()
  const assigned = new Set<number>()
  let calls = false
  for (const block of loop) {
    const end = flow.starts[block + 1] as number
    for (let at = flow.starts[block] as number; at < end; at = nextPosition(code, at)) {
      const opcode = code[at] as number
      if (opcode === Op.GetGlobal || opcode === Op.SetGlobal) used.add(code[at + 1] as number)
      if (opcode === Op.SetGlobal) assigned.add(code[at + 1] as number)
      calls ||= opcode !== Op.Loop && opcodeAt(code, at).calls && b.feedbackAt(at).builtin < 0
    }
  }
  return { used, assigned, calls }
}

/** The state at a loop header: parameters for locals that the loop assigns, whatever they hold before it. */
export function headerState(b: Builder, position: number, way: Incoming, assigned: Set<number>): FrameState {
  const size = b.fn.locals + (b.depths[position] as number)
  const header = new FrameState(b.fn.locals, size)
  for (const slot of b.neededSlots(position, size)) {
    const value = way.state.slots[slot]
    if (value == null) continue
    if (assigned.has(slot)) header.set(slot, mergeValues(b, String(slot), [value], [way], true), false)
    else header.set(slot, value, way.state.inMemory[slot] === true)
  }
  header.keepCommon([way.state])
  return header
}

/** Parameters of a loop header, whose state is the present one, for file-level variables. */
export function headerVariables(b: Builder, way: Incoming, { globals, assigned }: LoopVariables): void {
  const { state } = b
  state.globals.clear()
  for (const slot of globals) {
    const value = way.state.globals.get(slot) as Abstract
    state.globals.set(slot, mergeValues(b, `g${slot}`, [value], [way], true))
  }
  keepInLoop(b, way, globals, assigned)
}
