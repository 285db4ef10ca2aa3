/** Routines for arrays. */
import { Label } from '../../asm/buffer.js'
import { sizeClassOf } from '../../heap/allocate.js'
import {
  ArrayLayout,
  BlockLayout,
  HASH_ENTRY_SIZE,
  HashLayout,
  Header,
  Kind,
  SLOT_SHIFT,
  SLOT_SIZE,
  SLOT_TAG,
  Tag,
} from '../../heap/layout.js'
import type { Machine } from '../machine/machine.js'
import { copyFromStart, type Eight, endRoutine, newBytes, registersOf, takeCell } from './pieces.js'

/** Room for fewer elements is not made: as the heap does it. */
const LEAST_CAPACITY = 3

export const ARRAY_CLASS = sizeClassOf(ArrayLayout.SIZE)

/**
 * A new SLOTS block for at least so many elements (a register, destroyed); `d` gets the address of its contents. USED
 * is left to the caller. To `slow` if it is not small or there is no cell.
 */
function newSlots(m: Machine, d: number, count: number, t: number, u: number, slow: Label): void {
  const enough = new Label()
  m.compareConstant(count, LEAST_CAPACITY)
  m.branch('ge', enough)
  m.constant(count, BigInt(LEAST_CAPACITY))
  m.bind(enough)
  m.shiftLeft(count, count, SLOT_SHIFT)
  newBytes(m, d, count, t, u, slow)
  m.store32Constant(Kind.SLOTS, d, Header.KIND - BlockLayout.DATA)
  m.load32(t, d, BlockLayout.CAPACITY - BlockLayout.DATA)
  m.shiftRight(t, t, SLOT_SHIFT)
  m.store32(t, d, BlockLayout.CAPACITY - BlockLayout.DATA)
}

/** Copies so many slots (a register) from `from` to `to`; all three are destroyed. */
function copySlots(m: Machine, to: number, from: number, count: number, t: number): void {
  m.shiftLeft(count, count, SLOT_SHIFT)
  copyFromStart(m, to, from, count, t)
}

/** x: an ARRAY -> a new block with its elements and room for as many again, or 0; USED counts the elements. */
export function growArray(m: Machine): void {
  const { x, z, t } = registersOf(m)
  const [length, count, from, t0, t1] = t as Eight
  const [done, slow] = [new Label(), new Label()] as const
  m.saveGeneral(5)
  m.load32(length, x, ArrayLayout.LENGTH)
  m.add(count, length, length)
  newSlots(m, z, count, t0, t1, slow)
  m.store32(length, z, BlockLayout.USED - BlockLayout.DATA)
  m.load(from, x, ArrayLayout.DATA)
  m.move(x, z)
  copySlots(m, z, from, length, t1)
  endRoutine(m, 5, done, slow)
}

/**
 * x: an ARRAY with a block that is shared -> where its elements are, in a block of its own; 0: nothing was done.
 *
 * @param exceptLast y: the index that is written; nothing is copied if no other array has this element (see
 *   `elementForWrite`)
 */
export function ownElements(exceptLast: boolean): (m: Machine) => void {
  return (m) => {
    const { x, y, z, t } = registersOf(m)
    const [length, count, from, t0, t1] = t as Eight
    const [done, copy, slow] = [new Label(), new Label(), new Label()] as const
    m.saveGeneral(5)
    m.load(from, x, ArrayLayout.DATA)
    if (exceptLast) {
      m.addConstant(t0, y, 1)
      m.compareMemory32(t0, from, BlockLayout.USED - BlockLayout.DATA)
      m.branch('ne', copy)
      m.move(x, from)
      m.jump(done)
      m.bind(copy)
    }
    m.load32(length, x, ArrayLayout.LENGTH)
    m.move(count, length)
    newSlots(m, z, count, t0, t1, slow)
    m.store32(length, z, BlockLayout.USED - BlockLayout.DATA)
    m.store(z, x, ArrayLayout.DATA)
    m.move(x, z)
    copySlots(m, z, from, length, t1)
    endRoutine(m, 5, done, slow)
  }
}

/** A new ARRAY of `length` elements at `data`. */
function newArray(m: Machine, d: number, next: number, length: number, data: number, slow: Label): void {
  takeCell(m, d, next, Tag.ARRAY, ARRAY_CLASS, slow)
  m.store32(length, d, ArrayLayout.LENGTH)
  m.store(data, d, ArrayLayout.DATA)
}

/** x: an ARRAY, y: start, z: end, any INTEGERs -> the elements as an ARRAY; 0 also if there are none. */
export function sliceArray(m: Machine): void {
  const { x, y, z, t } = registersOf(m)
  const [data, from, count, t0, t1] = t as Eight
  const [done, inRange, slow] = [new Label(), new Label(), new Label()] as const
  m.saveGeneral(5)
  m.load32(t0, x, ArrayLayout.LENGTH)
  m.compare(y, t0)
  m.branch('notBelow', slow)
  m.compare(z, t0)
  m.branch('le', inRange)
  m.move(z, t0)
  m.bind(inRange)
  m.compare(z, y)
  m.branch('le', slow)
  m.subtract(z, z, y)
  m.load(from, x, ArrayLayout.DATA)
  m.scaledAddress(from, from, y, SLOT_SHIFT)
  m.move(count, z)
  newSlots(m, data, count, t0, t1, slow)
  m.store32(z, data, BlockLayout.USED - BlockLayout.DATA)
  newArray(m, x, t0, z, data, slow)
  copySlots(m, data, from, z, t0)
  endRoutine(m, 5, done, slow)
}

/** x: a HASH -> its keys (`part` = 0) or values (`part` = HASH_ENTRY_VALUE) as an ARRAY, or 0. */
export function partsOfHash(part: number): (m: Machine) => void {
  return (m) => {
    const { x, y, z, t } = registersOf(m)
    const [data, from, count, t0, t1] = t as Eight
    const [done, next, slow] = [new Label(), new Label(), new Label()] as const
    m.saveGeneral(5)
    m.load32(y, x, HashLayout.COUNT)
    m.load(from, x, HashLayout.ENTRIES)
    m.move(count, y)
    newSlots(m, data, count, t0, t1, slow)
    m.store32(y, data, BlockLayout.USED - BlockLayout.DATA)
    newArray(m, x, t0, y, data, slow)
    m.bind(next)
    m.compareConstant(y, 0)
    m.branch('eq', done)
    m.load(z, from, part)
    m.load32(t0, from, part + SLOT_TAG)
    m.storeSlot(z, t0, data, 0)
    m.addConstant(from, from, HASH_ENTRY_SIZE)
    m.addConstant(data, data, SLOT_SIZE)
    m.addConstant(y, y, -1)
    m.jump(next)
    endRoutine(m, 5, done, slow)
  }
}
