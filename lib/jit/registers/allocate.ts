/**
 * Linear scan register allocation (Poletto and Sarkar, 1999) over the blocks in emission order. A
 * value's live range is one interval; a value that is live across a call lives in a spill slot, since
 * calls preserve no registers. Constants get no place: they are made anew where they are used.
 */
import { type Block, type Graph, Instruction, isConstant, usesOf, type Value } from '../ir/graph.js'
import { CompileRefused } from '../reasons.js'

/**
 * Where a value lives: a register of its class, a spill slot of 8 bytes, or the slot of the Rush frame that it was
 * loaded from, at this byte offset from the frame base.
 */
export type Location =
  | { kind: 'register'; number: number }
  | { kind: 'spill'; slot: number }
  | { kind: 'frame'; offset: number; part: 'payload' | 'tag' }

/** Whether two places are the same, if they are of the same register class. */
export function samePlace(a: Location, b: Location): boolean {
  if (a.kind === 'register') return b.kind === 'register' && a.number === b.number
  if (a.kind === 'spill') return b.kind === 'spill' && a.slot === b.slot
  return b.kind === 'frame' && a.offset === b.offset && a.part === b.part
}

export interface RegisterFile {
  general: readonly number[]
  float: readonly number[]
  /** Spill slots a native frame may have. */
  maxSpills: number
}

export interface Allocation {
  locations: Map<Value, Location>
  spillSlots: number
}

interface Interval {
  value: Value
  /** Numbers of the defining instruction (or block start) and of the last use. */
  start: number
  end: number
}

export function allocateRegisters(graph: Graph, file: RegisterFile): Allocation {
  const { intervals, calls } = buildIntervals(graph)
  return new LinearScan(file, calls, partners(graph), graph.stableSlots).run(intervals)
}

/**
 * What passes a value to what: block parameters and what edges pass for them. With the same register for both,
 * the edge needs no move.
 */
function partners(graph: Graph): Map<Value, Value[]> {
  const lists = new Map<Value, Value[]>()
  const add = (value: Value, partner: Value): void => {
    const list = lists.get(value)
    if (list === undefined) lists.set(value, [partner])
    else list.push(partner)
  }
  for (const block of graph.blocks) {
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

/** Values that are live at the end of each block, by backward data flow. */
function liveOut(graph: Graph): Map<Block, Set<Value>> {
  const atEnd = new Map<Block, Set<Value>>(graph.blocks.map((block) => [block, new Set()]))
  for (let changed = true; changed; ) {
    changed = false
    for (let i = graph.blocks.length - 1; i >= 0; i--) {
      const block = graph.blocks[i] as Block
      const live = new Set(atEnd.get(block))
      for (let k = block.instructions.length - 1; k >= 0; k--) {
        const instruction = block.instructions[k] as Instruction
        live.delete(instruction)
        for (const use of usesOf(instruction)) if (!isConstant(use)) live.add(use)
      }
      for (const parameter of block.parameters) live.delete(parameter)
      for (const predecessor of block.predecessors) {
        const target = atEnd.get(predecessor) as Set<Value>
        const before = target.size
        for (const value of live) target.add(value)
        if (target.size !== before) changed = true
      }
    }
  }
  return atEnd
}

function buildIntervals(graph: Graph): { intervals: Interval[]; calls: number[] } {
  graph.linkPredecessors()
  const atEnd = liveOut(graph)
  const intervals = new Map<Value, Interval>()
  const calls: number[] = []
  const touch = (value: Value, at: number): void => {
    if (isConstant(value)) return
    const interval = intervals.get(value)
    if (interval === undefined) intervals.set(value, { value, start: at, end: at })
    else {
      if (at < interval.start) interval.start = at
      if (at > interval.end) interval.end = at
    }
  }
  let number = 0
  for (const block of graph.blocks) {
    const start = number++
    for (const parameter of block.parameters) touch(parameter, start)
    for (const instruction of block.instructions) {
      if (instruction.op === 'call') calls.push(number)
      // Both results of a call come at once.
      if (instruction.hasResult) touch(instruction, instruction.op === 'call.tag' ? number - 1 : number)
      // What such an instruction writes must not destroy what its way out still needs.
      const used = instruction.hasResult && instruction.snapshot !== null ? number + 0.5 : number
      for (const use of usesOf(instruction)) touch(use, used)
      number++
    }
    // This also stretches what a loop needs again over the whole loop: it is live at the back-edge.
    for (const value of atEnd.get(block) as Set<Value>) touch(value, number)
    number++
  }
  return { intervals: [...intervals.values()].sort((a, b) => a.start - b.start), calls }
}

class LinearScan {
  private readonly locations = new Map<Value, Location>()
  private readonly free: { i: number[]; f: number[] }
  private readonly active: (Interval & { register: number })[] = []
  private readonly activeSpills: { end: number; slot: number }[] = []
  private readonly freeSlots: number[] = []
  private slots = 0

  constructor(
    private readonly file: RegisterFile,
    private readonly calls: readonly number[],
    private readonly partners: ReadonlyMap<Value, readonly Value[]>,
    private readonly stableSlots: ReadonlySet<number>,
  ) {
    this.free = { i: [...file.general].reverse(), f: [...file.float].reverse() }
  }

  run(intervals: readonly Interval[]): Allocation {
    for (const interval of intervals) {
      this.expire(interval.start)
      if (this.crossesCall(interval)) this.spill(interval)
      else this.assign(interval)
    }
    return { locations: this.locations, spillSlots: this.slots }
  }

  /** Frees what ended at or before `start`: an instruction reads its operands before it writes. */
  private expire(start: number): void {
    for (let i = this.active.length - 1; i >= 0; i--) {
      const interval = this.active[i] as Interval & { register: number }
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

  private crossesCall({ start, end }: Interval): boolean {
    return this.calls.some((call) => start < call && call < end)
  }

  /** The register of a value that this one is passed to, or that is passed to it, if it is free now. */
  private takeOfPartner(value: Value): number | undefined {
    const free = this.free[value.valueClass]
    for (const partner of this.partners.get(value) ?? []) {
      const location = this.locations.get(partner)
      const at = location?.kind === 'register' ? free.indexOf(location.number) : -1
      if (at >= 0) return free.splice(at, 1)[0]
    }
    return undefined
  }

  /** Where a value is in memory anyway, or null. */
  private homeOf(value: Value): Location | null {
    if (!(value instanceof Instruction)) return null
    const { op, imm } = value
    if (op !== 'frame.load' && op !== 'frame.float' && op !== 'frame.tag') return null
    const offset = Number(imm)
    return this.stableSlots.has(offset)
      ? { kind: 'frame', offset, part: op === 'frame.tag' ? 'tag' : 'payload' }
      : null
  }

  private spill(interval: Interval): void {
    const home = this.homeOf(interval.value)
    if (home !== null) {
      this.locations.set(interval.value, home)
      return
    }
    const slot = this.freeSlots.pop() ?? this.slots++
    if (this.slots > this.file.maxSpills) throw new CompileRefused('tooManySpills')
    this.activeSpills.push({ end: interval.end, slot })
    this.locations.set(interval.value, { kind: 'spill', slot })
  }

  private assign(interval: Interval): void {
    const { valueClass } = interval.value
    const register = this.takeOfPartner(interval.value) ?? this.free[valueClass].pop()
    if (register !== undefined) return this.give(interval, register)
    // None is free: whoever is needed furthest away goes to memory.
    let victim: (Interval & { register: number }) | null = null
    for (const other of this.active) {
      if (other.value.valueClass === valueClass && (victim === null || other.end > victim.end)) victim = other
    }
    if (victim === null || victim.end <= interval.end) return this.spill(interval)
    this.active.splice(this.active.indexOf(victim), 1)
    this.spillWhole(victim)
    this.give(interval, victim.register)
  }

  /** A value that gives up its register lives in its slot from the start: the slot must not be shared back. */
  private spillWhole(interval: Interval): void {
    const home = this.homeOf(interval.value)
    if (home !== null) {
      this.locations.set(interval.value, home)
      return
    }
    const slot = this.slots++
    if (this.slots > this.file.maxSpills) throw new CompileRefused('tooManySpills')
    this.activeSpills.push({ end: interval.end, slot })
    this.locations.set(interval.value, { kind: 'spill', slot })
  }

  private give(interval: Interval, register: number): void {
    this.active.push({ ...interval, register })
    this.locations.set(interval.value, { kind: 'register', number: register })
  }
}
