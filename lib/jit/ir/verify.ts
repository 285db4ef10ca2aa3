/** Checks the IR's invariants; run after each pass in tests and under `--jit-verify`. */

import { type Block, forEachUse, type Graph, type Instruction, isConstant, type Value } from './graph.js'
import { opInfo } from './ops.js'
import { isSelfCall } from './patterns.js'
import { describeInstruction } from './print.js'
import { callOf, classOf, passedIn } from './signature.js'

/** A broken invariant: always a bug of the compiler. */
export class IrError extends Error {}

/**
 * Each value is defined once, before its uses on every path; arguments fit the table; blocks end with
 * their only terminator; edges pass one argument of the right class per parameter.
 */
export function verifyGraph(graph: Graph): void {
  const definedIn = new Map<Value, Block>()
  const blocks = new Set(graph.blocks)
  for (const block of graph.blocks) checkShape(block, blocks)
  graph.linkPredecessors()
  for (const block of graph.blocks) {
    for (const parameter of block.parameters) define(definedIn, parameter, block)
    for (const instruction of block.instructions) {
      checkArguments(instruction)
      if (instruction.op === 'call') checkCall(instruction, graph)
      define(definedIn, instruction, block)
    }
  }
  checkLayout(graph, blocks)
  const outside = new Map(graph.blocks.map((block) => [block, checkUses(block, definedIn)]))
  const available = availableValues(graph, new Set([...outside.values()].flatMap((values) => [...values])))
  for (const [block, values] of outside) {
    const start = available.get(block)
    if (start === undefined) throw new IrError(`block ${block.id} cannot be reached`)
    for (const use of values) if (!start.has(use)) throw usedTooEarly(block, use)
  }
}

function define(definedIn: Map<Value, Block>, value: Value, block: Block): void {
  if (definedIn.has(value)) throw new IrError(`${describeInstruction(value)} is defined twice`)
  definedIn.set(value, block)
}

function checkShape(block: Block, blocks: ReadonlySet<Block>): void {
  const last = block.instructions.length - 1
  block.instructions.forEach((instruction, i) => {
    if (opInfo(instruction.op).terminator !== (i === last)) {
      throw new IrError(`block ${block.id}: ${instruction.op} is ${i === last ? 'last' : 'not last'}`)
    }
    for (const { block: target, args } of instruction.targets) {
      if (!blocks.has(target)) throw new IrError(`block ${block.id}: target ${target.id} is not in the graph`)
      if (args.length !== target.parameters.length) {
        throw new IrError(`block ${block.id}: ${args.length} arguments for block ${target.id}`)
      }
      args.forEach((arg, k) => {
        if (arg.valueClass !== target.parameters[k]?.valueClass) {
          throw new IrError(`block ${block.id}: class of argument ${k} for block ${target.id}`)
        }
      })
    }
  })
  if (last < 0) throw new IrError(`block ${block.id} is empty`)
}

function checkLayout({ blocks, layout }: Graph, known: ReadonlySet<Block>): void {
  if (layout === null) return
  const laidOut = new Set(layout)
  const isSame = laidOut.size === layout.length && layout.length === known.size
  if (!isSame || layout.some((block) => !known.has(block)) || layout[0] !== blocks[0])
    throw new IrError('the layout has other blocks, or another entry')
}

function checkArguments(instruction: Instruction): void {
  const info = opInfo(instruction.op)
  if (info.snapshot !== (instruction.snapshot !== null)) throw new IrError(`snapshot of ${instruction.op}`)
  if (info.args === '*') return
  const expected = info.args.join()
  const actual = instruction.args.map((arg) => arg.valueClass).join()
  if (expected !== actual)
    throw new IrError(`${describeInstruction(instruction)}: arguments ${actual}, not ${expected}`)
}

/** Besides the record, a call passes what its signature says; one of the function itself nothing, or all its arguments. */
function checkCall(call: Instruction, { entryArguments }: Graph): void {
  const passed = passedIn(callOf(call.imm).signature)
  const expected = ['i', ...passed.map(classOf)]
  const actual = call.args.map((arg) => arg.valueClass)
  const fits = !isSelfCall(call) || passed.length === 0 || passed.length === entryArguments.length
  if (expected.join() !== actual.join() || !fits)
    throw new IrError(`${describeInstruction(call)}: arguments ${actual}, not ${expected}`)
}

/**
 * What is defined on every path to the start of each block: forward data flow, intersection.
 *
 * @param crossing only these values are followed: those used outside the block that defines them
 */
function availableValues(graph: Graph, crossing: ReadonlySet<Value>): Map<Block, Set<Value>> {
  const atStart = new Map<Block, Set<Value>>()
  const [entry] = graph.blocks
  if (entry === undefined) throw new IrError('no blocks')
  atStart.set(entry, new Set())
  for (let changed = true; changed; ) {
    changed = false
    for (const block of graph.blocks) {
      const start = atStart.get(block)
      if (start === undefined) continue
      const end = new Set(start)
      for (const value of block.parameters) if (crossing.has(value)) end.add(value)
      for (const value of block.instructions) if (crossing.has(value)) end.add(value)
      for (const successor of block.successors) {
        const known = atStart.get(successor)
        const next = known === undefined ? end : new Set([...known].filter((value) => end.has(value)))
        if (known !== undefined && known.size === next.size) continue
        atStart.set(successor, next)
        changed = true
      }
    }
  }
  return atStart
}

/** Checks the order inside a block; what it uses of other blocks is the result. */
function checkUses(block: Block, definedIn: ReadonlyMap<Value, Block>): Set<Value> {
  const seen = new Set<Value>(block.parameters)
  const outside = new Set<Value>()
  for (const instruction of block.instructions) {
    forEachUse(instruction, (use) => {
      const home = definedIn.get(use)
      if (home === undefined) throw new IrError(`${describeInstruction(use)} is used but never defined`)
      if (seen.has(use) || isConstant(use)) return
      if (home === block) throw usedTooEarly(block, use)
      outside.add(use)
    })
    seen.add(instruction)
  }
  return outside
}

function usedTooEarly(block: Block, use: Value): IrError {
  return new IrError(`block ${block.id}: ${describeInstruction(use)} is used before it is defined`)
}
