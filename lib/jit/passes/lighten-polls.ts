/**
 * Polls in loops whose native code takes no memory need not ask whether a collection is due: whatever else takes
 * memory there has the VM do it, which asks itself. They look for interruptions alone, at half the price.
 */
import { DominatorTree, loopsOf } from '../ir/dominators.js'
import { takesMemory } from '../ir/effects.js'
import type { Block, Graph } from '../ir/graph.js'

/** The `imm` of a poll that looks for interruptions alone. */
export const INTERRUPTS_ONLY = 1n

export function lightenPolls(graph: Graph): void {
  graph.linkPredecessors()
  for (const loop of loopsOf(graph, new DominatorTree(graph)).values()) {
    if ([...loop].some(blockTakesMemory)) continue
    for (const { instructions } of loop) {
      for (const instruction of instructions) if (instruction.op === 'poll') instruction.imm = INTERRUPTS_ONLY
    }
  }
}

function blockTakesMemory({ instructions }: Block): boolean {
  return instructions.some(takesMemory)
}
