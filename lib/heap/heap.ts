/**
 * The linear heap: one region with the context block, the Rush stack and the pages of objects, seen
 * through typed arrays. See `layout.ts` for what lies where.
 *
 * `allocate` never collects, so code may keep object addresses in JavaScript variables until the next
 * safepoint of the tier that runs, where `collect` may be called.
 */
import { CLASS_OF, Space } from './allocate.js'
import { Marker, sweep } from './collect.js'
import { withdrawInterrupt } from './interrupt.js'
import {
  Context,
  NEAR_GLOBALS,
  NEAR_GLOBALS_START,
  PAGE_SIZE,
  SIZE_CLASSES,
  SLOT_SIZE,
  SLOT_TAG,
  Tag,
} from './layout.js'

export { HeapExhausted, TooLong, usableSize } from './allocate.js'
export type { Marker } from './collect.js'

/** Memory that somebody else mapped for the region. */
export interface HeapMemory {
  /** At least `Heap.regionSize(options)` bytes, all zero. */
  buffer: ArrayBufferLike
  /** High 32 bits of the absolute address of the buffer; the low ones are 0. */
  baseHigh: number
}

export interface HeapOptions {
  /** Bytes for objects and root slots. */
  maxHeap: number
  /** Calls that may be nested: decides the size of the Rush stack. */
  maxDepth: number
  memory?: HeapMemory
  /** Bytes between the context block's page and the Rush stack, kept free for native code's stack. */
  fiberBytes?: number
  /** Collect at every safepoint and fill freed memory with 0xDB. */
  stress?: boolean
  /** Longest text of a string in bytes, most elements of an array; 64 Ki at least, more than native code makes by itself. */
  maxString?: number
  maxArray?: number
}

export interface HeapStatistics {
  collections: number
  /** Bytes allocated since the heap was made. */
  allocatedBytes: number
  /** Bytes of the objects that survived the last collection. */
  liveBytes: number
  /** Bytes of the objects that survived, added up over all collections: the collector's work. */
  tracedBytes: number
  /** Bytes of the pages in use. */
  heapBytes: number
  /** Offset in the region behind which no object has ever been. */
  reach: number
}

export const DEFAULT_MAX_HEAP = 1 << 30
/** No limit but that of the region. */
const ANY = 2 ** 31 - 1
const MAX_REGION = 0x80000000
/**
 * The collector runs after 4 MiB, so that a program that keeps little stays in the caches. Who keeps more may allocate
 * 16 times as much, up to 32 MiB, or as much as survived the last time: marking takes a small part of the time.
 */
const MIN_ALLOCATION_LIMIT = 4 << 20
const USUAL_ALLOCATION_LIMIT = 32 << 20
const LIVE_FACTOR = 16
/** Collecting more often than this is not worth the time. */
const LEAST_ALLOCATION_LIMIT = 1 << 20
const TWO_32 = 4294967296

function stackSize(maxDepth: number): number {
  return Math.ceil(((maxDepth + 64) * 1024 + (1 << 20)) / PAGE_SIZE) * PAGE_SIZE
}

function masksAt(bytes: number): number {
  return Context.BYTE_MASKS + bytes * 8
}

/**
 * V8 takes large memory for garbage that collections might free, and starts with one at once. Shared memory
 * it does not count.
 */
const MOST_COUNTED = 32 << 20

function ownMemory(bytes: number, shared = bytes > MOST_COUNTED): ArrayBufferLike {
  try {
    return shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new MemoryRefused(
      `the system refuses ${Math.ceil(bytes / 2 ** 20)} MiB of memory; -max-heap asks for less`,
    )
  }
}

/** There is not even address space for the heap. The message is one line for people. */
export class MemoryRefused extends Error {
  override name = 'MemoryRefused'
}

interface RootRange {
  start: number
  /** One past the last slot handed out. */
  used: number
  end: number
}

export class Heap {
  readonly buffer: ArrayBufferLike
  readonly I32: Int32Array
  readonly U32: Uint32Array
  readonly F64: Float64Array
  readonly I64: BigInt64Array
  readonly U8: Uint8Array
  readonly U16: Uint16Array
  /** The whole region, for text conversions. */
  readonly bytes: Buffer
  readonly baseHigh: number
  readonly stackBase: number
  readonly stackLimit: number
  readonly maxHeap: number
  readonly maxString: number
  readonly maxArray: number
  readonly stress: boolean
  /** Called for each HOST object that dies. */
  onHostReleased: (type: number, index: number) => void = () => {}
  /** Interned strings by content (see `strings.ts`); permanent. */
  readonly interned = new Map<string, number>()
  /** A slot for a value that is passed on at once; whoever calls anything else may lose it. */
  readonly scratch: number
  private readonly space: Space
  private readonly nearGlobals: RootRange
  private readonly rootRanges: RootRange[]
  private readonly rootVisitors: ((marker: Marker) => void)[] = []
  private readonly permanent: number[] = []
  /** Safepoints until `visitor` is called; 0 = it is not. */
  private visits = 0
  private visitor = (): void => {}
  private collections = 0
  private allocatedBefore = 0
  private liveBytes = 0
  private tracedBytes = 0

  /** Bytes that a memory given to the constructor must have. */
  static regionSize(options: HeapOptions): number {
    const objects = Math.ceil(options.maxHeap / PAGE_SIZE) * PAGE_SIZE
    return Math.min(PAGE_SIZE + (options.fiberBytes ?? 0) + stackSize(options.maxDepth) + objects, MAX_REGION)
  }

  /** Memory that other threads may see, too. */
  static sharedMemory(options: HeapOptions): HeapMemory {
    return { buffer: ownMemory(Heap.regionSize(options), true), baseHigh: 1 }
  }

  constructor(options: HeapOptions) {
    const size = Heap.regionSize(options)
    const buffer = options.memory?.buffer ?? ownMemory(size)
    if (buffer.byteLength < size)
      throw new RangeError(`heap memory too small: ${buffer.byteLength} < ${size}`)
    this.buffer = buffer
    this.I32 = new Int32Array(buffer, 0, size >>> 2)
    this.U32 = new Uint32Array(buffer, 0, size >>> 2)
    this.F64 = new Float64Array(buffer, 0, size >>> 3)
    this.I64 = new BigInt64Array(buffer, 0, size >>> 3)
    this.U8 = new Uint8Array(buffer, 0, size)
    this.U16 = new Uint16Array(buffer, 0, size >>> 1)
    this.bytes = Buffer.from(buffer, 0, size)
    this.baseHigh = options.memory?.baseHigh ?? 1
    this.stackBase = PAGE_SIZE + (options.fiberBytes ?? 0)
    this.stackLimit = this.stackBase + stackSize(options.maxDepth)
    this.stress = options.stress ?? false
    this.maxHeap = size - this.stackLimit
    this.maxString = options.maxString ?? ANY
    this.maxArray = options.maxArray ?? ANY
    this.space = new Space(this.I32, this.U8, this.baseHigh, this.stackLimit, size, this.stress)
    // Page 0 has the context block, the first root slots, and the variables of the program.
    this.nearGlobals = { start: NEAR_GLOBALS_START, used: NEAR_GLOBALS_START, end: PAGE_SIZE }
    this.rootRanges = [this.nearGlobals, { start: Context.SIZE, used: Context.SIZE, end: NEAR_GLOBALS_START }]
    this.setPointer(Context.STACK_LIMIT, this.stackLimit)
    this.setPointer(Context.BASE, this.stackBase)
    this.I32[Context.DEPTH >> 2] = options.maxDepth
    this.I32[Context.ONE >> 2] = 1
    for (let bytes = 1; bytes < 8; bytes++) this.U8.fill(255, masksAt(bytes), masksAt(bytes) + bytes)
    this.U8.set(CLASS_OF, Context.CLASS_OF)
    this.I32.set(SIZE_CLASSES, Context.CLASS_SIZES >> 2)
    this.setLimit()
    this.scratch = this.allocateRootSlots(1)
  }

  /**
   * A new object of `kind` with room for `bytes`, header included; never collects. The first 8 bytes
   * are written (kind, rest 0); the caller must write all other fields before the next safepoint.
   * Throws HeapExhausted if there is no room.
   */
  allocate(kind: number, bytes: number): number {
    return this.space.allocate(kind, bytes)
  }

  /** Makes sure that the list of a size class has a free cell; never collects. Throws HeapExhausted. */
  refill(sizeClass: number): void {
    this.space.refill(sizeClass)
  }

  /** To be called for each new HOST object. */
  countHost(): void {
    this.space.hosts++
  }

  /** Counts memory outside the heap that a new object keeps, so that it is not collected too late. */
  countOutside(bytes: number): void {
    const allocated = (this.I32[Context.ALLOCATED >> 2] as number) + bytes
    this.I32[Context.ALLOCATED >> 2] = Math.min(allocated, 0x7fffffff)
  }

  /** `count` contiguous slots outside the stack, NULL at first, that are roots for ever. */
  allocateRootSlots(count: number): number {
    const bytes = count * SLOT_SIZE
    let range = this.rootRanges[this.rootRanges.length - 1] as RootRange
    if (range.end - range.used < bytes) {
      const pages = Math.max(1, Math.ceil(bytes / PAGE_SIZE))
      const start = this.space.takeRootPages(pages)
      range = { start, used: start, end: start + pages * PAGE_SIZE }
      this.rootRanges.push(range)
    }
    return this.takeSlots(range, bytes)
  }

  /** The same near the context block (see NEAR_GLOBALS): only once; else, or if there are too many, anywhere. */
  allocateNearSlots(count: number): number {
    const { nearGlobals } = this
    if (count > NEAR_GLOBALS || nearGlobals.used > nearGlobals.start) return this.allocateRootSlots(count)
    const start = this.takeSlots(nearGlobals, count * SLOT_SIZE)
    // What is left serves the next root slots.
    this.rootRanges.push({ start: nearGlobals.used, used: nearGlobals.used, end: nearGlobals.end })
    nearGlobals.end = nearGlobals.used
    return start
  }

  private takeSlots(range: RootRange, bytes: number): number {
    const start = range.used
    range.used = start + bytes
    for (let slot = start; slot < range.used; slot += SLOT_SIZE) this.setNull(slot)
    return start
  }

  /** `visit` is called at each collection and marks what its owner holds. */
  addRoots(visit: (marker: Marker) => void): void {
    this.rootVisitors.push(visit)
  }

  /** Keeps an object for ever. */
  keep(object: number): void {
    this.permanent.push(object)
  }

  /** Whether a safepoint should collect. */
  needsCollection(): boolean {
    const I32 = this.I32
    return (I32[Context.ALLOCATED >> 2] as number) > (I32[Context.ALLOCATION_LIMIT >> 2] as number)
  }

  /** Frees what the roots do not reach. Only at safepoints. */
  collect(): void {
    const marker = new Marker(this.space)
    for (const { start, used } of this.rootRanges) marker.slots(start, used)
    for (const object of this.permanent) marker.object(object)
    for (const visit of this.rootVisitors) visit(marker)
    marker.drain()
    this.liveBytes = sweep(this.space, this.onHostReleased)
    this.tracedBytes += this.liveBytes
    this.allocatedBefore += this.I32[Context.ALLOCATED >> 2] as number
    this.I32[Context.ALLOCATED >> 2] = 0
    this.collections++
    this.setLimit()
  }

  get stats(): HeapStatistics {
    return {
      collections: this.collections,
      allocatedBytes: this.allocatedBefore + (this.I32[Context.ALLOCATED >> 2] as number),
      liveBytes: this.liveBytes,
      tracedBytes: this.tracedBytes,
      heapBytes: this.space.pagesInUse * PAGE_SIZE,
      reach: this.space.highest * PAGE_SIZE,
    }
  }

  /** Not 0: another thread asks what runs to stop; the number is what it gave to `requestInterrupt`. */
  get interruptRequest(): number {
    return Atomics.load(this.I32, Context.INTERRUPT >> 2)
  }

  /** Has `visitor` called at the `count`th safepoint from now, in place of who was promised that before. */
  visitLater(count: number, visitor: () => void): void {
    this.visits = count
    this.visitor = visitor
    Atomics.store(this.I32, Context.ALLOCATION_LIMIT >> 2, -1)
  }

  /** To be called at each safepoint where the limit is passed. @returns whether a collection is due */
  passSafepoint(): boolean {
    if (this.visits === 0) return true
    this.visits--
    if (this.visits === 0) {
      this.setLimit()
      this.visitor()
    }
    return this.stress || (this.I32[Context.ALLOCATED >> 2] as number) > this.allocationLimit()
  }

  /** Forgets a request, whether it was obeyed or not. Only where nothing runs. */
  clearInterrupt(): void {
    withdrawInterrupt(this.I32)
    this.setLimit()
  }

  private setLimit(): void {
    // Under stress always passed, so that native code's polls ask for a collection each time, too.
    Atomics.store(this.I32, Context.ALLOCATION_LIMIT >> 2, this.stress ? -1 : this.allocationLimit())
    // A request that came meanwhile must not be lost.
    if (this.interruptRequest !== 0 || this.visits > 0)
      Atomics.store(this.I32, Context.ALLOCATION_LIMIT >> 2, -1)
  }

  /** Near the end of the heap the limit shrinks, so that garbage does not exhaust it too early. */
  private allocationLimit(): number {
    const least = Math.min(LEAST_ALLOCATION_LIMIT, this.maxHeap / 64)
    const room = Math.max(least, (this.maxHeap - this.space.pagesInUse * PAGE_SIZE) / 2)
    const usual = Math.min(USUAL_ALLOCATION_LIMIT, this.liveBytes * LIVE_FACTOR)
    return Math.min(Math.max(MIN_ALLOCATION_LIMIT, usual, this.liveBytes), room)
  }

  // Pointers inside objects and the context block: 8 bytes, absolute; 0 = none.

  setPointer(address: number, target: number): void {
    this.I32[address >> 2] = target
    this.I32[(address >> 2) + 1] = target === 0 ? 0 : this.baseHigh
  }

  getPointer(address: number): number {
    return this.I32[address >> 2] as number
  }

  // Slots. Only payload and tag are written, never the spare word.

  setNull(slot: number): void {
    this.I32[(slot + SLOT_TAG) >> 2] = Tag.NULL
  }

  setEmpty(slot: number): void {
    this.I32[(slot + SLOT_TAG) >> 2] = Tag.EMPTY
  }

  setBoolean(slot: number, value: boolean): void {
    const word = slot >> 2
    this.I32[word] = value ? 1 : 0
    this.I32[word + 1] = 0
    this.I32[word + 2] = Tag.BOOLEAN
  }

  /** `value`: any whole number of the int64 range (beyond 2^53 doubles are whole anyway). */
  setInteger(slot: number, value: number): void {
    const word = slot >> 2
    this.I32[word] = value
    this.I32[word + 1] = value === (value | 0) ? value >> 31 : Math.floor(value / TWO_32)
    this.I32[word + 2] = Tag.INTEGER
  }

  /** Wraps to 64 bits. */
  setBigInteger(slot: number, value: bigint): void {
    this.I64[slot >> 3] = value
    this.I32[(slot + SLOT_TAG) >> 2] = Tag.INTEGER
  }

  setFloat(slot: number, value: number): void {
    this.F64[slot >> 3] = value
    this.I32[(slot + SLOT_TAG) >> 2] = Tag.FLOAT
  }

  setReference(slot: number, tag: number, object: number): void {
    const word = slot >> 2
    this.I32[word] = object
    this.I32[word + 1] = this.baseHigh
    this.I32[word + 2] = tag
  }

  setBuiltin(slot: number, index: number): void {
    const word = slot >> 2
    this.I32[word] = index
    this.I32[word + 1] = 0
    this.I32[word + 2] = Tag.BUILTIN
  }

  copy(destination: number, source: number): void {
    this.I64[destination >> 3] = this.I64[source >> 3] as bigint
    this.I32[(destination + SLOT_TAG) >> 2] = this.I32[(source + SLOT_TAG) >> 2] as number
  }

  tagOf(slot: number): number {
    return this.I32[(slot + SLOT_TAG) >> 2] as number
  }

  /** The object a slot refers to. */
  referenceOf(slot: number): number {
    return this.I32[slot >> 2] as number
  }

  /** Everything but `null` and `false`. */
  isTruthy(slot: number): boolean {
    const tag = this.I32[(slot + SLOT_TAG) >> 2]
    return tag !== Tag.NULL && (tag !== Tag.BOOLEAN || this.I32[slot >> 2] !== 0)
  }

  floatOf(slot: number): number {
    return this.F64[slot >> 3] as number
  }

  /** The int64 as the nearest double; allocates nothing, unlike `Number(I64[...])`. */
  integerAsNumber(slot: number): number {
    const word = slot >> 2
    return (this.I32[word + 1] as number) * TWO_32 + (this.U32[word] as number)
  }

  bigIntegerOf(slot: number): bigint {
    return this.I64[slot >> 3] as bigint
  }

  /** Whether the int64 is a JavaScript safe integer (|x| < 2^53, the lowest excluded). */
  isSafeInteger(slot: number): boolean {
    return Number.isSafeInteger(this.integerAsNumber(slot))
  }

  /** Whether the int64 fits into 32 bits, so that the low word alone is its value. */
  isSmallInteger(slot: number): boolean {
    const word = slot >> 2
    return this.I32[word + 1] === (this.I32[word] as number) >> 31
  }
}
