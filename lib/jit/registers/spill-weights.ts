/**
 * What it would cost to have values in memory: how often each is read and written there, by the frequencies of blocks
 * (Chaitin, "Register allocation & spilling via graph coloring", 1982). Ways out do not count, which are seldom gone.
 */
import { Frequencies } from '../ir/frequencies.js'
import type { Graph, Instruction, Value } from '../ir/graph.js'
import { homeOf, isReload } from '../ir/homes.js'

/** @returns by id of the value */
export function spillWeights(graph: Graph): Float64Array {
  const frequencies = new Frequencies(graph)
  const weights = new Float64Array(graph.valueCount)
  const add = ({ id }: Value, weight: number): void => {
    weights[id] = (weights[id] as number) + weight
  }
  for (const block of graph.blocks) {
    const frequency = frequencies.of(block)
    for (const instruction of block.instructions) {
      for (const arg of instruction.args) add(arg, frequency)
      if (instruction.hasResult && isWritten(instruction, graph)) add(instruction, frequency)
    }
    block.terminator.targets.forEach(({ block: target, args }, i) => {
      const often = frequencies.ofEdge(block, i)
      args.forEach((arg, k) => {
        add(arg, often)
        add(target.parameters[k] as Value, often)
      })
    })
  }
  return weights
}

/** Whether a result has to be written to memory to be there. */
function isWritten(instruction: Instruction, { stableSlots }: Graph): boolean {
  return !isReload(instruction) && homeOf(instruction, stableSlots) === null
}
