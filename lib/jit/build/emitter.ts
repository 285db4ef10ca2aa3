/**
 * Emits instructions into the block that is being built, and keeps what is known of the frame up to date. What
 * leaves native code gets its snapshot here.
 */

import { type FinalValue, finalVariables } from '../../bytecode/final-variables.js'
import { ControlFlow, operandDepths } from '../../bytecode/instructions.js'
import { Liveness } from '../../bytecode/liveness.js'
import type { BytecodeFunction } from '../../bytecode/program.js'
import { NEAR_GLOBALS, NEAR_GLOBALS_START, SLOT_SIZE, Tag } from '../../heap/layout.js'
import { SiteFeedback } from '../../vm/feedback.js'
import { type Block, Graph, type Instruction, type MemoryClass, Snapshot, type Value } from '../ir/graph.js'
import { homeOf } from '../ir/homes.js'
import { type OpName, opInfo } from '../ir/ops.js'
import type { ExitReason } from '../reasons.js'
import { Constants } from './constants.js'
import { changesMemory, InlineFailed, type InlineSite, inlinedExit } from './inline.js'
import type { BuildInput } from './input.js'
import {
  type Abstract,
  type FrameState,
  hasPayload,
  known,
  offsetOf,
  onlyType,
  TYPE_REASONS,
  UNKNOWN,
  unknown,
} from './state.js'
import { checked, loadValue } from './translate.js'
import { keptSlots, storeVariables } from './variables.js'

const NO_FEEDBACK = new SiteFeedback()

/** What runs less often than one in so many times of what runs most often in a function runs seldom. */
const SELDOM = 16

export class Emitter {
  readonly graph: Graph
  readonly fn: BytecodeFunction
  readonly flow: ControlFlow
  /** By position: depth of the operand stack there. */
  readonly depths: Int32Array
  /** Home class that the running closure is expected to have, or 0. */
  readonly home: number
  /** Where instructions are emitted: the block, the state and the position in the bytecode there. */
  block!: Block
  state!: FrameState
  position = 0
  protected readonly constants: Constants
  /** How often the instruction ran that ran most often; -1: not looked up yet. */
  private mostOften = -1
  /** What the callee slot and, in a method, local 0 held at the entry. */
  protected closure: Value | null = null
  /** Of inlined methods. */
  protected self: Value | null = null
  private readonly liveness: Liveness
  private readonly keepsVariables: boolean
  /** Of the near file-level variables (others may be those of a session): the ones that get a value once. */
  private readonly finals: ReadonlyMap<number, FinalValue>

  /** @param site null: the function is compiled for itself; else it is inlined there */
  constructor(
    readonly input: BuildInput,
    readonly site: InlineSite | null,
  ) {
    const caller: Emitter | undefined = site?.caller
    this.graph = caller?.graph ?? new Graph()
    this.constants = caller?.constants ?? new Constants(this.graph)
    this.fn = input.fn
    this.home = input.home
    this.depths = operandDepths(this.fn)
    this.keepsVariables = !input.disabledPasses.has('sink-stores')
    this.flow = new ControlFlow(this.fn)
    this.liveness = new Liveness(this.fn, input.program.functions, this.flow)
    this.finals = this.hasNearGlobals ? finalVariables(input.program) : new Map()
  }

  /** What was seen at a position; nothing if it was never observed or its guards failed too often. */
  feedbackAt(position: number): SiteFeedback {
    const feedback = this.input.feedback.get(position)
    return feedback === undefined || feedback.generic ? NO_FEEDBACK : feedback
  }

  /** Whether what is at a position runs seldom beside the rest of the function, as far as that was seen. */
  isSeldom(position: number): boolean {
    const { feedback } = this.input
    if (this.mostOften < 0) {
      this.mostOften = 0
      for (const { count } of feedback.values()) this.mostOften = Math.max(this.mostOften, count)
    }
    const count = feedback.get(position)?.count ?? 0
    return count > 0 && count * SELDOM < this.mostOften
  }

  /** The frame's slots that may be read from `position` on, if `size` are in use there. */
  neededSlots(position: number, size: number): number[] {
    const slots = [...this.liveness.liveBefore(position)]
    for (let slot = this.fn.locals; slot < size; slot++) slots.push(slot)
    return slots
  }

  emit(op: OpName, args: Value[], imm = 0n): Instruction {
    const instruction = this.graph.instruction(op, args, this.site?.position ?? this.position)
    instruction.imm = imm
    if (this.site !== null) {
      const { effect, snapshot } = opInfo(op)
      if (changesMemory(instruction, effect, snapshot)) this.state.changedMemory = true
    }
    this.block.instructions.push(instruction)
    return instruction
  }

  int(value: number | bigint): Instruction {
    return this.constants.integer(value)
  }

  float(value: number): Instruction {
    return this.constants.float(value)
  }

  /** An address that is known when the code is installed. */
  address(symbol: string): Instruction {
    return this.constants.address(symbol)
  }

  tagOf(value: Abstract): Value {
    return value.tagValue ?? this.int(value.tag)
  }

  /** Loads a slot of the frame, type unknown. */
  loadSlot(slot: number): Abstract {
    const payload = this.emit('frame.load', [], BigInt(offsetOf(slot)))
    return unknown(payload, this.emit('frame.tag', [], BigInt(offsetOf(slot))))
  }

  /** Loads a slot of the frame whose tag is known. */
  loadKnown(slot: number, tag: number): Abstract {
    if (!hasPayload(tag)) return known(tag, null)
    return known(tag, this.emit(tag === Tag.FLOAT ? 'frame.float' : 'frame.load', [], BigInt(offsetOf(slot))))
  }

  /** What the frame in memory lacks of the live slots, for an exit or a fallback at this instruction. */
  snapshot(reason: ExitReason | null): Snapshot {
    if (this.site !== null) {
      if (this.state.changedMemory) throw new InlineFailed('a guard behind a change')
      return inlinedExit(this.site.snapshot, reason)
    }
    const { slots: held, inMemory, size } = this.state
    const slots: Snapshot['slots'] = []
    const keep = (slot: number): void => {
      const value = held[slot]
      if (!value || inMemory[slot]) return
      slots.push({ offset: offsetOf(slot), payload: value.payload, tag: value.tagValue ?? value.tag })
    }
    const live = this.liveDuring(this.position)
    for (let i = 0; i < live.length; i++) keep(live[i] as number)
    for (let slot = this.fn.locals; slot < size; slot++) keep(slot)
    return new Snapshot(this.position, slots, keptSlots(this), reason)
  }

  /** Locals that are needed behind the instruction at `position`, or by it. */
  liveDuring(position: number): readonly number[] {
    return this.liveness.liveDuring(position)
  }

  /** Writes all live slots to the frame, and variables to memory: the canonical state of a safepoint. */
  flush(): void {
    if (this.site !== null) throw new InlineFailed('needs a frame')
    for (const slot of this.liveDuring(this.position)) this.flushSlot(slot)
    for (let slot = this.fn.locals; slot < this.state.size; slot++) this.flushSlot(slot)
    storeVariables(this)
  }

  /** Writes the live slots that a loop behind does not assign, so that its calls find them written. */
  flushFor(assigned: ReadonlySet<number>): void {
    for (const slot of this.liveDuring(this.position)) if (!assigned.has(slot)) this.flushSlot(slot)
    for (let slot = this.fn.locals; slot < this.state.size; slot++) this.flushSlot(slot)
  }

  flushSlot(slot: number): void {
    const value = this.state.slots[slot]
    if (!value || this.state.inMemory[slot]) return
    const tag = this.tagOf(value)
    this.emit('frame.put', value.payload === null ? [tag] : [value.payload, tag], BigInt(offsetOf(slot)))
    this.state.inMemory[slot] = true
  }

  guard(op: OpName, args: Value[], reason: ExitReason, imm = 0n, symbol: string | null = null): Snapshot {
    const guard = this.emit(op, args, imm)
    guard.symbol = symbol
    guard.snapshot = this.snapshot(reason)
    return guard.snapshot
  }

  /** The closure that runs, from the callee slot. */
  runningClosure(): Value {
    return this.closure as Value
  }

  /** Whether a value is the method's own `self`. */
  isSelf({ payload }: Abstract): boolean {
    if (this.site !== null) return this.self !== null && payload === this.self
    // It comes as the first argument, and is read from the frame again behind calls.
    const home = this.fn.method && payload !== null ? homeOf(payload, this.graph.stableSlots) : null
    return home !== null && home.kind === 'frame' && home.part === 'payload' && home.offset === offsetOf(0)
  }

  /** Whatever lies in memory outside the frame may have changed. */
  killMemory(): void {
    const { globals } = this.state
    for (const slot of globals.keys()) if (!this.finals.has(slot)) globals.delete(slot)
  }

  load(op: 'load' | 'load32', pointer: Value, offset: number, memory: MemoryClass): Instruction {
    const load = this.emit(op, [pointer], BigInt(offset))
    load.memory = memory
    return load
  }

  private get hasNearGlobals(): boolean {
    const { program, world } = this.input
    return world.nearGlobals && program.globals.length <= NEAR_GLOBALS
  }

  /** Whether stores of a file-level variable may wait: it is near, and may get another value. */
  mayKeep(slot: number): boolean {
    return this.keepsVariables && this.hasNearGlobals && !this.finals.has(slot)
  }

  /** Where a file-level variable lies. */
  globalPlace(slot: number): { pointer: Value; offset: number } {
    if (!this.hasNearGlobals) return { pointer: this.address(`global:${slot}`), offset: 0 }
    return { pointer: this.constants.context(), offset: NEAR_GLOBALS_START + slot * SLOT_SIZE }
  }

  /**
   * The value of a file-level variable, which must have one.
   *
   * @param seen tags: what this position's instruction says of it, unless it is about something else
   */
  readGlobal(slot: number, seen = this.feedbackAt(this.position).left): Abstract {
    const cached = this.state.globals.get(slot)
    if (cached !== undefined) return cached
    const { pointer, offset } = this.globalPlace(slot)
    const final = this.finals.get(slot)
    const value =
      final === undefined
        ? this.readVariable(loadValue(this, pointer, offset, 'globals'), seen)
        : this.readFinal(final, pointer, offset, seen)
    this.state.globals.set(slot, value)
    return value
  }

  /** Once a guard has seen that there is a value, nothing changes it any more, and it may be known by the program. */
  private readFinal(final: FinalValue, pointer: Value, offset: number, seen: number): Abstract {
    if (final.type === 'function' && final.only && this.isOwn(final.index)) {
      // There is one closure of this function, and nothing ran between its making and the assignment.
      const closure = this.runningClosure()
      this.state.functions.set(closure, final.index)
      return known(Tag.CLOSURE, closure)
    }
    const value = loadValue(this, pointer, offset, 'fixed')
    switch (final.type) {
      case 'function': {
        const closure = this.expect(value, Tag.CLOSURE, 'notFunction')
        this.state.functions.set(closure.payload as Value, final.index)
        return closure
      }
      case 'integer':
        this.guardTag(value, Tag.INTEGER, 'notInteger')
        return known(Tag.INTEGER, this.int(final.value))
      case 'float':
        this.guardTag(value, Tag.FLOAT, 'notFloat')
        return known(Tag.FLOAT, this.float(final.value))
      case 'unknown':
        return this.readVariable(value, seen)
    }
  }

  private isOwn(index: number): boolean {
    return this.site === null && this.input.program.functions[index] === this.fn
  }

  private guardTag({ tagValue }: Abstract, tag: number, reason: ExitReason): void {
    this.guard('guard.tag', [tagValue as Value], reason, BigInt(tag))
  }

  /** What a variable that was loaded holds: a value, of the type that was seen if it was always the same. */
  readVariable(value: Abstract, seen = this.feedbackAt(this.position).left): Abstract {
    const tag = onlyType(seen)
    const reason = TYPE_REASONS[tag]
    return value.tag === UNKNOWN && reason !== undefined
      ? this.expect(value, tag, reason)
      : checked(this, value)
  }

  /** The value with a known tag: guarded if need be. */
  expect(value: Abstract, tag: number, reason: ExitReason): Abstract {
    if (value.tag === tag) return value
    if (value.tag !== UNKNOWN) throw new Error(`a value with tag ${value.tag} is expected to have ${tag}`)
    this.guardTag(value, tag, reason)
    const payload = value.payload as Value
    const refined = known(tag, tag === Tag.FLOAT ? this.emit('bits.tofloat', [payload]) : payload)
    this.state.refine(value, hasPayload(tag) ? refined : known(tag, null))
    return refined
  }
}
