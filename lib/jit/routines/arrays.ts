/** Routines for arrays. */
import { Label } from '../../asm/buffer.js'
import { ArrayLayout, BlockLayout, Header, Kind, SLOT_SHIFT, SLOT_SIZE } from '../../heap/layout.js'
import type { Machine } from '../machine/machine.js'
import { copyFromStart, type Eight, endRoutine, newBytes, registersOf } from './pieces.js'

/** Room for fewer elements is not made: as the heap does it. */
const LEAST_CAPACITY = 3

/** x: an ARRAY -> a new block with its elements and room for as many again, or 0; USED counts the elements. */
export function growArray(m: Machine): void {
  const { x, z, t } = registersOf(m)
  const [length, bytes, from, t0, t1] = t as Eight
  const [enough, done, slow] = [new Label(), new Label(), new Label()] as const
  m.saveGeneral(8)
  m.load32(length, x, ArrayLayout.LENGTH)
  m.add(bytes, length, length)
  m.compareConstant(bytes, LEAST_CAPACITY)
  m.branch('ge', enough)
  m.constant(bytes, BigInt(LEAST_CAPACITY))
  m.bind(enough)
  m.shiftLeft(bytes, bytes, SLOT_SHIFT)
  newBytes(m, z, bytes, t0, t1, slow)
  m.store32Constant(Kind.SLOTS, z, Header.KIND - BlockLayout.DATA)
  m.load32(t0, z, BlockLayout.CAPACITY - BlockLayout.DATA)
  m.shiftRight(t0, t0, Math.log2(SLOT_SIZE))
  m.store32(t0, z, BlockLayout.CAPACITY - BlockLayout.DATA)
  m.store32(length, z, BlockLayout.USED - BlockLayout.DATA)
  m.load(from, x, ArrayLayout.DATA)
  m.move(t0, z)
  m.shiftLeft(bytes, length, SLOT_SHIFT)
  copyFromStart(m, t0, from, bytes, t1)
  m.move(x, z)
  endRoutine(m, 8, done, slow)
}
