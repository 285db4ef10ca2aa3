/**
 * DEBUG and TRACE lines about single instructions and frames (command-line.md section 4). The VM tells
 * what it is about to do; what an instruction has pushed is seen when the next one comes.
 */
import { OPCODES, Opcode, type OpcodeInfo, popsAt } from '../bytecode/opcodes.js'
import { SLOT_SIZE, Tag } from '../heap/layout.js'
import { toText } from '../runtime/format.js'
import { callerBase } from '../runtime/frames.js'
import { BINARY_OPERATORS } from '../runtime/operators.js'
import type { Runtime } from '../runtime/runtime.js'
import type { LoadedFunction } from '../vm/loaded-function.js'
import type { Log } from './log.js'

const BINARY: ReadonlySet<string> = new Set(BINARY_OPERATORS.map(({ name }) => name))

/** Whether an instruction of this name is a binary operation. */
export function isBinaryOperation(name: string): boolean {
  return BINARY.has(name)
}

export class InstructionLog {
  /** Bases of the frames, outermost first. */
  private readonly frames: number[] = []
  /** Values that the last instruction pushes in the topmost frame, if it has ended when the next one comes. */
  private pushes = 0
  private readonly tracing: boolean

  constructor(
    private readonly rt: Runtime,
    private readonly log: Log,
  ) {
    this.tracing = log.enabled('trace')
  }

  /** The instruction at `position` is about to run in the frame at `base`. */
  before(fn: LoadedFunction, position: number, base: number, sp: number): void {
    const { code } = fn.bytecode
    const opcode = code[position] as number
    const { name, pushes } = OPCODES[opcode] as OpcodeInfo
    if (this.enter(base)) this.trace('Pushed', sp - this.pushes * SLOT_SIZE, this.pushes, SLOT_SIZE)
    if (this.tracing)
      this.log.line('trace', `IP:${position} OP:Op${name} SP:${this.slots(sp)} Frame:${this.frame}`)
    this.describe(fn, position, sp)
    this.trace('Popped', sp - SLOT_SIZE, popsAt(code, position), -SLOT_SIZE)
    this.pushes = pushes
    if (opcode === Opcode.Return) this.leave(sp)
  }

  private get frame(): number {
    return this.frames.length - 1
  }

  private slots(sp: number): number {
    return (sp - this.rt.heap.stackBase) / SLOT_SIZE
  }

  private value(slot: number): string {
    const { heap } = this.rt
    if (heap.tagOf(slot) !== Tag.CLOSURE) return toText(this.rt, slot)
    return `Closure[0x${heap.referenceOf(slot).toString(16)}]`
  }

  /**
   * Brings the frames up to date.
   * @returns whether the frame is the one in which the last instruction left what it pushed
   */
  private enter(base: number): boolean {
    const { frames } = this
    const { I32 } = this.rt.heap
    const known = frames.length
    while (frames.length > 0 && (frames[frames.length - 1] as number) > base) {
      frames.pop()
      // A return has said so already: an error came through.
      this.log.line('debug', `Popped frame, now at frame ${this.frame}`)
    }
    const unwound = frames.length < known
    const entered: number[] = []
    for (let at = base; at !== frames[frames.length - 1]; at = callerBase(I32, at)) {
      entered.push(at)
      if (callerBase(I32, at) === at) break
    }
    for (const at of entered.reverse()) {
      frames.push(at)
      if (frames.length > 1) this.log.line('debug', `Pushed frame ${this.frame}`)
    }
    return !unwound && entered.length === 0
  }

  private leave(sp: number): void {
    if (this.frame === 0) return
    this.log.line('debug', `Returning value: ${this.value(sp - SLOT_SIZE)}`)
    this.frames.pop()
    this.log.line('debug', `Popped frame, returning to frame ${this.frame}`)
    // What the call pushes.
    this.pushes = 1
  }

  private describe(fn: LoadedFunction, position: number, sp: number): void {
    const { log } = this
    const { code } = fn.bytecode
    const opcode = code[position] as number
    const operand = code[position + 1] as number
    const { name, operands } = OPCODES[opcode] as OpcodeInfo
    const count = operands.findIndex((operand) => operand.name === 'arguments')
    if (opcode === Opcode.Constant) {
      log.line('debug', `Loading constant[${operand}]: ${this.value(fn.code[position + 1] as number)}`)
    } else if (opcode === Opcode.Pop) {
      log.line('debug', `Popped: ${this.value(sp - SLOT_SIZE)}`)
    } else if (opcode === Opcode.Jump || opcode === Opcode.Loop) {
      log.line('debug', `Jumping to position ${operand}`)
    } else if (isBinaryOperation(name)) {
      log.line('debug', `Executing binary operation: Op${name}`)
    } else if (count >= 0) {
      log.line('debug', `Calling function with ${code[position + 1 + count]} arguments`)
    }
  }

  /** Lines for `count` values from the slot `first` on, in steps of `step` bytes. */
  private trace(what: 'Pushed' | 'Popped', first: number, count: number, step: number): void {
    if (!this.tracing) return
    for (let i = 0; i < count; i++) {
      const slot = first + i * step
      const sp = what === 'Pushed' ? slot + SLOT_SIZE : slot
      this.log.line('trace', `${what}: ${this.value(slot)} (SP now ${this.slots(sp)})`)
    }
  }
}
