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

/** Values of the mark byte. SLOTS blocks count whether one or several arrays look at them. */
const MARKED = 1
const MARKED_TWICE = 2

/** Given to root visitors: marks what they hold. */
export class Marker {
  private stack: number[] = []

  constructor(
    private readonly I32: Int32Array,
    private readonly U8: Uint8Array,
  ) {}

  /** Marks the value in a slot. Also right for callee slots, whose tag word carries a link. */
  slot(address: number): void {
    const tag = (this.I32[(address + SLOT_TAG) >> 2] as number) & 0xff
    if (tag >= FIRST_REFERENCE) this.object(this.I32[address >> 2] as number)
  }

  /** Marks the values in the slots `from <= address < to`. */
  slots(from: number, to: number): void {
    for (let address = from; address < to; address += 16) this.slot(address)
  }

  /** Marks a heap object; 0 is no object. */
  object(address: number): void {
    const U8 = this.U8
    if (address === 0 || U8[address + 1] !== 0) return
    U8[address + 1] = MARKED
    if (U8[address] === Tag.STRING) this.block(address + StringLayout.DATA)
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
    const mark = data - BlockLayout.DATA + 1
    if (this.U8[mark] === 0) {
      this.U8[mark] = MARKED
      return true
    }
    this.U8[mark] = MARKED_TWICE
    return false
  }

  private scan(object: number): void {
    const I32 = this.I32
    switch (this.U8[object]) {
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

/** Frees everything unmarked, clears the marks, and returns the bytes of live objects. */
export function sweep(space: Space, releaseHost: (type: number, index: number) => void): number {
  const { I32, U8, uses, runs, stress, baseHigh } = space
  /** Last cell of each free list so far, 0 = empty. */
  const tails = new Int32Array(SIZE_CLASSES.length)
  I32.fill(0, Context.FREE_LISTS >> 2, (Context.FREE_LISTS >> 2) + SIZE_CLASSES.length * 2)
  let liveBytes = 0

  /** After the last object is gone: the host's part of it goes too. */
  const free = (cell: number): void => {
    if (U8[cell] !== Tag.HOST) return
    releaseHost(I32[(cell + HostLayout.TYPE) >> 2] as number, I32[(cell + HostLayout.INDEX) >> 2] as number)
  }
  /** Only one array is left that looks at this block: it may write without copying again. */
  const unshare = (block: number): void => {
    if (U8[block] === Kind.SLOTS && U8[block + 1] === MARKED) I32[(block + BlockLayout.SHARED) >> 2] = 0
  }

  for (let page = space.firstPage; page < space.frontier; page++) {
    const use = uses[page] as number
    if (use === PageUse.FREE || use === PageUse.ROOTS) continue
    const pageStart = page * PAGE_SIZE
    if (use === PageUse.LARGE) {
      const pages = runs[page] as number
      if (U8[pageStart + 1] !== 0) {
        unshare(pageStart)
        U8[pageStart + 1] = 0
        liveBytes += pages * PAGE_SIZE
      } else space.releasePages(page, pages)
      page += pages - 1
      continue
    }
    const size = SIZE_CLASSES[use - 1] as number
    const start = pageStart + PAGE_HEADER
    const end = start + Math.floor((PAGE_SIZE - PAGE_HEADER) / size) * size
    let cell = start
    while (cell < end && U8[cell + 1] === 0) cell += size
    if (cell === end) {
      if (size === HostLayout.SIZE) for (cell = start; cell < end; cell += size) free(cell)
      space.releasePages(page, 1)
      continue
    }
    let tail = tails[use - 1] as number
    for (cell = start; cell < end; cell += size) {
      if (U8[cell + 1] !== 0) {
        unshare(cell)
        U8[cell + 1] = 0
        liveBytes += size
        continue
      }
      if (U8[cell] !== Kind.FREE) {
        free(cell)
        if (stress) U8.fill(POISON, cell, cell + size)
        I32[cell >> 2] = Kind.FREE
      }
      const link = tail === 0 ? Context.FREE_LISTS + (use - 1) * 8 : tail + 8
      I32[link >> 2] = cell
      I32[(link >> 2) + 1] = baseHigh
      tail = cell
    }
    tails[use - 1] = tail
  }
  for (const tail of tails) {
    if (tail === 0) continue
    I32[(tail + 8) >> 2] = 0
    I32[(tail + 12) >> 2] = 0
  }
  space.rebuildFreeRuns()
  return liveBytes
}
