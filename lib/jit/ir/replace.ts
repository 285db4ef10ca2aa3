/** Putting other values in the place of values, wherever they are used. */
import type { Edge, Graph, Instruction, Snapshot, SnapshotSlot, Value } from './graph.js'

/** What values are to be replaced by. */
export class Replacements {
  /** By id of the value; what it is replaced by may be replaced in turn. */
  private readonly by: (Value | undefined)[]
  isEmpty = true

  constructor(graph: Graph) {
    this.by = new Array(graph.valueCount)
  }

  set(value: Value, replacement: Value): void {
    this.by[value.id] = replacement
    this.isEmpty = false
  }

  has(value: Value): boolean {
    return this.by[value.id] !== undefined
  }

  /** What to use for a value: the value itself if it is not replaced. */
  find(value: Value): Value {
    let found = value
    for (let next = this.by[found.id]; next !== undefined; next = this.by[found.id]) found = next
    return found
  }

  /** Puts them in the place of all that an instruction uses. */
  inInstruction({ args, targets, snapshot }: Instruction): void {
    if (this.isEmpty) return
    this.inList(args)
    for (let i = 0; i < targets.length; i++) this.inList((targets[i] as Edge).args)
    if (snapshot !== null) this.inSnapshot(snapshot)
  }

  inSnapshot({ slots, variables }: Snapshot): void {
    this.inSlots(slots)
    this.inSlots(variables)
  }

  private inSlots(slots: readonly SnapshotSlot[]): void {
    const { by } = this
    for (let i = 0; i < slots.length; i++) {
      const slot = slots[i] as SnapshotSlot
      const { payload, tag } = slot
      if (payload !== null && by[payload.id] !== undefined) slot.payload = this.find(payload)
      if (typeof tag !== 'number' && by[tag.id] !== undefined) slot.tag = this.find(tag)
    }
  }

  inGraph(graph: Graph): void {
    if (this.isEmpty) return
    for (const { instructions, entrySnapshot } of graph.blocks) {
      if (entrySnapshot !== null) this.inSnapshot(entrySnapshot)
      for (const instruction of instructions) this.inInstruction(instruction)
    }
  }

  private inList(values: Value[]): void {
    const { by } = this
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as Value
      if (by[value.id] !== undefined) values[i] = this.find(value)
    }
  }
}
