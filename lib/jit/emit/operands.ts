/** Where the values of a function are while it is emitted: registers, memory, scratch registers, and moves between them. */
import { SLOT_TAG } from '../../heap/layout.js'
import { type Graph, type Instruction, isConstant, type Value } from '../ir/graph.js'
import type { Machine } from '../machine/machine.js'
import type { Allocation, Location, MemoryLocation } from '../registers/allocate.js'
import { emitParallelMoves, type Move } from '../registers/moves.js'

export class Operands {
  /** Bit sets of registers. */
  private scratchInUse = 0
  private scratchFloatInUse = 0

  constructor(
    readonly m: Machine,
    readonly graph: Graph,
    protected readonly allocation: Allocation,
  ) {}

  /** Scratch registers taken so far by the instruction may be used anew: their contents are no longer needed. */
  freeScratch(): void {
    this.scratchInUse = 0
    this.scratchFloatInUse = 0
  }

  /** Of the scratch registers only these are still needed. */
  keepOnly(...registers: readonly number[]): void {
    this.freeScratch()
    for (const register of registers) {
      if (this.m.roles.scratch.includes(register)) this.scratchInUse |= 1 << register
    }
  }

  keepOnlyFloat(register: number): void {
    this.freeScratch()
    if (this.m.roles.scratchFloat.includes(register)) this.scratchFloatInUse |= 1 << register
  }

  /** A register for something within the instruction. */
  takeScratch(): number {
    const register = firstFree(this.m.roles.scratch, this.scratchInUse)
    this.scratchInUse |= 1 << register
    return register
  }

  takeScratchFloat(): number {
    const register = firstFree(this.m.roles.scratchFloat, this.scratchFloatInUse)
    this.scratchFloatInUse |= 1 << register
    return register
  }

  /** A general register that holds the value: its own, or a scratch register. */
  use(value: Value): number {
    if (!isConstant(value)) {
      const location = this.locationOf(value)
      if (location.kind === 'register') return location.number
    } else if (value.op === 'context') return this.m.roles.context
    const scratch = this.takeScratch()
    this.loadInto(scratch, value)
    return scratch
  }

  useFloat(value: Value): number {
    if (!isConstant(value)) {
      const location = this.locationOf(value)
      if (location.kind === 'register') return location.number
    }
    const scratch = this.takeScratchFloat()
    this.loadFloatInto(scratch, value)
    return scratch
  }

  /** Copies the value to this register, from wherever it is. */
  loadInto(register: number, value: Value): void {
    const { m } = this
    if (isConstant(value)) {
      if (value.op === 'address') m.symbol(register, value.symbol as string)
      else if (value.op === 'context') m.move(register, m.roles.context)
      else m.constant(register, value.imm)
      return
    }
    this.read(register, this.locationOf(value))
  }

  loadFloatInto(register: number, value: Value): void {
    if (isConstant(value)) this.m.floatConstant(register, value.imm)
    else this.readFloat(register, this.locationOf(value))
  }

  /** The register to compute a result in; `finish` puts it where it belongs. */
  target(value: Value): number {
    const location = this.allocation.locations.get(value)
    if (location?.kind === 'register') return location.number
    if (value.valueClass !== 'f') return this.takeScratch()
    // With all in use it may be that of an operand: operations allow that.
    const { scratchFloat } = this.m.roles
    const isFree = scratchFloat.some((register) => (this.scratchFloatInUse & (1 << register)) === 0)
    return isFree ? this.takeScratchFloat() : (scratchFloat[0] as number)
  }

  finish(value: Value, register: number): void {
    const location = this.allocation.locations.get(value)
    if (location === undefined || location.kind === 'register') return
    if (value.valueClass === 'f') this.writeFloat(register, location)
    else this.write(register, location)
  }

  /** Puts a result that is in this register where it belongs. */
  place(value: Value, register: number): void {
    const location = this.allocation.locations.get(value)
    if (location?.kind !== 'register') this.finish(value, register)
    else if (value.valueClass === 'f') this.m.moveFloat(location.number, register)
    else this.m.move(location.number, register)
  }

  /** Computes a result in a register and puts it where it belongs. */
  result(value: Value, compute: (target: number) => void): void {
    const target = this.target(value)
    compute(target)
    this.finish(value, target)
  }

  /** Where a value is, or the value itself if it is made anew at each use. */
  placeOf(value: Value): Location | Value {
    return isConstant(value) ? value : this.locationOf(value)
  }

  locationOf(value: Value): Location {
    const location = this.allocation.locations.get(value)
    if (location === undefined) throw new Error(`value ${value.id} has no location`)
    return location
  }

  /** The register that a value lives in, or -1. */
  registerOf(value: Value): number {
    const location = this.allocation.locations.get(value)
    return location?.kind === 'register' ? location.number : -1
  }

  /** Whether a load from the frame, or near the context, has its place there: then each use loads. */
  staysInMemory(load: Instruction, where: MemoryLocation['kind']): boolean {
    return this.allocation.locations.get(load)?.kind === where
  }

  /** Offset of the slot of the frame that a value lives in, or null. */
  frameHome(value: Value): number | null {
    const location = this.allocation.locations.get(value)
    return location?.kind === 'frame' ? location.offset : null
  }

  hasLocation(value: Value): boolean {
    return this.allocation.locations.has(value)
  }

  /** Writes a slot of the frame but for what lives there. */
  putFrameSlot(offset: number, payload: Value | null, tag: Value | number): void {
    const { base } = this.m.roles
    const missing = payload !== null && this.livesAt(payload, offset, 'payload') ? null : payload
    if (typeof tag === 'number' || !this.livesAt(tag, offset, 'tag'))
      return this.putSlot(base, offset, missing, tag)
    if (missing === null) return
    if (missing.valueClass === 'f') this.m.storeFloat(this.useFloat(missing), base, offset)
    else this.m.store(this.use(missing), base, offset)
  }

  private livesAt(value: Value, offset: number, part: MemoryLocation['part']): boolean {
    const location = this.allocation.locations.get(value)
    return location?.kind === 'frame' && location.offset === offset && location.part === part
  }

  /** Writes payload and tag (64 bits) of a slot. */
  putSlot(base: number, offset: number, payload: Value | null, tag: Value | number): void {
    const { m } = this
    const constantTag = typeof tag === 'number' ? BigInt(tag) : isConstant(tag) ? tag.imm : null
    if (payload === null) {
      // Only the tag matters.
    } else if (payload.valueClass === 'f') {
      m.storeFloat(this.useFloat(payload), base, offset)
    } else if (constantTag === null && !isConstant(payload)) {
      return m.storeSlot(this.use(payload), this.use(tag as Value), base, offset)
    } else if (constantTag !== null && !isConstant(payload)) {
      return m.storeSlotConstantTag(this.use(payload), constantTag, base, offset)
    } else if (constantTag !== null && isConstant(payload) && payload.op === 'int') {
      return m.storeSlotConstants(payload.imm, constantTag, base, offset)
    } else if (isConstant(payload) && payload.op === 'int') {
      m.storeConstant(payload.imm, base, offset)
    } else {
      m.store(this.use(payload), base, offset)
    }
    if (constantTag !== null) m.storeConstant(constantTag, base, offset + 8)
    else m.store(this.use(tag as Value), base, offset + 8)
  }

  emitMoves(moves: readonly Move[]): void {
    this.freeScratch()
    if (moves.length === 0) return
    const saved = this.takeScratch()
    const through = this.takeScratch()
    const savedFloat = this.takeScratchFloat()
    const throughFloat = this.takeScratchFloat()
    emitParallelMoves(moves, {
      move: ({ to, from, valueClass }) => {
        const isFloat = valueClass === 'f'
        const scratch = isFloat ? throughFloat : through
        const inRegister = 'kind' in from && from.kind === 'register' ? from.number : scratch
        const register = to.kind === 'register' ? to.number : inRegister
        if ('kind' in from) {
          if (isFloat) this.readFloat(register, from)
          else this.read(register, from)
        } else if (isFloat) this.loadFloatInto(register, from)
        else this.loadInto(register, from)
        if (to.kind === 'register') return
        if (isFloat) this.writeFloat(register, to)
        else this.write(register, to)
      },
      save: (place, valueClass) => {
        if (valueClass === 'f') this.readFloat(savedFloat, place)
        else this.read(saved, place)
      },
      restore: (place, valueClass) => {
        if (valueClass === 'f') this.writeFloat(savedFloat, place)
        else this.write(saved, place)
      },
    })
    this.freeScratch()
  }

  private read(register: number, place: Location): void {
    const { m } = this
    if (place.kind === 'spill') return m.loadSpill(register, place.slot)
    if (place.kind === 'register') return m.move(register, place.number)
    const base = m.roles[place.kind === 'frame' ? 'base' : 'context']
    if (place.part === 'payload') m.load(register, base, place.offset)
    else m.load32(register, base, place.offset + SLOT_TAG)
  }

  private write(register: number, place: Location): void {
    const { m } = this
    if (place.kind === 'spill') m.storeSpill(register, place.slot)
    else if (place.kind === 'register') m.move(place.number, register)
    else if (place.kind === 'frame')
      m.store(register, m.roles.base, place.part === 'tag' ? place.offset + SLOT_TAG : place.offset)
  }

  private readFloat(register: number, place: Location): void {
    const { m } = this
    if (place.kind === 'spill') m.loadSpillFloat(register, place.slot)
    else if (place.kind === 'register') m.moveFloat(register, place.number)
    else m.loadFloat(register, m.roles.base, place.offset)
  }

  private writeFloat(register: number, place: Location): void {
    if (place.kind === 'spill') this.m.storeSpillFloat(register, place.slot)
    else if (place.kind === 'register') this.m.moveFloat(place.number, register)
    else if (place.kind === 'frame') this.m.storeFloat(register, this.m.roles.base, place.offset)
  }
}

function firstFree(registers: readonly number[], inUse: number): number {
  for (const register of registers) if ((inUse & (1 << register)) === 0) return register
  throw new Error('out of scratch registers')
}
