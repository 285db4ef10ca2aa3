/** Putting other values in the place of values, wherever they are used. */
import type { Graph, Snapshot, Value } from './graph.js'

/** @param find the value to use instead, or the value itself */
export function replaceValues(graph: Graph, find: (value: Value) => Value): void {
  const inSnapshot = (snapshot: Snapshot | null): void => {
    for (const slot of snapshot?.slots ?? []) {
      if (slot.payload !== null) slot.payload = find(slot.payload)
      if (typeof slot.tag !== 'number') slot.tag = find(slot.tag)
    }
  }
  for (const { instructions, entrySnapshot } of graph.blocks) {
    inSnapshot(entrySnapshot)
    for (const instruction of instructions) {
      instruction.args = instruction.args.map(find)
      for (const edge of instruction.targets) edge.args = edge.args.map(find)
      inSnapshot(instruction.snapshot)
    }
  }
}
