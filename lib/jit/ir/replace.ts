/** Putting other values in the place of values, wherever they are used. */
import type { Graph, Instruction, Snapshot, SnapshotSlot, Value } from './graph.js'

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
    for (const edge of targets) this.inList(edge.args)
    if (snapshot !== null) this.inSnapshot(snapshot)
  }

  inSnapshot({ slots, variables }: Snapshot): void {
    for (const slot of slots) this.inSlot(slot)
    for (const variable of variables) this.inSlot(variable)
  }

  private inSlot(slot: SnapshotSlot): void {
    if (slot.payload !== null) slot.payload = this.find(slot.payload)
    if (typeof slot.tag !== 'number') slot.tag = this.find(slot.tag)
  }

  inGraph(graph: Graph): void {
    if (this.isEmpty) return
    for (const { instructions, entrySnapshot } of graph.blocks) {
      if (entrySnapshot !== null) this.inSnapshot(entrySnapshot)
      for (const instruction of instructions) this.inInstruction(instruction)
    }
  }

  private inList(values: Value[]): void {
    for (let i = 0; i < values.length; i++) values[i] = this.find(values[i] as Value)
  }
}
