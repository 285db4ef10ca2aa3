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
  type Value,
} from '../../lib/jit/ir/graph.js'
import type { Allocation, Location, RegisterFile } from '../../lib/jit/registers/allocate.js'
import type { Move } from '../../lib/jit/registers/moves.js'
import { applyMoves, placeOf } from './simulate-moves.js'

/** What each place holds; places that hold different values on different ways are left out. */
type State = Map<string, Value>

export class AllocationError extends Error {}

/** @throws AllocationError */
export function checkAllocation(graph: Graph, allocation: Allocation, file: RegisterFile): void {
  for (const [value, location] of allocation.locations)
    checkLocation(graph, value, location, allocation, file)
  const starts = new Map<Block, State>([[graph.blocks[0] as Block, new Map()]])
  const work = [graph.blocks[0] as Block]
  for (let block = work.shift(); block !== undefined; block = work.shift()) {
    for (const [target, state] of new Walk(allocation, block, starts.get(block) as State).run()) {
      if (merge(starts, target, state) && !work.includes(target)) work.push(target)
    }
  }
}

/** Whether native code, or the VM on its behalf, puts something into a slot of the frame and goes on. */
function isWritten(graph: Graph, offset: number): boolean {
  return graph.blocks.some(({ instructions }) =>
    instructions.some(({ op, imm, snapshot }) => {
      if (op === 'frame.put') return Number(imm) === offset
      const leaves = op.startsWith('guard.') || op === 'leave'
      return !leaves && (snapshot?.slots ?? []).some((slot) => slot.offset === offset)
    }),
  )
}

function checkLocation(
  graph: Graph,
  value: Value,
  location: Location,
  allocation: Allocation,
  file: RegisterFile,
): void {
  const numbers = value.valueClass === 'f' ? file.float : file.general
  const exists = (): boolean => {
    switch (location.kind) {
      case 'spill':
        return location.slot < allocation.spillSlots && location.slot < file.maxSpills
      case 'register':
        return numbers.includes(location.number)
      case 'frame':
        // Nothing but what was loaded from a slot that does not change may count on it.
        return (
          value instanceof Instruction &&
          value.op.startsWith('frame.') &&
          (value.op === 'frame.tag') === (location.part === 'tag') &&
          Number(value.imm) === location.offset &&
          graph.stableSlots.has(location.offset) &&
          !isWritten(graph, location.offset)
        )
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

  constructor(
    private readonly allocation: Allocation,
    private readonly block: Block,
    start: State,
  ) {
    this.state = new Map(start)
  }

  run(): [Block, State][] {
    const { instructions } = this.block
    for (const [i, instruction] of instructions.entries()) this.step(instruction, instructions[i - 1])
    return this.block.terminator.targets.map((edge) => [edge.block, this.follow(edge)])
  }

  private step(instruction: Instruction, previous: Instruction | undefined): void {
    const { args, op, snapshot } = instruction
    // The tag comes with the payload: the call has written both.
    for (const arg of op === 'call.tag' ? [] : args) this.read(arg, op)
    for (const { payload, tag } of snapshot?.slots ?? []) {
      if (payload !== null) this.read(payload, `snapshot of ${op}`)
      if (typeof tag !== 'number') this.read(tag, `snapshot of ${op}`)
    }
    if (op === 'call')
      for (const place of [...this.state.keys()]) if (!/^[sm]/.test(place)) this.state.delete(place)
    if (op === 'call.tag' && previous?.op !== 'call')
      throw new AllocationError('call.tag is not behind its call')
    // Constants have no place; neither has a result that nobody uses.
    const location = instruction.hasResult ? this.allocation.locations.get(instruction) : undefined
    if (location !== undefined) this.state.set(placeOf(location, instruction.valueClass), instruction)
  }

  private read(value: Value, user: string): void {
    if (isConstant(value)) return
    const place = placeOf(this.locationOf(value), value.valueClass)
    const found = this.state.get(place)
    if (found === value) return
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
      if (after.get(placeOf(to, valueClass)) !== args[i]) {
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
