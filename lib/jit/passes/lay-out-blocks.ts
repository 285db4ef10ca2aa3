/**
 * The order in which blocks are emitted: frequent ways fall through, what hardly ever runs is out of the way. Chains of
 * blocks grow along edges, the most frequent first (Pettis and Hansen, Profile Guided Code Positioning, 1990: bottom-up
 * positioning), but only forward in the graph's order: so a loop's header comes before all else of the loop, and where a
 * short test is jumped back to, it has been emitted and can be emitted again. Loops with a longer one are turned in the
 * end so that they end with it, as in LLVM's block placement. Only the order of emission changes: the registers are
 * allocated in that of `Graph.blocks`.
 */
import { Frequencies } from '../ir/frequencies.js'
import type { Block, Edge, Graph } from '../ir/graph.js'
import { isShortTest } from '../ir/loops.js'

/**
 * An edge to the next block of the text counts this much more. An arm without `else` that is out of the way costs two
 * jumps when it runs, and saves one when it does not; and what was sampled is not exact.
 */
const TEXT_ORDER = 2
/** A block is out of the way that runs in less than this part of the passes of its loop, or of the runs of the code. */
const COLD = 1 / 16

export function layOutBlocks(graph: Graph): void {
  if (!graph.blocks.some(({ terminator }) => terminator.op === 'branch')) return
  const layout = new Layout(graph)
  graph.layout = layout.order()
}

/** A way on from a block, as far as emission is concerned. */
interface Way {
  readonly from: Block
  readonly to: Block
  readonly weight: number
}

class Layout {
  private readonly frequencies: Frequencies
  /** By id of the block: those before and behind it in its chain. */
  private readonly before: (Block | undefined)[]
  private readonly behind: (Block | undefined)[]
  /** While chains grow, by id of a block at one end: the block at the other. */
  private readonly otherEnd: Block[]
  private readonly entry: Block

  constructor(private readonly graph: Graph) {
    const { blocks, blockCount } = graph
    this.frequencies = new Frequencies(graph)
    this.before = new Array(blockCount)
    this.behind = new Array(blockCount)
    this.otherEnd = new Array(blockCount)
    for (const block of blocks) this.otherEnd[block.id] = block
    this.entry = blocks[0] as Block
    for (const { from, to } of this.ways()) this.join(from, to)
    for (const block of blocks) if (this.behind[block.id] === undefined) this.turnLoop(block)
  }

  /** Lets `to` follow `from` if neither has a neighbour there yet. */
  private join(from: Block, to: Block): void {
    const { before, behind, otherEnd } = this
    if (behind[from.id] !== undefined || before[to.id] !== undefined) return
    const first = otherEnd[from.id] as Block
    if (first === to) return
    const last = otherEnd[to.id] as Block
    behind[from.id] = to
    before[to.id] = from
    otherEnd[first.id] = last
    otherEnd[last.id] = first
  }

  /**
   * A chain that ends with a jump back to a loop's header in it: what is from there to the first way out of the loop
   * comes to the end, so that the jump is gone and the branch there goes back instead. Where the loop is entered there
   * is a jump now, so that helps loops of more than one pass.
   */
  private turnLoop(last: Block): void {
    const { before, behind, frequencies } = this
    const [edge] = last.terminator.targets
    if (edge === undefined || last.terminator.op !== 'jump' || this.isTestedAgain(last, edge)) return
    const header = edge.block
    if (!frequencies.isInLoop(last, header) || 2 * frequencies.of(last) <= frequencies.of(header)) return
    let at: Block | undefined = last
    while (at !== undefined && at !== header) at = before[at.id]
    if (at === undefined) return
    for (let test = header; test !== last; ) {
      const next = behind[test.id] as Block
      const exit = test.terminator.targets.find(({ block }) => block !== next)?.block
      if (exit !== undefined && this.isWayOut(test, exit, header)) return this.turn(header, test, last, exit)
      test = next
    }
  }

  /**
   * Puts what is from `header` to `test` behind `last`, and what is behind the loop there if it begins a chain. What
   * was before the loop is a chain of its own then.
   */
  private turn(header: Block, test: Block, last: Block, exit: Block): void {
    const { before, behind } = this
    const outside = before[header.id]
    if (outside !== undefined) behind[outside.id] = undefined
    before[header.id] = last
    behind[last.id] = header
    before[(behind[test.id] as Block).id] = undefined
    const follows = before[exit.id] === undefined
    behind[test.id] = follows ? exit : undefined
    if (follows) before[exit.id] = test
  }

  /** Whether an edge leaves the loop, and no inner one at the same time: that would be torn apart. */
  private isWayOut(from: Block, to: Block, header: Block): boolean {
    const { frequencies } = this
    return frequencies.headerOf(from) === header && !frequencies.isInLoop(to, header)
  }

  /** Whether the edge is a jump back to a test that is short enough to be emitted again there. */
  private isTestedAgain(from: Block, { block }: Edge): boolean {
    const { frequencies } = this
    return (
      from.terminator.op === 'jump' &&
      isShortTest(block) &&
      frequencies.placeOf(block) < frequencies.placeOf(from)
    )
  }

  /** Chains in the order of the text, cold ones behind all others. */
  order(): Block[] {
    const warm: Block[] = []
    const cold: Block[] = []
    const seen = new Uint8Array(this.graph.blockCount)
    for (const block of this.graph.blocks) {
      if (seen[block.id] === 1) continue
      const chain = this.chainOf(block)
      for (const { id } of chain) seen[id] = 1
      const isCold = chain.every((member) => this.isCold(member))
      ;(isCold ? cold : warm).push(...chain)
    }
    return [...warm, ...cold]
  }

  /** The chain of which a block is a part, from its beginning. */
  private chainOf(block: Block): Block[] {
    let first = block
    for (let at = this.before[first.id]; at !== undefined; at = this.before[at.id]) first = at
    const chain: Block[] = []
    for (let at: Block | undefined = first; at !== undefined; at = this.behind[at.id]) chain.push(at)
    return chain
  }

  private isCold(block: Block): boolean {
    const around = this.frequencies.headerOf(block) ?? this.entry
    return this.frequencies.of(block) < COLD * this.frequencies.of(around)
  }

  /** The most frequent first, else in the order of the text. */
  private ways(): Way[] {
    const { frequencies } = this
    const ways: Way[] = []
    for (const from of this.graph.blocks) {
      const [edge] = from.terminator.targets
      if (edge === undefined) continue
      // What the test decides there is where its block goes on, too.
      const isTest = this.isTestedAgain(from, edge)
      const source = isTest ? edge.block : from
      const factor = isTest ? frequencies.of(from) / frequencies.of(source) : 1
      const { targets } = source.terminator
      for (let i = 0; i < targets.length; i++) {
        const to = (targets[i] as Edge).block
        const distance = frequencies.placeOf(to) - frequencies.placeOf(from)
        if (distance <= 0) continue
        const weight = frequencies.ofEdge(source, i) * factor
        ways.push({ from, to, weight: distance === 1 ? weight * TEXT_ORDER : weight })
      }
    }
    return ways.sort((a, b) => b.weight - a.weight)
  }
}
