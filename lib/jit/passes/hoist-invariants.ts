/**
 * Loop-invariant code motion: what a loop computes anew in each pass from values that it does not change moves in
 * front of it, guards included. A guard that fails there leaves at the loop's header, where nothing of the pass has
 * happened yet. Only what every pass executes moves, in its order, so a load never moves past its guard.
 */
import { FIRST_REFERENCE } from '../../heap/layout.js'
import { DominatorTree, loopsOf } from '../ir/dominators.js'
import { clobberedIn, isGuard, isLoad, isPure } from '../ir/effects.js'
import {
  type Block,
  BlockParameter,
  type Graph,
  type Instruction,
  isConstant,
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
  const tree = new DominatorTree(graph)
  const loopSets = loopsOf(graph, tree)
  if (loopSets.size === 0) return
  /** By id of the value. */
  const definedIn: Block[] = new Array(graph.valueCount)
  for (const block of graph.blocks) {
    for (const { id } of block.parameters) definedIn[id] = block
    for (const { id } of block.instructions) definedIn[id] = block
  }
  // Inner loops first: what leaves them may leave the outer ones, too.
  const loops = [...loopSets].sort(([, a], [, b]) => a.size - b.size)
  for (const [header, loop] of loops) hoistFrom(header, loop, tree, definedIn)
}

function hoistFrom(header: Block, loop: ReadonlySet<Block>, tree: DominatorTree, definedIn: Block[]): void {
  const outside = header.predecessors.filter((block) => !loop.has(block))
  const latches = header.predecessors.filter((block) => loop.has(block))
  const [preheader] = outside
  const { entrySnapshot } = header
  if (preheader === undefined || outside.length !== 1 || preheader.terminator.op !== 'jump') return
  if (entrySnapshot === null) return
  const changed = clobberedIn(loop)
  const isInvariant = (value: Value): boolean => isConstant(value) || !loop.has(definedIn[value.id] as Block)
  /** A guard that stays may be what makes it safe to follow a pointer behind it. */
  let followsPointers = true
  const isFixed = (instruction: Instruction): boolean => {
    if (!instruction.args.every(isInvariant)) return false
    if (!followsPointers && readsObject(instruction)) return false
    if (isPure(instruction) && !isConstant(instruction)) return true
    if (isGuard(instruction)) return true
    return isLoad(instruction) && !changed.has('all') && !changed.has(instruction.memory)
  }
  for (const block of alwaysExecuted(header, loop, latches, tree)) {
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
      definedIn[instruction.id] = preheader
    }
    block.instructions = kept
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
  tree: DominatorTree,
): Block[] {
  const list = [...loop].filter((block) => latches.every((latch) => tree.dominates(block, latch)))
  const depth = (block: Block): number => {
    let count = 0
    for (let at: Block | null = block; at !== null && at !== header; at = tree.parentOf(at)) count++
    return count
  }
  return list.sort((a, b) => depth(a) - depth(b))
}

function snapshotAtEntry(entry: Snapshot, { reason }: Snapshot): Snapshot {
  return { position: entry.position, slots: entry.slots.map((slot) => ({ ...slot })), reason, inlined: false }
}
