/**
 * Store sinking for file-level variables: what is assigned to one is kept back from memory, like the locals' slots of
 * the frame, until somebody else may look there: a call, an instruction that the VM executes, a return. Ways out of
 * native code write what memory lacks (`Snapshot.variables`). So a loop without calls stores its variables once, behind
 * it. (Partial dead store elimination, Knoop, Rüthing and Steffen, 1994, in the one pass that builds the graph; what
 * exits need is written by them alone, as in LuaJIT's sinking of stores.)
 *
 * Invariant: `FrameState.kept` has only variables whose value `FrameState.globals` tells.
 */
import type { SnapshotSlot } from '../ir/graph.js'
import type { Builder } from './builder.js'
import type { Emitter } from './emitter.js'
import { type Incoming, mergeValues } from './merge.js'
import { type Abstract, type FrameState, sameAbstract, UNKNOWN } from './state.js'
import { emitStore, storeValue } from './translate.js'

/** More at a time would cost more registers than stores. */
const MOST_KEPT = 8

/** Assigns `value` to a file-level variable: in memory, or later. */
export function setVariable(b: Emitter, slot: number, value: Abstract): void {
  const { globals, kept } = b.state
  const held = globals.get(slot) ?? null
  if (b.mayKeep(slot) && (kept.has(slot) || kept.size < MOST_KEPT)) {
    if (!kept.has(slot)) kept.set(slot, held?.tag ?? UNKNOWN)
  } else {
    const { pointer, offset } = b.globalPlace(slot)
    storeValue(b, pointer, offset, value, 'globals', held)
  }
  globals.set(slot, value)
}

/** Stores a variable that is kept back, at the end of the present block. */
function storeVariable(b: Emitter, slot: number): void {
  const { globals, kept } = b.state
  const value = globals.get(slot) as Abstract
  const sameTag = value.tag !== UNKNOWN && kept.get(slot) === value.tag
  emitStore(b, { ...b.globalPlace(slot), value, memory: 'globals', sameTag })
  kept.delete(slot)
}

/** Stores all that are kept back, or those for which `isDue`. */
export function storeVariables(b: Emitter, isDue: (slot: number) => boolean = () => true): void {
  for (const slot of [...b.state.kept.keys()]) if (isDue(slot)) storeVariable(b, slot)
}

/**
 * What an exit writes of the variables. Native code may come back from it, as from a poll or a collection of garbage,
 * so that from now on memory has the tag that it had, or the one that is written here.
 */
export function keptSlots(b: Emitter): SnapshotSlot[] {
  const { globals, kept } = b.state
  if (kept.size === 0) return []
  const slots: SnapshotSlot[] = []
  for (const slot of [...kept.keys()]) {
    const { payload, tag, tagValue } = globals.get(slot) as Abstract
    slots.push({ offset: b.globalPlace(slot).offset, payload, tag: tagValue ?? tag })
    if (kept.get(slot) !== tag && kept.get(slot) !== UNKNOWN) kept.set(slot, UNKNOWN)
  }
  return slots
}

/**
 * Where ways meet: variables that some way keeps back, but that cannot be kept back behind. Those can of which all
 * ways know the value, if it is the same or may become a parameter.
 */
export function variablesDue(b: Builder, ways: readonly Incoming[]): Set<number> {
  const due = new Set<number>()
  for (const { state } of ways) {
    for (const slot of state.kept.keys()) {
      const value = state.globals.get(slot) as Abstract
      const isMerged = ways.every((way) => {
        const other = way.state.globals.get(slot)
        return other !== undefined && (sameAbstract(other, value) || b.mayDiffer(slot))
      })
      if (!isMerged) due.add(slot)
    }
  }
  return due
}

/** Before a loop: variables that are kept back on the way into it, and that are no parameters of the header. */
export function keptBesides({ state }: Incoming, parameters: readonly number[]): Set<number> {
  return new Set([...state.kept.keys()].filter((slot) => !parameters.includes(slot)))
}

/** At a block that is no loop header: parameters for variables in which the ways into it differ. */
export function mergeVariables(b: Builder, ways: readonly Incoming[], merged: FrameState): void {
  const [first, ...others] = ways as [Incoming, ...Incoming[]]
  for (const slot of others.length === 0 ? [] : first.state.globals.keys()) {
    if (merged.globals.has(slot) || !b.mayDiffer(slot)) continue
    const values = ways.map(({ state }) => state.globals.get(slot))
    if (!values.every((value) => value !== undefined)) continue
    merged.globals.set(slot, mergeValues(b, `g${slot}`, values, ways, false))
  }
  for (const { state } of ways) {
    for (const slot of state.kept.keys()) {
      if (merged.globals.has(slot)) merged.kept.set(slot, tagInMemory(ways, slot))
    }
  }
}

/** The tag that memory has for a variable whatever way is taken, or UNKNOWN. */
function tagInMemory(ways: readonly Incoming[], slot: number): number {
  const tags = ways.map(({ state }) => state.kept.get(slot) ?? (state.globals.get(slot) as Abstract).tag)
  return tags.every((tag) => tag === tags[0]) ? (tags[0] as number) : UNKNOWN
}

/**
 * At a loop header, whose parameters are made: keeps back all that comes in so, since nobody has stored it, and as far
 * as there is room what the loop assigns. The tag in memory counts as known only if the parameter has it, too, so that
 * back-edges can see to it.
 */
export function keepInLoop(
  b: Emitter,
  way: Incoming,
  globals: readonly number[],
  assigned: ReadonlySet<number>,
): void {
  const { kept, globals: values } = b.state
  const keep = (slot: number): void => {
    const tag = tagInMemory([way], slot)
    kept.set(slot, tag === values.get(slot)?.tag ? tag : UNKNOWN)
  }
  kept.clear()
  for (const slot of globals) if (way.state.kept.has(slot)) keep(slot)
  for (const slot of globals) {
    if (kept.size >= MOST_KEPT) break
    if (assigned.has(slot) && b.mayKeep(slot) && !kept.has(slot)) keep(slot)
  }
}

/** At a back-edge: stores what the header does not take for kept back, or takes for another tag in memory. */
export function storeForHeader(b: Emitter, header: FrameState): void {
  storeVariables(b, (slot) => {
    const tag = header.kept.get(slot)
    return tag === undefined || (tag !== UNKNOWN && tag !== b.state.kept.get(slot))
  })
}
