/** Removes instructions and block parameters whose value nobody needs. */
import { BlockParameter, type Graph, type Instruction, usesOf, type Value } from '../ir/graph.js'
import { opInfo } from '../ir/ops.js'

export function removeDeadCode(graph: Graph): void {
  const needed = new Set<Value>()
  const work: Value[] = []
  const need = (value: Value): void => {
    if (needed.has(value)) return
    needed.add(value)
    work.push(value)
  }
  /** What feeds each parameter, over all edges. */
  const feeds = new Map<Value, Value[]>()
  for (const block of graph.blocks) {
    for (const instruction of block.instructions) {
      for (const { block: target, args } of instruction.targets) {
        args.forEach((arg, i) => {
          const parameter = target.parameters[i] as BlockParameter
          const list = feeds.get(parameter)
          if (list === undefined) feeds.set(parameter, [arg])
          else list.push(arg)
        })
      }
      if (opInfo(instruction.op).effect) needOperands(instruction, need)
    }
  }
  for (let value = work.pop(); value !== undefined; value = work.pop()) {
    if (value instanceof BlockParameter) for (const arg of feeds.get(value) ?? []) need(arg)
    else for (const use of usesOf(value as Instruction)) need(use)
  }
  sweep(graph, needed)
}

/** Arguments and snapshot of an instruction that stays; what its edges pass depends on the parameters. */
function needOperands(instruction: Instruction, need: (value: Value) => void): void {
  const edges = new Set(instruction.targets.flatMap(({ args }) => args))
  const direct = new Set(instruction.args)
  for (const { payload, tag } of instruction.snapshot?.slots ?? []) {
    if (payload !== null) direct.add(payload)
    if (typeof tag !== 'number') direct.add(tag)
  }
  for (const use of usesOf(instruction)) if (direct.has(use) || !edges.has(use)) need(use)
}

function sweep(graph: Graph, needed: ReadonlySet<Value>): void {
  for (const block of graph.blocks) {
    const kept = block.instructions.filter(
      (instruction) => opInfo(instruction.op).effect || needed.has(instruction),
    )
    block.instructions.splice(0, block.instructions.length, ...kept)
    for (const { targets } of kept) {
      for (const edge of targets) {
        edge.args = edge.args.filter((_, i) => needed.has(edge.block.parameters[i] as Value))
      }
    }
  }
  for (const { parameters } of graph.blocks) {
    const kept = parameters.filter((parameter) => needed.has(parameter))
    parameters.splice(0, parameters.length, ...kept)
  }
}
