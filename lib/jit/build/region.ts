/**
 * Which basic blocks of the bytecode become native code, and in which order they are built. Normally all, in the
 * order of the text, where only `Loop` goes back. With on-stack replacement the code begins at a loop header: the
 * region is the outermost loop around it, in reverse postorder from that header. Edges of outer loops may go
 * forward then; whatever leaves the outermost loop goes on in the VM.
 */
import { type ControlFlow, jumpTarget, nextPosition } from '../../bytecode/instructions.js'
import { Op } from '../../bytecode/opcodes.js'
import type { BytecodeFunction } from '../../bytecode/program.js'

export class Region {
  /** Where on-stack replacement begins, or -1. */
  private readonly entry: number
  /** By position of a loop's header: the end of its last back-edge. */
  private readonly ends = new Map<number, number>()
  /** Numbers of blocks. */
  readonly order: readonly number[]
  /** By block: its place in the order, or -1. */
  private readonly places: Int32Array
  /** By block that a loop starts with: the last place in the order from which an edge goes back to it. */
  private readonly lastPlaces = new Map<number, number>()

  constructor(
    fn: BytecodeFunction,
    private readonly flow: ControlFlow,
    entry: number | null,
  ) {
    this.entry = entry ?? -1
    for (let at = 0; at < fn.code.length; at = nextPosition(fn.code, at)) {
      if (fn.code[at] === Op.Loop) this.ends.set(jumpTarget(fn.code, at), nextPosition(fn.code, at))
    }
    this.order = entry === null ? Array.from({ length: flow.count }, (_, i) => i) : this.orderFrom(entry)
    this.places = new Int32Array(flow.count + 1).fill(-1)
    this.order.forEach((block, place) => {
      this.places[block] = place
    })
    this.order.forEach((block, place) => {
      for (const successor of this.flow.successorsOf(block)) {
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
   * Blocks that hold all of the loop that starts with this block, or null if none does: by the text, or the whole
   * region for a loop that was entered in its midst.
   */
  loopAt(block: number): readonly number[] | null {
    if (!this.lastPlaces.has(block)) return null
    const header = this.flow.starts[block] as number
    const end = this.ends.get(header)
    if (end === undefined || (header < this.entry && end > this.entry)) return this.order
    return this.order.filter((other) => {
      const start = this.flow.starts[other] as number
      return start >= header && start < end
    })
  }

  /** The blocks of the loop that starts with this block, its header first, if it is entered there only; or null. */
  wholeLoopAt(block: number): readonly number[] | null {
    const header = this.flow.starts[block] as number
    const end = this.ends.get(header)
    if (end === undefined || (header < this.entry && end > this.entry)) return null
    return this.loopAt(block)
  }

  /** Whether the loop at which the code begins lies in another one: its header is reached from there, too. */
  get hasOuterLoop(): boolean {
    return this.entry >= 0 && this.order.length > (this.loopAt(this.order[0] as number) ?? []).length
  }

  /** Whether `position` lies in the loop at which the code begins. */
  isInEntryLoop(position: number): boolean {
    return position >= this.entry && position < (this.ends.get(this.entry) ?? 0)
  }

  private orderFrom(entry: number): number[] {
    const { starts, blockAt } = this.flow
    let first = entry
    let end = entry
    for (const [header, last] of this.ends) {
      if (header > entry || last <= entry) continue
      first = Math.min(first, header)
      end = Math.max(end, last)
    }
    const inside = new Set<number>()
    for (let block = blockAt[first] as number; (starts[block] as number) < end; block++) inside.add(block)
    return this.reversePostorder(blockAt[entry] as number, inside)
  }

  /** Every block comes behind those from which it can be reached, but for back-edges. */
  private reversePostorder(entry: number, inside: ReadonlySet<number>): number[] {
    const order: number[] = []
    const seen = new Set([entry])
    const path = [{ block: entry, rest: this.flow.successorsOf(entry) }]
    for (let top = path[path.length - 1]; top !== undefined; top = path[path.length - 1]) {
      const next = top.rest.shift()
      if (next === undefined) {
        order.push(top.block)
        path.pop()
      } else if (inside.has(next) && !seen.has(next)) {
        seen.add(next)
        path.push({ block: next, rest: this.flow.successorsOf(next) })
      }
    }
    return order.reverse()
  }
}
