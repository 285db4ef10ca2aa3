/**
 * Which locals are still needed? Backward data flow over basic blocks, exception edges included. The
 * collector asks it for every frame on the stack, so that a dead local neither keeps an object alive
 * nor is looked at (it may be anything: frames are not cleared).
 *
 * In verified code a live local surely holds a value, a cell or "no value yet".
 */
import {
  ControlFlow,
  instructionPositions,
  jumpTarget,
  mayRaise,
  nextPosition,
  opcodeAt,
} from './instructions.js'
import { OPCODES, Op } from './opcodes.js'
import type { BytecodeFunction, Handler } from './program.js'

/** What an instruction does with the local that it names. */
const USE = 1
const DEFINE = 2
const EFFECTS = new Uint8Array(OPCODES.length)
EFFECTS[Op.GetLocal] = USE
EFFECTS[Op.GetLocalChecked] = USE
EFFECTS[Op.GetCell] = USE
EFFECTS[Op.SetCell] = USE
// The fresh cell holds what the local held.
EFFECTS[Op.NewCell] = USE | DEFINE
EFFECTS[Op.SetLocal] = DEFINE
EFFECTS[Op.ClearLocal] = DEFINE

/** Live locals of one verified function. Cheap to make: the analysis runs at the first question. */
export class Liveness {
  private analysis: Analysis | null = null
  private readonly during = new Map<number, readonly number[]>()

  /**
   * @param functions the program's functions: what `Closure` captures stands in the function created
   * @param flow of `fn`, from whoever has it already
   */
  constructor(
    private readonly fn: BytecodeFunction,
    private readonly functions: readonly BytecodeFunction[],
    private readonly flow?: ControlFlow,
  ) {}

  /** Locals whose contents before the instruction at `position` may be used there or later, in rising order. */
  liveBefore(position: number): readonly number[] {
    return this.analyse().liveBefore(position)
  }

  /**
   * Locals that hold something needed while the instruction at `position` runs (a call, or another
   * safepoint), in rising order: those live behind it, those live in the handler that takes its
   * errors, and those it uses itself.
   */
  liveDuring(position: number): readonly number[] {
    let list = this.during.get(position)
    if (list === undefined) {
      list = this.analyse().liveDuring(position)
      this.during.set(position, list)
    }
    return list
  }

  private analyse(): Analysis {
    this.analysis ??= new Analysis(this.fn, this.functions, this.flow ?? new ControlFlow(this.fn))
    return this.analysis
  }
}

/** Sets of locals are bit sets of `words` words. */
class Analysis {
  private readonly words: number
  private readonly positions: readonly number[]
  /** By block: the place in `positions` of its first instruction; the number of all as the last entry. */
  private readonly first: Int32Array
  /** By block: what is live at its start. */
  private readonly liveIn: Uint32Array
  /** What is live where `walkBack` has come to. */
  private readonly live: Uint32Array
  /**
   * By block, when it is first asked about: what is live before each word of it that starts an instruction, and
   * at its end.
   */
  private readonly rows: (Uint32Array | undefined)[]
  /** The block that `walkBack` is in, and whether control goes from any to itself or to one before it. */
  private block = 0
  private goesBack = false

  constructor(
    private readonly fn: BytecodeFunction,
    private readonly functions: readonly BytecodeFunction[],
    private readonly flow: ControlFlow,
  ) {
    this.words = (fn.locals + 31) >>> 5
    this.positions = instructionPositions(fn.code)
    this.first = new Int32Array(flow.count + 1).fill(this.positions.length)
    this.positions.forEach((position, i) => {
      const block = flow.blockAt[position] as number
      if (block >= 0) this.first[block] = i
    })
    this.liveIn = new Uint32Array(flow.count * this.words)
    this.live = new Uint32Array(this.words)
    this.rows = new Array(flow.count)
    let changed = this.improve()
    // Without ways back the first pass has seen all that lies behind each block.
    while (changed && this.goesBack) changed = this.improve()
  }

  liveBefore(position: number): number[] {
    const { live, words } = this
    const block = this.flow.blockOf(position)
    const rows = this.rowsOf(block)
    const row = position - (this.flow.starts[block] as number)
    for (let word = 0; word < words; word++) live[word] = rows[row * words + word] as number
    return this.listLive()
  }

  liveDuring(position: number): number[] {
    const { live, words } = this
    const block = this.flow.blockOf(position)
    const rows = this.rowsOf(block)
    const behind = nextPosition(this.fn.code, position) - (this.flow.starts[block] as number)
    for (let word = 0; word < words; word++) live[word] = rows[behind * words + word] as number
    const handler = this.handlerOf(block)
    if (handler >= 0) this.join(handler)
    this.addUses(position)
    return this.listLive()
  }

  /** The locals in `live`. */
  private listLive(): number[] {
    const { live } = this
    const list: number[] = []
    for (let word = 0; word < live.length; word++) {
      // The lowest bit that is left.
      for (let rest = live[word] as number; rest !== 0; rest &= rest - 1)
        list.push(word * 32 + 31 - Math.clz32(rest & -rest))
    }
    return list
  }

  /** One pass over all blocks; whether more is live at the start of one than was known. */
  private improve(): boolean {
    const { live, liveIn, words } = this
    let changed = false
    for (let block = this.flow.count - 1; block >= 0; block--) {
      this.walkBack(block, null)
      for (let word = 0; word < words; word++) {
        if (liveIn[block * words + word] === live[word]) continue
        liveIn[block * words + word] = live[word] as number
        changed = true
      }
    }
    return changed
  }

  private rowsOf(block: number): Uint32Array {
    let rows = this.rows[block]
    if (rows === undefined) {
      const { starts } = this.flow
      const size = (starts[block + 1] as number) - (starts[block] as number) + 1
      rows = new Uint32Array(size * this.words)
      this.walkBack(block, rows)
      this.rows[block] = rows
    }
    return rows
  }

  /** From the end of a block to its start; `rows`, if any, are filled. */
  private walkBack(block: number, rows: Uint32Array | null): void {
    const { live, first, positions, words } = this
    const { code } = this.fn
    const start = this.flow.starts[block] as number
    const end = this.flow.starts[block + 1] as number
    const handler = this.handlerOf(block)
    const firstInBlock = first[block] as number
    const last = (first[block + 1] as number) - 1
    live.fill(0)
    this.block = block
    const jump = jumpTarget(code, positions[last] as number)
    if (jump >= 0) this.join(jump)
    if (!opcodeAt(code, positions[last] as number).ends) this.join(end)
    rows?.set(live, (end - start) * words)
    for (let i = last; i >= firstInBlock; i--) {
      const position = positions[i] as number
      this.stepBack(position, handler)
      rows?.set(live, (position - start) * words)
    }
  }

  /** Where errors go that are raised in the block, or -1. */
  private handlerOf(block: number): number {
    const handler = this.flow.handlers[block] as number
    return handler < 0 ? -1 : (this.fn.handlers[handler] as Handler).target
  }

  /** Adds what is live at the start of the block at `position`. */
  private join(position: number): void {
    const { live, liveIn, words } = this
    const block = this.flow.blockAt[position] as number
    if (block <= this.block) this.goesBack = true
    for (let word = 0; word < words; word++) {
      live[word] = (live[word] as number) | (liveIn[block * words + word] as number)
    }
  }

  /** From behind the instruction at `position` to before it. */
  private stepBack(position: number, handler: number): void {
    const { live } = this
    const { code } = this.fn
    const opcode = code[position] as number
    if ((EFFECTS[opcode] as number) & DEFINE) {
      const local = code[position + 1] as number
      live[local >>> 5] = (live[local >>> 5] as number) & ~(1 << (local & 31))
    }
    this.addUses(position)
    if (handler >= 0 && mayRaise(opcode)) this.join(handler)
  }

  private addUses(position: number): void {
    const { code } = this.fn
    const opcode = code[position] as number
    if ((EFFECTS[opcode] as number) & USE) this.add(code[position + 1] as number)
    if (opcode !== Op.Closure) return
    const created = this.functions[code[position + 1] as number]
    for (const capture of created?.captures ?? []) if (capture.from === 'local') this.add(capture.index)
  }

  private add(local: number): void {
    const { live } = this
    live[local >>> 5] = (live[local >>> 5] as number) | (1 << (local & 31))
  }
}
