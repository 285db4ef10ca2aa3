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
 * Headers are read and written as whole words: the kind is the lowest byte, the mark the next. Collections
 * take turns with two marks, so that nobody has to clear them: what has the mark of this one is live, and
 * what has the other one dies in this one.
 */
const KIND_BITS = 0xff
const MARK_BITS = 0xff00
const MARKS = [0x100, 0x200] as const
const PAGE_SHIFT = 14

/** Given to root visitors: marks what they hold. */
export class Marker {
  private readonly stack: number[] = []
  private readonly I32: Int32Array
  /** Marked objects by page. */
  private readonly marked: Uint16Array
  private readonly mark: number

  /** Begins a collection, which `sweep` ends. */
  constructor(space: Space) {
    space.collections++
    this.I32 = space.I32
    this.marked = space.marked
    this.mark = markOf(space)
  }

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
    if ((header & MARK_BITS) === this.mark || address === 0) return
    I32[address >> 2] = (header & ~MARK_BITS) | this.mark
    ;(this.marked[address >>> PAGE_SHIFT] as number)++
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
    const block = data - BlockLayout.DATA
    const header = this.I32[block >> 2] as number
    if ((header & MARK_BITS) === this.mark) return false
    this.I32[block >> 2] = (header & ~MARK_BITS) | this.mark
    ;(this.marked[block >>> PAGE_SHIFT] as number)++
    return true
  }

  /** Whether several arrays look at a block shows anew in each collection: if none but one does, it may write. */
  private setShared(data: number, shared: number): void {
    const word = (data - BlockLayout.DATA + BlockLayout.SHARED) >> 2
    if (this.I32[word] !== shared) this.I32[word] = shared
  }

  private scan(object: number): void {
    const I32 = this.I32
    switch ((I32[object >> 2] as number) & KIND_BITS) {
      case Tag.ARRAY: {
        // Elements up to the block's frontier may belong to other arrays that share it.
        const first = this.block(object + ArrayLayout.DATA)
        const data = I32[(object + ArrayLayout.DATA) >> 2] as number
        this.setShared(data, first ? 0 : 1)
        if (!first) return
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

function markOf({ collections }: Space): number {
  return MARKS[collections & 1] as number
}

type ReleaseHost = (type: number, index: number) => void

/** Frees everything unmarked and returns the bytes of live objects. */
export function sweep(space: Space, releaseHost: ReleaseHost): number {
  const { I32, uses, runs, marked, used } = space
  const heads = SIZE_CLASSES.map((_, index) => I32[(Context.FREE_LISTS >> 2) + index * 2] as number)
  /** Word of the last link of each free list so far. */
  const links = SIZE_CLASSES.map((_, index) => (Context.FREE_LISTS >> 2) + index * 2)
  let liveBytes = 0
  for (let page = space.firstPage; page < space.frontier; page++) {
    const use = uses[page] as number
    if (use === PageUse.FREE || use === PageUse.ROOTS) continue
    const live = marked[page] as number
    marked[page] = 0
    if (use === PageUse.LARGE) {
      const pages = runs[page] as number
      if (live > 0) liveBytes += pages * PAGE_SIZE
      else space.releasePages(page, pages)
      page += pages - 1
      continue
    }
    const sizeClass = use - 1
    const size = SIZE_CLASSES[sizeClass] as number
    liveBytes += live * size
    if (live === 0) {
      if (size === HostLayout.SIZE && space.hosts > 0) buryAll(space, page, releaseHost)
      space.releasePages(page, 1)
    } else if (live === used[page] && isUntouched(space, page, sizeClass, heads)) {
      linkPage(space, page, sizeClass, links)
    } else {
      used[page] = live
      sweepPage(space, page, sizeClass, links, releaseHost)
    }
  }
  for (const link of links) writeLink(I32, link, 0, 0)
  space.carved.fill(0)
  space.rebuildFreeRuns()
  return liveBytes
}

/** Whether no cell of a page was taken since the last sweep. Lists are in address order and lose their heads. */
function isUntouched(space: Space, page: number, sizeClass: number, heads: readonly number[]): boolean {
  const first = space.firstFree[page] as number
  if (first === 0) return true
  const head = heads[sizeClass] as number
  return head !== 0 && space.carved[sizeClass] === 0 && head <= (page << PAGE_SHIFT) + first
}

/** Puts the free cells of a page on the list again, as they are linked already. */
function linkPage(
  { I32, baseHigh, firstFree, lastFree }: Space,
  page: number,
  sizeClass: number,
  links: number[],
): void {
  const first = firstFree[page] as number
  if (first === 0) return
  const address = page << PAGE_SHIFT
  writeLink(I32, links[sizeClass] as number, address + first, baseHigh)
  links[sizeClass] = ((address + (lastFree[page] as number)) >> 2) + 2
}

/** Most links stay as they are, and what is not written stays clean in the caches. */
function writeLink(I32: Int32Array, link: number, cell: number, high: number): void {
  if (I32[link] === cell && I32[link + 1] === high) return
  I32[link] = cell
  I32[link + 1] = high
}

/** An object dies: if it is a HOST, the host's part of it goes, too. */
function bury(space: Space, cell: number, releaseHost: ReleaseHost): void {
  const { I32 } = space
  if (((I32[cell >> 2] as number) & KIND_BITS) !== Tag.HOST) return
  space.hosts--
  releaseHost(I32[(cell + HostLayout.TYPE) >> 2] as number, I32[(cell + HostLayout.INDEX) >> 2] as number)
}

function buryAll(space: Space, page: number, releaseHost: ReleaseHost): void {
  const end = endOfCells(page, HostLayout.SIZE)
  for (let cell = startOfCells(page); cell < end; cell += HostLayout.SIZE) bury(space, cell, releaseHost)
}

function startOfCells(page: number): number {
  return (page << PAGE_SHIFT) + PAGE_HEADER
}

function endOfCells(page: number, size: number): number {
  return startOfCells(page) + Math.floor((PAGE_SIZE - PAGE_HEADER) / size) * size
}

/** Frees the dead cells of a page, of which one is live at least, and puts all free ones on the list. */
function sweepPage(
  space: Space,
  page: number,
  sizeClass: number,
  links: number[],
  releaseHost: ReleaseHost,
): void {
  const { I32, U8, stress, baseHigh } = space
  const mark = markOf(space)
  const size = SIZE_CLASSES[sizeClass] as number
  const end = endOfCells(page, size)
  let link = links[sizeClass] as number
  let first = 0
  let last = 0
  for (let cell = startOfCells(page); cell < end; cell += size) {
    const word = cell >> 2
    const header = I32[word] as number
    if ((header & MARK_BITS) === mark) continue
    if ((header & KIND_BITS) !== Kind.FREE) {
      bury(space, cell, releaseHost)
      if (stress) U8.fill(POISON, cell, cell + size)
      I32[word] = Kind.FREE
    }
    writeLink(I32, link, cell, baseHigh)
    link = word + 2
    last = cell
    if (first === 0) first = cell
  }
  links[sizeClass] = link
  space.firstFree[page] = first & (PAGE_SIZE - 1)
  space.lastFree[page] = last & (PAGE_SIZE - 1)
}
