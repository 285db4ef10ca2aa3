/**
 * Memory management of the region: pages, size classes with free lists, page runs for large objects.
 *
 * Small objects (up to 8176 bytes) are cells of the next larger size class; every page holds cells of
 * one class. A free cell has kind FREE and at +8 an absolute pointer to the next free cell; the list
 * heads lie in the context block, so native code can pop cells itself. Larger objects own whole pages
 * and start at a page boundary. Nothing is freed here: only the sweep (`collect.ts`) does that.
 */
import { Context, Kind, PAGE_HEADER, PAGE_SIZE, SIZE_CLASSES } from './layout.js'

const PAGE_SHIFT = 14
const LARGEST_SMALL = SIZE_CLASSES[SIZE_CLASSES.length - 1] as number

/** Size class by size in 16-byte units, rounded up. */
export const CLASS_OF = new Uint8Array((LARGEST_SMALL >> 4) + 1)
for (let units = 0, index = 0; units < CLASS_OF.length; units++) {
  if (units * 16 > (SIZE_CLASSES[index] as number)) index++
  CLASS_OF[units] = index
}

/** What a page is used for: values below LARGE are a size class + 1. */
export const PageUse = { FREE: 0, LARGE: 253, LARGE_REST: 254, ROOTS: 255 } as const

/** The byte that fills freed cells in stress mode. */
export const POISON = 0xdb

/** Thrown by `allocate` when no page is left. The program may have garbage: collect before going on. */
export class HeapExhausted extends Error {
  override name = 'HeapExhausted'

  constructor(readonly bytes: number) {
    super(`heap exhausted: no room for ${bytes} bytes`)
  }
}

/** Thrown where a string or an array would be longer than the program may make one. */
export class TooLong extends Error {
  override name = 'TooLong'

  /** @param limit bytes of a string's text, elements of an array */
  constructor(
    readonly kind: 'string' | 'array',
    readonly limit: number,
  ) {
    super(`${kind} too long: limit ${limit}`)
  }
}

/** The smallest class whose cells hold `bytes`; only for small objects. */
export function sizeClassOf(bytes: number): number {
  return CLASS_OF[(bytes + 15) >> 4] as number
}

/** What an object of `bytes` really occupies, so that blocks can use all of it. */
export function usableSize(bytes: number): number {
  if (bytes <= LARGEST_SMALL) return SIZE_CLASSES[sizeClassOf(bytes)] as number
  return Math.ceil(bytes / PAGE_SIZE) * PAGE_SIZE
}

/** The pages of one heap. */
export class Space {
  readonly firstPage: number
  /** One past the last page that may be used. */
  readonly lastPage: number
  /** Pages from here on were never used or are free again. */
  frontier: number
  /** The highest that `frontier` has ever been. */
  highest: number
  /** Use of each page (PageUse or size class + 1). */
  readonly uses: Uint8Array
  /** Length in pages of the large object that starts at a page. */
  readonly runs: Int32Array
  /** Free runs of pages below the frontier: starts and lengths. */
  freeStarts: number[] = []
  freeLengths: number[] = []
  /** Pages in use. */
  pagesInUse = 0
  /** Collections that have begun. */
  collections = 0
  /** HOST objects, those included that are dead but not swept yet. */
  hosts = 0
  // For pages of cells, what the last sweep found (see `collect.ts`):
  /** Live cells. */
  readonly used: Uint16Array
  /** Offsets of the first and last free cell in the page, 0 = none. */
  readonly firstFree: Uint16Array
  readonly lastFree: Uint16Array
  /** Objects that the collection that runs has marked, by the page they start in. */
  readonly marked: Uint16Array
  /** Size classes that have got pages since the last sweep. */
  readonly carved = new Uint8Array(SIZE_CLASSES.length)

  constructor(
    readonly I32: Int32Array,
    readonly U8: Uint8Array,
    readonly baseHigh: number,
    start: number,
    end: number,
    readonly stress: boolean,
  ) {
    this.firstPage = start >>> PAGE_SHIFT
    this.lastPage = Math.floor(end / PAGE_SIZE)
    this.frontier = this.firstPage
    this.highest = this.firstPage
    this.uses = new Uint8Array(this.lastPage)
    this.runs = new Int32Array(this.lastPage)
    this.used = new Uint16Array(this.lastPage)
    this.firstFree = new Uint16Array(this.lastPage)
    this.lastFree = new Uint16Array(this.lastPage)
    this.marked = new Uint16Array(this.lastPage)
  }

  /** See `Heap.allocate`. */
  allocate(kind: number, bytes: number): number {
    if (bytes > LARGEST_SMALL) return this.allocateLarge(kind, bytes)
    const I32 = this.I32
    const index = CLASS_OF[(bytes + 15) >> 4] as number
    const list = (Context.FREE_LISTS >> 2) + (index << 1)
    let cell = I32[list] as number
    if (cell === 0) cell = this.carvePage(index)
    const word = cell >> 2
    I32[list] = I32[word + 2] as number
    I32[list + 1] = I32[word + 3] as number
    I32[word] = kind
    I32[word + 1] = 0
    ;(I32[Context.ALLOCATED >> 2] as number) += SIZE_CLASSES[index] as number
    return cell
  }

  /** See `Heap.refill`. */
  refill(index: number): void {
    if (this.I32[(Context.FREE_LISTS >> 2) + (index << 1)] === 0) this.carvePage(index)
  }

  /** Takes a page for a size class whose list is empty and links its cells; returns the first. */
  private carvePage(index: number): number {
    const I32 = this.I32
    const page = this.takePages(1)
    this.uses[page] = index + 1
    this.firstFree[page] = PAGE_HEADER
    this.carved[index] = 1
    const size = SIZE_CLASSES[index] as number
    const start = (page << PAGE_SHIFT) + PAGE_HEADER
    const last = start + (Math.floor((PAGE_SIZE - PAGE_HEADER) / size) - 1) * size
    if (this.stress) this.U8.fill(POISON, start, last + size)
    const high = this.baseHigh
    const step = size >> 2
    const end = last >> 2
    let next = start + size
    // A loop with nothing in it that could be outside: pages are carved by the thousand.
    for (let word = start >> 2; word < end; word += step) {
      I32[word] = Kind.FREE
      I32[word + 2] = next
      I32[word + 3] = high
      next += size
    }
    I32[end] = Kind.FREE
    I32[end + 2] = 0
    I32[end + 3] = 0
    const list = (Context.FREE_LISTS >> 2) + (index << 1)
    I32[list] = start
    I32[list + 1] = high
    return start
  }

  private allocateLarge(kind: number, bytes: number): number {
    const pages = Math.ceil(bytes / PAGE_SIZE)
    const page = this.takePages(pages)
    this.uses[page] = PageUse.LARGE
    this.uses.fill(PageUse.LARGE_REST, page + 1, page + pages)
    this.runs[page] = pages
    const address = page << PAGE_SHIFT
    if (this.stress) this.U8.fill(POISON, address, address + pages * PAGE_SIZE)
    this.I32[address >> 2] = kind
    this.I32[(address >> 2) + 1] = 0
    const allocated = (this.I32[Context.ALLOCATED >> 2] as number) + pages * PAGE_SIZE
    this.I32[Context.ALLOCATED >> 2] = Math.min(allocated, 0x7fffffff)
    return address
  }

  /** Pages that are roots for ever; returns the address of the first. */
  takeRootPages(pages: number): number {
    const page = this.takePages(pages)
    this.uses.fill(PageUse.ROOTS, page, page + pages)
    return page << PAGE_SHIFT
  }

  private takePages(pages: number): number {
    const { freeStarts, freeLengths } = this
    for (let i = freeStarts.length - 1; i >= 0; i--) {
      const length = freeLengths[i] as number
      if (length < pages) continue
      const page = freeStarts[i] as number
      if (length === pages) {
        freeStarts.splice(i, 1)
        freeLengths.splice(i, 1)
      } else {
        freeStarts[i] = page + pages
        freeLengths[i] = length - pages
      }
      this.pagesInUse += pages
      return page
    }
    const page = this.frontier
    if (page + pages > this.lastPage) throw new HeapExhausted(pages * PAGE_SIZE)
    this.frontier = page + pages
    if (this.frontier > this.highest) this.highest = this.frontier
    this.pagesInUse += pages
    return page
  }

  /** Gives pages back; they can be used again after `rebuildFreeRuns`. */
  releasePages(page: number, pages: number): void {
    // `fill` takes longer than a store, and most are single.
    if (pages === 1) this.uses[page] = PageUse.FREE
    else this.uses.fill(PageUse.FREE, page, page + pages)
    this.pagesInUse -= pages
    if (this.stress) this.U8.fill(POISON, page << PAGE_SHIFT, (page + pages) * PAGE_SIZE)
  }

  /** Collects adjacent free pages into runs and lowers the frontier below trailing ones. */
  rebuildFreeRuns(): void {
    const uses = this.uses
    while (this.frontier > this.firstPage && uses[this.frontier - 1] === PageUse.FREE) this.frontier--
    this.freeStarts = []
    this.freeLengths = []
    for (let page = this.firstPage; page < this.frontier; ) {
      const start = page
      while (uses[page] === PageUse.FREE) page++
      if (page > start) {
        this.freeStarts.push(start)
        this.freeLengths.push(page - start)
      } else page++
    }
  }
}
