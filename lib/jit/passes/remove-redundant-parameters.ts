/**
 * Removes block parameters that are always the same value: on every edge either that value or the parameter
 * itself. The builder makes a parameter for each variable that some loop around assigns; many turn out so.
 * (Braun et al., Simple and Efficient Construction of Static Single Assignment Form, 2013, call them trivial.)
 */
import type { BlockParameter, Graph, Value } from '../ir/graph.js'
import { Replacements } from '../ir/replace.js'

export function removeRedundantParameters(graph: Graph): void {
  const replaced = new Replacements(graph)
  while (findRedundant(graph, replaced)) {}
  if (replaced.isEmpty) return
  for (const { terminator } of graph.blocks) {
    for (const edge of terminator.targets) {
      edge.args = edge.args.filter((_, i) => !replaced.has(edge.block.parameters[i] as Value))
    }
  }
  for (const block of graph.blocks) {
    block.parameters = block.parameters.filter((parameter) => !replaced.has(parameter))
  }
  replaced.inGraph(graph)
}

/** @returns whether it has found any, given those that are found already */
function findRedundant(graph: Graph, replaced: Replacements): boolean {
  const parameters: BlockParameter[] = []
  /** By id of the parameter: what feeds it besides itself; null: several values. */
  const feeds: (Value | null | undefined)[] = new Array(graph.valueCount)
  for (const { terminator } of graph.blocks) {
    for (const { block, args } of terminator.targets) {
      for (let i = 0; i < args.length; i++) {
        const parameter = block.parameters[i] as BlockParameter
        const value = replaced.find(args[i] as Value)
        if (value === parameter) continue
        const before = feeds[parameter.id]
        if (before === undefined) parameters.push(parameter)
        feeds[parameter.id] = before === undefined || before === value ? value : null
      }
    }
  }
  let found = false
  for (const parameter of parameters) {
    const value = feeds[parameter.id]
    if (value == null || replaced.has(parameter) || replaced.find(value) === parameter) continue
    replaced.set(parameter, value)
    found = true
  }
  return found
}
