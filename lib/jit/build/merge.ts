/**
 * Where ways meet: values that differ become parameters of the block, known types and facts stay if all ways know
 * them. Stores that inlined code keeps back are made on the ways if they do not agree on them.
 */
import { Tag } from '../../heap/layout.js'
import { type Block, type Graph, type Instruction, isConstant, type Value } from '../ir/graph.js'
import { isArgument } from './arguments.js'
import type { Builder } from './builder.js'
import type { Variable } from './peel.js'
import {
  type Abstract,
  FrameState,
  hasPayload,
  known,
  sameAbstract,
  samePending,
  UNKNOWN,
  unknown,
} from './state.js'
import { emitStore } from './translate.js'
import { mergeVariables, storeVariables } from './variables.js'

/** A way into a block: an edge, which may not have its block yet. */
export interface Incoming {
  readonly terminator: Instruction
  /** Which target of `terminator`. */
  readonly target: number
  readonly state: FrameState
}

/** Lets edges lead to a block. */
export function leadTo(block: Block, ways: readonly Incoming[]): void {
  for (const { terminator, target } of ways) (terminator.targets[target] as { block: Block }).block = block
}

/** Whether `value` is `untold` with at most a guard's knowledge added. */
export function isSameValue(value: Abstract, untold: Abstract): boolean {
  return (
    value.payload === untold.payload &&
    (value.tagValue === untold.tagValue || value.tag !== UNKNOWN) &&
    value.payload !== null &&
    !isConstant(value.payload)
  )
}

/** Whether all ways keep back the same stores. */
export function agreeOnStores(ways: readonly Incoming[]): boolean {
  const [first] = ways as [Incoming]
  return ways.every(({ state }) => samePending(state.pending, first.state.pending))
}

/**
 * Stores, on ways into the present block that have passed no values yet, what inlined code kept back there, and the
 * variables that are `due`.
 * @returns the ways from there: one that comes from a branch goes through a block of its own now, since the other
 *   side of the branch must not see the stores
 */
export function storeOnWays(
  b: Builder,
  ways: readonly Incoming[],
  pending: boolean,
  due: ReadonlySet<number>,
): readonly Incoming[] {
  if (!pending && due.size === 0) return ways
  const { block, state } = b
  const stored = ways.map((way) => {
    const stores = pending ? way.state.pending : []
    if (stores.length === 0 && ![...due].some((slot) => way.state.kept.has(slot))) return way
    const { terminator, target } = splitEdge(b.graph, way, block)
    b.block = blockOf(b.graph, terminator)
    b.block.instructions.pop()
    b.state = way.state
    for (const store of stores) emitStore(b, store)
    if (pending) way.state.pending = []
    storeVariables(b, (slot) => due.has(slot))
    b.block.instructions.push(terminator)
    return { terminator, target, state: way.state }
  })
  b.block = block
  b.state = state
  return stored
}

/** The way to `block` from a block that goes nowhere else. */
function splitEdge(graph: Graph, way: Incoming, block: Block): Incoming {
  const { terminator, state } = way
  if (terminator.targets.length === 1) return way
  const between = graph.addBlock(block.position)
  graph.blocks.splice(graph.blocks.indexOf(block), 0, between)
  leadTo(between, [way])
  const jump = graph.instruction('jump', [], terminator.position)
  jump.targets.push({ block, args: [] })
  between.instructions.push(jump)
  return { terminator: jump, target: 0, state }
}

/** The block that ends with `terminator`. */
export function blockOf(graph: Graph, terminator: Instruction): Block {
  return graph.blocks.find((block) => block.terminator === terminator) as Block
}

/** The state at `position`, whose block is the present one and no loop header. */
export function mergeStates(b: Builder, position: number, incoming: readonly Incoming[]): FrameState {
  const size = b.fn.locals + (b.depths[position] as number)
  const merged = new FrameState(b.fn.locals, size)
  const [first, ...others] = incoming as [Incoming, ...Incoming[]]
  for (const slot of b.neededSlots(position, size)) {
    const only = first.state.slots[slot]
    if (others.length === 0) {
      // With one way in, which is the most frequent, all stays as it is.
      merged.set(slot, only ?? null, only != null && first.state.inMemory[slot] === true)
      continue
    }
    const values = incoming.map(({ state }) => state.slots[slot] ?? null)
    if (values.includes(null)) continue
    const argument = isReadAgain(b, slot, values as Abstract[], incoming)
    if (argument !== null) {
      merged.set(slot, b.loadKnown(slot, argument), true)
      continue
    }
    const value = mergeValues(b, String(slot), values as Abstract[], incoming, false)
    merged.set(
      slot,
      value,
      incoming.every(({ state }) => state.inMemory[slot] === true),
    )
  }
  merged.keepCommon(incoming.map(({ state }) => state))
  mergeVariables(b, incoming, merged)
  return merged
}

/** The tag of an argument that was put into the frame on each of several ways, and can be read from there; or null. */
function isReadAgain(
  b: Builder,
  slot: number,
  values: readonly Abstract[],
  incoming: readonly Incoming[],
): number | null {
  const [first] = values as [Abstract]
  if (slot >= b.fn.locals || values.every((value) => sameAbstract(value, first))) return null
  if (!isArgument(b, slot) || !incoming.every(({ state }) => state.inMemory[slot] === true)) return null
  return first.tag
}

/**
 * What a variable holds where these ways meet: a parameter of the present block where it has to be. `loops`: always,
 * since back-edges are to come; `variable` names it for the plan of the loop.
 */
export function mergeValues(
  b: Builder,
  variable: Variable,
  values: Abstract[],
  incoming: readonly Incoming[],
  loops: boolean,
): Abstract {
  const [first] = values as [Abstract]
  if (!loops && values.every((value) => sameAbstract(value, first))) return first
  // The same value, of which guards have told more on some ways: a tag of its own would hide that from guards.
  const untold = values.find(({ tag }) => tag === UNKNOWN)
  if (!loops && untold !== undefined && values.every((value) => isSameValue(value, untold))) return untold
  const wide = loops && b.plan.isWide(b.loopName, variable)
  const tag = !wide && values.every((value) => value.tag === first.tag) ? first.tag : UNKNOWN
  if (tag !== UNKNOWN) {
    if (!hasPayload(tag)) return first
    const payload = b.graph.addParameter(b.block, tag === Tag.FLOAT ? 'f' : 'i')
    values.forEach((value, i) => {
      pass(incoming[i] as Incoming, value.payload as Value)
    })
    return known(tag, payload)
  }
  const payload = b.graph.addParameter(b.block, 'i')
  const tagValue = b.graph.addParameter(b.block, 'i')
  values.forEach((value, i) => {
    const way = incoming[i] as Incoming
    pass(way, payloadBits(b, value, way.terminator))
    pass(way, b.tagOf(value))
  })
  return unknown(payload, tagValue)
}

function pass({ terminator, target }: Incoming, value: Value): void {
  ;(terminator.targets[target] as { args: Value[] }).args.push(value)
}

/** The payload as a general word; for a FLOAT the conversion is put before `terminator`. */
export function payloadBits(b: Builder, value: Abstract, terminator: Instruction | null): Value {
  if (value.payload === null) return b.int(0)
  if (value.payload.valueClass === 'i') return value.payload
  if (terminator === null) return b.emit('float.tobits', [value.payload])
  const bits = b.graph.instruction('float.tobits', [value.payload], terminator.position)
  const block = blockOf(b.graph, terminator)
  block.instructions.splice(block.instructions.length - 1, 0, bits)
  return bits
}
