/** Putting other values in the place of values, wherever they are used. */
import type { Graph, Value } from './graph.js'

/** @param find the value to use instead, or the value itself */
export function replaceValues(graph: Graph, find: (value: Value) => Value): void {
  for (const { instructions } of graph.blocks) {
    for (const instruction of instructions) {
      instruction.args = instruction.args.map(find)
      for (const edge of instruction.targets) edge.args = edge.args.map(find)
      for (const slot of instruction.snapshot?.slots ?? []) {
        if (slot.payload !== null) slot.payload = find(slot.payload)
        if (typeof slot.tag !== 'number') slot.tag = find(slot.tag)
      }
    }
  }
}
