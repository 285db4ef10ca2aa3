/**
 * Installed native code: which function has which block of code memory, with limits and eviction of the
 * least recently used. An evicted function's entry is reset at once; its bytes are freed when no native
 * frame returns into them.
 */
import type { Marker } from '../../heap/heap.js'
import type { CodeMemory } from '../../native/code-memory.js'
import type { LoadedFunction } from '../../vm/loaded-function.js'
import type { Exit } from '../emit/emit-function.js'

/** What was compiled: a function from its entry, or a loop of it. */
export interface CodeKey {
  fn: LoadedFunction
  /** Position of the loop header where the code takes frames over; AT_ENTRY. */
  header: number
}
export const AT_ENTRY = -1
/** Of code that was not made for the stress mode. */
export const NO_STRESS = -1

export function keyText({ fn, header }: CodeKey): string {
  return `${fn.index}:${header}`
}

export interface CacheEntry extends CodeKey {
  /** Of this code; exits tell it. */
  id: number
  offset: number
  size: number
  exits: readonly Exit[]
  /** How often each exit was taken. */
  exitCounts: Uint32Array
  /** First byte of the stress table that is this code's, or NO_STRESS. */
  stressBase: number
  /** It came from an object document. */
  fromObject: boolean
  /** Addresses of the objects of the heap that the code names. */
  objects: readonly number[]
  /** When it was entered last, on the cache's own clock. */
  lastUsed: number
}

export interface CacheLimits {
  maxEntries: number
  /** Bytes of code. */
  maxBytes: number
}

export class CodeCache {
  /** By function, then by header. */
  private readonly entries = new Map<LoadedFunction, Map<number, CacheEntry>>()
  private readonly byId = new Map<number, CacheEntry>()
  private nextId = 0
  /** Evicted while native frames were in it. */
  private retired: CacheEntry[] = []
  private clock = 0
  /** Entries thrown out to make room for others. */
  evictions = 0

  constructor(
    private readonly memory: CodeMemory,
    private readonly limits: CacheLimits,
    /** Stops new calls into the entry's code; `evicted`: to make room. */
    private readonly unlink: (entry: CacheEntry, evicted: boolean) => void,
    /** Functions that have native frames now. */
    private readonly running: () => ReadonlySet<LoadedFunction>,
  ) {}

  get size(): number {
    return this.byId.size
  }

  get(fn: LoadedFunction, header = AT_ENTRY): CacheEntry | undefined {
    return this.entries.get(fn)?.get(header)
  }

  /** All code of a function: for its entry and for its loops. */
  allOf(fn: LoadedFunction): CacheEntry[] {
    return [...(this.entries.get(fn)?.values() ?? [])]
  }

  withId(id: number): CacheEntry | undefined {
    return this.byId.get(id)
  }

  /** Marks what installed code names, and code that is still running. */
  mark(marker: Marker): void {
    for (const { objects } of this.byId.values()) for (const object of objects) marker.object(object)
    for (const { objects } of this.retired) for (const object of objects) marker.object(object)
  }

  /** From now on ids begin behind those of an object document. */
  skipIds(count: number): void {
    this.nextId = Math.max(this.nextId, count)
  }

  /** An id for code that is about to be made. */
  takeId(): number {
    return this.nextId++
  }

  touch(entry: CacheEntry): void {
    entry.lastUsed = ++this.clock
  }

  /**
   * Makes room for `size` bytes, evicting the least recently used entries, and takes it.
   * @returns the offset in code memory, or -1 if there is no room whatever is evicted
   */
  reserve(size: number): number {
    this.freeRetired()
    if (size > this.limits.maxBytes) return -1
    while (this.size >= this.limits.maxEntries) if (!this.evictOldest()) return -1
    for (;;) {
      if (this.memory.used + size <= this.limits.maxBytes) {
        const offset = this.memory.allocate(size)
        if (offset >= 0) return offset
      }
      if (!this.evictOldest()) return -1
    }
  }

  add(entry: Omit<CacheEntry, 'lastUsed'>): void {
    const added = { ...entry, lastUsed: ++this.clock }
    let headers = this.entries.get(entry.fn)
    if (headers === undefined) {
      headers = new Map()
      this.entries.set(entry.fn, headers)
    }
    headers.set(entry.header, added)
    this.byId.set(entry.id, added)
  }

  private evictOldest(): boolean {
    let oldest: CacheEntry | null = null
    for (const entry of this.byId.values()) {
      if (oldest === null || entry.lastUsed < oldest.lastUsed) oldest = entry
    }
    if (oldest === null) return false
    this.evictions++
    this.retire(oldest, true)
    return true
  }

  /** Takes code out of use. */
  remove(entry: CacheEntry): void {
    this.retire(entry, false)
  }

  private retire(entry: CacheEntry, evicted: boolean): void {
    this.entries.get(entry.fn)?.delete(entry.header)
    this.byId.delete(entry.id)
    this.unlink(entry, evicted)
    this.retired.push(entry)
    this.freeRetired()
  }

  private freeRetired(): void {
    if (this.retired.length === 0) return
    const running = this.running()
    this.retired = this.retired.filter((entry) => {
      if (running.has(entry.fn)) return true
      this.memory.release(entry.offset)
      return false
    })
  }
}
