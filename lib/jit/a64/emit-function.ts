/**
 * IR with allocated registers -> ARM64 code. Usual paths are emitted in line in block order; exits,
 * fallbacks and edges with moves are collected and emitted behind them.
 */

import { A64Assembler } from '../../asm/a64/assembler.js'
import { Cond, SP } from '../../asm/a64/registers.js'
import { Label, type Label as LabelType } from '../../asm/buffer.js'
import { NativeFrame, Status } from '../../vm/segments.js'
import {
  type Block,
  type Edge,
  type Graph,
  type Instruction,
  isConstant,
  type Snapshot,
  usesOf,
  type Value,
} from '../ir/graph.js'
import type { ExitReason } from '../reasons.js'
import type { Allocation, Location } from '../registers/allocate.js'
import { emitParallelMoves, type Move } from '../registers/moves.js'
import { emitInstruction } from './emit-instruction.js'
import {
  BASE,
  CALL_COUNT,
  DEPTH,
  FP,
  LR,
  REQUEST_A,
  REQUEST_B,
  REQUEST_STATUS,
  SCRATCH,
  SCRATCH_FLOAT,
  TEMPORARY,
} from './registers.js'

/** Where compiled code leaves for good. */
export interface Exit {
  position: number
  /** Null for exits that are meant: code that throws. */
  reason: ExitReason | null
  /** Byte offset of its stub. */
  offset: number
}

export interface EmittedCode {
  assembler: A64Assembler
  exits: Exit[]
  /** Groups of [byte offset, bytecode position]. */
  lineMap: number[]
}

export interface EmitOptions {
  /** Depth units of a call. */
  charge: number
  /** Each guard fails once (a test mode). */
  deoptStress: boolean
}

export function emitFunction(graph: Graph, allocation: Allocation, options: EmitOptions): EmittedCode {
  return new FunctionEmitter(graph, allocation, options).run()
}

export class FunctionEmitter {
  readonly asm = new A64Assembler()
  private readonly exits: Exit[] = []
  private readonly lineMap: number[] = []
  private readonly labels = new Map<Block, LabelType>()
  /** Code that is emitted behind the usual path. */
  private readonly outOfLine: (() => void)[] = []
  private readonly exitTail = new Label()
  private readonly uses = new Map<Value, number>()
  private readonly spillBytes: number
  private nextScratch = 0
  private nextScratchFloat = 0
  private tailNeeded = false
  private fused: Instruction | null = null

  constructor(
    private readonly graph: Graph,
    private readonly allocation: Allocation,
    private readonly options: EmitOptions,
  ) {
    this.spillBytes = Math.ceil(allocation.spillSlots / 2) * 16
    for (const block of graph.blocks) this.labels.set(block, new Label())
    for (const { instructions } of graph.blocks) {
      for (const instruction of instructions) {
        for (const use of usesOf(instruction)) this.uses.set(use, (this.uses.get(use) ?? 0) + 1)
      }
    }
  }

  run(): EmittedCode {
    this.prologue()
    const { blocks } = this.graph
    blocks.forEach((block, i) => {
      this.asm.bind(this.labelOf(block))
      this.emitBlock(block, blocks[i + 1] ?? null)
    })
    for (let emit = this.outOfLine.shift(); emit !== undefined; emit = this.outOfLine.shift()) emit()
    if (this.tailNeeded) this.emitExitTail()
    return { assembler: this.asm, exits: this.exits, lineMap: this.lineMap }
  }

  labelOf(block: Block): LabelType {
    return this.labels.get(block) as LabelType
  }

  private emitBlock(block: Block, next: Block | null): void {
    const { instructions } = block
    for (let i = 0; i < instructions.length; i++) {
      const instruction = instructions[i] as Instruction
      if (instruction === this.fused) continue
      this.mark(instruction.position)
      this.resetScratch()
      emitInstruction(this, instruction, instructions[i + 1] ?? null, next)
    }
  }

  private mark(position: number): void {
    const { lineMap } = this
    if (lineMap[lineMap.length - 1] === position) return
    lineMap.push(this.asm.offset, position)
  }

  /** Whether the only use of a comparison is the branch behind it, so that both become one. */
  isFused(instruction: Instruction, next: Instruction | null): boolean {
    return next?.op === 'branch' && next.args[0] === instruction && this.uses.get(instruction) === 1
  }

  /** Notes that the branch behind a comparison has been emitted with it. */
  fuse(branch: Instruction): void {
    this.fused = branch
  }

  // --- frames ---------------------------------------------------------------------------------

  private prologue(): void {
    const { asm, options } = this
    const overflow = new Label()
    asm.subsImmW(TEMPORARY, DEPTH, options.charge)
    asm.bCond(Cond.MI, overflow)
    asm.mov32(DEPTH, TEMPORARY)
    asm.stpPre(FP, LR, SP, -NativeFrame.SIZE)
    asm.movSp(FP, SP)
    asm.str(BASE, SP, NativeFrame.BASE)
    if (this.spillBytes > 0) asm.subImm(SP, SP, this.spillBytes)
    asm.addImm(CALL_COUNT, CALL_COUNT, 1)
    // Without depth the VM takes the call: it knows how to raise the error.
    this.later(() => {
      asm.bind(overflow)
      asm.movSymbol(TEMPORARY, 'stub:callVm')
      asm.br(TEMPORARY)
    })
  }

  emitReturn(): void {
    const { asm, options } = this
    asm.addImmW(DEPTH, DEPTH, options.charge)
    this.popFrame()
    asm.ret()
  }

  private popFrame(): void {
    if (this.spillBytes > 0) this.asm.movSp(SP, FP)
    this.asm.ldpPost(FP, LR, SP, NativeFrame.SIZE)
  }

  private emitExitTail(): void {
    const { asm } = this
    asm.bind(this.exitTail)
    this.popFrame()
    asm.movImm32(REQUEST_STATUS, Status.EXIT)
    asm.movSymbol(SCRATCH[0] as number, 'stub:leave')
    asm.br(SCRATCH[0] as number)
  }

  // --- operands -------------------------------------------------------------------------------

  private resetScratch(): void {
    this.nextScratch = 0
    this.nextScratchFloat = 0
  }

  /** A general register that holds the value: its own, or a scratch register. */
  use(value: Value): number {
    if (!isConstant(value)) {
      const location = this.locationOf(value)
      if (location.kind === 'register') return location.number
    }
    const scratch = SCRATCH[this.nextScratch++]
    if (scratch === undefined) throw new Error('out of scratch registers')
    this.loadInto(scratch, value)
    return scratch
  }

  useFloat(value: Value): number {
    if (!isConstant(value)) {
      const location = this.locationOf(value)
      if (location.kind === 'register') return location.number
    }
    const scratch = SCRATCH_FLOAT[this.nextScratchFloat++]
    if (scratch === undefined) throw new Error('out of float scratch registers')
    this.loadFloatInto(scratch, value)
    return scratch
  }

  /** Copies the value to this register, from wherever it is. */
  loadInto(register: number, value: Value): void {
    const { asm } = this
    if (isConstant(value)) {
      if (value.op === 'address') asm.movSymbol(register, value.symbol as string)
      else asm.movImm(register, value.imm)
      return
    }
    const location = this.locationOf(value)
    if (location.kind === 'spill') asm.ldr(register, SP, location.slot * 8)
    else if (location.number !== register) asm.mov(register, location.number)
  }

  loadFloatInto(register: number, value: Value): void {
    const { asm } = this
    if (isConstant(value)) {
      const number = new Float64Array(BigInt64Array.of(value.imm).buffer)[0] as number
      if (Object.is(number, 0)) asm.fmovZero(register)
      else asm.ldrLiteralD(register, number)
      return
    }
    const location = this.locationOf(value)
    if (location.kind === 'spill') asm.ldrD(register, SP, location.slot * 8)
    else if (location.number !== register) asm.fmov(register, location.number)
  }

  /** The register to compute a result in; `finish` puts it where it belongs. */
  target(value: Value): number {
    const location = this.allocation.locations.get(value)
    if (location?.kind === 'register') return location.number
    return (value.valueClass === 'f' ? SCRATCH_FLOAT[2] : SCRATCH[3]) as number
  }

  finish(value: Value, register: number): void {
    const location = this.allocation.locations.get(value)
    if (location?.kind !== 'spill') return
    if (value.valueClass === 'f') this.asm.strD(register, SP, location.slot * 8)
    else this.asm.str(register, SP, location.slot * 8)
  }

  locationOf(value: Value): Location {
    const location = this.allocation.locations.get(value)
    if (location === undefined) throw new Error(`value ${value.id} has no location`)
    return location
  }

  hasLocation(value: Value): boolean {
    return this.allocation.locations.has(value)
  }

  // --- ways out -------------------------------------------------------------------------------

  later(emit: () => void): void {
    this.outOfLine.push(emit)
  }

  /** The label of a new exit; under deopt stress also the test that takes it the first time. */
  exit(instruction: Instruction): LabelType {
    const snapshot = instruction.snapshot as Snapshot
    const label = new Label()
    const number = this.exits.push({ position: snapshot.position, reason: snapshot.reason, offset: 0 }) - 1
    if (this.options.deoptStress) {
      const { asm } = this
      asm.movSymbol(TEMPORARY, `stress:${number}`)
      asm.ldrb(TEMPORARY, TEMPORARY)
      asm.cbzW(TEMPORARY, label)
    }
    this.later(() => {
      this.asm.bind(label)
      this.emitExit(number, snapshot)
    })
    return label
  }

  /** Leaves here and now. */
  emitLeave(instruction: Instruction): void {
    const snapshot = instruction.snapshot as Snapshot
    const number = this.exits.push({ position: snapshot.position, reason: snapshot.reason, offset: 0 }) - 1
    this.emitExit(number, snapshot)
  }

  private emitExit(number: number, snapshot: Snapshot): void {
    const { asm } = this
    ;(this.exits[number] as Exit).offset = asm.offset
    this.mark(snapshot.position)
    this.writeSnapshot(snapshot)
    asm.movImm32(REQUEST_A, snapshot.position)
    asm.movImm32(REQUEST_B, number)
    this.tailNeeded = true
    asm.b(this.exitTail)
  }

  /** A slow path that completes the frame, has the VM execute the instruction, and goes on at `resume`. */
  fallback(instruction: Instruction, label: LabelType, resume: LabelType): void {
    const snapshot = instruction.snapshot as Snapshot
    this.later(() => {
      this.asm.bind(label)
      this.mark(snapshot.position)
      this.writeSnapshot(snapshot)
      this.emitStep(snapshot.position)
      this.asm.b(resume)
    })
  }

  /** Registers survive a step: its stub saves them. */
  emitStep(position: number): void {
    this.asm.movImm32(REQUEST_A, position)
    this.asm.blExternal('stub:step')
  }

  private writeSnapshot(snapshot: Snapshot): void {
    for (const { offset, payload, tag } of snapshot.slots) {
      this.resetScratch()
      this.putSlot(BASE, offset, payload, tag)
    }
  }

  /** Writes payload and tag of a slot. */
  putSlot(base: number, offset: number, payload: Value | null, tag: Value | number): void {
    const { asm } = this
    let tagRegister: number
    if (typeof tag === 'number') {
      tagRegister = TEMPORARY
      asm.movImm(tagRegister, tag)
    } else {
      tagRegister = this.use(tag)
    }
    if (payload !== null && payload.valueClass === 'i' && offset >= 0 && offset <= 504) {
      asm.stp(this.use(payload), tagRegister, base, offset)
      return
    }
    if (payload?.valueClass === 'i') asm.str(this.use(payload), base, offset)
    else if (payload?.valueClass === 'f') asm.strD(this.useFloat(payload), base, offset)
    asm.str(tagRegister, base, offset + 8)
  }

  // --- edges ----------------------------------------------------------------------------------

  /** Moves an edge's arguments to its block's parameters. */
  edgeMoves({ block, args }: Edge): Move[] {
    return args.map((arg, i) => {
      const parameter = block.parameters[i] as Value
      const from = isConstant(arg) ? arg : this.locationOf(arg)
      return { to: this.locationOf(parameter), from, valueClass: parameter.valueClass }
    })
  }

  emitEdge(edge: Edge, next: Block | null): void {
    this.emitMoves(this.edgeMoves(edge))
    if (edge.block !== next) this.asm.b(this.labelOf(edge.block))
  }

  private emitMoves(moves: readonly Move[]): void {
    emitParallelMoves(moves, {
      move: (move) => this.emitMove(move),
      save: (place, valueClass) => {
        if (valueClass === 'f') this.readFloat(SCRATCH_FLOAT[0] as number, place)
        else this.read(SCRATCH[0] as number, place)
      },
      restore: (place, valueClass) => {
        if (valueClass === 'f') this.writeFloat(SCRATCH_FLOAT[0] as number, place)
        else this.write(SCRATCH[0] as number, place)
      },
    })
  }

  private emitMove({ to, from, valueClass }: Move): void {
    const isFloat = valueClass === 'f'
    const scratch = (isFloat ? SCRATCH_FLOAT[1] : SCRATCH[1]) as number
    const register = to.kind === 'register' ? to.number : scratch
    if ('kind' in from) {
      if (isFloat) this.readFloat(register, from)
      else this.read(register, from)
    } else if (isFloat) this.loadFloatInto(register, from)
    else this.loadInto(register, from)
    if (to.kind === 'register') return
    if (isFloat) this.writeFloat(register, to)
    else this.write(register, to)
  }

  private read(register: number, place: Location): void {
    if (place.kind === 'spill') this.asm.ldr(register, SP, place.slot * 8)
    else if (place.number !== register) this.asm.mov(register, place.number)
  }

  private write(register: number, place: Location): void {
    if (place.kind === 'spill') this.asm.str(register, SP, place.slot * 8)
    else if (place.number !== register) this.asm.mov(place.number, register)
  }

  private readFloat(register: number, place: Location): void {
    if (place.kind === 'spill') this.asm.ldrD(register, SP, place.slot * 8)
    else if (place.number !== register) this.asm.fmov(register, place.number)
  }

  private writeFloat(register: number, place: Location): void {
    if (place.kind === 'spill') this.asm.strD(register, SP, place.slot * 8)
    else if (place.number !== register) this.asm.fmov(place.number, register)
  }
}
