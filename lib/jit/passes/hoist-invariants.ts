/**
 * Loop-invariant code motion: what a loop computes anew in each pass from values that it does not change moves in
 * front of it, guards included. A guard that fails there leaves at the loop's header, where nothing of the pass has
 * happened yet. Only what every pass executes moves, in its order, so a load never moves past its guard.
 */
import { FIRST_REFERENCE } from '../../heap/layout.js'
import { dominates, dominators, loopsOf } from '../ir/dominators.js'
import { clobbers, isGuard, isLoad, isPure } from '../ir/effects.js'
import {
  type Block,
  BlockParameter,
  type Graph,
  type Instruction,
  isConstant,
  type MemoryClass,
  type Snapshot,
  type Value,
} from '../ir/graph.js'
import type { OpName } from '../ir/ops.js'

const OBJECT_GUARDS: ReadonlySet<OpName> = new Set([
  'guard.function',
  'guard.class',
  'guard.home',
  'guard.fields',
  'guard.narrow',
])

export function hoistInvariants(graph: Graph): void {
  graph.linkPredecessors()
  const idom = dominators(graph)
  const definedIn = new Map<Value, Block>()
  for (const block of graph.blocks) {
    for (const parameter of block.parameters) definedIn.set(parameter, block)
    for (const instruction of block.instructions) definedIn.set(instruction, block)
  }
  // Inner loops first: what leaves them may leave the outer ones, too.
  const loops = [...loopsOf(graph, idom)].sort(([, a], [, b]) => a.size - b.size)
  for (const [header, loop] of loops) hoistFrom(header, loop, idom, definedIn)
}

function hoistFrom(
  header: Block,
  loop: ReadonlySet<Block>,
  idom: ReadonlyMap<Block, Block>,
  definedIn: Map<Value, Block>,
): void {
  const outside = header.predecessors.filter((block) => !loop.has(block))
  const latches = header.predecessors.filter((block) => loop.has(block))
  const [preheader] = outside
  const { entrySnapshot } = header
  if (preheader === undefined || outside.length !== 1 || preheader.terminator.op !== 'jump') return
  if (entrySnapshot === null) return
  const changed = new Set<MemoryClass | 'all'>()
  for (const { instructions } of loop) {
    for (const instruction of instructions) {
      const part = clobbers(instruction)
      if (part !== null) changed.add(part)
    }
  }
  const isInvariant = (value: Value): boolean => isConstant(value) || !loop.has(definedIn.get(value) as Block)
  /** A guard that stays may be what makes it safe to follow a pointer behind it. */
  let followsPointers = true
  const isFixed = (instruction: Instruction): boolean => {
    if (!instruction.args.every(isInvariant)) return false
    if (!followsPointers && readsObject(instruction)) return false
    if (isPure(instruction) && !isConstant(instruction)) return true
    if (isGuard(instruction)) return true
    return isLoad(instruction) && !changed.has('all') && !changed.has(instruction.memory)
  }
  for (const block of alwaysExecuted(header, loop, latches, idom)) {
    const kept: Instruction[] = []
    for (const instruction of block.instructions) {
      if (!isFixed(instruction)) {
        kept.push(instruction)
        if (tellsReference(instruction)) followsPointers = false
        continue
      }
      if (instruction.snapshot !== null)
        instruction.snapshot = snapshotAtEntry(entrySnapshot, instruction.snapshot)
      preheader.instructions.splice(preheader.instructions.length - 1, 0, instruction)
      definedIn.set(instruction, preheader)
    }
    block.instructions.splice(0, block.instructions.length, ...kept)
  }
}

/** A guard without which a word may be no reference: that of a value whose type changes from pass to pass. */
function tellsReference({ op, args, imm }: Instruction): boolean {
  return op === 'guard.tag' && imm >= BigInt(FIRST_REFERENCE) && args[0] instanceof BlockParameter
}

/** Whether the instruction reads what a word of the program refers to. */
function readsObject(instruction: Instruction): boolean {
  if (isLoad(instruction)) return !isConstant(instruction.args[0] as Value)
  return OBJECT_GUARDS.has(instruction.op)
}

/** Blocks of the loop that every pass goes through, from the header on, before the first that may leave early. */
function alwaysExecuted(
  header: Block,
  loop: ReadonlySet<Block>,
  latches: readonly Block[],
  idom: ReadonlyMap<Block, Block>,
): Block[] {
  const list = [...loop].filter((block) => latches.every((latch) => dominates(idom, block, latch)))
  const depth = (block: Block): number => {
    let count = 0
    for (let at: Block | undefined = block; at !== undefined && at !== header; at = idom.get(at)) count++
    return count
  }
  return list.sort((a, b) => depth(a) - depth(b))
}

function snapshotAtEntry(entry: Snapshot, { reason }: Snapshot): Snapshot {
  return { position: entry.position, slots: entry.slots.map((slot) => ({ ...slot })), reason, inlined: false }
}
