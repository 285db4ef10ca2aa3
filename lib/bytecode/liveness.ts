/**
 * Which locals are still needed? Backward data flow over basic blocks, exception edges included. The
 * collector asks it for every frame on the stack, so that a dead local neither keeps an object alive
 * nor is looked at (it may be anything: frames are not cleared).
 *
 * In verified code a live local surely holds a value, a cell or "no value yet".
 */
import { ControlFlow, jumpTarget, mayRaise, nextPosition, opcodeAt } from './instructions.js'
import { Op } from './opcodes.js'
import type { BytecodeFunction } from './program.js'

/** What an instruction does with the local that it names. */
const USE = 1
const DEFINE = 2
const EFFECTS: ReadonlyMap<number, number> = new Map([
  [Op.GetLocal, USE],
  [Op.GetLocalChecked, USE],
  [Op.GetCell, USE],
  [Op.SetCell, USE],
  // The fresh cell holds what the local held.
  [Op.NewCell, USE | DEFINE],
  [Op.SetLocal, DEFINE],
  [Op.ClearLocal, DEFINE],
])

/** Live locals of one verified function. Cheap to make: the analysis runs at the first question. */
export class Liveness {
  private readonly words: number
  private flow: ControlFlow | null = null
  /** `words` words per block: what is live at its start. */
  private liveIn = new Uint32Array(0)
  private readonly during = new Map<number, readonly number[]>()

  /** @param functions the program's functions: what `Closure` captures stands in the function created */
  constructor(
    private readonly fn: BytecodeFunction,
    private readonly functions: readonly BytecodeFunction[],
  ) {
    this.words = (fn.locals + 31) >>> 5
  }

  /** Whether what `local` holds before the instruction at `position` may be used there or later. */
  isLiveBefore(position: number, local: number): boolean {
    const live = this.liveAfter(position)
    this.stepBack(live, position, this.handlerTarget(position))
    return ((live[local >>> 5] as number) & (1 << (local & 31))) !== 0
  }

  /**
   * Locals that hold something needed while the instruction at `position` runs (a call, or another
   * safepoint), in rising order: those live behind it, those live in the handler that takes its
   * errors, and those it uses itself.
   */
  liveDuring(position: number): readonly number[] {
    const known = this.during.get(position)
    if (known !== undefined) return known
    const live = this.liveAfter(position)
    const target = this.handlerTarget(position)
    if (target >= 0) this.join(live, target)
    this.addUses(live, position)
    const list: number[] = []
    for (let local = 0; local < this.fn.locals; local++) {
      if ((live[local >>> 5] as number) & (1 << (local & 31))) list.push(local)
    }
    this.during.set(position, list)
    return list
  }

  // --- the analysis -------------------------------------------------------------------------

  private analyse(): ControlFlow {
    if (this.flow !== null) return this.flow
    const flow = new ControlFlow(this.fn)
    this.flow = flow
    const { words } = this
    this.liveIn = new Uint32Array(flow.count * words)
    for (let changed = true; changed; ) {
      changed = false
      for (let block = flow.count - 1; block >= 0; block--) {
        const start = flow.starts[block] as number
        const live = this.liveAfter(start)
        this.stepBack(live, start, this.handlerTarget(start))
        for (let word = 0; word < words; word++) {
          if (this.liveIn[block * words + word] === live[word]) continue
          this.liveIn[block * words + word] = live[word] as number
          changed = true
        }
      }
    }
    return flow
  }

  /** What is live behind the instruction at `position`, from the states at the starts of blocks. */
  private liveAfter(position: number): Uint32Array {
    const flow = this.analyse()
    const { code } = this.fn
    const block = flow.blockOf(position)
    const end = flow.starts[block + 1] as number
    const chain: number[] = []
    for (let at = position; at < end; at = nextPosition(code, at)) chain.push(at)
    const last = chain.pop() as number
    const live = new Uint32Array(this.words)
    const info = opcodeAt(code, last)
    const jump = jumpTarget(code, last)
    if (jump >= 0) this.join(live, jump)
    if (!info.ends) this.join(live, end)
    if (last === position) return live
    const target = this.handlerTarget(position)
    this.stepBack(live, last, target)
    for (let i = chain.length - 1; i > 0; i--) this.stepBack(live, chain[i] as number, target)
    return live
  }

  private handlerTarget(position: number): number {
    const flow = this.analyse()
    const handler = this.fn.handlers[flow.handlers[flow.blockOf(position)] as number]
    return handler === undefined ? -1 : handler.target
  }

  /** Adds what is live at the start of the block at `position`. */
  private join(live: Uint32Array, position: number): void {
    const block = this.analyse().blockAt[position] as number
    for (let word = 0; word < this.words; word++) {
      live[word] = (live[word] as number) | (this.liveIn[block * this.words + word] as number)
    }
  }

  /** From behind the instruction at `position` to before it. */
  private stepBack(live: Uint32Array, position: number, handler: number): void {
    const { code } = this.fn
    const opcode = code[position] as number
    if ((EFFECTS.get(opcode) ?? 0) & DEFINE) {
      const local = code[position + 1] as number
      live[local >>> 5] = (live[local >>> 5] as number) & ~(1 << (local & 31))
    }
    this.addUses(live, position)
    if (handler >= 0 && mayRaise(opcode)) this.join(live, handler)
  }

  private addUses(live: Uint32Array, position: number): void {
    const { code } = this.fn
    const opcode = code[position] as number
    if ((EFFECTS.get(opcode) ?? 0) & USE) add(live, code[position + 1] as number)
    if (opcode !== Op.Closure) return
    const created = this.functions[code[position + 1] as number]
    for (const capture of created?.captures ?? []) if (capture.from === 'local') add(live, capture.index)
  }
}

function add(live: Uint32Array, local: number): void {
  live[local >>> 5] = (live[local >>> 5] as number) | (1 << (local & 31))
}
