/** Writing to arrays and appending to them. */
import { Label } from '../../asm/buffer.js'
import { ArrayLayout, BlockLayout, Context, SLOT_SHIFT, SLOT_SIZE, Tag } from '../../heap/layout.js'
import { UNSHARE_REQUEST } from '../../vm/segments.js'
import type { Instruction, Value } from '../ir/graph.js'
import type { Machine } from '../machine/machine.js'
import { ARRAY_CLASS } from '../routines/arrays.js'
import { takeCell } from '../routines/pieces.js'
import type { RoutineName } from '../routines/routines.js'
import { routineOrSlow } from './call-routine.js'
import { type FunctionEmitter, resultFromFrame } from './emit-function.js'

/**
 * Where the elements of an array are, for writing one of them. A block that is shared is copied first; if that is too
 * much the VM does it, and stores the element with it, which is stored once more then.
 */
export function emitArrayOwn(e: FunctionEmitter, instruction: Instruction): void {
  const [array, index] = instruction.args as [Value, Value]
  const slow = new Label()
  const resume = new Label()
  emitOwning(e, instruction, 'ownElements', [array, index], slow)
  e.m.bind(resume)
  e.fallback(instruction, slow, resume, (d) => e.m.load(d, e.use(array), ArrayLayout.DATA))
}

/**
 * The same for all elements, before a loop that writes some. Without a free cell the host copies them; if there are many
 * it leaves them alone, and the VM has to begin with the loop.
 */
export function emitArrayUnshare(e: FunctionEmitter, instruction: Instruction): void {
  const { m } = e
  const [array] = instruction.args as [Value]
  const exit = e.exit(instruction)
  const slow = new Label()
  const { data, ready } = emitOwning(e, instruction, 'unshare', [array], slow)
  e.later(() => {
    m.bind(slow)
    m.store32(e.use(array), m.roles.context, Context.REQUEST_C)
    e.request(instruction, UNSHARE_REQUEST)
    loadData(e, data, array, exit)
    m.jump(ready)
  })
}

/** @param slow where to go on if the routine cannot do it; with the address in `data`, `ready` is behind it all */
function emitOwning(
  e: FunctionEmitter,
  instruction: Instruction,
  routine: RoutineName,
  args: readonly Value[],
  slow: Label,
): { data: number; ready: Label } {
  const { m } = e
  const [shared, ready] = [new Label(), new Label()]
  const data = e.target(instruction)
  loadData(e, data, args[0] as Value, shared)
  m.bind(ready)
  e.finish(instruction, data)
  routineOrSlow(e, { needed: shared, ready, slow }, data, routine, ...args)
  return { data, ready }
}

/** Where the elements of an array are; to `shared` if other arrays share them. */
function loadData(e: FunctionEmitter, data: number, array: Value, shared: Label): void {
  const { m } = e
  m.load(data, e.use(array), ArrayLayout.DATA)
  m.compareMemory32Constant(data, BlockLayout.SHARED - BlockLayout.DATA, 0)
  m.branch('ne', shared)
}

/** pointer, tag[, payload] */
export function emitSlotStore(e: FunctionEmitter, { args, imm }: Instruction): void {
  const [pointer, tag, payload] = args as [Value, Value, Value | undefined]
  e.putSlot(e.use(pointer), Number(imm), payload ?? null, tag)
}

/** Where the elements are; to `grow` if the array does not end at the frontier of its block, or the block is full. */
function findRoom(m: Machine, array: number, to: { data: number; length: number }, grow: Label): void {
  const { data, length } = to
  m.load(data, array, ArrayLayout.DATA)
  m.load32(length, array, ArrayLayout.LENGTH)
  m.compareMemory32(length, data, BlockLayout.USED - BlockLayout.DATA)
  m.branch('ne', grow)
  m.compareMemory32(length, data, BlockLayout.CAPACITY - BlockLayout.DATA)
  m.branch('notBelow', grow)
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
  findRoom(m, array, { data: element, length: header }, grow)
  m.bind(ready)
  e.keepOnly(element, header)
  const next = e.takeScratch()
  takeCell(m, header, next, Tag.ARRAY, ARRAY_CLASS, slow)
  m.store(element, header, ArrayLayout.DATA)
  m.store32Constant(1, element, BlockLayout.SHARED - BlockLayout.DATA)
  m.load32(next, element, BlockLayout.USED - BlockLayout.DATA)
  m.addConstant(next, next, 1)
  m.store32(next, element, BlockLayout.USED - BlockLayout.DATA)
  m.store32(next, header, ArrayLayout.LENGTH)
  m.scaledAddress(next, element, next, SLOT_SHIFT)
  e.finish(instruction, header)
  e.keepOnly(next)
  e.putSlot(next, -SLOT_SIZE, payload ?? null, tag)
  m.bind(resume)
  e.fallback(instruction, slow, resume, resultFromFrame(e, instruction))
  routineOrSlow(e, { needed: grow, ready, slow }, element, 'growArray', arrayValue)
}

/**
 * array, tag[, payload]: the same for an array that nobody else sees, which gets the element itself. Where its block has
 * no more room, or others have appended there, it gets a copy with more.
 */
export function emitArrayAppend(e: FunctionEmitter, instruction: Instruction): void {
  const { m } = e
  const [arrayValue, tag, payload] = instruction.args as [Value, Value, Value | undefined]
  const [grow, ready, slow, resume] = [new Label(), new Label(), new Label(), new Label()] as const
  const result = e.target(instruction)
  const array = e.use(arrayValue)
  const data = e.takeScratch()
  findRoom(m, array, { data, length: result }, grow)
  m.bind(ready)
  // A copy has as many elements, too; the routine that made it left no other register as it was.
  e.keepOnly(data, result)
  const header = e.use(arrayValue)
  m.load32(result, data, BlockLayout.USED - BlockLayout.DATA)
  m.addConstant(result, result, 1)
  m.store32(result, data, BlockLayout.USED - BlockLayout.DATA)
  m.store32(result, header, ArrayLayout.LENGTH)
  m.store(data, header, ArrayLayout.DATA)
  m.scaledAddress(data, data, result, SLOT_SHIFT)
  m.move(result, header)
  e.finish(instruction, result)
  e.keepOnly(data)
  e.putSlot(data, -SLOT_SIZE, payload ?? null, tag)
  m.bind(resume)
  e.fallback(instruction, slow, resume, resultFromFrame(e, instruction))
  routineOrSlow(e, { needed: grow, ready, slow }, data, 'growArray', arrayValue)
}
