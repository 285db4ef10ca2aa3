/**
 * Words that are loaded to be floats are loaded into float registers at once, whatever their tags turn out to be: the
 * bits are the same, and ways out may write them from there.
 */
import { type Graph, Instruction } from '../ir/graph.js'
import { Replacements } from '../ir/replace.js'

const FLOAT_LOADS = { load: 'loadf', 'frame.load': 'frame.float' } as const

export function loadFloats(graph: Graph): void {
  const loads = wantedAsFloats(graph)
  if (loads.length === 0) return
  /** By id of the load: what it becomes. */
  const made: (Instruction | undefined)[] = new Array(graph.valueCount)
  for (const { id, op, args, position, imm, memory } of loads) {
    const load = graph.instruction(FLOAT_LOADS[op as keyof typeof FLOAT_LOADS], args, position)
    load.imm = imm
    load.memory = memory
    made[id] = load
  }
  const replaced = new Replacements(graph)
  for (const block of graph.blocks) {
    const kept: Instruction[] = []
    for (const instruction of block.instructions) {
      const load = made[instruction.id]
      const [source] = instruction.args
      const converted = instruction.op === 'bits.tofloat' && source ? made[source.id] : undefined
      if (load !== undefined) {
        replaced.set(instruction, load)
        kept.push(load)
        // The conversion that is left over has nothing to do.
      } else if (converted !== undefined) replaced.set(instruction, converted)
      else kept.push(instruction)
    }
    block.instructions = kept
  }
  replaced.inGraph(graph)
}

/** Loads of words that are converted somewhere and used otherwise by snapshots alone. */
function wantedAsFloats(graph: Graph): Instruction[] {
  const converted = new Set<Instruction>()
  /** By id of the value: 1 if it is used otherwise. */
  const others = new Uint8Array(graph.valueCount)
  for (const { instructions } of graph.blocks) {
    for (const { op, args, targets, snapshot } of instructions) {
      const [source] = args
      if (op === 'bits.tofloat' && source instanceof Instruction && Object.hasOwn(FLOAT_LOADS, source.op))
        converted.add(source)
      else for (const { id } of args) others[id] = 1
      for (const edge of targets) for (const { id } of edge.args) others[id] = 1
      if (snapshot === null) continue
      for (const slots of [snapshot.slots, snapshot.variables])
        for (const { tag } of slots) if (typeof tag !== 'number') others[tag.id] = 1
    }
  }
  return [...converted].filter(({ id }) => others[id] === 0)
}
