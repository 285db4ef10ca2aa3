/**
 * The mark-sweep collector. Objects never move. Marking uses an explicit stack, so deep structures
 * cannot overflow the JavaScript stack; the sweep rebuilds the free lists in address order and gives
 * pages without live objects back.
 */
import { PageUse, POISON, type Space } from './allocate.js'
import {
  ArrayLayout,
  BlockLayout,
  BoundMethodLayout,
  CellLayout,
  ClassLayout,
  ClosureLayout,
  Context,
  ErrorLayout,
  FIRST_REFERENCE,
  HASH_ENTRY_SIZE,
  HASH_ENTRY_VALUE,
  HashLayout,
  HostLayout,
  InstanceLayout,
  JsonLayout,
  Kind,
  MethodValueLayout,
  PAGE_HEADER,
  PAGE_SIZE,
  SIZE_CLASSES,
  SLOT_TAG,
  StringLayout,
  Tag,
} from './layout.js'

/**
 * Headers are read and written as whole words: the kind is the lowest byte, the mark the next. SLOTS blocks
 * count whether one or several arrays look at them.
 */
const KIND_BITS = 0xff
const MARK_BITS = 0xff00
const MARKED = 0x100
const MARKED_TWICE = 0x200

/** Given to root visitors: marks what they hold. */
export class Marker {
  private readonly stack: number[] = []

  constructor(private readonly I32: Int32Array) {}

  /** Marks the value in a slot. Also right for callee slots, whose tag word carries a link. */
  slot(address: number): void {
    const tag = (this.I32[(address + SLOT_TAG) >> 2] as number) & 0xff
    if (tag >= FIRST_REFERENCE) this.object(this.I32[address >> 2] as number)
  }

  /** Marks the values in the slots `from <= address < to`. */
  slots(from: number, to: number): void {
    const I32 = this.I32
    const end = to >> 2
    for (let word = from >> 2; word < end; word += 4) {
      const tag = (I32[word + (SLOT_TAG >> 2)] as number) & 0xff
      if (tag >= FIRST_REFERENCE) this.object(I32[word] as number)
    }
  }

  /** Marks a heap object; 0 is no object. */
  object(address: number): void {
    const I32 = this.I32
    const header = I32[address >> 2] as number
    if ((header & MARK_BITS) !== 0 || address === 0) return
    I32[address >> 2] = header | MARKED
    if ((header & KIND_BITS) === Tag.STRING) this.block(address + StringLayout.DATA)
    else this.stack.push(address)
  }

  /** Marks everything reachable from what was marked so far. */
  drain(): void {
    const stack = this.stack
    for (let object = stack.pop(); object !== undefined; object = stack.pop()) this.scan(object)
  }

  private pointer(address: number): void {
    this.object(this.I32[address >> 2] as number)
  }

  /** Marks the block whose contents the pointer at `address` points to; true the first time. */
  private block(address: number): boolean {
    const data = this.I32[address >> 2] as number
    if (data === 0) return false
    const word = (data - BlockLayout.DATA) >> 2
    const header = this.I32[word] as number
    if ((header & MARK_BITS) === 0) {
      this.I32[word] = header | MARKED
      return true
    }
    this.I32[word] = (header & ~MARK_BITS) | MARKED_TWICE
    return false
  }

  private scan(object: number): void {
    const I32 = this.I32
    switch ((I32[object >> 2] as number) & KIND_BITS) {
      case Tag.ARRAY: {
        // Elements up to the block's frontier may belong to other arrays that share it.
        if (!this.block(object + ArrayLayout.DATA)) return
        const data = I32[(object + ArrayLayout.DATA) >> 2] as number
        const used = I32[(data - BlockLayout.DATA + BlockLayout.USED) >> 2] as number
        this.slots(data, data + used * 16)
        return
      }
      case Tag.HASH: {
        this.block(object + HashLayout.INDEX)
        if (!this.block(object + HashLayout.ENTRIES)) return
        const entries = I32[(object + HashLayout.ENTRIES) >> 2] as number
        const end = entries + (I32[(object + HashLayout.COUNT) >> 2] as number) * HASH_ENTRY_SIZE
        for (let entry = entries; entry < end; entry += HASH_ENTRY_SIZE) {
          this.slot(entry)
          this.slot(entry + HASH_ENTRY_VALUE)
        }
        return
      }
      case Tag.CLOSURE: {
        this.pointer(object + ClosureLayout.FUNCTION)
        this.pointer(object + ClosureLayout.HOME)
        const cells = object + ClosureLayout.CELLS
        const end = cells + (I32[(object + ClosureLayout.COUNT) >> 2] as number) * 8
        for (let cell = cells; cell < end; cell += 8) this.pointer(cell)
        return
      }
      case Tag.CELL:
        this.slot(object + CellLayout.VALUE)
        return
      case Tag.JSON:
        this.slot(object + JsonLayout.VALUE)
        return
      case Tag.CLASS:
        this.pointer(object + ClassLayout.NAME)
        this.pointer(object + ClassLayout.SUPER)
        this.pointer(object + ClassLayout.METHODS)
        this.pointer(object + ClassLayout.FIELD_NUMBERS)
        return
      case Tag.INSTANCE: {
        this.pointer(object + InstanceLayout.CLASS)
        const fields = object + InstanceLayout.SLOTS
        this.slots(fields, fields + (I32[(object + InstanceLayout.FIELDS) >> 2] as number) * 16)
        return
      }
      case Tag.BOUND_METHOD:
        this.pointer(object + BoundMethodLayout.RECEIVER)
        this.pointer(object + BoundMethodLayout.METHOD)
        this.pointer(object + BoundMethodLayout.NAME)
        return
      case Tag.METHOD_VALUE:
        this.pointer(object + MethodValueLayout.NAME)
        this.slot(object + MethodValueLayout.RECEIVER)
        return
      case Tag.ERROR:
        this.pointer(object + ErrorLayout.TYPE)
        this.pointer(object + ErrorLayout.MESSAGE)
        this.pointer(object + ErrorLayout.STACK)
        return
    }
  }
}

type ReleaseHost = (type: number, index: number) => void

/** Frees everything unmarked, clears the marks, and returns the bytes of live objects. */
export function sweep(space: Space, releaseHost: ReleaseHost): number {
  const { I32, uses, runs } = space
  /** Word of the last link of each free list so far. */
  const links = SIZE_CLASSES.map((_, index) => (Context.FREE_LISTS >> 2) + index * 2)
  let liveBytes = 0
  for (let page = space.firstPage; page < space.frontier; page++) {
    const use = uses[page] as number
    if (use === PageUse.FREE || use === PageUse.ROOTS) continue
    if (use === PageUse.LARGE) {
      const pages = runs[page] as number
      const word = (page * PAGE_SIZE) >> 2
      if (((I32[word] as number) & MARK_BITS) !== 0) {
        unmark(I32, word)
        liveBytes += pages * PAGE_SIZE
      } else space.releasePages(page, pages)
      page += pages - 1
      continue
    }
    const size = SIZE_CLASSES[use - 1] as number
    const start = page * PAGE_SIZE + PAGE_HEADER
    const end = start + Math.floor((PAGE_SIZE - PAGE_HEADER) / size) * size
    if (!isAnyMarked(I32, start, end, size)) {
      if (size === HostLayout.SIZE)
        for (let cell = start; cell < end; cell += size) bury(I32, cell, releaseHost)
      space.releasePages(page, 1)
      continue
    }
    liveBytes += sweepPage(space, start, end, use - 1, links, releaseHost)
  }
  for (const link of links) writeLink(I32, link, 0, 0)
  space.rebuildFreeRuns()
  return liveBytes
}

function isAnyMarked(I32: Int32Array, start: number, end: number, size: number): boolean {
  for (let cell = start; cell < end; cell += size) {
    if (((I32[cell >> 2] as number) & MARK_BITS) !== 0) return true
  }
  return false
}

/** Clears a mark. If only one array is left that looks at a block, it may write without copying again. */
function unmark(I32: Int32Array, word: number): void {
  const header = I32[word] as number
  if ((header & (KIND_BITS | MARK_BITS)) === (Kind.SLOTS | MARKED)) I32[word + (BlockLayout.SHARED >> 2)] = 0
  I32[word] = header & ~MARK_BITS
}

/** Most links stay as they are, and what is not written stays clean in the caches. */
function writeLink(I32: Int32Array, link: number, cell: number, high: number): void {
  if (I32[link] === cell && I32[link + 1] === high) return
  I32[link] = cell
  I32[link + 1] = high
}

/** An object dies: if it is a HOST, the host's part of it goes, too. */
function bury(I32: Int32Array, cell: number, releaseHost: ReleaseHost): void {
  if (((I32[cell >> 2] as number) & KIND_BITS) !== Tag.HOST) return
  releaseHost(I32[(cell + HostLayout.TYPE) >> 2] as number, I32[(cell + HostLayout.INDEX) >> 2] as number)
}

/** Sweeps a page of cells, of which one is live at least, and returns the bytes of the live ones. */
function sweepPage(
  { I32, U8, stress, baseHigh }: Space,
  start: number,
  end: number,
  sizeClass: number,
  links: number[],
  releaseHost: ReleaseHost,
): number {
  const size = SIZE_CLASSES[sizeClass] as number
  let link = links[sizeClass] as number
  let liveBytes = 0
  for (let cell = start; cell < end; cell += size) {
    const word = cell >> 2
    const header = I32[word] as number
    if ((header & MARK_BITS) !== 0) {
      unmark(I32, word)
      liveBytes += size
      continue
    }
    if ((header & KIND_BITS) !== Kind.FREE) {
      bury(I32, cell, releaseHost)
      if (stress) U8.fill(POISON, cell, cell + size)
      I32[word] = Kind.FREE
    }
    writeLink(I32, link, cell, baseHigh)
    link = word + 2
  }
  links[sizeClass] = link
  return liveBytes
}
