/** Making objects in native code: cells off the free lists, all fields written at once. */
import { sizeClassOf } from '../../heap/allocate.js'
import {
  ArrayLayout,
  BlockLayout,
  CellLayout,
  ClosureLayout,
  Kind,
  SIZE_CLASSES,
  SLOT_SIZE,
  Tag,
} from '../../heap/layout.js'
import type { Instruction, Value } from '../ir/graph.js'
import { packAllocation } from '../ir/ops.js'
import type { Builder } from './builder.js'
import { known } from './state.js'
import { storeValue } from './translate.js'

const LARGEST = SIZE_CLASSES[SIZE_CLASSES.length - 1] as number

/**
 * A new object, fields unset. Between an allocation that may collect and the previous one of the same instruction
 * lies a collection: only the first may.
 */
export function allocate(b: Builder, kind: number, bytes: number, collects: boolean): Instruction {
  const sizeClass = sizeClassOf(bytes)
  // Inlined code has no frame in which a collection would find what it holds.
  const object = b.emit(
    'alloc',
    [],
    packAllocation({ kind, sizeClass, collects: collects && b.site === null }),
  )
  object.snapshot = b.snapshot(null)
  return object
}
/** Whether an object is small enough to come off a free list. */
allocate.fits = (bytes: number): boolean => bytes <= LARGEST

/** The cell of a captured variable that takes the place of its value in the slot. */
export function translateNewCell(b: Builder, local: number): void {
  const { state } = b
  const value = state.get(local)
  const cell = allocate(b, Tag.CELL, CellLayout.SIZE, true)
  storeValue(b, cell, CellLayout.VALUE, value, 'cells')
  state.set(local, known(Tag.CELL, cell))
}

/** Closures take cells from the frame or from the running closure; the home class is inherited. */
export function translateClosure(b: Builder, index: number): boolean {
  const { state } = b
  const captures = b.input.program.functions[index]?.captures
  if (captures === undefined || !allocate.fits(ClosureLayout.CELLS + captures.length * 8)) return false
  const closure = allocate(b, Tag.CLOSURE, ClosureLayout.CELLS + captures.length * 8, true)
  const running = b.runningClosure()
  b.emit('store32', [closure, b.int(captures.length)], BigInt(ClosureLayout.COUNT))
  b.emit('store', [closure, b.address(`function:${index}`)], BigInt(ClosureLayout.FUNCTION))
  const home = b.load('load', running, ClosureLayout.HOME, 'fixed')
  b.emit('store', [closure, home], BigInt(ClosureLayout.HOME))
  captures.forEach(({ from, index: number }, i) => {
    const cell =
      from === 'local'
        ? (state.get(number).payload as Value)
        : b.load('load', running, ClosureLayout.CELLS + number * 8, 'fixed')
    b.emit('store', [closure, cell], BigInt(ClosureLayout.CELLS + i * 8))
  })
  state.push(known(Tag.CLOSURE, closure))
  return true
}

/** As the heap makes them: room for three elements at least. */
const LEAST_CAPACITY = 3

export function translateArray(b: Builder, count: number): boolean {
  const { state } = b
  const bytes = BlockLayout.DATA + Math.max(count, LEAST_CAPACITY) * SLOT_SIZE
  if (!allocate.fits(bytes)) return false
  const block = allocate(b, Kind.SLOTS, bytes, true)
  const capacity = Math.floor(((SIZE_CLASSES[sizeClassOf(bytes)] as number) - BlockLayout.DATA) / SLOT_SIZE)
  b.emit('store32', [block, b.int(capacity)], BigInt(BlockLayout.CAPACITY))
  b.emit('store32', [block, b.int(count)], BigInt(BlockLayout.USED))
  b.emit('store32', [block, b.int(0)], BigInt(BlockLayout.SHARED))
  for (let i = 0; i < count; i++) {
    storeValue(b, block, BlockLayout.DATA + i * SLOT_SIZE, state.operand(count - 1 - i), 'elements')
  }
  const array = allocate(b, Tag.ARRAY, ArrayLayout.SIZE, false)
  b.emit('store32', [array, b.int(count)], BigInt(ArrayLayout.LENGTH))
  b.emit('store', [array, b.emit('int.add', [block, b.int(BlockLayout.DATA)])], BigInt(ArrayLayout.DATA))
  state.pop(count)
  state.push(known(Tag.ARRAY, array))
  return true
}
