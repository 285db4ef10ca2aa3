/**
 * Words that are loaded to be floats are loaded into float registers at once, whatever their tags turn out to be: the
 * bits are the same, and ways out may write them from there.
 */
import { type Graph, Instruction, type Value } from '../ir/graph.js'
import { replaceValues } from '../ir/replace.js'

const FLOAT_LOADS = { load: 'loadf', 'frame.load': 'frame.float' } as const

export function loadFloats(graph: Graph): void {
  const candidates = new Map<Value, Value>()
  for (const load of wantedAsFloats(graph)) {
    const made = graph.instruction(FLOAT_LOADS[load.op as keyof typeof FLOAT_LOADS], load.args, load.position)
    made.imm = load.imm
    made.memory = load.memory
    candidates.set(load, made)
  }
  if (candidates.size === 0) return
  const replaced = new Map(candidates)
  for (const { instructions } of graph.blocks) {
    instructions.forEach((instruction, i) => {
      const made = candidates.get(instruction)
      if (made !== undefined) instructions[i] = made as Instruction
      // The conversion that is left over has nothing to do.
      const [source] = instruction.args
      if (instruction.op === 'bits.tofloat' && source !== undefined && candidates.has(source))
        replaced.set(instruction, candidates.get(source) as Value)
    })
    const kept = instructions.filter((instruction) => !replaced.has(instruction))
    instructions.splice(0, instructions.length, ...kept)
  }
  replaceValues(graph, (value) => replaced.get(value) ?? value)
}

/** Loads of words that are converted somewhere and used otherwise by snapshots alone. */
function wantedAsFloats(graph: Graph): Instruction[] {
  const converted = new Set<Instruction>()
  const others = new Set<Value>()
  for (const { instructions } of graph.blocks) {
    for (const { op, args, targets, snapshot } of instructions) {
      const [source] = args
      if (op === 'bits.tofloat' && source instanceof Instruction && Object.hasOwn(FLOAT_LOADS, source.op))
        converted.add(source)
      else for (const arg of args) others.add(arg)
      for (const edge of targets) for (const arg of edge.args) others.add(arg)
      for (const { tag } of snapshot?.slots ?? []) if (typeof tag !== 'number') others.add(tag)
    }
  }
  return [...converted].filter((load) => !others.has(load))
}
