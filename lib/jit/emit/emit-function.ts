/**
 * IR with allocated registers -> machine code. Usual paths are emitted in line in the order of the layout; exits,
 * fallbacks and edges with moves are collected and emitted behind them.
 */
import { Label, type Label as LabelType } from '../../asm/buffer.js'
import { refillRequest } from '../../vm/segments.js'
import {
  type Block,
  type Edge,
  forEachUse,
  type Graph,
  type Instruction,
  type Snapshot,
  type Value,
} from '../ir/graph.js'
import { isCopy } from '../ir/homes.js'
import { isShortTest } from '../ir/loops.js'
import type { OpName } from '../ir/ops.js'
import { packSignature, parameterOf } from '../ir/signature.js'
import type { Condition, Machine } from '../machine/machine.js'
import type { ExitReason } from '../reasons.js'
import { type Allocation, samePlace } from '../registers/allocate.js'
import type { Move } from '../registers/moves.js'
import { takeCell } from '../routines/pieces.js'
import { readArguments, takeFromRegisters, writeArguments } from './emit-calls.js'
import { emitInstruction } from './emit-instruction.js'
import { Operands } from './operands.js'

/** Where compiled code leaves for good. */
export interface Exit {
  position: number
  /** Null for exits that are meant: code that throws. */
  reason: ExitReason | null
  /** Byte offset of its stub. */
  offset: number
  /** It is one of inlined code; the position is that of the call. */
  inlined: boolean
}

/** Where a function is entered with arguments in registers. */
export interface QuickEntry {
  /** Byte offset in the code. */
  offset: number
  /** See `ir/signature.ts`. */
  signature: number
}

export interface EmittedFunction {
  exits: Exit[]
  quickEntry: QuickEntry | null
  /** Groups of [byte offset, bytecode position]. */
  lineMap: number[]
}

export interface EmitOptions {
  /** Depth units of a call. */
  charge: number
  /** Each guard fails once (a test mode). */
  deoptStress: boolean
  /** The code goes on with a frame that the VM has entered. */
  replacesFrame: boolean
  /** Added to the numbers of exits, so that they tell which code was left. */
  firstExit: number
}

/** Operations that look at no more than the low halves of their arguments, where these are tags. */
const READ_HALVES: ReadonlySet<OpName> = new Set([
  'guard.tag',
  'guard.nottag',
  'guard.number',
  'copy',
  'reload',
])

export function emitFunction(
  machine: Machine,
  graph: Graph,
  allocation: Allocation,
  options: EmitOptions,
): EmittedFunction {
  return new FunctionEmitter(machine, graph, allocation, options).run()
}

export class FunctionEmitter extends Operands {
  private readonly exits: Exit[] = []
  private readonly lineMap: number[] = []
  /** By id of the block. */
  private readonly labels: LabelType[]
  /** Code that is emitted behind the usual path. */
  private readonly outOfLine: (() => void)[] = []
  private readonly exitTail = new Label()
  /** Where callers enter. */
  readonly entry = new Label()
  /** The same for the function itself, with the graph's arguments in their places. */
  readonly ownEntry = new Label()
  /** The same for others, with the arguments in the registers that all agree on. */
  readonly quickEntry = new Label()
  /** By id of the value. */
  private readonly uses: Uint32Array
  private tailNeeded = false
  /** Emitted with one before them. */
  private readonly fused = new Set<Instruction>()
  private block: Block | null = null
  /** By id of the value: 1 if more of it matters than the low half. */
  private readonly wide: Uint8Array

  constructor(
    m: Machine,
    graph: Graph,
    allocation: Allocation,
    private readonly options: EmitOptions,
  ) {
    super(m, graph, allocation)
    const copies: Instruction[] = []
    const uses = new Uint32Array(graph.valueCount)
    const count = ({ id }: Value): void => {
      uses[id] = (uses[id] as number) + 1
    }
    const labels: LabelType[] = new Array(graph.blockCount)
    const wide = new Uint8Array(graph.valueCount)
    for (const { id, instructions } of graph.blocks) {
      labels[id] = new Label()
      for (const instruction of instructions) {
        forEachUse(instruction, count)
        if (isCopy(instruction)) copies.push(instruction)
        if (!READ_HALVES.has(instruction.op)) for (const arg of instruction.args) wide[arg.id] = 1
        for (const edge of instruction.targets) for (const arg of edge.args) wide[arg.id] = 1
      }
    }
    // Of what is copied as much matters as of the copies; a copy of a copy comes behind it.
    for (const copy of copies.reverse()) if (wide[copy.id] === 1) wide[(copy.args[0] as Value).id] = 1
    this.uses = uses
    this.wide = wide
    this.labels = labels
  }

  run(): EmittedFunction {
    this.prologue()
    const order = this.graph.layout ?? this.graph.blocks
    order.forEach((block, i) => {
      if (goesBackTo(block, order[i - 1])) this.m.alignLoop()
      this.m.bind(this.labelOf(block))
      this.emitBlock(block, order[i + 1] ?? null)
    })
    for (let emit = this.outOfLine.shift(); emit !== undefined; emit = this.outOfLine.shift()) {
      this.freeScratch()
      emit()
    }
    if (this.tailNeeded) {
      this.m.bind(this.exitTail)
      this.m.exitTail(this.allocation.spillSlots)
    }
    return { exits: this.exits, lineMap: this.lineMap, quickEntry: this.quickEntryOf() }
  }

  private quickEntryOf(): QuickEntry | null {
    const { entryArguments } = this.graph
    if (entryArguments.length === 0) return null
    return { offset: this.quickEntry.offset, signature: packSignature(entryArguments.map(parameterOf)) }
  }

  labelOf(block: Block): LabelType {
    return this.labels[block.id] as LabelType
  }

  private emitBlock(block: Block, next: Block | null): void {
    const { instructions } = block
    this.block = block
    for (let i = 0; i < instructions.length; i++) {
      const instruction = instructions[i] as Instruction
      if (this.fused.has(instruction)) continue
      this.mark(instruction.position)
      this.freeScratch()
      emitInstruction(this, instruction, instructions[i + 1] ?? null, next)
    }
  }

  private mark(position: number): void {
    const { lineMap } = this
    if (lineMap[lineMap.length - 1] === position) return
    lineMap.push(this.m.offset, position)
  }

  /** Whether the only use of a comparison is the branch behind it, so that both become one. */
  isFused(instruction: Instruction, next: Instruction | null): boolean {
    return next?.op === 'branch' && next.args[0] === instruction && this.uses[instruction.id] === 1
  }

  /** The instruction that returns what the call gives and nothing else happens before, or null. */
  returnOf(call: Instruction): Instruction | null {
    const { instructions } = this.block as Block
    const [first, tag, last] = instructions.slice(-3)
    if (first !== call || tag?.op !== 'call.tag' || last?.op !== 'return') return null
    return last.args[0] === call && last.args[1] === tag ? last : null
  }

  /** The `frame.put` of both results just behind a call, or null. */
  putOf(call: Instruction): Instruction | null {
    const tag = this.behind(call)
    const put = tag && this.behind(tag)
    if (tag?.op !== 'call.tag' || put?.op !== 'frame.put') return null
    return put.args[0] === call && put.args[1] === tag ? put : null
  }

  /** Notes that the instruction has been emitted with one before it. */
  fuse(instruction: Instruction): void {
    this.fused.add(instruction)
  }

  /** The instruction behind this one in its block, or null. */
  behind(instruction: Instruction): Instruction | null {
    const { instructions } = this.block as Block
    return instructions[instructions.indexOf(instruction) + 1] ?? null
  }

  /** Whether nobody looks at more than the low half of the value, but for the slots that snapshots fill. */
  isHalf({ id }: Value): boolean {
    return this.wide[id] === 0
  }

  get isStressed(): boolean {
    return this.options.deoptStress
  }

  // --- frames ---------------------------------------------------------------------------------

  private prologue(): void {
    const { m, options } = this
    if (options.replacesFrame) return m.pushFrame(this.allocation.spillSlots)
    m.bind(this.entry)
    readArguments(this)
    m.bind(this.ownEntry)
    takeFromRegisters(this)
    this.pushFrame(() => writeArguments(this))
  }

  /** @param complete puts what the frame of a call lacks there */
  pushFrame(complete: () => void): void {
    const { m } = this
    const { charge } = this.options
    const overflow = new Label()
    m.takeDepth(charge, overflow)
    m.pushFrame(this.allocation.spillSlots)
    m.countCall()
    // Without depth the VM takes the call: it knows how to raise the error.
    this.later(() => {
      m.bind(overflow)
      m.restoreDepth(charge)
      complete()
      m.jumpSymbol('stub:callVm')
    })
  }

  emitReturn(): void {
    const { m } = this
    m.giveDepth(this.options.charge)
    m.popFrame(this.allocation.spillSlots)
    m.ret()
  }

  // --- ways out -------------------------------------------------------------------------------

  later(emit: () => void): void {
    this.outOfLine.push(emit)
  }

  /** The label of a new exit; under deopt stress also the test that takes it the first time. */
  exit(instruction: Instruction): LabelType {
    const snapshot = instruction.snapshot as Snapshot
    const { label, number } = this.newExit(snapshot)
    this.later(() => {
      this.m.bind(label)
      this.emitExit(number, snapshot)
    })
    return label
  }

  newExit(snapshot: Snapshot): { label: LabelType; number: number } {
    const label = new Label()
    const number = this.addExit(snapshot)
    if (this.options.deoptStress) {
      const flag = this.takeScratch()
      this.m.symbol(flag, `stress:${number}`)
      this.m.load8(flag, flag, 0)
      this.m.compare32Constant(flag, 0)
      this.m.branch('eq', label)
      this.freeScratch()
    }
    return { label, number }
  }

  /** @returns its number */
  private addExit({ position, reason, inlined }: Snapshot): number {
    return this.exits.push({ position, reason, offset: 0, inlined }) - 1
  }

  /** Leaves here and now. */
  emitLeave(instruction: Instruction): void {
    const snapshot = instruction.snapshot as Snapshot
    const number = this.addExit(snapshot)
    this.emitExit(number, snapshot)
  }

  emitExit(number: number, snapshot: Snapshot): void {
    ;(this.exits[number] as Exit).offset = this.m.offset
    this.mark(snapshot.position)
    this.writeSnapshot(snapshot)
    this.tailNeeded = true
    this.m.exit(snapshot.position, this.options.firstExit + number, this.exitTail)
  }

  /**
   * Takes a cell off the free list of its class; if that is empty the host fills it, and the native code tries
   * again. The header is written, all other fields are garbage.
   */
  allocate(d: number, kind: number, sizeClass: number, collects: boolean, instruction: Instruction): void {
    const { m } = this
    const again = new Label()
    const slow = new Label()
    m.bind(again)
    takeCell(m, d, this.takeScratch(), kind, sizeClass, slow)
    this.requestAndRetry(instruction, slow, again, refillRequest(sizeClass, collects))
  }

  /** A slow path that completes the frame, asks the host for something, and goes back to `again`. */
  requestAndRetry(instruction: Instruction, slow: LabelType, again: LabelType, request: number): void {
    this.later(() => {
      this.m.bind(slow)
      this.request(instruction, request)
      this.m.jump(again)
    })
  }

  /** Here and now. */
  request({ snapshot }: Instruction, request: number): void {
    const { position } = snapshot as Snapshot
    this.mark(position)
    this.writeSnapshot(snapshot as Snapshot)
    this.m.refill(position, request)
  }

  /**
   * A slow path that completes the frame, has the VM execute the instruction, and goes on at `resume`.
   *
   * @param loadResult brings the payload of the instruction's result to a register
   */
  fallback(
    instruction: Instruction,
    label: LabelType,
    resume: LabelType,
    loadResult?: (target: number) => void,
  ): void {
    const snapshot = instruction.snapshot as Snapshot
    this.later(() => {
      this.m.bind(label)
      this.mark(snapshot.position)
      this.writeSnapshot(snapshot)
      this.m.step(snapshot.position)
      if (loadResult !== undefined) this.result(instruction, loadResult)
      this.m.jump(resume)
    })
  }

  private writeSnapshot(snapshot: Snapshot): void {
    for (const { offset, payload, tag } of snapshot.slots) {
      this.freeScratch()
      this.putFrameSlot(offset, payload, tag)
    }
    for (const { offset, payload, tag } of snapshot.variables) {
      this.freeScratch()
      this.putSlot(this.m.roles.context, offset, payload, tag)
    }
    this.freeScratch()
  }

  // --- edges ----------------------------------------------------------------------------------

  /** What moves an edge's arguments to its block's parameters. */
  private edgeMoves({ block, args }: Edge): Move[] {
    const moves: Move[] = []
    for (let i = 0; i < args.length; i++) {
      const parameter = block.parameters[i] as Value
      const to = this.locationOf(parameter)
      const from = this.placeOf(args[i] as Value)
      if (!('kind' in from) || !samePlace(to, from))
        moves.push({ to, from, valueClass: parameter.valueClass })
    }
    return moves
  }

  emitEdge(edge: Edge, next: Block | null): void {
    const { block } = edge
    this.emitMoves(this.edgeMoves(edge))
    if (block === next) return
    // Loop inversion: a loop that begins with its test has it again at its end, instead of a jump there.
    if (this.labelOf(block).isBound && isShortTest(block)) this.emitBlock(block, next)
    else this.m.jump(this.labelOf(block))
  }

  /** Where a conditional branch along the edge goes; its moves, if any, are done out of line. */
  edgeLabel(edge: Edge): LabelType {
    if (this.edgeMoves(edge).length === 0) return this.labelOf(edge.block)
    const moves = new Label()
    this.later(() => {
      this.m.bind(moves)
      this.emitEdge(edge, null)
    })
    return moves
  }

  /** After a comparison: `condition` holds for the first target of `branch`. */
  emitBranch(branch: Instruction, condition: Condition, inverse: Condition, next: Block | null): void {
    const [whenTrue, whenFalse] = branch.targets as [Edge, Edge]
    const goesOn = this.goesOn(branch, next)
    if (goesOn === whenTrue) this.m.branch(inverse, this.edgeLabel(whenFalse))
    else this.m.branch(condition, this.edgeLabel(whenTrue))
    this.emitEdge(goesOn, next)
  }

  /**
   * Which edge of a branch is gone along by not jumping there: to the next block if it leads there. If none does, the
   * more frequent one has its moves in line, or if it has none, needs no jump but that of the branch.
   */
  goesOn({ targets }: Instruction, next: Block | null): Edge {
    const [whenTrue, whenFalse] = targets as [Edge, Edge]
    if (whenTrue.block === next) return whenTrue
    const more = (whenTrue.count ?? 0) - (whenFalse.count ?? 0)
    if (whenFalse.block === next || more === 0 || this.graph.layout === null) return whenFalse
    const [often, seldom] = more > 0 ? [whenTrue, whenFalse] : [whenFalse, whenTrue]
    return this.edgeMoves(often).length > 0 ? often : seldom
  }
}

/** Whether jumps back lead to the block behind this one in the text: behind a short test, which stands at their ends, too. */
function goesBackTo(block: Block, before: Block | undefined): boolean {
  if (before !== undefined && isShortTest(before))
    return before.terminator.targets.some((edge) => edge.block === block)
  return block.loopHeader && !isShortTest(block)
}

/** Loads the payload of a result that the VM has left in the frame at `imm`. */
export function resultFromFrame({ m }: FunctionEmitter, { imm }: Instruction): (target: number) => void {
  return (target) => m.load(target, m.roles.base, Number(imm))
}
