/**
 * Arrays that a loop writes: instead of asking at each store whether other arrays share the elements, this is done once
 * before the loop, where nothing in it can make them shared. They stay where they are then, so that reads need not look
 * for them either. What is copied would mostly have been copied at the first store; a loop that stores nothing has
 * copied it in vain, so only a block of limited size is copied, whatever the loop does. With a larger one the loop begins
 * in the VM; where that happens often, the loop's next version asks at each store (`Block.checksEach`).
 */
import { ArrayLayout } from '../../heap/layout.js'
import type { Block, Graph, Instruction, Value } from '../ir/graph.js'
import { type Loop, LoopNest, snapshotAtEntry } from '../ir/loops.js'
import type { OpName } from '../ir/ops.js'
import { Replacements } from '../ir/replace.js'

/** What may let other arrays share the elements of one, or runs code that may. */
const SHARES: ReadonlySet<OpName> = new Set(['step', 'call', 'array.push'])

/** By array: the blocks in which its header is read. */
type Readers = ReadonlyMap<Value, Block[]>

export function unshareArrays(graph: Graph): void {
  if (!graph.blocks.some(({ instructions }) => instructions.some(({ op }) => op === 'array.own'))) return
  const nest = new LoopNest(graph)
  const readers = readersIn(graph)
  // Outer loops first: what they do, inner ones need not do.
  for (const loop of [...nest.loops].reverse()) unshareBefore(loop, nest, readers, graph)
}

function unshareBefore(loop: Loop, nest: LoopNest, readers: Readers, graph: Graph): void {
  const { header, blocks, preheader } = loop
  const { entrySnapshot } = header
  if (preheader === null || entrySnapshot === null || header.checksEach) return
  const isBefore = (array: Value): boolean =>
    nest.isInvariant(array, loop) &&
    (readers.get(array)?.some((block) => nest.tree.dominates(block, preheader)) ?? false)
  /** Arrays that are written, and where their elements are. */
  const written = new Map<Value, Instruction | null>()
  let movesOthers = false
  for (const { instructions } of blocks) {
    for (const { op, args } of instructions) {
      if (SHARES.has(op)) return
      if (op !== 'array.own' && op !== 'array.unshare') continue
      if (isBefore(args[0] as Value)) written.set(args[0] as Value, null)
      else movesOthers = true
    }
  }
  if (written.size === 0) return
  for (const array of written.keys()) {
    const unshare = graph.instruction('array.unshare', [array], preheader.terminator.position)
    unshare.snapshot = snapshotAtEntry(entrySnapshot, 'shared')
    nest.moveTo(preheader, unshare)
    written.set(array, unshare)
  }
  const replaced = new Replacements(graph)
  for (const block of blocks) {
    block.instructions = block.instructions.filter((instruction) => {
      const { op, args, memory } = instruction
      const isLoad = op === 'load' && memory === 'data'
      if (!isLoad && op !== 'array.own' && op !== 'array.unshare') return true
      const array = args[0] as Value
      const elements = written.get(array)
      if (elements) replaced.set(instruction, elements)
      // Nothing moves the elements of the others either.
      else if (isLoad && !movesOthers && isBefore(array)) nest.moveTo(preheader, instruction)
      else return true
      return false
    })
  }
  replaced.inGraph(graph)
}

/** Where it has been seen that values are arrays. */
function readersIn(graph: Graph): Readers {
  const readers = new Map<Value, Block[]>()
  for (const block of graph.blocks) {
    for (const instruction of block.instructions) {
      if (!readsHeader(instruction)) continue
      const array = instruction.args[0] as Value
      const list = readers.get(array)
      if (list === undefined) readers.set(array, [block])
      else list.push(block)
    }
  }
  return readers
}

function readsHeader({ op, imm, memory }: Instruction): boolean {
  if (op === 'array.own' || op === 'array.unshare') return true
  if (op === 'load32') return memory === 'fixed' && imm === BigInt(ArrayLayout.LENGTH)
  return op === 'load' && memory === 'data'
}
