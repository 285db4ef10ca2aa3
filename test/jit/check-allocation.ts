/**
 * A checker of register allocations that shares nothing with the allocator: it walks the allocated
 * code, tracks which value each register and spill slot holds on all ways to a point, and looks whether
 * every use finds its value (as regalloc2's checker does).
 */
import {
  type Block,
  type Edge,
  type Graph,
  Instruction,
  isConstant,
  type Snapshot,
  Value,
} from '../../lib/jit/ir/graph.js'
import { callOf } from '../../lib/jit/ir/signature.js'
import {
  type Allocation,
  type Location,
  type MemoryLocation,
  type RegisterFile,
  samePlace,
} from '../../lib/jit/registers/allocate.js'
import type { Move } from '../../lib/jit/registers/moves.js'
import { applyMoves, placeOf } from './simulate-moves.js'

/** What each place holds, copies as what they are copies of; places with different values on different ways are left out. */
type State = Map<string, Value>

export class AllocationError extends Error {}

/** @throws AllocationError */
export function checkAllocation(graph: Graph, allocation: Allocation, file: RegisterFile): void {
  for (const [value, location] of allocation.locations) checkLocation(value, location, allocation, file)
  const starts = new Map<Block, State>([[graph.blocks[0] as Block, new Map()]])
  const work = [graph.blocks[0] as Block]
  for (let block = work.shift(); block !== undefined; block = work.shift()) {
    for (const [target, state] of new Walk(graph, allocation, block, starts.get(block) as State).run()) {
      if (merge(starts, target, state) && !work.includes(target)) work.push(target)
    }
  }
}

function isLoadOf(value: Value, { part, offset }: MemoryLocation): boolean {
  return (
    value instanceof Instruction &&
    value.memory === 'fixed' &&
    value.op === (part === 'tag' ? 'load32' : 'load') &&
    (value.args[0] as Instruction).op === 'context' &&
    Number(value.imm) === offset + (part === 'tag' ? 8 : 0)
  )
}

/** What a value is a copy of, perhaps through others. */
function origin(value: Value): Value {
  let found = value
  while (found instanceof Instruction && /^(copy|reload)/.test(found.op)) found = found.args[0] as Value
  return found
}

/** Whether native code goes on behind an instruction that may leave it for a while. */
function comesBack({ op, snapshot }: Instruction): boolean {
  return op === 'step' || (snapshot !== null && !op.startsWith('guard.') && op !== 'leave')
}

function checkLocation(value: Value, location: Location, allocation: Allocation, file: RegisterFile): void {
  const numbers = value.valueClass === 'f' ? file.float : file.general
  const exists = (): boolean => {
    switch (location.kind) {
      case 'spill':
        return location.slot < allocation.spillSlots && location.slot < file.maxSpills
      case 'register':
        return numbers.includes(location.number)
      case 'frame':
        // What is in the slot at each use is followed on the way.
        return value instanceof Instruction && location.offset % 16 === 0
      case 'context':
        // Nothing but what was loaded from a place that does not change.
        return isLoadOf(origin(value), location)
    }
  }
  if (!exists()) throw new AllocationError(`value ${value.id} is in a place that does not exist`)
}

/** Keeps what holds on all ways; whether that is less than before. */
function merge(starts: Map<Block, State>, block: Block, incoming: State): boolean {
  const known = starts.get(block)
  if (known === undefined) {
    starts.set(block, incoming)
    return true
  }
  const before = known.size
  for (const [place, value] of known) if (incoming.get(place) !== value) known.delete(place)
  return known.size < before
}

class Walk {
  private readonly state: State
  /** Places in the frame that hold a value before it is put there, for which every snapshot must say so. */
  private readonly early = new Map<string, Instruction>()
  private readonly arguments = new Set<string>()

  constructor(
    private readonly graph: Graph,
    private readonly allocation: Allocation,
    private readonly block: Block,
    start: State,
  ) {
    this.state = new Map(start)
  }

  run(): [Block, State][] {
    const { instructions } = this.block
    for (const [i, instruction] of instructions.entries()) this.step(instruction, instructions[i - 1])
    if (this.early.size > 0) throw new AllocationError('a value in the frame is never put there')
    return this.block.terminator.targets.map((edge) => [edge.block, this.follow(edge)])
  }

  private step(instruction: Instruction, previous: Instruction | undefined): void {
    const { args, op, snapshot } = instruction
    // The tag comes with the payload: the call has written both.
    for (const arg of op === 'call.tag' ? [] : args) this.read(arg, op)
    for (const { payload, tag } of [...(snapshot?.slots ?? []), ...(snapshot?.variables ?? [])]) {
      if (payload !== null) this.read(payload, `snapshot of ${op}`)
      if (typeof tag !== 'number') this.read(tag, `snapshot of ${op}`)
    }
    this.checkEarly(instruction)
    if (op === 'call')
      this.forget((place) => !/^[smc]/.test(place) || this.isCallees(place, callOf(instruction.imm).distance))
    else if (comesBack(instruction)) this.forget((place) => place.startsWith('m') && !this.isStable(place))
    else if (op === 'frame.put') this.put(instruction)
    if (snapshot !== null) this.checkOrder(snapshot)
    if (op === 'call.tag' && previous?.op !== 'call')
      throw new AllocationError('call.tag is not behind its call')
    // Constants have no place; neither has a result that nobody uses.
    const location = instruction.hasResult ? this.allocation.locations.get(instruction) : undefined
    if (location === undefined) return
    const place = placeOf(location, instruction.valueClass)
    this.state.set(place, origin(instruction))
    // What stays where it would be loaded from writes nothing.
    if (op.startsWith('reload') && samePlace(location, this.locationOf(args[0] as Value))) return
    if (op.startsWith('argument') && this.arguments.has(place))
      throw new AllocationError(`two arguments are in ${place}`)
    if (op.startsWith('argument')) this.arguments.add(place)
    else if (location.kind === 'frame' && !op.startsWith('frame.')) this.early.set(place, instruction)
  }

  private forget(isLost: (place: string) => boolean): void {
    for (const place of [...this.state.keys()]) if (isLost(place)) this.state.delete(place)
  }

  /** Whether a place of the frame belongs to the callee, whose frame begins at `distance`. */
  private isCallees(place: string, distance: number): boolean {
    const offset = /^m(-?\d+)/.exec(place)?.[1]
    return offset !== undefined && Number(offset) >= distance - 16
  }

  private isStable(place: string): boolean {
    return this.graph.stableSlots.has(Number(/^m(-?\d+)/.exec(place)?.[1]))
  }

  private put({ args, imm }: Instruction): void {
    const tag = args[args.length - 1] as Value
    const halves = [
      [`m${imm}:tag`, tag] as const,
      ...(args.length === 2 ? [[`m${imm}:payload`, args[0] as Value] as const] : []),
    ]
    for (const [place, value] of halves) {
      this.state.delete(place)
      this.early.delete(place)
      if (value instanceof Instruction) this.state.set(place, origin(value))
    }
  }

  /** Whoever leaves before the put must say himself what the slot holds, or expect the same. */
  private checkEarly({ op, imm, snapshot }: Instruction): void {
    for (const [place, value] of this.early) {
      const [, offset, part] = /^m(-?\d+):(\w+)$/.exec(place) as unknown as [
        string,
        string,
        'payload' | 'tag',
      ]
      if (op === 'call' || op === 'step') throw new AllocationError(`${op} before value ${value.id} is put`)
      if (op.startsWith('frame.') && op !== 'frame.put' && String(imm) === offset)
        throw new AllocationError(`${op} finds value ${value.id} in ${place}`)
      if (snapshot === null) continue
      const slot = snapshot.slots.find((slot) => slot.offset === Number(offset))
      if (slot?.[part] !== value)
        throw new AllocationError(`${op} may leave with value ${value.id} in ${place}`)
    }
  }

  /** Slots are written in the order of the snapshot: none may replace what a later one is read from. */
  private checkOrder({ slots }: Snapshot): void {
    const written = new Set<string>()
    for (const { offset, payload, tag } of slots) {
      for (const value of [payload, tag]) {
        if (!(value instanceof Value) || isConstant(value)) continue
        const place = placeOf(this.locationOf(value), value.valueClass)
        if (written.has(place)) throw new AllocationError(`a snapshot overwrites ${place}, which it needs`)
      }
      this.noteWrite(written, offset, 'payload', payload)
      this.noteWrite(written, offset, 'tag', tag)
    }
  }

  private noteWrite(
    written: Set<string>,
    offset: number,
    part: 'payload' | 'tag',
    value: Value | number | null,
  ): void {
    if (value === null) return
    const place = `m${offset}:${part}`
    if (!(value instanceof Value) || isConstant(value)) written.add(place)
    else if (placeOf(this.locationOf(value), value.valueClass) !== place) written.add(place)
  }

  private read(value: Value, user: string): void {
    if (isConstant(value)) return
    const place = placeOf(this.locationOf(value), value.valueClass)
    const found = this.state.get(place)
    if (found === origin(value)) return
    const what = found === undefined ? 'nothing certain' : `value ${found.id}`
    throw new AllocationError(
      `block ${this.block.id}: ${user} wants value ${value.id} in ${place}, which holds ${what}`,
    )
  }

  private locationOf(value: Value): Location {
    const location = this.allocation.locations.get(value)
    if (location === undefined) throw new AllocationError(`value ${value.id} has no place`)
    return location
  }

  /** The state behind an edge: its moves done, the parameters in their places. */
  private follow({ block, args }: Edge): State {
    const moves = args.map((arg, i): Move => {
      this.read(arg, `edge to block ${block.id}`)
      const parameter = block.parameters[i] as Value
      const from = isConstant(arg) ? arg : this.locationOf(arg)
      return { to: this.locationOf(parameter), from, valueClass: parameter.valueClass }
    })
    const after = applyMoves(this.state, moves, (constant) => constant)
    moves.forEach(({ to, valueClass }, i) => {
      if (after.get(placeOf(to, valueClass)) !== origin(args[i] as Value)) {
        throw new AllocationError(`edge to block ${block.id}: parameter ${i} does not get its argument`)
      }
    })
    for (const [i, parameter] of block.parameters.entries()) {
      const { to, valueClass } = moves[i] as Move
      after.set(placeOf(to, valueClass), parameter)
    }
    return after
  }
}
