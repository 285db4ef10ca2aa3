/**
 * Bytecode -> SSA, specialised by feedback: one forward pass over the basic blocks in order of the text,
 * which is a topological order but for loops (all jumps but `Loop` go forward). In the manner of Maglev,
 * block parameters are made only where the incoming values differ, and at loop headers only for the
 * locals that the loop assigns.
 *
 * A loop header is built before its back-edges are known: its parameters take the types that come in
 * from before the loop. Where a back-edge brings another type, the parameter is widened and the whole
 * function is built again; types only ever widen, so that ends.
 */
import { ControlFlow, nextPosition, operandDepths } from '../../bytecode/instructions.js'
import { Liveness } from '../../bytecode/liveness.js'
import { Op } from '../../bytecode/opcodes.js'
import type { BytecodeFunction, BytecodeProgram } from '../../bytecode/program.js'
import { Tag } from '../../heap/layout.js'
import { SiteFeedback } from '../../vm/feedback.js'
import { bitsOf } from '../ir/floats.js'
import {
  type Block,
  Graph,
  type Instruction,
  isConstant,
  type MemoryClass,
  type Snapshot,
  type Value,
} from '../ir/graph.js'
import { type OpName, opInfo } from '../ir/ops.js'
import type { ExitReason } from '../reasons.js'
import { changesMemory, InlineFailed, type InlineSite } from './inline.js'
import { Region } from './region.js'
import {
  type Abstract,
  FrameState,
  hasPayload,
  known,
  offsetOf,
  sameAbstract,
  samePending,
  UNKNOWN,
  unknown,
} from './state.js'
import { checked, emitStore, loadValue, payloadWord, translateInstruction } from './translate.js'
import type { World } from './world.js'

export interface BuildInput {
  program: BytecodeProgram
  fn: BytecodeFunction
  feedback: ReadonlyMap<number, SiteFeedback>
  world: World
  /** Home class of the closure that was hot, or 0. */
  home: number
  /** Where native code takes over a frame of the VM; null: at the function's entry. */
  entry: FrameEntry | null
}

/** On-stack replacement: a loop header, and the tags of the frame's slots there. */
export interface FrameEntry {
  position: number
  tags: readonly number[]
}

const NO_FEEDBACK = new SiteFeedback()

/** Tags that are guarded where native code takes a frame over, and what to say if they are others then. */
const ENTRY_REASONS: Readonly<Partial<Record<number, ExitReason>>> = {
  [Tag.INTEGER]: 'notInteger',
  [Tag.FLOAT]: 'notFloat',
  [Tag.BOOLEAN]: 'notBoolean',
  [Tag.ARRAY]: 'notArray',
  [Tag.STRING]: 'notString',
  [Tag.HASH]: 'notHash',
  [Tag.INSTANCE]: 'notInstance',
  [Tag.CLOSURE]: 'notFunction',
}

/** A way into a block that is not built yet. */
interface Incoming {
  terminator: Instruction
  target: number
  state: FrameState
}

/** A loop header that is built. */
interface LoopHeader {
  block: Block
  state: FrameState
  /** Locals that the loop assigns. */
  assigned: Set<number>
  /** File-level variables that have parameters, too. */
  globals: readonly number[]
}

/** A back-edge contradicts the type assumed at its loop header: build again, wider. */
class Widened extends Error {}

/** Key of the block before the loop at which the code begins, to which outer loops come back. */
function outerKey(position: number): number {
  return -1 - position
}

export function buildGraph(input: BuildInput): Graph {
  const widened = new Set<string>()
  for (;;) {
    try {
      return new Builder(input, widened).build()
    } catch (error) {
      if (!(error instanceof Widened)) throw error
    }
  }
}

/** Whether `value` is `untold` with at most a guard's knowledge added. */
function isSameValue(value: Abstract, untold: Abstract): boolean {
  return (
    value.payload === untold.payload &&
    (value.tagValue === untold.tagValue || value.tag !== UNKNOWN) &&
    value.payload !== null &&
    !isConstant(value.payload)
  )
}

/** A way out of a function that is inlined. */
interface InlinedReturn extends Incoming {
  value: Abstract
}

export class Builder {
  readonly graph: Graph
  readonly fn: BytecodeFunction
  readonly depths: Int32Array
  private readonly liveness: Liveness
  private readonly flow: ControlFlow
  private readonly region: Region
  private readonly constants: Map<string, Instruction>
  private readonly incoming: Incoming[][]
  /** Of loop headers that are built: their parameters by slot, for the back-edges. */
  private readonly headers = new Map<number, LoopHeader>()
  private block!: Block
  state!: FrameState
  position = 0
  /** Home class that the running closure is expected to have, or 0. */
  readonly home: number
  /** What the callee slot and, in a method, local 0 held at the entry. */
  private closure: Value | null = null
  private self: Value | null = null
  /** Words of bytecode that have been inlined in this function. */
  inlinedWords = 0
  private readonly returns: InlinedReturn[] = []

  /** @param site null: the function is compiled for itself; else it is inlined there */
  constructor(
    readonly input: BuildInput,
    private readonly widened: Set<string>,
    readonly site: InlineSite | null = null,
  ) {
    this.graph = site?.caller.graph ?? new Graph()
    this.constants = site?.caller.constants ?? new Map()
    this.fn = input.fn
    this.home = input.home
    this.depths = operandDepths(this.fn)
    this.liveness = new Liveness(this.fn, input.program.functions)
    this.flow = new ControlFlow(this.fn)
    this.region = new Region(this.fn, this.flow, input.entry?.position ?? null)
    this.incoming = Array.from({ length: this.flow.count + 1 }, () => [])
  }

  build(): Graph {
    if (this.input.entry === null) this.start()
    else this.takeOver(this.input.entry)
    for (const number of this.region.order) this.buildBlock(number)
    const [entry] = this.graph.blocks as [Block]
    entry.instructions.unshift(...this.constants.values())
    return this.graph
  }

  // --- inlining -------------------------------------------------------------------------------

  /** @returns a function that takes back what has been built since */
  savePoint(): () => void {
    const { graph, block, state, inlinedWords } = this
    const before = state.clone()
    const blocks = graph.blocks.length
    const instructions = block.instructions.length
    return () => {
      graph.blocks.length = blocks
      block.instructions.length = instructions
      this.block = block
      this.state = before
      this.inlinedWords = inlinedWords
    }
  }

  /**
   * Builds a function in the place of a call in the present block, and goes on behind it.
   * @returns the result
   */
  buildInlined(input: BuildInput, site: InlineSite, closure: Value, args: readonly Abstract[]): Abstract {
    const inner = new Builder(input, this.widened, site)
    inner.closure = closure
    inner.self = input.fn.method ? (args[0] as Abstract).payload : null
    inner.block = this.block
    inner.state = new FrameState(input.fn.locals, input.fn.locals)
    inner.state.keepCommon([this.state])
    // The class of `self` has been guarded for a closure that is certain.
    inner.state.homeKnown = input.home !== 0
    inner.state.superKnown = input.home !== 0
    args.forEach((arg, slot) => {
      inner.state.set(slot, arg)
    })
    inner.inlinedWords = this.inlinedWords
    inner.jumpTo(0)
    for (const number of inner.region.order) inner.buildBlock(number)
    const { returns } = inner
    if (returns.length === 0) throw new InlineFailed('does not return')
    this.inlinedWords = inner.inlinedWords
    this.block = this.graph.addBlock(site.position)
    this.graph.blocks.push(this.block)
    for (const { terminator, target } of returns) {
      ;(terminator.targets[target] as { block: Block }).block = this.block
    }
    // Inlined code within inlined code leaves its stores to that, if all ways agree on them.
    if (this.site === null || !inner.agreeOnStores(returns)) this.storePending(returns)
    const values = returns.map(({ value }) => value)
    const result = this.mergeValues(site.position, 'result', values, returns, false)
    const { homeKnown, superKnown } = this.state
    this.state.forget()
    this.state.keepCommon(returns.map(({ state }) => state))
    this.state.homeKnown = homeKnown
    this.state.superKnown = superKnown
    return result
  }

  private agreeOnStores(ways: readonly Incoming[]): boolean {
    const [first] = ways as [Incoming]
    return ways.every(({ state }) => samePending(state.pending, first.state.pending))
  }

  /** Stores what was kept back, on each of the ways. */
  private storePending(ways: readonly Incoming[]): void {
    const { block, state } = this
    for (const way of ways) {
      this.block = this.blockOf(way.terminator)
      this.block.instructions.pop()
      this.state = way.state
      for (const { pointer, offset, value, memory } of way.state.pending)
        emitStore(this, pointer, offset, value, memory)
      way.state.pending = []
      this.block.instructions.push(way.terminator)
    }
    this.block = block
    this.state = state
  }

  private blockOf(terminator: Instruction): Block {
    return this.graph.blocks.find(({ instructions }) => instructions.includes(terminator)) as Block
  }

  returnValue(value: Abstract): void {
    if (this.site === null) {
      this.emit('return', [payloadWord(this, value), this.tagOf(value)])
      return
    }
    const terminator = this.emit('jump', [])
    terminator.targets.push({ block: this.block, args: [] })
    this.returns.push({ terminator, target: 0, state: this.state, value })
  }

  /** The entry block: parameters are in the frame. */
  private start(): void {
    const { fn } = this
    this.block = this.graph.addBlock(0)
    this.graph.blocks.push(this.block)
    this.state = new FrameState(fn.locals, fn.locals)
    const parameters = fn.parameters.length + (fn.method ? 1 : 0)
    for (let slot = 0; slot < parameters; slot++) this.state.set(slot, this.loadSlot(slot), true)
    this.closure = this.emit('frame.load', [], BigInt(offsetOf(-1)))
    if (fn.method) this.self = this.state.get(0).payload
    this.jumpTo(0)
  }

  /** The entry block of on-stack replacement: all slots are in the frame, and should have the tags they have now. */
  private takeOver({ position, tags }: FrameEntry): void {
    const { fn } = this
    this.block = this.graph.addBlock(position)
    this.graph.blocks.push(this.block)
    this.position = position
    const size = fn.locals + (this.depths[position] as number)
    this.state = new FrameState(fn.locals, size)
    this.closure = this.emit('frame.load', [], BigInt(offsetOf(-1)))
    for (let slot = 0; slot < size; slot++) {
      if (this.isNeeded(position, slot)) this.state.set(slot, this.loadSlot(slot), true)
    }
    if (fn.method && this.state.slots[0]) this.self = this.state.get(0).payload
    for (let slot = 0; slot < size; slot++) {
      const value = this.state.slots[slot]
      const reason = ENTRY_REASONS[tags[slot] as number]
      if (value && value.tag === UNKNOWN && reason !== undefined)
        this.expect(value, tags[slot] as number, reason)
      // Only the compiler makes cells, and a slot that holds one here always does.
      else if (value && tags[slot] === Tag.CELL) this.state.set(slot, known(Tag.CELL, value.payload), true)
    }
    this.jumpTo(position)
  }

  private buildBlock(number: number): void {
    const incoming = this.incoming[number] as Incoming[]
    if (incoming.length === 0) return
    const start = this.flow.starts[number] as number
    const end = this.flow.starts[number + 1] as number
    if (start === this.input.entry?.position && this.region.hasOuterLoop) {
      // The outer loops come back to a block before the loop, so that this loop is a loop of its own.
      this.openBlock(start, incoming, this.region.order, outerKey(start))
      const jump = this.emit('jump', [])
      jump.targets.push({ block: this.block, args: [] })
      incoming.splice(0, incoming.length, { terminator: jump, target: 0, state: this.state })
    }
    this.openBlock(start, incoming, this.region.loopAt(number), start)
    for (let position = start; position < end; position = nextPosition(this.fn.code, position)) {
      this.position = position
      if (!translateInstruction(this)) return
    }
    this.jumpTo(end)
  }

  /** Starts a block; `loop`: the blocks of the loop that it is the header of, or null. */
  private openBlock(start: number, incoming: Incoming[], loop: readonly number[] | null, key: number): void {
    const assigned = loop === null ? null : this.assignedIn(loop)
    this.block = this.graph.addBlock(this.site?.position ?? start, loop !== null)
    this.graph.blocks.push(this.block)
    for (const { terminator, target } of incoming) {
      ;(terminator.targets[target] as { block: Block }).block = this.block
    }
    this.position = start
    const globals = loop === null ? [] : this.prepareLoop(start, incoming, loop)
    this.position = start
    this.state = this.merge(start, incoming, assigned)
    if (assigned === null) return
    this.mergeGlobals(start, incoming, globals)
    this.headers.set(key, { block: this.block, state: this.state.clone(), assigned, globals })
  }

  /** The key in `headers` of the header at `position` that the present block goes back to. */
  private headerKey(position: number): number {
    if (position !== this.input.entry?.position || !this.region.hasOuterLoop) return position
    return this.region.isInEntryLoop(this.position) ? position : outerKey(position)
  }

  /** Locals that a loop assigns. */
  private assignedIn(blocks: readonly number[]): Set<number> {
    const { code } = this.fn
    const assigned = new Set<number>()
    for (const block of blocks) {
      const end = this.flow.starts[block + 1] as number
      for (let at = this.flow.starts[block] as number; at < end; at = nextPosition(code, at)) {
        const opcode = code[at] as number
        if (opcode === Op.SetLocal || opcode === Op.ClearLocal || opcode === Op.NewCell)
          assigned.add(code[at + 1] as number)
      }
    }
    return assigned
  }

  // --- merging --------------------------------------------------------------------------------

  private isNeeded(position: number, slot: number): boolean {
    return slot >= this.fn.locals || this.liveness.isLiveBefore(position, slot)
  }

  private merge(position: number, incoming: Incoming[], assigned: Set<number> | null): FrameState {
    if (!this.agreeOnStores(incoming)) this.storePending(incoming)
    const size = this.fn.locals + (this.depths[position] as number)
    const merged = new FrameState(this.fn.locals, size)
    for (let slot = 0; slot < size; slot++) {
      if (!this.isNeeded(position, slot)) continue
      const values = incoming.map(({ state }) => state.slots[slot] ?? null)
      if (values.includes(null)) continue
      const loops = assigned?.has(slot) ?? false
      const value = this.mergeValues(position, String(slot), values as Abstract[], incoming, loops)
      const inMemory = !loops && incoming.every(({ state }) => state.inMemory[slot] === true)
      merged.set(slot, value, inMemory)
    }
    merged.keepCommon(incoming.map(({ state }) => state))
    return merged
  }

  private mergeValues(
    position: number,
    variable: string,
    values: Abstract[],
    incoming: Incoming[],
    loops: boolean,
  ): Abstract {
    const [first] = values as [Abstract]
    if (!loops && values.every((value) => sameAbstract(value, first))) return first
    // The same value, of which guards have told more on some ways: a tag of its own would hide that from guards.
    const untold = values.find(({ tag }) => tag === UNKNOWN)
    if (!loops && untold !== undefined && values.every((value) => isSameValue(value, untold))) return untold
    const wide = loops && this.widened.has(`${position}:${variable}`)
    const tag = !wide && values.every((value) => value.tag === first.tag) ? first.tag : UNKNOWN
    if (tag !== UNKNOWN) {
      if (!hasPayload(tag)) return first
      const payload = this.graph.addParameter(this.block, tag === Tag.FLOAT ? 'f' : 'i')
      values.forEach((value, i) => {
        this.pass(incoming[i] as Incoming, value.payload as Value)
      })
      return known(tag, payload)
    }
    const payload = this.graph.addParameter(this.block, 'i')
    const tagValue = this.graph.addParameter(this.block, 'i')
    values.forEach((value, i) => {
      const way = incoming[i] as Incoming
      this.pass(way, this.payloadBits(value, way.terminator))
      this.pass(way, this.tagOf(value))
    })
    return unknown(payload, tagValue)
  }

  private pass({ terminator, target }: Incoming, value: Value): void {
    ;(terminator.targets[target] as { args: Value[] }).args.push(value)
  }

  /** The payload as a general word; for a FLOAT the conversion is put before `terminator`. */
  private payloadBits(value: Abstract, terminator: Instruction | null): Value {
    if (value.payload === null) return this.int(0)
    if (value.payload.valueClass === 'i') return value.payload
    if (terminator === null) return this.emit('float.tobits', [value.payload])
    const bits = this.graph.instruction('float.tobits', [value.payload], terminator.position)
    const block = this.blockOf(terminator)
    block.instructions.splice(block.instructions.length - 1, 0, bits)
    return bits
  }

  /** Ends the present block with a back-edge to the header at `target`, which is built already. */
  private jumpBack(target: number): void {
    const header = this.headers.get(this.headerKey(target))
    if (header === undefined) throw new Error(`no loop header at ${target}`)
    // The instruction before is done: a guard that fails here leaves at the header.
    this.position = target
    const args: Value[] = []
    for (let slot = 0; slot < header.state.size; slot++) {
      const assumed = header.state.slots[slot]
      if (!assumed || !header.assigned.has(slot)) continue
      const value = this.state.get(slot)
      if (assumed.tag === UNKNOWN && isSameValue(value, assumed)) {
        args.push(assumed.payload as Value, assumed.tagValue as Value)
      } else if (assumed.tag === UNKNOWN) {
        args.push(this.payloadBits(value, null), this.tagOf(value))
      } else if (value.tag !== assumed.tag) {
        this.widen(target, String(slot))
      } else if (hasPayload(assumed.tag)) {
        args.push(value.payload as Value)
      }
    }
    for (const slot of header.globals) {
      const assumed = header.state.globals.get(slot) as Abstract
      const value = this.readGlobal(slot)
      if (assumed.tag === UNKNOWN && isSameValue(value, assumed))
        args.push(assumed.payload as Value, assumed.tagValue as Value)
      else if (assumed.tag === UNKNOWN) args.push(this.payloadBits(value, null), this.tagOf(value))
      else if (value.tag === UNKNOWN && !hasPayload(assumed.tag)) this.widen(target, `g${slot}`)
      else if (value.tag === UNKNOWN) {
        const reason = ENTRY_REASONS[assumed.tag]
        if (reason === undefined) this.widen(target, `g${slot}`)
        else args.push(this.expect(value, assumed.tag, reason).payload as Value)
      } else if (value.tag !== assumed.tag) this.widen(target, `g${slot}`)
      else if (hasPayload(assumed.tag)) args.push(value.payload as Value)
    }
    const jump = this.emit('jump', [])
    jump.targets.push({ block: header.block, args })
  }

  /** Builds again, with the parameter of a loop header taking any type. */
  private widen(header: number, variable: string): never {
    this.widened.add(`${header}:${variable}`)
    throw new Widened()
  }

  /**
   * Before a loop with one way in: reads the file-level variables that it uses, expecting the types that they have
   * now, and notes what leaving at the header means there.
   *
   * @returns the variables that all ways in know
   */
  private prepareLoop(header: number, incoming: readonly Incoming[], loop: readonly number[]): number[] {
    const [only] = incoming as [Incoming]
    const used = this.globalsUsedIn(loop)
    if (incoming.length === 1 && only.terminator.op === 'jump') {
      const { block: present } = this
      const block = this.blockOf(only.terminator)
      block.instructions.pop()
      this.block = block
      this.state = only.state
      const guess = !(this.input.feedback.get(header)?.generic ?? false)
      for (const slot of used) {
        const tag = guess ? this.input.world.globalTag(slot) : UNKNOWN
        // One without a value may get it in the loop.
        if (tag === Tag.EMPTY && !this.state.globals.has(slot)) continue
        const value = this.readGlobal(slot)
        const reason = ENTRY_REASONS[tag]
        if (value.tag === UNKNOWN && reason !== undefined) this.expect(value, tag, reason)
      }
      present.entrySnapshot = this.snapshot(null)
      block.instructions.push(only.terminator)
      this.block = present
    }
    return used.filter((slot) => incoming.every(({ state }) => state.globals.has(slot)))
  }

  private globalsUsedIn(loop: readonly number[]): number[] {
    const { code } = this.fn
    const used = new Set<number>()
    for (const block of loop) {
      const end = this.flow.starts[block + 1] as number
      for (let at = this.flow.starts[block] as number; at < end; at = nextPosition(code, at)) {
        if (code[at] === Op.GetGlobal || code[at] === Op.SetGlobal) used.add(code[at + 1] as number)
      }
    }
    return [...used]
  }

  /** Parameters of a loop header for file-level variables. */
  private mergeGlobals(header: number, incoming: Incoming[], globals: readonly number[]): void {
    const { state } = this
    state.globals.clear()
    for (const slot of globals) {
      const values = incoming.map((way) => way.state.globals.get(slot) as Abstract)
      state.globals.set(slot, this.mergeValues(header, `g${slot}`, values, incoming, true))
    }
  }

  /**
   * An edge of `terminator` to the block at `position`. Forward edges get their block when it is built; a back-edge
   * of a branch, and an edge that leaves the region, goes through a block of its own.
   */
  addEdge(terminator: Instruction, position: number, state: FrameState): void {
    const number = this.flow.blockAt[position] as number
    if (this.region.contains(number) && !this.headers.has(this.headerKey(position))) {
      const target = terminator.targets.push({ block: this.block, args: [] }) - 1
      ;(this.incoming[number] as Incoming[]).push({ terminator, target, state })
      return
    }
    const { block: present, state: before } = this
    this.block = this.graph.addBlock(position)
    this.graph.blocks.push(this.block)
    terminator.targets.push({ block: this.block, args: [] })
    this.state = state
    if (this.region.contains(number)) this.jumpBack(position)
    else this.leaveAt(position)
    this.block = present
    this.state = before
  }

  jumpTo(position: number): void {
    const number = this.flow.blockAt[position] as number
    if (!this.region.contains(number)) this.leaveAt(position)
    else if (this.headers.has(this.headerKey(position))) this.jumpBack(position)
    else this.addEdge(this.emit('jump', []), position, this.state)
  }

  /** The VM goes on at `position`: what lies there is not part of this code. */
  private leaveAt(position: number): void {
    const here = this.position
    this.position = position
    this.emit('leave', []).snapshot = this.snapshot('loopEnds')
    this.position = here
  }

  /** What was seen at a position; nothing if it was never observed or its guards failed too often. */
  feedbackAt(position: number): SiteFeedback {
    const feedback = this.input.feedback.get(position)
    return feedback === undefined || feedback.generic ? NO_FEEDBACK : feedback
  }

  // --- emitting -------------------------------------------------------------------------------

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

  private constant(key: string, make: () => Instruction): Instruction {
    let value = this.constants.get(key)
    if (value === undefined) {
      value = make()
      this.constants.set(key, value)
    }
    return value
  }

  int(value: number | bigint): Instruction {
    return this.constant(`i${value}`, () => {
      const instruction = this.graph.instruction('int', [], 0)
      instruction.imm = BigInt(value)
      return instruction
    })
  }

  float(value: number): Instruction {
    const bits = bitsOf(value)
    return this.constant(`f${bits}`, () => {
      const instruction = this.graph.instruction('float', [], 0)
      instruction.imm = bits
      return instruction
    })
  }

  /** An address that is known when the code is installed. */
  address(symbol: string): Instruction {
    return this.constant(`a${symbol}`, () => {
      const instruction = this.graph.instruction('address', [], 0)
      instruction.symbol = symbol
      return instruction
    })
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
      return { ...this.site.snapshot, reason }
    }
    const slots: Snapshot['slots'] = []
    for (const slot of this.neededSlots()) {
      const value = this.state.slots[slot]
      if (!value || this.state.inMemory[slot]) continue
      slots.push({ offset: offsetOf(slot), payload: value.payload, tag: value.tagValue ?? value.tag })
    }
    return { position: this.position, slots, reason, inlined: false }
  }

  private *neededSlots(): Generator<number> {
    yield* this.liveness.liveDuring(this.position)
    for (let slot = this.fn.locals; slot < this.state.size; slot++) yield slot
  }

  /** Writes all live slots to the frame: the canonical state of a safepoint. */
  flush(): void {
    if (this.site !== null) throw new InlineFailed('needs a frame')
    for (const slot of this.neededSlots()) this.flushSlot(slot)
  }

  private flushSlot(slot: number): void {
    const value = this.state.slots[slot]
    if (!value || this.state.inMemory[slot]) return
    const tag = this.tagOf(value)
    this.emit('frame.put', value.payload === null ? [tag] : [value.payload, tag], BigInt(offsetOf(slot)))
    this.state.inMemory[slot] = true
  }

  guard(op: OpName, args: Value[], reason: ExitReason, imm = 0n, symbol: string | null = null): void {
    const guard = this.emit(op, args, imm)
    guard.snapshot = this.snapshot(reason)
    guard.symbol = symbol
  }

  /** The closure that runs, from the callee slot. */
  runningClosure(): Value {
    return this.closure as Value
  }

  /** Whether a value is the method's own `self`. */
  isSelf(value: Abstract): boolean {
    return this.self !== null && value.payload === this.self
  }

  /** Whatever lies in memory outside the frame may have changed. */
  killMemory(): void {
    this.state.globals.clear()
  }

  load(op: 'load' | 'load32', pointer: Value, offset: number, memory: MemoryClass): Instruction {
    const load = this.emit(op, [pointer], BigInt(offset))
    load.memory = memory
    return load
  }

  /** The value of a file-level variable, which must have one. */
  readGlobal(slot: number): Abstract {
    const cached = this.state.globals.get(slot)
    if (cached !== undefined) return cached
    const value = checked(this, loadValue(this, this.address(`global:${slot}`), 0, 'globals'))
    this.state.globals.set(slot, value)
    return value
  }

  /** The value with a known tag: guarded if need be. */
  expect(value: Abstract, tag: number, reason: ExitReason): Abstract {
    if (value.tag === tag) return value
    if (value.tag !== UNKNOWN) throw new Error(`a value with tag ${value.tag} is expected to have ${tag}`)
    this.guard('guard.tag', [value.tagValue as Value], reason, BigInt(tag))
    const payload = value.payload as Value
    const refined = known(tag, tag === Tag.FLOAT ? this.emit('bits.tofloat', [payload]) : payload)
    this.state.refine(value, hasPayload(tag) ? refined : known(tag, null))
    return refined
  }
}
