/**
 * What routines share: their registers and the pieces of which they are made. A routine is called from compiled
 * code with arguments in x, y and z, and leaves its result in x; these, the flags and the machine's temporaries are
 * all that it destroys. It never collects, never yields and never fails: where its way does not hold, the result is
 * 0 and nothing has happened that the program could see.
 */
import { Label } from '../../asm/buffer.js'
import { BlockLayout, Context, Header, Kind, SIZE_CLASSES, StringLayout, Tag } from '../../heap/layout.js'
import type { Machine } from '../machine/machine.js'

/** Registers besides x, y and z. */
export type Eight = readonly [number, number, number, number, number, number, number, number]

export interface Registers {
  readonly x: number
  readonly y: number
  readonly z: number
  /** Those of the allocator: to be saved before they are written. */
  readonly t: readonly number[]
}

export function registersOf({ roles }: Machine): Registers {
  const [x, y, z] = roles.scratch as [number, number, number]
  return { x, y, z, t: roles.general.slice(0, 8) }
}

/** The end of a routine that saved so many registers: with what is in x at `done`, with 0 from `slow`. */
export function endRoutine(m: Machine, saved: number, done: Label, slow: Label): void {
  const { x } = registersOf(m)
  m.jump(done)
  m.bind(slow)
  m.constant(x, 0n)
  m.bind(done)
  m.restoreGeneral(saved)
  m.ret()
}

/** Offset of the head of a size class's free list in the context, and of the link in a free cell. */
export function freeList(sizeClass: number): number {
  return Context.FREE_LISTS + sizeClass * 8
}
export const FREE_CELL_NEXT = 8

/** A new cell of a class; to `slow` if there is none. All fields but the kind are garbage. */
export function takeCell(
  m: Machine,
  d: number,
  next: number,
  kind: number,
  sizeClass: number,
  slow: Label,
): void {
  const { context } = m.roles
  m.load(d, context, freeList(sizeClass))
  m.compareConstant(d, 0)
  m.branch('eq', slow)
  m.load(next, d, FREE_CELL_NEXT)
  m.store(next, context, freeList(sizeClass))
  m.add32ToMemory(SIZE_CLASSES[sizeClass] as number, context, Context.ALLOCATED)
  m.store32Constant(kind, d, Header.KIND)
}

/** STRINGs are 32 bytes. */
const STRING_CLASS = 1

/** The first word of STRINGs of one byte per character. */
const NARROW = Tag.STRING | (1 << (Header.AUX * 8))

/** A new STRING header of one byte per character in `d`; LENGTH and DATA are left to the caller. */
export function newNarrowHeader(m: Machine, d: number, next: number, slow: Label): void {
  takeCell(m, d, next, NARROW, STRING_CLASS, slow)
  // HASH, and INTERNED behind it.
  m.storeConstant(0n, d, StringLayout.HASH)
}

/** The same of any width: a register, which may not be `d`. */
export function newHeader(m: Machine, d: number, next: number, width: number, slow: Label): void {
  newNarrowHeader(m, d, next, slow)
  m.store8(width, d, Header.AUX)
}

/**
 * A new BYTES block for at least `bytes` (a register, destroyed); `d` gets the address of its contents. USED is
 * left to the caller. To `slow` if it is not small or there is no cell.
 */
export function newBytes(m: Machine, d: number, bytes: number, t: number, u: number, slow: Label): void {
  const { context } = m.roles
  const largest = SIZE_CLASSES[SIZE_CLASSES.length - 1] as number
  m.compareConstant(bytes, largest - BlockLayout.DATA + 1)
  m.branch('notBelow', slow)
  m.addConstant(bytes, bytes, BlockLayout.DATA + 15)
  m.shiftRight(bytes, bytes, 4)
  m.add(bytes, context, bytes)
  m.load8(bytes, bytes, Context.CLASS_OF)
  m.scaledAddress(t, context, bytes, 2)
  m.load32(t, t, Context.CLASS_SIZES)
  m.scaledAddress(bytes, context, bytes, 3)
  m.load(d, bytes, Context.FREE_LISTS)
  m.compareConstant(d, 0)
  m.branch('eq', slow)
  m.load(u, d, FREE_CELL_NEXT)
  m.store(u, bytes, Context.FREE_LISTS)
  m.load32(u, context, Context.ALLOCATED)
  m.add(u, u, t)
  m.store32(u, context, Context.ALLOCATED)
  m.store32Constant(Kind.BYTES, d, Header.KIND)
  m.addConstant(t, t, -BlockLayout.DATA)
  m.store32(t, d, BlockLayout.CAPACITY)
  m.store32Constant(0, d, BlockLayout.SHARED)
  m.addConstant(d, d, BlockLayout.DATA)
}

/**
 * Copies `bytes` (a register) from `from` to `to`, exactly; all three end up moved on or destroyed. Texts begin at
 * multiples of 16 and blocks are multiples of 16 long, but both pointers may be anywhere in them.
 */
export function copyBytes(m: Machine, to: number, from: number, bytes: number, t: number): void {
  const [byte, done] = [new Label(), new Label()]
  copyWords(m, to, from, bytes, t, 8)
  m.compareConstant(bytes, 0)
  m.branch('eq', done)
  m.bind(byte)
  m.load8(t, from, 0)
  m.store8(t, to, 0)
  m.addConstant(from, from, 1)
  m.addConstant(to, to, 1)
  m.addConstant(bytes, bytes, -1)
  m.compareConstant(bytes, 0)
  m.branch('ne', byte)
  m.bind(done)
}

/**
 * Copies the words of a text from the start of one block to the start of another with room for as many bytes: up to
 * 7 bytes behind the text are copied, too. The registers are destroyed.
 */
export function copyFromStart(m: Machine, to: number, from: number, bytes: number, t: number): void {
  copyWords(m, to, from, bytes, t, 1)
}

/** Copies words as long as at least `least` bytes are left. */
function copyWords(m: Machine, to: number, from: number, bytes: number, t: number, least: number): void {
  const [words, done] = [new Label(), new Label()]
  m.bind(words)
  m.compareConstant(bytes, least)
  m.branch('lt', done)
  m.load(t, from, 0)
  m.store(t, to, 0)
  m.addConstant(from, from, 8)
  m.addConstant(to, to, 8)
  m.addConstant(bytes, bytes, -8)
  m.jump(words)
  m.bind(done)
}

/** The character at a pointer, for any width. */
export function loadCharacter(m: Machine, d: number, pointer: number, width: number): void {
  const [wide, widest, done] = [new Label(), new Label(), new Label()]
  m.compare32Constant(width, 1)
  m.branch('ne', wide)
  m.load8(d, pointer, 0)
  m.jump(done)
  m.bind(wide)
  m.compare32Constant(width, 2)
  m.branch('ne', widest)
  m.load16(d, pointer, 0)
  m.jump(done)
  m.bind(widest)
  m.load32(d, pointer, 0)
  m.bind(done)
}

/**
 * Goes to `yes` if the texts of two different STRING objects `a` and `b` are equal, else to `no`. Equal texts have
 * equal widths, so bytes are compared. All registers are destroyed.
 */
export function compareTexts(
  m: Machine,
  [a, b, t, u, v]: readonly [number, number, number, number, number],
  yes: Label,
  no: Label,
): void {
  const { context } = m.roles
  const [words, rest] = [new Label(), new Label()]
  m.load32(t, a, StringLayout.LENGTH)
  m.compareMemory32(t, b, StringLayout.LENGTH)
  m.branch('ne', no)
  m.load32(u, a, StringLayout.INTERNED)
  m.load32(v, b, StringLayout.INTERNED)
  m.and(u, u, v)
  m.compare32Constant(u, 0)
  m.branch('ne', no)
  m.load8(u, a, Header.AUX)
  m.load8(v, b, Header.AUX)
  m.compare32(u, v)
  m.branch('ne', no)
  m.multiply(t, t, u)
  m.load(a, a, StringLayout.DATA)
  m.load(b, b, StringLayout.DATA)
  m.bind(words)
  m.compareConstant(t, 8)
  m.branch('lt', rest)
  m.load(u, a, 0)
  m.compareMemory(u, b, 0)
  m.branch('ne', no)
  m.addConstant(a, a, 8)
  m.addConstant(b, b, 8)
  m.addConstant(t, t, -8)
  m.jump(words)
  m.bind(rest)
  // A word that begins within a text lies in its block.
  m.compareConstant(t, 0)
  m.branch('eq', yes)
  m.load(u, a, 0)
  m.load(v, b, 0)
  m.xor(u, u, v)
  m.scaledAddress(v, context, t, 3)
  m.load(v, v, Context.BYTE_MASKS)
  m.and(u, u, v)
  m.compareConstant(u, 0)
  m.branch('ne', no)
  m.jump(yes)
}
