/** Storing elements and appending them. */
import { Label } from '../../asm/buffer.js'
import { ArrayLayout, BlockLayout, Tag } from '../../heap/layout.js'
import type { Instruction, Value } from '../ir/graph.js'
import { ARRAY_CLASS } from '../routines/arrays.js'
import { takeCell } from '../routines/pieces.js'
import { routineOrSlow } from './call-routine.js'
import type { FunctionEmitter } from './emit-function.js'

/** array, index, tag[, payload]: stores within the length; a block that is shared is copied first. */
export function emitArrayStore(e: FunctionEmitter, instruction: Instruction): void {
  const { m } = e
  const [arrayValue, indexValue, tag, payload] = instruction.args as [Value, Value, Value, Value | undefined]
  const slow = new Label()
  const resume = new Label()
  const [shared, ready] = [new Label(), new Label()]
  const array = e.use(arrayValue)
  const index = e.use(indexValue)
  const element = e.takeScratch()
  m.load32(element, array, ArrayLayout.LENGTH)
  m.compare(index, element)
  m.branch('notBelow', slow)
  m.load(element, array, ArrayLayout.DATA)
  m.compareMemory32Constant(element, BlockLayout.SHARED - BlockLayout.DATA, 0)
  m.branch('ne', shared)
  m.scaledAddress(element, element, index, 4)
  m.bind(ready)
  e.keepOnly(element)
  e.putSlot(element, 0, payload ?? null, tag)
  m.bind(resume)
  e.fallback(instruction, slow, resume)
  routineOrSlow(e, { needed: shared, ready, slow }, element, 'ownElement', arrayValue, indexValue)
}

/**
 * array, tag[, payload]: appends at the frontier of the block if the array ends there and there is room, else to a
 * copy with more room, under a new header; the block is shared then. Everything else is left to the VM, which leaves
 * the result in the frame.
 */
export function emitArrayPush(e: FunctionEmitter, instruction: Instruction): void {
  const { m } = e
  const [arrayValue, tag, payload] = instruction.args as [Value, Value, Value | undefined]
  const slow = new Label()
  const resume = new Label()
  // The new header first: nothing may change before it is there.
  const header = e.target(instruction)
  const array = e.use(arrayValue)
  const element = e.takeScratch()
  const [grow, ready] = [new Label(), new Label()]
  m.load(element, array, ArrayLayout.DATA)
  m.load32(header, array, ArrayLayout.LENGTH)
  m.compareMemory32(header, element, BlockLayout.USED - BlockLayout.DATA)
  m.branch('ne', grow)
  m.compareMemory32(header, element, BlockLayout.CAPACITY - BlockLayout.DATA)
  m.branch('notBelow', grow)
  m.bind(ready)
  e.keepOnly(element, header)
  const next = e.takeScratch()
  takeCell(m, header, next, Tag.ARRAY, ARRAY_CLASS, slow)
  m.store(element, header, ArrayLayout.DATA)
  m.store32Constant(1, element, BlockLayout.SHARED - BlockLayout.DATA)
  m.load32(next, element, BlockLayout.USED - BlockLayout.DATA)
  m.scaledAddress(next, element, next, 4)
  m.add32ToMemory(1, element, BlockLayout.USED - BlockLayout.DATA)
  m.load32(element, element, BlockLayout.USED - BlockLayout.DATA)
  m.store32(element, header, ArrayLayout.LENGTH)
  e.finish(instruction, header)
  e.keepOnly(next)
  e.putSlot(next, 0, payload ?? null, tag)
  m.bind(resume)
  e.fallback(instruction, slow, resume, Number(instruction.imm))
  routineOrSlow(e, { needed: grow, ready, slow }, element, 'growArray', arrayValue)
}
