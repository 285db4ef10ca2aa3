/**
 * Loop-invariant code motion: what a loop computes anew in each pass from values that it does not change moves in
 * front of it, guards included. A guard that fails there leaves at the loop's header, where nothing of the pass has
 * happened yet. Only what every pass executes moves, in its order, so a load never moves past its guard.
 */
import { FIRST_REFERENCE } from '../../heap/layout.js'
import { clobberedIn, isGuard, isLoad, isPure } from '../ir/effects.js'
import { BlockParameter, type Graph, type Instruction, isConstant, type Value } from '../ir/graph.js'
import { type Loop, LoopNest, snapshotAtEntry } from '../ir/loops.js'
import type { OpName } from '../ir/ops.js'

const OBJECT_GUARDS: ReadonlySet<OpName> = new Set([
  'guard.function',
  'guard.class',
  'guard.home',
  'guard.fields',
  'guard.narrow',
])

export function hoistInvariants(graph: Graph): void {
  const nest = new LoopNest(graph)
  // Inner loops first: what leaves them may leave the outer ones, too.
  for (const loop of nest.loops) hoistFrom(loop, nest)
}

function hoistFrom(loop: Loop, nest: LoopNest): void {
  const { header, blocks, preheader } = loop
  const { entrySnapshot } = header
  if (preheader === null || entrySnapshot === null) return
  const changed = clobberedIn(blocks)
  /** A guard that stays may be what makes it safe to follow a pointer behind it. */
  let followsPointers = true
  const isFixed = (instruction: Instruction): boolean => {
    if (!instruction.args.every((arg) => nest.isInvariant(arg, loop))) return false
    if (!followsPointers && readsObject(instruction)) return false
    if (isPure(instruction) && !isConstant(instruction)) return true
    if (isGuard(instruction)) return true
    return isLoad(instruction) && !changed.has('all') && !changed.has(instruction.memory)
  }
  for (const block of nest.alwaysExecuted(loop)) {
    const kept: Instruction[] = []
    for (const instruction of block.instructions) {
      if (!isFixed(instruction)) {
        kept.push(instruction)
        if (tellsReference(instruction)) followsPointers = false
        continue
      }
      const { snapshot } = instruction
      if (snapshot !== null) instruction.snapshot = snapshotAtEntry(entrySnapshot, snapshot.reason)
      nest.moveTo(preheader, instruction)
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
