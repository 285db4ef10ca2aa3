/** Routines on HASHes, for keys that are STRINGs or INTEGERs; `lib/heap/hashes.ts` says how hashes lie in memory. */
import { Label } from '../../asm/buffer.js'
import {
  BlockLayout,
  Context,
  HASH_ENTRY_SIZE,
  HASH_ENTRY_VALUE,
  HASH_LINEAR_LIMIT,
  HashLayout,
  Header,
  Kind,
  SLOT_SPARE,
  SLOT_TAG,
  StringLayout,
  Tag,
} from '../../heap/layout.js'
import type { Machine } from '../machine/machine.js'
import {
  compareTexts,
  copyFromStart,
  type Eight,
  endRoutine,
  loadCharacter,
  newBytes,
  registersOf,
} from './pieces.js'

export type KeyTag = Tag.STRING | Tag.INTEGER

/** Entries are 2^ENTRY_SHIFT bytes. */
const ENTRY_SHIFT = Math.log2(HASH_ENTRY_SIZE)

/** z = the hash of the STRING in `key`: as `stringHash` does, kept there. */
function hashOfString(
  m: Machine,
  z: number,
  key: number,
  [data, length, width, t, prime]: readonly number[],
): void {
  const [next, mixed, done, notZero] = [new Label(), new Label(), new Label(), new Label()]
  const [narrow, wide] = [new Label(), new Label()]
  const r = [data, length, width, t, prime] as [number, number, number, number, number]
  m.load32(z, key, StringLayout.HASH)
  m.compare32Constant(z, 0)
  m.branch('ne', done)
  m.load(r[0], key, StringLayout.DATA)
  m.load32(r[1], key, StringLayout.LENGTH)
  m.load8(r[2], key, Header.AUX)
  m.constant(r[4], 0x01000193n)
  m.constant(z, 0x811c9dc5n)
  m.compareConstant(r[1], 0)
  m.branch('eq', mixed)
  m.compare32Constant(r[2], 1)
  m.branch('ne', wide)
  m.add(r[1], r[0], r[1])
  m.bind(narrow)
  m.load8(r[3], r[0], 0)
  m.xor(z, z, r[3])
  m.multiply32(z, z, r[4])
  m.addConstant(r[0], r[0], 1)
  m.compare(r[0], r[1])
  m.branch('ne', narrow)
  m.jump(mixed)

  m.bind(next)
  m.compareConstant(r[1], 0)
  m.branch('eq', mixed)
  m.bind(wide)
  loadCharacter(m, r[3], r[0], r[2])
  m.xor(z, z, r[3])
  m.multiply32(z, z, r[4])
  m.add(r[0], r[0], r[2])
  m.addConstant(r[1], r[1], -1)
  m.jump(next)
  m.bind(mixed)
  m.shiftRight(r[3], z, 15)
  m.xor(z, z, r[3])
  m.compareConstant(z, 0)
  m.branch('ne', notZero)
  m.constant(z, 1n)
  m.bind(notZero)
  m.store32(z, key, StringLayout.HASH)
  m.bind(done)
}

/** z = the hash of an INTEGER: its halves mixed. */
function hashOfInteger(m: Machine, z: number, key: number, t: number): void {
  m.shiftRight(z, key, 32)
  m.constant(t, 0x9e3779b1n)
  m.multiply32(z, z, t)
  m.low32(t, key)
  m.xor(z, z, t)
  m.constant(t, 0x85ebca6bn)
  m.multiply32(z, z, t)
  m.shiftRight(t, z, 16)
  m.xor(z, z, t)
}

/**
 * Looks for the key y in the hash x. Falls through with the entry's address in t0, or goes to `missing` with
 * the key's hash in z, the index in t2 (0: there is none), and in t3 the place in it where the key would be.
 */
function findKey(m: Machine, tag: KeyTag, missing: Label): void {
  const { x, y, z, t } = registersOf(m)
  const [entry, end, index, at, a, b, c, d] = t as Eight
  const [indexed, linear, linearNext, probe, probeNext] = [
    new Label(),
    new Label(),
    new Label(),
    new Label(),
    new Label(),
  ]
  const found = new Label()
  if (tag === Tag.STRING) hashOfString(m, z, y, [a, b, c, d, at])
  else hashOfInteger(m, z, y, a)
  m.load(index, x, HashLayout.INDEX)
  m.compareConstant(index, 0)
  m.branch('ne', indexed)

  m.load(entry, x, HashLayout.ENTRIES)
  m.load32(end, x, HashLayout.COUNT)
  m.shiftLeft(end, end, ENTRY_SHIFT)
  m.add(end, entry, end)
  m.bind(linear)
  m.compare(entry, end)
  m.branch('eq', missing)
  compareKey(m, tag, [entry, z, y], [a, b, c, d, at], found, linearNext)
  m.bind(linearNext)
  m.addConstant(entry, entry, HASH_ENTRY_SIZE)
  m.jump(linear)

  m.bind(indexed)
  m.load32(end, x, HashLayout.MASK)
  m.and(at, z, end)
  m.bind(probe)
  m.scaledAddress(entry, index, at, 2)
  m.load32(entry, entry, 0)
  m.compareConstant(entry, 0)
  m.branch('eq', missing)
  m.addConstant(entry, entry, -1)
  m.shiftLeft(entry, entry, ENTRY_SHIFT)
  m.load(a, x, HashLayout.ENTRIES)
  m.add(entry, a, entry)
  // The mask is loaded anew: comparing texts takes its register.
  compareKey(m, tag, [entry, z, y], [a, b, c, d, end], found, probeNext)
  m.bind(probeNext)
  m.load32(end, x, HashLayout.MASK)
  m.addConstant(at, at, 1)
  m.and(at, at, end)
  m.jump(probe)
  m.bind(found)
}

/** Goes to `found` if the entry has the key, else to `other`. */
function compareKey(
  m: Machine,
  tag: KeyTag,
  [entry, hash, key]: readonly [number, number, number],
  [a, b, c, d, e]: readonly [number, number, number, number, number],
  found: Label,
  other: Label,
): void {
  m.compareMemory32(hash, entry, SLOT_SPARE)
  m.branch('ne', other)
  m.compareMemory32Constant(entry, SLOT_TAG, tag)
  m.branch('ne', other)
  m.compareMemory(key, entry, 0)
  m.branch('eq', found)
  if (tag === Tag.INTEGER) return m.jump(other)
  m.load(a, entry, 0)
  m.move(b, key)
  compareTexts(m, [a, b, c, d, e], found, other)
}

/** Registers that looking for a key takes besides x, y and z. */
const LOCALS: Readonly<Record<KeyTag, number>> = { [Tag.STRING]: 8, [Tag.INTEGER]: 5 }

/** x: HASH, y: key. Result: address of the value's slot, or of one that is always NULL. */
export function findValue(tag: KeyTag): (m: Machine) => void {
  return (m) => {
    const { x, t } = registersOf(m)
    const [missing, done] = [new Label(), new Label()]
    m.saveGeneral(LOCALS[tag])
    findKey(m, tag, missing)
    m.addConstant(x, t[0] as number, HASH_ENTRY_VALUE)
    m.jump(done)
    m.bind(missing)
    m.addConstant(x, m.roles.context, Context.NULL_SLOT)
    m.bind(done)
    m.restoreGeneral(LOCALS[tag])
    m.ret()
  }
}

/**
 * x: HASH, y: key. Result: address of the value's slot, which the caller must write at once: a new entry has none.
 * 0 if there is no room for the entry, or the index has to be made: see `growHash`.
 */
export function placeValue(tag: KeyTag): (m: Machine) => void {
  return (m) => {
    const { x, y, z, t } = registersOf(m)
    const [entry, count, index, at, a] = t as Eight
    const [missing, found, done, slow, room, unindexed] = [
      new Label(),
      new Label(),
      new Label(),
      new Label(),
      new Label(),
      new Label(),
    ]
    m.saveGeneral(LOCALS[tag])
    findKey(m, tag, missing)
    m.jump(found)
    m.bind(missing)
    m.load32(count, x, HashLayout.COUNT)
    m.compareMemory32(count, x, HashLayout.CAPACITY)
    m.branch('eq', slow)
    m.compareConstant(index, 0)
    m.branch('ne', room)
    m.compareConstant(count, HASH_LINEAR_LIMIT)
    m.branch('notBelow', slow)
    m.bind(room)
    m.load(entry, x, HashLayout.ENTRIES)
    m.shiftLeft(a, count, ENTRY_SHIFT)
    m.add(entry, entry, a)
    m.store(y, entry, 0)
    m.store32Constant(tag, entry, SLOT_TAG)
    m.store32(z, entry, SLOT_SPARE)
    m.addConstant(count, count, 1)
    m.store32(count, x, HashLayout.COUNT)
    m.compareConstant(index, 0)
    m.branch('eq', unindexed)
    m.scaledAddress(at, index, at, 2)
    m.store32(count, at, 0)
    m.bind(unindexed)
    m.bind(found)
    m.addConstant(x, entry, HASH_ENTRY_VALUE)
    endRoutine(m, LOCALS[tag], done, slow)
  }
}

type Labels = [Label, Label, Label, Label, Label, Label]

/** An index has so many words at least. */
const LEAST_INDEX = 32

/**
 * x: a HASH in which `placeValue` found no room, or no index -> 1: now there is; 0: nothing was done. Entries double
 * their room, and the index is made anew, at most half full, as the heap does it.
 */
export function growHash(m: Machine): void {
  const { x, y, z, t } = registersOf(m)
  const [entries, count, capacity, words, a, b, c] = t as Eight
  const [room, double, doubled, zero, commit, kept] = Array.from({ length: 6 }, () => new Label()) as Labels
  const [next, probe, free, finished, done, slow] = Array.from({ length: 6 }, () => new Label()) as Labels
  m.saveGeneral(8)
  m.load32(count, x, HashLayout.COUNT)
  m.load32(capacity, x, HashLayout.CAPACITY)
  m.load(entries, x, HashLayout.ENTRIES)
  m.constant(z, 0n)
  m.compare(count, capacity)
  m.branch('ne', room)
  m.shiftLeft(a, count, ENTRY_SHIFT + 1)
  newBytes(m, z, a, b, c, slow)
  m.store32Constant(Kind.ENTRIES, z, Header.KIND - BlockLayout.DATA)
  m.store32(count, z, BlockLayout.USED - BlockLayout.DATA)
  m.load32(capacity, z, BlockLayout.CAPACITY - BlockLayout.DATA)
  m.shiftRight(capacity, capacity, ENTRY_SHIFT)
  m.store32(capacity, z, BlockLayout.CAPACITY - BlockLayout.DATA)
  m.bind(room)
  m.constant(words, 0n)
  m.compareConstant(count, HASH_LINEAR_LIMIT)
  m.branch('lt', commit)

  // Both blocks are there before anything changes.
  m.constant(words, BigInt(LEAST_INDEX))
  m.add(a, capacity, capacity)
  m.bind(double)
  m.compare(words, a)
  m.branch('ge', doubled)
  m.add(words, words, words)
  m.jump(double)
  m.bind(doubled)
  m.shiftLeft(a, words, 2)
  newBytes(m, y, a, b, c, slow)
  m.shiftLeft(a, words, 2)
  m.store32(a, y, BlockLayout.USED - BlockLayout.DATA)
  m.add(a, y, a)
  m.move(b, y)
  m.bind(zero)
  m.storeConstant(0n, b, 0)
  m.addConstant(b, b, 8)
  m.compare(b, a)
  m.branch('ne', zero)

  m.bind(commit)
  m.compareConstant(z, 0)
  m.branch('eq', kept)
  m.store(z, x, HashLayout.ENTRIES)
  m.store32(capacity, x, HashLayout.CAPACITY)
  m.move(a, z)
  m.move(b, entries)
  m.move(entries, z)
  m.shiftLeft(c, count, ENTRY_SHIFT)
  copyFromStart(m, a, b, c, capacity)
  m.bind(kept)
  m.compareConstant(words, 0)
  m.branch('eq', finished)
  m.store(y, x, HashLayout.INDEX)
  m.addConstant(words, words, -1)
  m.store32(words, x, HashLayout.MASK)
  m.constant(a, 0n)
  m.bind(next)
  m.load32(b, entries, SLOT_SPARE)
  m.addConstant(entries, entries, HASH_ENTRY_SIZE)
  m.addConstant(a, a, 1)
  m.bind(probe)
  m.and(b, b, words)
  m.scaledAddress(c, y, b, 2)
  m.compareMemory32Constant(c, 0, 0)
  m.branch('eq', free)
  m.addConstant(b, b, 1)
  m.jump(probe)
  m.bind(free)
  m.store32(a, c, 0)
  m.compare(a, count)
  m.branch('ne', next)
  m.bind(finished)
  m.constant(x, 1n)
  endRoutine(m, 8, done, slow)
}
