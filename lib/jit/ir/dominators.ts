/**
 * Dominators (Cooper, Harvey and Kennedy, A Simple, Fast Dominance Algorithm, 2001) and natural loops. Predecessors
 * must be linked, and blocks be in an order in which each comes behind its dominators.
 */
import type { Block, Graph } from './graph.js'

/** The tree in which the parent of a block is its immediate dominator. Blocks are numbered in the graph's order. */
export class DominatorTree {
  /** By id of the block. */
  private readonly numbers: Int32Array
  /** By number; the entry is its own parent. -1: cannot be reached. */
  private readonly parents: Int32Array
  /** By number: the block's place in a preorder of the tree, and the size of the subtree that begins there. */
  private readonly first: Int32Array
  private readonly sizes: Int32Array

  constructor(private readonly graph: Graph) {
    const { blocks } = graph
    this.numbers = new Int32Array(graph.blockCount)
    blocks.forEach((block, number) => {
      this.numbers[block.id] = number
    })
    this.parents = new Int32Array(blocks.length).fill(-1)
    this.first = new Int32Array(blocks.length)
    this.sizes = new Int32Array(blocks.length).fill(1)
    this.findParents()
    this.orderTree()
  }

  /** The immediate dominator; null for the entry. */
  parentOf(block: Block): Block | null {
    const number = this.numbers[block.id] as number
    const parent = this.parents[number] as number
    return parent < 0 || parent === number ? null : (this.graph.blocks[parent] as Block)
  }

  /** Whether every way to `b` goes through `a`, which may be `b` itself. */
  dominates(a: Block, b: Block): boolean {
    const above = this.numbers[a.id] as number
    const distance = (this.first[this.numbers[b.id] as number] as number) - (this.first[above] as number)
    return distance >= 0 && distance < (this.sizes[above] as number)
  }

  private findParents(): void {
    const { numbers, parents } = this
    const { blocks } = this.graph
    parents[0] = 0
    for (let changed = true; changed; ) {
      changed = false
      for (let number = 1; number < blocks.length; number++) {
        let found = -1
        for (const predecessor of (blocks[number] as Block).predecessors) {
          const other = numbers[predecessor.id] as number
          if ((parents[other] as number) < 0) continue
          found = found < 0 ? other : this.intersect(other, found)
        }
        if (found < 0 || parents[number] === found) continue
        parents[number] = found
        changed = true
      }
    }
  }

  private intersect(a: number, b: number): number {
    const { parents } = this
    let [x, y] = [a, b]
    while (x !== y) {
      while (x > y) x = parents[x] as number
      while (y > x) y = parents[y] as number
    }
    return x
  }

  /** Numbers the tree in preorder, where what a block dominates follows it without a gap. */
  private orderTree(): void {
    const { parents, first, sizes } = this
    // A block comes behind its parent, so one pass up and one down will do.
    for (let number = parents.length - 1; number > 0; number--) {
      const parent = parents[number] as number
      if (parent >= 0) sizes[parent] = (sizes[parent] as number) + (sizes[number] as number)
    }
    const next = new Int32Array(parents.length)
    next[0] = 1
    for (let number = 1; number < parents.length; number++) {
      const parent = parents[number] as number
      if (parent < 0) continue
      const place = next[parent] as number
      first[number] = place
      next[number] = place + 1
      next[parent] = place + (sizes[number] as number)
    }
  }
}

/** Dominators and loops of a graph, with predecessors linked. */
export interface ControlFlow {
  readonly tree: DominatorTree
  readonly loops: ReadonlyMap<Block, ReadonlySet<Block>>
}

const known = new WeakMap<Graph, ControlFlow>()

/** Computed once: passes move instructions, but change no edges. */
export function controlFlowOf(graph: Graph): ControlFlow {
  let flow = known.get(graph)
  if (flow === undefined) {
    graph.linkPredecessors()
    const tree = new DominatorTree(graph)
    flow = { tree, loops: loopsOf(graph, tree) }
    known.set(graph, flow)
  }
  return flow
}

/** The blocks of each natural loop, by header, inner loops first; loops that share a header are one. */
export function loopsOf(graph: Graph, tree: DominatorTree): Map<Block, Set<Block>> {
  const loops = new Map<Block, Set<Block>>()
  for (const block of graph.blocks) {
    for (const { block: header } of block.terminator.targets) {
      if (!tree.dominates(header, block)) continue
      const loop = loops.get(header) ?? new Set([header])
      loops.set(header, loop)
      const work = [block]
      for (let next = work.pop(); next !== undefined; next = work.pop()) {
        if (loop.has(next)) continue
        loop.add(next)
        work.push(...next.predecessors)
      }
    }
  }
  return new Map([...loops].sort(([, a], [, b]) => a.size - b.size))
}
