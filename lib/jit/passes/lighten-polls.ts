/**
 * Polls in loops whose native code takes no memory need not ask whether a collection is due: whatever else takes
 * memory there has the VM do it, which asks itself. They look for interruptions alone, at half the price. Loops that
 * surely end soon need no polls: whatever is around them has its own.
 */
import { controlFlowOf } from '../ir/dominators.js'
import { takesMemory } from '../ir/effects.js'
import type { Block, Graph } from '../ir/graph.js'

/** The `imm` of a poll that looks for interruptions alone, and of one that does nothing. */
export const INTERRUPTS_ONLY = 1n
export const NO_POLL = 2n

/** IR instructions executed between two polls, at most: well below a millisecond. */
const LONGEST = 100_000

export function lightenPolls(graph: Graph): void {
  const { loops } = controlFlowOf(graph)
  for (const [header, blocks] of loops) {
    if ([...blocks].some(blockTakesMemory)) continue
    const how = isShort(header, blocks, loops) ? NO_POLL : INTERRUPTS_ONLY
    for (const { instructions } of blocks) {
      for (const instruction of instructions)
        if (instruction.op === 'poll' && instruction.imm < how) instruction.imm = how
    }
  }
}

/** Whether a loop ends so soon, and has nothing in it that may take long, that nobody waits for it in vain. */
function isShort(
  header: Block,
  blocks: ReadonlySet<Block>,
  loops: ReadonlyMap<Block, ReadonlySet<Block>>,
): boolean {
  let size = 0
  for (const block of blocks) {
    if (block !== header && loops.has(block)) return false
    if (block.instructions.some(({ op }) => op === 'step')) return false
    size += block.instructions.length
  }
  return header.mostPasses * size <= LONGEST
}

function blockTakesMemory({ instructions }: Block): boolean {
  return instructions.some(takesMemory)
}
