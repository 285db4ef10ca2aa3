/** The dominator tree of random graphs, against what dominance means. */
import t from 'tap'
import { DominatorTree } from '../../lib/jit/ir/dominators.js'
import { type Block, Graph } from '../../lib/jit/ir/graph.js'
import { randomSource } from '../asm/tools.js'

/** Every block can be reached from one before it; other edges go anywhere. */
function randomGraph(size: number, extraEdges: number, random: (limit: number) => number): Graph {
  const graph = new Graph()
  for (let i = 0; i < size; i++) {
    const block = graph.addBlock(i)
    block.instructions.push(graph.instruction('jump', [], i))
    graph.blocks.push(block)
  }
  const blocks = graph.blocks as [Block, ...Block[]]
  const connect = (from: number, to: number): void => {
    ;(blocks[from] as Block).terminator.targets.push({ block: blocks[to] as Block, args: [] })
  }
  for (let i = 1; i < size; i++) connect(random(i), i)
  for (let i = 0; i < extraEdges; i++) connect(random(size), random(size))
  graph.linkPredecessors()
  return graph
}

/** The blocks that can be reached from the entry without going through `without`. */
function reachable(graph: Graph, without: Block): Set<Block> {
  const found = new Set<Block>()
  const work = [graph.blocks[0] as Block]
  for (let block = work.pop(); block !== undefined; block = work.pop()) {
    if (block === without || found.has(block)) continue
    found.add(block)
    work.push(...block.successors)
  }
  return found
}

t.test('a block dominates what cannot be reached without it', async (t) => {
  const random = randomSource(11)
  for (let round = 0; round < 200; round++) {
    const graph = randomGraph(1 + random(12), random(12), random)
    const tree = new DominatorTree(graph)
    const dominated = new Map(
      graph.blocks.map((a) => {
        const others = reachable(graph, a)
        return [a, new Set(graph.blocks.filter((b) => !others.has(b)))]
      }),
    )
    const wrong = graph.blocks.flatMap((a) =>
      graph.blocks.filter((b) => tree.dominates(a, b) !== dominated.get(a)?.has(b)).map((b) => [a.id, b.id]),
    )
    t.same(wrong, [], `round ${round}: dominance`)
    const wrongParents = graph.blocks.filter((block) => {
      // The immediate dominator is the one that dominates no other dominator of the block.
      const strict = graph.blocks.filter((a) => a !== block && dominated.get(a)?.has(block))
      const parent = strict.find((a) => strict.every((b) => dominated.get(b)?.has(a)))
      return tree.parentOf(block) !== (parent ?? null)
    })
    t.same(
      wrongParents.map(({ id }) => id),
      [],
      `round ${round}: parents`,
    )
  }
})
