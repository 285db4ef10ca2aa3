/**
 * Which basic blocks of the bytecode become native code, and in which order they are built. Normally all, in the
 * order of the text, where only `Loop` goes back. With on-stack replacement the code begins at a loop header: the
 * region is the outermost loop around it, in reverse postorder from that header. Edges of outer loops may go
 * forward then; whatever leaves the outermost loop goes on in the VM.
 */
import { type ControlFlow, jumpTarget, nextPosition, opcodeAt } from '../../bytecode/instructions.js'
import { Op } from '../../bytecode/opcodes.js'
import type { BytecodeFunction } from '../../bytecode/program.js'

export class Region {
  /** The function from its entry. */
  private readonly whole: boolean
  /** Numbers of blocks. */
  readonly order: readonly number[]
  /** By block: its place in the order, or -1. */
  private readonly places: Int32Array
  /** By block that a loop starts with: the last place in the order from which an edge goes back to it. */
  private readonly lastPlaces = new Map<number, number>()

  constructor(
    private readonly fn: BytecodeFunction,
    private readonly flow: ControlFlow,
    entry: number | null,
  ) {
    this.whole = entry === null
    this.order = entry === null ? Array.from({ length: flow.count }, (_, i) => i) : this.orderFrom(entry)
    this.places = new Int32Array(flow.count + 1).fill(-1)
    this.order.forEach((block, place) => {
      this.places[block] = place
    })
    this.order.forEach((block, place) => {
      for (const successor of this.successors(block)) {
        const target = this.places[successor] as number
        if (target < 0 || target > place) continue
        this.lastPlaces.set(successor, Math.max(place, this.lastPlaces.get(successor) ?? 0))
      }
    })
  }

  contains(block: number): boolean {
    return (this.places[block] as number) >= 0
  }

  /**
   * Blocks that hold all of the loop that starts with this block, or null if none does. Entered in its midst, an
   * outer loop need not have all its blocks between its header and its last back-edge: then it is the whole region.
   */
  loopAt(block: number): readonly number[] | null {
    const last = this.lastPlaces.get(block)
    if (last === undefined) return null
    return this.whole ? this.order.slice(this.places[block], last + 1) : this.order
  }

  private orderFrom(entry: number): number[] {
    const { code } = this.fn
    const { starts, blockAt } = this.flow
    let first = entry
    let end = entry
    for (let at = 0; at < code.length; at = nextPosition(code, at)) {
      if (code[at] !== Op.Loop) continue
      const header = jumpTarget(code, at)
      if (header > entry || at < entry) continue
      first = Math.min(first, header)
      end = Math.max(end, nextPosition(code, at))
    }
    const inside = new Set<number>()
    for (let block = blockAt[first] as number; (starts[block] as number) < end; block++) inside.add(block)
    return this.reversePostorder(blockAt[entry] as number, inside)
  }

  /** Every block comes behind those from which it can be reached, but for back-edges. */
  private reversePostorder(entry: number, inside: ReadonlySet<number>): number[] {
    const order: number[] = []
    const seen = new Set([entry])
    const path = [{ block: entry, rest: this.successors(entry) }]
    for (let top = path[path.length - 1]; top !== undefined; top = path[path.length - 1]) {
      const next = top.rest.shift()
      if (next === undefined) {
        order.push(top.block)
        path.pop()
      } else if (inside.has(next) && !seen.has(next)) {
        seen.add(next)
        path.push({ block: next, rest: this.successors(next) })
      }
    }
    return order.reverse()
  }

  private successors(block: number): number[] {
    const { code } = this.fn
    const { starts, blockAt } = this.flow
    const end = starts[block + 1] as number
    let last = starts[block] as number
    for (let at = last; at < end; at = nextPosition(code, at)) last = at
    const successors: number[] = []
    const target = jumpTarget(code, last)
    if (target >= 0) successors.push(blockAt[target] as number)
    if (!opcodeAt(code, last).ends && end < code.length) successors.push(block + 1)
    return successors
  }
}
