/**
 * Parts of a graph in which registers keep what they hold. A region begins at the entry, behind a call, or where ways
 * meet of which one has a call on it since the block that dominates them; it goes on into all blocks that are reached
 * from it without a call. So a value crosses a call exactly if it is used in another region than it is defined in.
 */
import type { DominatorTree } from './dominators.js'
import type { Block, Graph } from './graph.js'

export class CallFreeRegions {
  /** By id of the block: the region it begins in, and that in which it ends. Regions within it are numbered in between. */
  private readonly entries: Int32Array
  private readonly exits: Int32Array
  /** By id of the block: indices of its calls. */
  private readonly calls: (readonly number[])[]

  constructor(graph: Graph, tree: DominatorTree) {
    this.entries = new Int32Array(graph.blockCount)
    this.exits = new Int32Array(graph.blockCount)
    this.calls = new Array(graph.blockCount)
    for (const { id, instructions } of graph.blocks) {
      const calls: number[] = []
      for (let i = 0; i < instructions.length; i++) if (instructions[i]?.op === 'call') calls.push(i)
      this.calls[id] = calls
    }
    let regions = 0
    for (const block of graph.blocks) {
      const calls = this.callsOf(block).length
      const parent = tree.parentOf(block)
      const goesOn = parent !== null && this.isFreeBetween(parent, block)
      this.entries[block.id] = goesOn ? (this.exits[parent.id] as number) : regions++
      this.exits[block.id] = calls === 0 ? (this.entries[block.id] as number) : regions + calls - 1
      regions += calls
    }
  }

  /** The region of what is in front of the first call of a block. */
  entryOf({ id }: Block): number {
    return this.entries[id] as number
  }

  exitOf({ id }: Block): number {
    return this.exits[id] as number
  }

  /** The region just in front of an instruction. */
  at(block: Block, index: number): number {
    const calls = this.callsOf(block)
    let before = 0
    while (before < calls.length && (calls[before] as number) < index) before++
    return before === 0 ? this.entryOf(block) : this.exitOf(block) - (calls.length - before)
  }

  private callsOf({ id }: Block): readonly number[] {
    return this.calls[id] as readonly number[]
  }

  /** Whether no way from the end of a block's dominator to the block has a call on it. */
  private isFreeBetween(parent: Block, block: Block): boolean {
    const seen = new Set([parent])
    const work = [...block.predecessors]
    for (let next = work.pop(); next !== undefined; next = work.pop()) {
      if (seen.has(next)) continue
      if (this.callsOf(next).length > 0) return false
      seen.add(next)
      // Around a loop that begins here, back to its own start.
      if (next !== block) work.push(...next.predecessors)
    }
    return true
  }
}
