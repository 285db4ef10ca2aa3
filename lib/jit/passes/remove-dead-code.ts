/**
 * Removes instructions and block parameters whose value nobody needs; also objects, with all that is stored in them,
 * that nobody reads and no way out may have to show: what inlined code makes and takes apart again.
 */
import { newObjectOf } from '../ir/effects.js'
import { BlockParameter, forEachOperand, type Graph, type Instruction, type Value } from '../ir/graph.js'

export function removeDeadCode(graph: Graph): void {
  /** By id of the value: 1 if it is needed. */
  const needed = new Uint8Array(graph.valueCount)
  const work: Value[] = []
  const need = (value: Value): void => {
    if (needed[value.id] === 1) return
    needed[value.id] = 1
    work.push(value)
  }
  /** By id of the parameter: what feeds it, over all edges. */
  const feeds: (Value[] | undefined)[] = new Array(graph.valueCount)
  for (const { parameters } of graph.blocks) for (const { id } of parameters) feeds[id] = []
  /** By id of a new object: the stores into it. */
  const stores: (Instruction[] | undefined)[] = []
  for (const { instructions } of graph.blocks) {
    for (const instruction of instructions) {
      for (const { block, args } of instruction.targets) {
        for (let i = 0; i < args.length; i++)
          feeds[(block.parameters[i] as BlockParameter).id]?.push(args[i] as Value)
      }
      // What its edges pass depends on the parameters.
      const object = newObjectOf(instruction)
      if (object !== null) {
        stores[object.id] ??= []
        stores[object.id]?.push(instruction)
      } else if (instruction.info.effect && instruction.op !== 'alloc') forEachOperand(instruction, need)
    }
  }
  for (let value = work.pop(); value !== undefined; value = work.pop()) {
    if (value instanceof BlockParameter) feeds[value.id]?.forEach(need)
    else {
      forEachOperand(value as Instruction, need)
      for (const store of stores[value.id] ?? []) forEachOperand(store, need)
    }
  }
  sweep(graph, needed)
}

function sweep(graph: Graph, needed: Uint8Array): void {
  const isNeeded = ({ id }: Value): boolean => needed[id] === 1
  for (const block of graph.blocks) {
    block.instructions = block.instructions.filter((instruction) => {
      const object = instruction.op === 'alloc' ? instruction : newObjectOf(instruction)
      return object !== null ? isNeeded(object) : instruction.info.effect || isNeeded(instruction)
    })
    for (const edge of block.terminator.targets) {
      if (edge.block.parameters.every(isNeeded)) continue
      edge.args = edge.args.filter((_, i) => isNeeded(edge.block.parameters[i] as Value))
    }
  }
  for (const block of graph.blocks) block.parameters = block.parameters.filter(isNeeded)
}
