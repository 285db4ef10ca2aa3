/** Routines on STRINGs. */
import { Label } from '../../asm/buffer.js'
import { BlockLayout, Context, Header, StringLayout } from '../../heap/layout.js'
import { SMALL_TEXT } from '../../heap/strings.js'
import type { Machine } from '../machine/machine.js'
import {
  compareTexts,
  copyBytes,
  copyFromStart,
  type Eight,
  endRoutine,
  loadCharacter,
  newBytes,
  newHeader,
  newNarrowHeader,
  registersOf,
} from './pieces.js'

/** x, y: two different STRINGs. Result: 1 if their texts are equal, else 0. */
export function equalTexts(m: Machine): void {
  const { x, y, z, t } = registersOf(m)
  const [t0, t1] = t as Eight
  const [yes, no, done] = [new Label(), new Label(), new Label()]
  m.saveGeneral(2)
  compareTexts(m, [x, y, z, t0, t1], yes, no)
  m.bind(yes)
  m.constant(x, 1n)
  m.jump(done)
  m.bind(no)
  m.constant(x, 0n)
  m.bind(done)
  m.restoreGeneral(2)
  m.ret()
}

/** x, y: STRINGs. Result: negative, 0 or positive, as `compareStrings` says. */
export function orderTexts(m: Machine): void {
  const { x, y, z, t } = registersOf(m)
  const [t0, t1, lengthX, lengthY, widthX, widthY] = t as Eight
  const [next, different, end] = [new Label(), new Label(), new Label()]
  m.saveGeneral(6)
  m.load32(lengthX, x, StringLayout.LENGTH)
  m.load32(lengthY, y, StringLayout.LENGTH)
  m.load8(widthX, x, Header.AUX)
  m.load8(widthY, y, Header.AUX)
  m.load(x, x, StringLayout.DATA)
  m.load(y, y, StringLayout.DATA)
  m.compare(lengthX, lengthY)
  m.select(z, 'lt', lengthX, lengthY)
  m.bind(next)
  m.compareConstant(z, 0)
  m.branch('eq', end)
  loadCharacter(m, t0, x, widthX)
  loadCharacter(m, t1, y, widthY)
  m.compare(t0, t1)
  m.branch('ne', different)
  m.add(x, x, widthX)
  m.add(y, y, widthY)
  m.addConstant(z, z, -1)
  m.jump(next)
  m.bind(end)
  m.move(t0, lengthX)
  m.move(t1, lengthY)
  m.bind(different)
  m.subtract(x, t0, t1)
  m.restoreGeneral(6)
  m.ret()
}

/** x: STRING, y: index in range. Result: the character as a STRING. */
export function characterAt(m: Machine): void {
  const { x, y, z, t } = registersOf(m)
  const [t0, t1, t2] = t as Eight
  const { context } = m.roles
  const [wide, done, fits, slow] = [new Label(), new Label(), new Label(), new Label()]
  m.saveGeneral(3)
  m.load8(z, x, Header.AUX)
  m.load(x, x, StringLayout.DATA)
  m.multiply(y, y, z)
  m.add(y, x, y)
  loadCharacter(m, y, y, z)
  m.compareConstant(y, 256)
  m.branch('notBelow', wide)
  m.scaledAddress(x, context, y, 3)
  m.load(x, x, Context.CHARACTERS)
  m.jump(done)
  m.bind(wide)
  // The width is the smallest that fits.
  m.constant(z, 4n)
  m.compareConstant(y, 0x10000)
  m.branch('notBelow', fits)
  m.constant(z, 2n)
  m.bind(fits)
  m.constant(x, 4n)
  newBytes(m, t0, x, t1, t2, slow)
  m.store32(z, t0, BlockLayout.USED - BlockLayout.DATA)
  m.store32(y, t0, 0)
  newHeader(m, x, t1, z, slow)
  m.store(t0, x, StringLayout.DATA)
  m.store32Constant(1, x, StringLayout.LENGTH)
  endRoutine(m, 3, done, slow)
}

/**
 * The usual case of `concatenate`, which it begins with: one character comes behind a text that ends where its block
 * does, with room left, and all characters take one byte. Returns then, else goes on behind with x and y as they were.
 */
function appendCharacter(m: Machine): void {
  const { x, y, z, t } = registersOf(m)
  const [length, data, next] = t as Eight
  const [done, other, slow, general] = [new Label(), new Label(), new Label(), new Label()]
  m.compareMemory32Constant(y, StringLayout.LENGTH, 1)
  m.branch('ne', general)
  for (const string of [x, y]) {
    m.load8(z, string, Header.AUX)
    m.compare32Constant(z, 1)
    m.branch('ne', general)
  }
  m.saveGeneral(3)
  m.load32(length, x, StringLayout.LENGTH)
  m.compareConstant(length, 0)
  m.branch('eq', other)
  m.load(data, x, StringLayout.DATA)
  m.compareMemory32(length, data, BlockLayout.USED - BlockLayout.DATA)
  m.branch('ne', other)
  m.compareMemory32(length, data, BlockLayout.CAPACITY - BlockLayout.DATA)
  m.branch('notBelow', other)
  newNarrowHeader(m, x, next, slow)
  m.load(y, y, StringLayout.DATA)
  m.load8(y, y, 0)
  m.add(z, data, length)
  m.store8(y, z, 0)
  m.addConstant(length, length, 1)
  m.store32(length, data, BlockLayout.USED - BlockLayout.DATA)
  m.store32(length, x, StringLayout.LENGTH)
  m.store(data, x, StringLayout.DATA)
  endRoutine(m, 3, done, slow)
  m.bind(other)
  m.restoreGeneral(3)
  m.bind(general)
}

/** x, y: STRINGs. Result: their concatenation, as `newConcatenation` makes it; 0 if their widths differ. */
export function concatenate(m: Machine): void {
  const { x, y, z, t } = registersOf(m)
  const [bytesX, bytesY, bytes, length, width, data, t0, t1] = t as Eight
  const [leftIsNotEmpty, newBlock, enough, copied, done, slow] = [
    new Label(),
    new Label(),
    new Label(),
    new Label(),
    new Label(),
    new Label(),
  ] as const
  appendCharacter(m)
  m.saveGeneral(8)
  m.load32(bytesY, y, StringLayout.LENGTH)
  m.load32(bytesX, x, StringLayout.LENGTH)
  m.compareConstant(bytesY, 0)
  m.branch('eq', done)
  m.compareConstant(bytesX, 0)
  m.branch('ne', leftIsNotEmpty)
  m.move(x, y)
  m.jump(done)
  m.bind(leftIsNotEmpty)
  m.load8(width, x, Header.AUX)
  m.load8(t0, y, Header.AUX)
  m.compare(width, t0)
  m.branch('ne', slow)
  m.add(length, bytesX, bytesY)
  m.multiply(bytes, length, width)
  m.multiply(bytesX, bytesX, width)
  m.multiply(bytesY, bytesY, width)
  m.load(data, x, StringLayout.DATA)
  // In place if the left one ends where its block does, and there is room.
  m.compareMemory32(bytesX, data, BlockLayout.USED - BlockLayout.DATA)
  m.branch('ne', newBlock)
  m.load32(t0, data, BlockLayout.CAPACITY - BlockLayout.DATA)
  m.compare(t0, bytes)
  m.branch('lt', newBlock)
  newHeader(m, x, t0, width, slow)
  m.jump(copied)

  m.bind(newBlock)
  // Twice the room if little is added to much; a large text, which would get less, has no small block anyway.
  m.move(t0, bytes)
  m.compareConstant(bytes, SMALL_TEXT + 1)
  m.branch('lt', enough)
  m.shiftLeft(t1, bytesY, 2)
  m.compare(t1, bytesX)
  m.branch('notBelow', enough)
  m.add(t0, bytes, bytes)
  m.bind(enough)
  newBytes(m, z, t0, t1, data, slow)
  m.load(data, x, StringLayout.DATA)
  m.move(t0, z)
  m.move(x, bytesX)
  copyFromStart(m, t0, data, x, t1)
  m.move(data, z)
  m.store32(bytes, data, BlockLayout.USED - BlockLayout.DATA)
  newHeader(m, x, t0, width, slow)

  m.bind(copied)
  m.store32(bytes, data, BlockLayout.USED - BlockLayout.DATA)
  m.store(data, x, StringLayout.DATA)
  m.store32(length, x, StringLayout.LENGTH)
  m.add(data, data, bytesX)
  m.load(y, y, StringLayout.DATA)
  copyBytes(m, data, y, bytesY, t0)
  endRoutine(m, 8, done, slow)
}

/** Numbers below this one are divided by ten by multiplying with `TENTH` and shifting by 35. */
const LIMIT = 1n << 32n
const TENTH = 0xcccccccdn

/** x: any INTEGER. Result: its decimal digits as a STRING; 0 if they take more than 32 bits. */
export function decimalOf(m: Machine): void {
  const { x, y, z, t } = registersOf(m)
  const [data, t0, t1, t2, tenth, sign] = t as Eight
  const { context } = m.roles
  const [single, count, counted, digit, unsigned, done, slow] = Array.from(
    { length: 7 },
    () => new Label(),
  ) as [Label, Label, Label, Label, Label, Label, Label]
  m.saveGeneral(6)
  m.compareConstant(x, 10)
  m.branch('below', single)
  // 1 for the sign of a negative number.
  m.shiftRight(sign, x, 63)
  m.negate(t0, x)
  m.compareConstant(x, 0)
  m.select(x, 'lt', t0, x)
  m.constant(t0, LIMIT)
  m.compare(x, t0)
  m.branch('notBelow', slow)
  // The number of characters, in y.
  m.addConstant(y, sign, 1)
  m.constant(t0, 10n)
  m.constant(t1, 10n)
  m.bind(count)
  m.compare(t0, x)
  m.branch('gt', counted)
  m.addConstant(y, y, 1)
  m.multiply(t0, t0, t1)
  m.jump(count)
  m.bind(counted)
  m.move(z, y)
  newBytes(m, data, z, t0, t1, slow)
  m.store32(y, data, BlockLayout.USED - BlockLayout.DATA)
  newNarrowHeader(m, z, t0, slow)
  m.store(data, z, StringLayout.DATA)
  m.store32(y, z, StringLayout.LENGTH)
  m.compareConstant(sign, 0)
  m.branch('eq', unsigned)
  m.constant(t0, 45n)
  m.store8(t0, data, 0)
  m.bind(unsigned)
  m.add(data, data, y)
  m.constant(tenth, TENTH)
  m.bind(digit)
  m.addConstant(data, data, -1)
  m.multiply(t0, x, tenth)
  m.shiftRight(t0, t0, 35)
  m.shiftLeft(t1, t0, 3)
  m.scaledAddress(t1, t1, t0, 1)
  m.subtract(t2, x, t1)
  m.addConstant(t2, t2, 48)
  m.store8(t2, data, 0)
  m.move(x, t0)
  m.compareConstant(x, 0)
  m.branch('ne', digit)
  m.move(x, z)
  m.jump(done)
  m.bind(single)
  m.scaledAddress(x, context, x, 3)
  m.load(x, x, Context.CHARACTERS + 48 * 8)
  endRoutine(m, 6, done, slow)
}

/**
 * x: STRING, y: start, z: count, any INTEGERs. Result: the substring; 0 also if it has no character or characters
 * that take more than one byte.
 */
export function substring(m: Machine): void {
  const { x, y, z, t } = registersOf(m)
  const [t0, t1, t2] = t as Eight
  const { context } = m.roles
  const [inRange, single, done, slow] = [new Label(), new Label(), new Label(), new Label()] as const
  m.saveGeneral(3)
  m.load8(t0, x, Header.AUX)
  m.compare32Constant(t0, 1)
  m.branch('ne', slow)
  m.load32(t0, x, StringLayout.LENGTH)
  m.compare(y, t0)
  m.branch('notBelow', slow)
  m.compareConstant(z, 0)
  m.branch('le', slow)
  // At most what is left.
  m.subtract(t1, t0, y)
  m.compare(z, t1)
  m.branch('lt', inRange)
  m.move(z, t1)
  m.bind(inRange)
  // The whole string is itself.
  m.compare(z, t0)
  m.branch('eq', done)
  m.load(t0, x, StringLayout.DATA)
  m.add(y, t0, y)
  m.compareConstant(z, 1)
  m.branch('eq', single)
  m.move(x, z)
  newBytes(m, t0, x, t1, t2, slow)
  m.store32(z, t0, BlockLayout.USED - BlockLayout.DATA)
  newNarrowHeader(m, x, t1, slow)
  m.store(t0, x, StringLayout.DATA)
  m.store32(z, x, StringLayout.LENGTH)
  copyBytes(m, t0, y, z, t1)
  m.jump(done)
  m.bind(single)
  m.load8(y, y, 0)
  m.scaledAddress(x, context, y, 3)
  m.load(x, x, Context.CHARACTERS)
  endRoutine(m, 3, done, slow)
}
