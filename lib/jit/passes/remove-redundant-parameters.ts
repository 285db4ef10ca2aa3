/**
 * Removes block parameters that are always the same value: on every edge either that value or the parameter
 * itself. The builder makes a parameter for each variable that some loop around assigns; many turn out so.
 * (Braun et al., Simple and Efficient Construction of Static Single Assignment Form, 2013, call them trivial.)
 */
import type { BlockParameter, Graph, Value } from '../ir/graph.js'
import { replaceValues } from '../ir/replace.js'

export function removeRedundantParameters(graph: Graph): void {
  const replaced = new Map<Value, Value>()
  const find = (value: Value): Value => {
    let found = value
    for (let next = replaced.get(found); next !== undefined; next = replaced.get(found)) found = next
    return found
  }
  for (let changed = true; changed; ) {
    changed = false
    const feeds = new Map<BlockParameter, Value | null>()
    for (const block of graph.blocks) {
      for (const { block: target, args } of block.terminator.targets) {
        args.forEach((arg, i) => {
          const parameter = target.parameters[i] as BlockParameter
          const value = find(arg)
          if (value === parameter) return
          const known = feeds.get(parameter)
          // Null: several values.
          feeds.set(parameter, known === undefined || known === value ? value : null)
        })
      }
    }
    for (const [parameter, value] of feeds) {
      if (value === null || replaced.has(parameter) || find(value) === parameter) continue
      replaced.set(parameter, value)
      changed = true
    }
  }
  if (replaced.size === 0) return
  for (const block of graph.blocks) {
    for (const edge of block.terminator.targets) {
      edge.args = edge.args.filter((_, i) => !replaced.has(edge.block.parameters[i] as Value))
    }
  }
  for (const block of graph.blocks) {
    const kept = block.parameters.filter((parameter) => !replaced.has(parameter))
    block.parameters.splice(0, block.parameters.length, ...kept)
  }
  replaceValues(graph, find)
}
