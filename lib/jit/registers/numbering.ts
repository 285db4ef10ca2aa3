/** The numbers that the allocator gives to instructions, in the order of the graph's blocks. */
import type { Block, Graph, Instruction } from '../ir/graph.js'

/** Instructions are 2 apart: what lies between them is behind the one and before the next. */
export const STEP = 2

export interface NumberVisitor {
  /** Where the parameters of a block get their values. */
  start?(block: Block, number: number): void
  instruction(instruction: Instruction, number: number, block: Block, index: number): void
  /** Where what is needed behind the block is still live. */
  end?(block: Block, number: number): void
}

export function numberInstructions({ blocks }: Graph, visitor: NumberVisitor): void {
  let number = 0
  for (const block of blocks) {
    const { instructions } = block
    visitor.start?.(block, number)
    number += STEP
    for (let i = 0; i < instructions.length; i++) {
      visitor.instruction(instructions[i] as Instruction, number, block, i)
      number += STEP
    }
    visitor.end?.(block, number)
    number += STEP
  }
}
