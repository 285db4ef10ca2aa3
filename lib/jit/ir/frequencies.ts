/**
 * How often blocks run for each time that the code is entered: probabilities of branches, propagated in the order of
 * the graph, inner loops first (Wu and Larus, Static Branch Frequency and Program Profile Analysis, 1994). The
 * probabilities are from what the VM counted, with what is likely of such branches as observations made beforehand
 * (Laplace's rule of succession): so few observations say little, and none divide by 0.
 */
import { controlFlowOf } from './dominators.js'
import type { Block, Edge, Graph } from './graph.js'

/** Observations made beforehand of each side of a branch, and of one that is likely by the look of the graph. */
const BEFOREHAND = 1
const LIKELY_BEFOREHAND = 7
/** Passes of a loop for each time that it is entered, at most: none runs forever, so what is behind it is reached. */
const MOST_PASSES = 4096
/** Keeps products of nested loops finite. */
const MOST = 2 ** 60

export class Frequencies {
  /** By id of the block. */
  private readonly ofBlocks: Float64Array
  /** By id of the block: its place in the graph. */
  private readonly places: Int32Array
  /** By id of the block: how often a loop's header runs each time that the loop is entered; else 1. */
  private readonly passes: Float64Array
  /** By id of the block: the innermost loop. */
  private readonly headers: (Block | undefined)[]
  private readonly loops: ReadonlyMap<Block, ReadonlySet<Block>>

  constructor(private readonly graph: Graph) {
    const { blocks, blockCount } = graph
    this.ofBlocks = new Float64Array(blockCount)
    this.places = new Int32Array(blockCount)
    this.passes = new Float64Array(blockCount).fill(1)
    this.headers = new Array(blockCount)
    blocks.forEach(({ id }, place) => {
      this.places[id] = place
    })
    const { loops } = controlFlowOf(graph)
    this.loops = loops
    for (const [header, members] of loops) for (const { id } of members) this.headers[id] ??= header
    for (const [header, members] of loops) this.readLoop(header, members)
    this.propagate(0, blocks.length)
  }

  of({ id }: Block): number {
    return this.ofBlocks[id] as number
  }

  /** How often a block's terminator goes along one of its edges. */
  ofEdge(block: Block, target: number): number {
    return this.of(block) * this.probability(block, target)
  }

  /** The header of the innermost loop that a block is in, or null. */
  headerOf({ id }: Block): Block | null {
    return this.headers[id] ?? null
  }

  isInLoop(block: Block, header: Block): boolean {
    return this.loops.get(header)?.has(block) === true
  }

  placeOf({ id }: Block): number {
    return this.places[id] as number
  }

  private readLoop(header: Block, members: ReadonlySet<Block>): void {
    const start = this.placeOf(header)
    let end = start
    for (const block of members) end = Math.max(end, this.placeOf(block) + 1)
    const repeats = this.propagate(start, end)
    this.passes[header.id] = 1 / Math.max(1 - repeats, 1 / MOST_PASSES)
  }

  /**
   * Lets the first of the blocks between two places run once, and sees what that means for the others. Of a loop, these
   * may be more than its members, but they do not lead back into it.
   *
   * @returns how often the first is come back to
   */
  private propagate(start: number, end: number): number {
    const { ofBlocks, passes } = this
    const { blocks } = this.graph
    for (let place = start; place < end; place++) ofBlocks[(blocks[place] as Block).id] = 0
    ofBlocks[(blocks[start] as Block).id] = 1
    let repeats = 0
    for (let place = start; place < end; place++) {
      const block = blocks[place] as Block
      const frequency = Math.min((ofBlocks[block.id] as number) * (passes[block.id] as number), MOST)
      ofBlocks[block.id] = frequency
      const { targets } = block.terminator
      for (let i = 0; i < targets.length; i++) {
        const { id } = (targets[i] as Edge).block
        const target = this.places[id] as number
        const share = frequency * this.probability(block, i)
        if (target > place) ofBlocks[id] = (ofBlocks[id] as number) + share
        else if (target === start) repeats += share
      }
    }
    return repeats
  }

  private probability(block: Block, target: number): number {
    const { targets } = block.terminator
    if (targets.length < 2) return 1
    const [first, second] = targets as [Edge, Edge]
    const a = (first.count ?? 0) + this.beforehand(block, first, second)
    const b = (second.count ?? 0) + this.beforehand(block, second, first)
    const share = (target === 0 ? a : b) / (a + b)
    return Math.min(Math.max(share, 1 / MOST_PASSES), 1 - 1 / MOST_PASSES)
  }

  private beforehand(block: Block, edge: Edge, other: Edge): number {
    return this.isUnlikely(block, other) && !this.isUnlikely(block, edge) ? LIKELY_BEFOREHAND : BEFOREHAND
  }

  /** Loops are rather gone on with than left, and so is native code. */
  private isUnlikely(from: Block, { block }: Edge): boolean {
    if (block.terminator.op === 'leave') return true
    const header = this.headers[from.id]
    return header !== undefined && !this.isInLoop(block, header)
  }
}
