/**
 * Values that are live across a call and that are written to a slot of the frame anyway, before that call, can live
 * in that slot: written there as soon as they are known, they take no spill slot, and the later `frame.put` has
 * nothing left to do. That is right as long as nobody misses what the slot held before, and nothing else is put
 * there while the value is live.
 */
import { SLOT_SIZE } from '../../heap/layout.js'
import { type Graph, Instruction, type SnapshotSlot, type Value } from '../ir/graph.js'
import { callOf } from '../ir/signature.js'
import type { Location } from './allocate.js'
import { numberInstructions } from './numbering.js'

/** Half of a slot at this byte offset from the frame base. */
type Part = 'payload' | 'tag'

/** An instruction with its number in the order of the allocator. */
interface Numbered {
  readonly instruction: Instruction
  readonly number: number
}

/** What an instruction does to the frame besides putting single slots. */
interface Change {
  readonly number: number
  /** Lowest byte offset that may be written. */
  readonly from: number
}

export class FrameHomes {
  /** By id of the value: the first instruction in its own block that puts it somewhere, with what lies between. */
  private readonly puts = new Map<number, { put: Numbered; part: Part; between: Instruction[] }>()
  /** By offset: all that put something there. */
  private readonly writes = new Map<number, Numbered[]>()
  private readonly changes: Change[] = []
  /** By offset: what ways out write there. */
  private readonly exits = new Map<number, { number: number; slot: SnapshotSlot }[]>()
  /** By offset: homes that were given, with the last number at which they are needed. */
  private readonly given = new Map<number, { value: Value; part: Part; end: number }[]>()

  private isRead = false

  constructor(private readonly graph: Graph) {}

  /** Only when somebody asks: many functions have no value that lives across a call. */
  private read(): void {
    if (this.isRead) return
    this.isRead = true
    numberInstructions(this.graph, {
      instruction: (instruction, number, { instructions }, index) => {
        for (const slot of instruction.snapshot?.slots ?? []) {
          const list = this.exits.get(slot.offset)
          if (list === undefined) this.exits.set(slot.offset, [{ number, slot }])
          else list.push({ number, slot })
        }
        if (instruction.op === 'frame.put') this.notePut(instructions, index, number)
        else if (instruction.op === 'call') {
          this.changes.push({ number, from: callOf(instruction.imm).distance - SLOT_SIZE })
        } else if (comesBack(instruction)) this.changes.push({ number, from: Number.NEGATIVE_INFINITY })
      },
    })
  }

  private notePut(instructions: readonly Instruction[], index: number, number: number): void {
    const instruction = instructions[index] as Instruction
    const offset = Number(instruction.imm)
    const put = { instruction, number }
    const list = this.writes.get(offset)
    if (list === undefined) this.writes.set(offset, [put])
    else list.push(put)
    const { args } = instruction
    const tag = args[args.length - 1] as Value
    const payload = args.length === 2 ? (args[0] as Value) : null
    for (const [value, part] of [
      [payload, 'payload'],
      [tag, 'tag'],
    ] as const) {
      if (!(value instanceof Instruction) || value.isConstant || this.puts.has(value.id)) continue
      const start = instructions.lastIndexOf(value, index)
      if (start < 0) continue
      this.puts.set(value.id, { put, part, between: instructions.slice(start + 1, index) })
    }
  }

  /** A home for a value that is defined and last used at these numbers, or null. */
  take(value: Value, start: number, end: number): Location | null {
    this.read()
    const found = this.puts.get(value.id)
    if (found === undefined || !(value instanceof Instruction) || value.op.startsWith('frame.')) return null
    const { put, part, between } = found
    const offset = Number(put.instruction.imm)
    if (!between.every((instruction) => knows(instruction, value, offset, part))) return null
    const isOverwritten = this.writes
      .get(offset)
      ?.some(({ number }) => number >= start && number < end && number !== put.number)
    if (isOverwritten) return null
    // Slots are written one after the other: none may replace what another is yet to be read from.
    const isLost = this.exits
      .get(offset)
      ?.some(({ number, slot }) => number > start && number <= end && !holds(slot, value, part))
    if (isLost) return null
    if (this.changes.some(({ number, from }) => number > start && number < end && offset >= from)) return null
    const others = this.given.get(offset) ?? []
    // Values come in the order of their starts, so none of these begins later.
    if (others.some((other) => other.end > start && !isPairOf(other, value, part))) return null
    this.given.set(offset, [...others, { value, part, end }])
    return { kind: 'frame', offset, part }
  }
}

/** Payload and tag of the same call are written together. */
function isPairOf(other: { value: Value; part: Part }, value: Instruction, part: Part): boolean {
  return other.part !== part && value.op === 'call.tag' && value.args[0] === other.value
}

/** Whether something else than native code goes on with the frame, and native code after it. */
function comesBack({ op, info, snapshot }: Instruction): boolean {
  if (op === 'step') return true
  return snapshot !== null && info.kind !== 'guard' && op !== 'leave'
}

/** Whether an instruction between a value and its put can have the value in the slot already. */
function knows(instruction: Instruction, value: Value, offset: number, part: Part): boolean {
  const { op, imm, snapshot } = instruction
  if (op === 'call' || comesBack(instruction)) return false
  if (op.startsWith('frame.') && op !== 'frame.put') return Number(imm) !== offset
  if (snapshot === null) return true
  return snapshot.slots.some((slot) => slot.offset === offset && holds(slot, value, part))
}

function holds({ payload, tag }: SnapshotSlot, value: Value, part: Part): boolean {
  return part === 'payload' ? payload === value : tag === value
}
