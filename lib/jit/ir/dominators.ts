/**
 * Dominators (Cooper, Harvey and Kennedy, A Simple, Fast Dominance Algorithm, 2001) and natural loops. Predecessors
 * must be linked, and blocks be in an order in which each comes behind its dominators.
 */
import type { Block, Graph } from './graph.js'

/** The immediate dominator of each block; none for the entry. */
export function dominators(graph: Graph): Map<Block, Block> {
  const numbers = new Map(graph.blocks.map((block, number) => [block, number]))
  const [entry] = graph.blocks as [Block]
  const idom = new Map<Block, Block>([[entry, entry]])
  const numberOf = (block: Block): number => numbers.get(block) as number
  const intersect = (a: Block, b: Block): Block => {
    let [x, y] = [a, b]
    while (x !== y) {
      while (numberOf(x) > numberOf(y)) x = idom.get(x) as Block
      while (numberOf(y) > numberOf(x)) y = idom.get(y) as Block
    }
    return x
  }
  for (let changed = true; changed; ) {
    changed = false
    for (const block of graph.blocks) {
      if (block === entry) continue
      let found: Block | null = null
      for (const predecessor of block.predecessors) {
        if (!idom.has(predecessor)) continue
        found = found === null ? predecessor : intersect(predecessor, found)
      }
      if (found === null || idom.get(block) === found) continue
      idom.set(block, found)
      changed = true
    }
  }
  idom.delete(entry)
  return idom
}

export function dominates(idom: ReadonlyMap<Block, Block>, a: Block, b: Block): boolean {
  for (let block: Block | undefined = b; block !== undefined; block = idom.get(block))
    if (block === a) return true
  return false
}

/** The blocks of each natural loop, by header; loops that share a header are one. */
export function loopsOf(graph: Graph, idom: ReadonlyMap<Block, Block>): Map<Block, Set<Block>> {
  const loops = new Map<Block, Set<Block>>()
  for (const block of graph.blocks) {
    for (const header of block.successors) {
      if (!dominates(idom, header, block)) continue
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
  return loops
}
