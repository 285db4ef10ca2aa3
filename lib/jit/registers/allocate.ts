/**
 * Linear scan register allocation (Poletto and Sarkar, 1999) over the blocks in the graph's order. A
 * value's live range is one interval; a value that is live across a call lives in a spill slot, since
 * calls preserve no registers. A call that merely stands between, in blocks that the value is not live in, does no
 * harm. Constants get no place: they are made anew where they are used.
 */
import {
  type Block,
  type BlockParameter,
  forEachUse,
  type Graph,
  Instruction,
  isConstant,
  type Value,
} from '../ir/graph.js'
import { homeOf, isArgument, isReload, type MemoryLocation } from '../ir/homes.js'
import { isSelfCall } from '../ir/patterns.js'
import { type ArgumentRegisters, callOf, parameterOf, passedIn, registersOf } from '../ir/signature.js'
import { ValueMap } from '../ir/value-map.js'
import { CompileRefused } from '../reasons.js'
import { FrameHomes } from './frame-homes.js'
import { numberInstructions, STEP } from './numbering.js'
import { spillWeights } from './spill-weights.js'

/** Where a value lives: a register of its class, a spill slot of 8 bytes, or memory that holds it anyway. */
export type Location = { kind: 'register'; number: number } | { kind: 'spill'; slot: number } | MemoryLocation
export type { MemoryLocation }

/** Whether two places are the same, if they are of the same register class. */
export function samePlace(a: Location, b: Location): boolean {
  if (a.kind === 'register') return b.kind === 'register' && a.number === b.number
  if (a.kind === 'spill') return b.kind === 'spill' && a.slot === b.slot
  return b.kind === a.kind && a.offset === b.offset && a.part === b.part
}

export interface RegisterFile {
  general: readonly number[]
  float: readonly number[]
  /** Spill slots a native frame may have. */
  maxSpills: number
  /** The general registers in which functions return payload and tag. */
  results: readonly [number, number]
  /** Registers in which functions take arguments, whether values may live there or not. */
  arguments: ArgumentRegisters
}

/** Of all values that have a place. */
export type Locations = Iterable<[Value, Location]> & Pick<ReadonlyMap<Value, Location>, 'get' | 'has'>

export interface Allocation {
  locations: Locations
  spillSlots: number
}

interface Interval {
  readonly value: Value
  /** Numbers of the defining instruction (or block start) and of the last use. */
  readonly start: number
  end: number
  /** While it is in one. */
  register: number
  /** Values of later passes of its loop that have the same place. */
  followers: Value[]
  /** Where the last of them ends. */
  followersEnd: number
}

export function allocateRegisters(graph: Graph, file: RegisterFile): Allocation {
  graph.linkPredecessors()
  const intervals = new Intervals(graph)
  const homes = new FrameHomes(graph)
  return new LinearScan(file, intervals, partners(graph), wishes(graph, file), homes, graph).run()
}

/** By id of the value: the register in which calls give or take it, or the function itself. */
function wishes({ blocks, valueCount, entryArguments }: Graph, file: RegisterFile): number[] {
  const [payload, tag] = file.results
  const registers: number[] = new Array(valueCount)
  registersOf(entryArguments.map(parameterOf), file.arguments).forEach((register, i) => {
    registers[(entryArguments[i] as Instruction).id] = register
  })
  for (const { instructions, terminator } of blocks) {
    if (terminator.op === 'return') {
      const [first, second] = terminator.args as [Value, Value]
      registers[first.id] = payload
      registers[second.id] = tag
    }
    for (const { id, op, imm, args } of instructions) {
      if (op === 'call') {
        registers[id] = payload
        registersOf(passedIn(callOf(imm).signature), file.arguments).forEach((register, i) => {
          registers[(args[i + 1] as Value).id] ??= register
        })
      } else if (op === 'call.tag') registers[id] = tag
    }
  }
  return registers
}

/**
 * What passes a value to what, by id of the value: block parameters and what edges pass for them. With the same
 * register for both, the edge needs no move.
 */
function partners(graph: Graph): (Value[] | undefined)[] {
  const lists: (Value[] | undefined)[] = new Array(graph.valueCount)
  const add = (value: Value, partner: Value): void => {
    const list = lists[value.id]
    if (list === undefined) lists[value.id] = [partner]
    else list.push(partner)
  }
  for (const block of graph.blocks) {
    for (const instruction of graph.entryArguments.length === 0 ? [] : block.instructions) {
      const { args } = instruction
      // What a call of itself passes.
      if (!isSelfCall(instruction)) continue
      for (let i = 1; i < args.length; i++) {
        const arg = args[i] as Value
        if (!isConstant(arg)) add(arg, graph.entryArguments[i - 1] as Value)
      }
    }
    for (const { block: target, args } of block.terminator.targets) {
      args.forEach((arg, i) => {
        if (isConstant(arg)) return
        const parameter = target.parameters[i] as Value
        add(arg, parameter)
        add(parameter, arg)
      })
    }
  }
  return lists
}

/** A block that uses a value, and the number of its last use there. */
interface BlockUse {
  readonly block: Block
  last: number
}

/** The live ranges of all values, in the order of their starts, and the calls. */
class Intervals {
  readonly intervals: Interval[] = []
  readonly calls: { readonly number: number; readonly block: Block }[] = []
  /** By id of the value. */
  private readonly of: (Interval | undefined)[]
  /** By id of the value: the block that defines it, and those that use it. */
  private readonly definedIn: Block[]
  private readonly usedIn: (BlockUse[] | undefined)[]
  /** By id of the value: the blocks at whose ends it is live. */
  private readonly liveEnds: (Block[] | undefined)[]
  /** By id of the block: its end, where what is needed behind it is still live. */
  private readonly ends: Int32Array

  constructor(graph: Graph) {
    this.of = new Array(graph.valueCount)
    this.definedIn = new Array(graph.valueCount)
    this.usedIn = new Array(graph.valueCount)
    this.liveEnds = new Array(graph.valueCount)
    this.ends = new Int32Array(graph.blockCount)
    numberInstructions(graph, {
      start: (block, number) => {
        for (const parameter of block.parameters) this.define(parameter, number, block)
      },
      instruction: (instruction, number, block) => this.readInstruction(instruction, number, block),
      end: (block, number) => {
        this.ends[block.id] = number
      },
    })
    this.followUses(graph)
  }

  private readInstruction(instruction: Instruction, number: number, block: Block): void {
    if (instruction.op === 'call') this.calls.push({ number, block })
    if (isArgument(instruction)) {
      // All come at once, each in a place of its own, whether it is used or not.
      this.define(instruction, 0, block)
      this.use(instruction, number + 1, block)
    } else if (instruction.hasResult && !instruction.isConstant) {
      // Both results of a call come at once.
      this.define(instruction, instruction.op === 'call.tag' ? number - STEP : number, block)
    }
    // What such an instruction writes must not destroy what its way out still needs.
    const used = instruction.hasResult && instruction.snapshot !== null ? number + 1 : number
    forEachUse(instruction, (value) => this.use(value, used, block))
  }

  private define(value: Value, number: number, block: Block): void {
    const interval = { value, start: number, end: number, register: -1, followers: [], followersEnd: 0 }
    this.intervals.push(interval)
    this.of[value.id] = interval
    this.definedIn[value.id] = block
  }

  private use(value: Value, number: number, block: Block): void {
    if (isConstant(value)) return
    // What gets no register stays where it would have been loaded from.
    if (isReload(value)) this.use(value.args[0] as Value, number, block)
    const interval = this.of[value.id] as Interval
    if (number > interval.end) interval.end = number
    const uses = this.usedIn[value.id]
    const latest = uses?.[uses.length - 1]
    if (latest?.block === block) latest.last = Math.max(latest.last, number)
    else if (uses === undefined) this.usedIn[value.id] = [{ block, last: number }]
    else uses.push({ block, last: number })
  }

  /**
   * Stretches intervals over the ends of all blocks at which their values are live, by going back from each use to
   * the definition. So what a loop needs again is live in the whole loop: back-edges are gone along, too.
   */
  private followUses(graph: Graph): void {
    /** By id of the block: the value that was last found live at its end. */
    const liveAtEnd: (Value | undefined)[] = new Array(graph.blockCount)
    for (const interval of this.intervals) {
      const { value } = interval
      const home = this.definedIn[value.id] as Block
      const work: Block[] = []
      for (const { block } of this.usedIn[value.id] ?? []) if (block !== home) work.push(block)
      if (work.length === 0) continue
      const ends: Block[] = []
      this.liveEnds[value.id] = ends
      for (let block = work.pop(); block !== undefined; block = work.pop()) {
        for (const predecessor of block.predecessors) {
          if (liveAtEnd[predecessor.id] === value) continue
          liveAtEnd[predecessor.id] = value
          ends.push(predecessor)
          interval.end = Math.max(interval.end, this.ends[predecessor.id] as number)
          if (predecessor !== home) work.push(predecessor)
        }
      }
    }
  }

  /** Whether a value that is there before a call is needed behind it. */
  isLiveBehind({ id }: Value, call: { readonly number: number; readonly block: Block }): boolean {
    if (this.liveEnds[id]?.includes(call.block)) return true
    return (this.usedIn[id] ?? []).some(({ block, last }) => block === call.block && last > call.number)
  }

  /**
   * Whether a loop's parameter is needed no more when `value`, which is computed in the loop, is there, and `value`
   * no more when the next pass begins: then they can share a place, although the parameter may be needed behind the
   * loop, which its interval reaches.
   */
  mayFollow(value: Value, parameter: Value): boolean {
    const header = this.definedIn[parameter.id] as Block
    const block = this.definedIn[value.id] as Block
    if (!header.loopHeader || block === header || !header.parameters.includes(parameter as BlockParameter))
      return false
    if (this.liveEnds[parameter.id]?.includes(block)) return false
    if (this.liveEnds[value.id]?.some((end) => header.predecessors.includes(end))) return false
    // Parameters of a block are there before its first instruction; an instruction that may leave needs all to stay.
    const isInstruction = value instanceof Instruction
    const from = isInstruction ? block.instructions.indexOf(value) + (value.snapshot === null ? 1 : 0) : 0
    let isUsed = false
    for (let i = from; i < block.instructions.length && !isUsed; i++) {
      forEachUse(block.instructions[i] as Instruction, (used) => {
        if (used === parameter) isUsed = true
      })
    }
    return !isUsed
  }
}

class LinearScan {
  private readonly calls: Intervals['calls']
  private readonly locations: ValueMap<Location>
  /** By id of the value, of what is in a register: the interval that it belongs to. */
  private readonly owners: (Interval | undefined)[]
  private readonly free: { i: number[]; f: number[] }
  private readonly active: Interval[] = []
  private readonly activeSpills: { end: number; slot: number }[] = []
  private readonly freeSlots: number[] = []
  private slots = 0
  /** How many calls lie before the start of the present interval, or at it. */
  private callsBefore = 0
  /** By id of the value; null: nobody has asked yet. */
  private weights: Float64Array | null = null

  constructor(
    private readonly file: RegisterFile,
    private readonly intervals: Intervals,
    private readonly partners: readonly (readonly Value[] | undefined)[],
    private readonly wishes: readonly number[],
    private readonly homes: FrameHomes,
    private readonly graph: Graph,
  ) {
    this.calls = intervals.calls
    this.locations = new ValueMap(graph.valueCount)
    this.owners = new Array(graph.valueCount)
    this.free = { i: [...file.general].reverse(), f: [...file.float].reverse() }
  }

  run(): Allocation {
    for (const interval of this.intervals.intervals) {
      this.expire(interval.start)
      if (this.crossesCall(interval)) this.spill(interval)
      else this.assign(interval)
    }
    return { locations: this.locations, spillSlots: this.slots }
  }

  /** Frees what ended at or before `start`: an instruction reads its operands before it writes. */
  private expire(start: number): void {
    for (let i = this.active.length - 1; i >= 0; i--) {
      const interval = this.active[i] as Interval
      if (interval.end > start) continue
      this.active.splice(i, 1)
      this.free[interval.value.valueClass].push(interval.register)
    }
    for (let i = this.activeSpills.length - 1; i >= 0; i--) {
      const { end, slot } = this.activeSpills[i] as { end: number; slot: number }
      if (end >= start) continue
      this.activeSpills.splice(i, 1)
      this.freeSlots.push(slot)
    }
  }

  private crossesCall({ value, start, end }: Interval): boolean {
    const { calls } = this
    const next = () => calls[this.callsBefore]?.number ?? Number.POSITIVE_INFINITY
    while (next() <= start) this.callsBefore++
    for (let i = this.callsBefore; i < calls.length; i++) {
      const call = calls[i] as Intervals['calls'][number]
      if (call.number >= end) return false
      if (this.intervals.isLiveBehind(value, call)) return true
    }
    return false
  }

  /** The register of a value that this one is passed to, or that is passed to it, if it is free now. */
  private takeOfPartner(value: Value): number | undefined {
    const partners = this.partners[value.id]
    if (partners === undefined) return undefined
    const free = this.free[value.valueClass]
    for (const partner of partners) {
      const location = this.locations.get(partner)
      const at = location?.kind === 'register' ? free.indexOf(location.number) : -1
      if (at >= 0) return free.splice(at, 1)[0]
    }
    return undefined
  }

  private takeWish({ id, valueClass }: Value): number | undefined {
    const wish = this.wishes[id]
    const free = this.free[valueClass]
    const at = wish === undefined ? -1 : free.indexOf(wish)
    return at < 0 ? undefined : free.splice(at, 1)[0]
  }

  /** Where a value is in memory anyway, or null. */
  private homeOf(value: Value): Location | null {
    if (!isReload(value)) return homeOf(value, this.graph.stableSlots)
    const source = this.locations.get(value.args[0] as Value)
    return source === undefined || source.kind === 'register' ? null : source
  }

  private spill(interval: Interval): void {
    const { value, start, end } = interval
    const home = this.homeOf(value) ?? this.homes.take(value, start, end)
    this.putInMemory(interval, home ?? this.spillSlot(interval, this.freeSlots.pop()))
  }

  private spillSlot({ end }: Interval, slot = this.slots++): Location {
    if (this.slots > this.file.maxSpills) throw new CompileRefused('tooManySpills')
    this.activeSpills.push({ end, slot })
    return { kind: 'spill', slot }
  }

  private putInMemory({ value, followers }: Interval, place: Location): void {
    for (const lodger of [value, ...followers]) {
      this.locations.set(lodger, place)
      this.owners[lodger.id] = undefined
    }
  }

  /** Puts a value into the place of the loop's parameter that it is passed to, perhaps through another block's. */
  private follow(interval: Interval): boolean {
    const { value, start, end } = interval
    for (const partner of this.partners[value.id] ?? []) {
      const candidates = this.owners[partner.id] !== undefined ? [partner] : (this.partners[partner.id] ?? [])
      for (const candidate of candidates) {
        const owner = this.owners[candidate.id]
        if (owner === undefined || owner.value === value || !this.active.includes(owner)) continue
        if (owner.followersEnd > start || !this.intervals.mayFollow(value, owner.value)) continue
        owner.followers.push(value)
        owner.followersEnd = end
        owner.end = Math.max(owner.end, end)
        this.owners[value.id] = owner
        this.locations.set(value, { kind: 'register', number: owner.register })
        return true
      }
    }
    return false
  }

  private assign(interval: Interval): void {
    const { valueClass } = interval.value
    if (this.follow(interval)) return
    const register =
      this.takeOfPartner(interval.value) ?? this.takeWish(interval.value) ?? this.free[valueClass].pop()
    if (register !== undefined) return this.give(interval, register)
    // None is free: whoever costs least in memory, for as long as a register is won, goes there.
    let victim = interval
    let least = this.weightOf(interval, interval.start)
    for (const other of this.active) {
      if (other.value.valueClass !== valueClass) continue
      const weight = this.weightOf(other, interval.start)
      if (weight >= least) continue
      victim = other
      least = weight
    }
    if (victim === interval) return this.spill(interval)
    this.active.splice(this.active.indexOf(victim), 1)
    this.spillWhole(victim)
    this.give(interval, victim.register)
  }

  /** What it costs to have a value and what follows it in memory, by how long they need a register from now on. */
  private weightOf({ value, followers, end }: Interval, now: number): number {
    this.weights ??= spillWeights(this.graph)
    let weight = this.weights[value.id] as number
    for (const { id } of followers) weight += this.weights[id] as number
    return weight / (end - now + STEP)
  }

  /** A value that gives up its register lives in its slot from the start: the slot must not be shared back. */
  private spillWhole(interval: Interval): void {
    this.putInMemory(interval, this.homeOf(interval.value) ?? this.spillSlot(interval))
  }

  private give(interval: Interval, register: number): void {
    interval.register = register
    this.active.push(interval)
    this.owners[interval.value.id] = interval
    this.locations.set(interval.value, { kind: 'register', number: register })
  }
}
