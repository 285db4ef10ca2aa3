/**
 * Emits the instructions of one function: words, labels, operand stack depth, positions. Code that
 * control cannot reach is not emitted, so everything in a finished function is reachable and the
 * verifier sees one depth per position.
 */
import type { Point } from '../syntax/ast.js'
import { instructionLength, jumpOperand, OPCODES, Op, type OpcodeInfo, popsAt } from './opcodes.js'
import type { Handler } from './program.js'

export class CodeLabel {
  position = -1
  /** Operand stack depth on arrival, known from the first jump. */
  depth = -1
  readonly jumps: number[] = []
}

export class CodeBuilder {
  readonly code: number[] = []
  readonly lines: number[] = []
  readonly handlers: Handler[] = []
  depth = 0
  maxStack = 0
  reachable = true
  private point: Point | null = null

  get position(): number {
    return this.code.length
  }

  /** Instructions from here on belong to this place in the source. */
  at(point: Point): void {
    this.point = point
  }

  emit(opcode: number, ...operands: number[]): void {
    const info = OPCODES[opcode] as OpcodeInfo
    const words = [opcode, ...operands]
    if (words.length !== instructionLength(opcode)) throw new Error(`operands of ${info.name}`)
    this.depth += info.pushes - popsAt(words, 0)
    if (!this.reachable) return
    // What an instruction holds while it runs counts too: operands are popped after the result exists.
    if (this.depth > this.maxStack) this.maxStack = this.depth
    this.addLine()
    this.code.push(...words)
    if (info.ends) this.reachable = false
  }

  private addLine(): void {
    if (this.point === null) return
    const { lines } = this
    const { line, column } = this.point
    const last = lines.length - 3
    if (last >= 0 && lines[last + 1] === line && lines[last + 2] === column) return
    lines.push(this.code.length, line, column)
  }

  /** A jump to a label that is bound later (or, for Loop, was bound before). */
  jump(opcode: number, label: CodeLabel): void {
    const { reachable } = this
    const start = this.code.length
    this.emit(opcode, label.position)
    if (!reachable) return
    this.arrive(label)
    if (label.position < 0) label.jumps.push(start + 1 + jumpOperand(opcode))
  }

  private arrive(label: CodeLabel): void {
    if (label.depth < 0) label.depth = this.depth
    else if (label.depth !== this.depth) throw new Error(`operand stack depth differs at a jump`)
  }

  bind(label: CodeLabel): void {
    if (this.reachable) this.arrive(label)
    else if (label.depth >= 0) this.depth = label.depth
    label.position = this.code.length
    label.depth = this.depth
    if (label.jumps.length > 0) this.reachable = true
    for (const operand of label.jumps) this.code[operand] = label.position
  }

  /** Starts an error handler: the operands below `depth` are kept and the error is pushed. */
  handle(start: number, end: number, depth: number): boolean {
    if (start === end) return false
    this.reachable = true
    this.depth = depth + 1
    if (this.depth > this.maxStack) this.maxStack = this.depth
    this.handlers.push({ start, end, target: this.code.length, depth })
    return true
  }

  drop(count: number): void {
    if (count === 1) this.emit(Op.Pop)
    else if (count > 1) this.emit(Op.Drop, count)
  }
}
