/** The loops of a graph as passes look at them: what does not change in them, and where to put what is done once. */
import { controlFlowOf, type DominatorTree } from './dominators.js'
import {
  type Block,
  type Graph,
  type Instruction,
  isConstant,
  Snapshot,
  type SnapshotSlot,
  type Value,
} from './graph.js'

export interface Loop {
  readonly header: Block
  readonly blocks: ReadonlySet<Block>
  /** The one block from which the loop is entered, and goes nowhere else; null: there is none. */
  readonly preheader: Block | null
}

export class LoopNest {
  readonly tree: DominatorTree
  /** Inner loops come before those around them. */
  readonly loops: readonly Loop[]
  /** By id of the value. */
  private readonly definedIn: Block[]

  constructor(private readonly graph: Graph) {
    const { tree, loops } = controlFlowOf(graph)
    this.tree = tree
    this.loops = [...loops].map(([header, blocks]) => ({
      header,
      blocks,
      preheader: preheaderOf(header, blocks),
    }))
    this.definedIn = new Array(graph.valueCount)
    if (loops.size === 0) return
    for (const block of graph.blocks) {
      for (const { id } of block.parameters) this.definedIn[id] = block
      for (const { id } of block.instructions) this.definedIn[id] = block
    }
  }

  isInvariant(value: Value, { blocks }: Loop): boolean {
    return isConstant(value) || !blocks.has(this.definedIn[value.id] as Block)
  }

  /** Puts an instruction, which may be in no block, to the end of a preheader. */
  moveTo(preheader: Block, instruction: Instruction): void {
    preheader.instructions.splice(preheader.instructions.length - 1, 0, instruction)
    this.definedIn[instruction.id] = preheader
  }

  /** Blocks that every pass goes through, from the header on. */
  alwaysExecuted({ header, blocks }: Loop): Block[] {
    const { tree } = this
    const latches = header.predecessors.filter((block) => blocks.has(block))
    const list = [...blocks].filter((block) => latches.every((latch) => tree.dominates(block, latch)))
    const depth = (block: Block): number => {
      let count = 0
      for (let at: Block | null = block; at !== null && at !== header; at = tree.parentOf(at)) count++
      return count
    }
    return list.sort((a, b) => depth(a) - depth(b))
  }

  /** The constant, which passes have in common with the builder. */
  int(value: bigint): Instruction {
    const { instructions } = this.graph.blocks[0] as Block
    const known = instructions.find(({ op, imm }) => op === 'int' && imm === value)
    if (known !== undefined) return known
    const made = this.graph.instruction('int', [], 0)
    made.imm = value
    instructions.unshift(made)
    return made
  }
}

/** Instructions of a loop's test that may stand twice. */
const LONGEST_TEST = 4

/** Whether a header is short and does nothing but choose where to go on. */
export function isShortTest({ loopHeader, instructions, terminator }: Block): boolean {
  if (!loopHeader || terminator.op !== 'branch' || instructions.length > LONGEST_TEST) return false
  return instructions.every(
    ({ op, info, snapshot }) => snapshot === null && (op === 'branch' || !info.effect),
  )
}

function preheaderOf(header: Block, blocks: ReadonlySet<Block>): Block | null {
  const outside = header.predecessors.filter((block) => !blocks.has(block))
  const [only] = outside
  return only !== undefined && outside.length === 1 && only.terminator.op === 'jump' ? only : null
}

/** What a guard keeps that leaves where a loop is entered: there nothing of the pass has happened yet. */
export function snapshotAtEntry(entry: Snapshot, reason: Snapshot['reason']): Snapshot {
  const copy = ({ offset, payload, tag }: SnapshotSlot): SnapshotSlot => ({ offset, payload, tag })
  return new Snapshot(entry.position, entry.slots.map(copy), entry.variables.map(copy), reason)
}
