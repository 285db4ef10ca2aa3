/**
 * Installed native code: which function has which block of code memory, with limits and eviction of the
 * least recently used. An evicted function's entry is reset at once; its bytes are freed when no native
 * frame returns into them.
 */
import type { CodeMemory } from '../../native/code-memory.js'
import type { LoadedFunction } from '../../vm/loaded-function.js'
import type { Exit } from '../emit/emit-function.js'

export interface CacheEntry {
  fn: LoadedFunction
  offset: number
  size: number
  exits: readonly Exit[]
  /** How often each exit was taken. */
  exitCounts: Uint32Array
  /** First byte of the stress table that is this code's. */
  stressBase: number
  /** When it was entered last, on the cache's own clock. */
  lastUsed: number
}

export interface CacheLimits {
  maxEntries: number
  /** Bytes of code. */
  maxBytes: number
}

export class CodeCache {
  private readonly entries = new Map<LoadedFunction, CacheEntry>()
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
    return this.entries.size
  }

  get(fn: LoadedFunction): CacheEntry | undefined {
    return this.entries.get(fn)
  }

  touch(fn: LoadedFunction): void {
    const entry = this.entries.get(fn)
    if (entry !== undefined) entry.lastUsed = ++this.clock
  }

  /**
   * Makes room for `size` bytes, evicting the least recently used entries, and takes it.
   * @returns the offset in code memory, or -1 if there is no room whatever is evicted
   */
  reserve(size: number): number {
    this.freeRetired()
    if (size > this.limits.maxBytes) return -1
    while (this.entries.size >= this.limits.maxEntries) if (!this.evictOldest()) return -1
    for (;;) {
      if (this.memory.used + size <= this.limits.maxBytes) {
        const offset = this.memory.allocate(size)
        if (offset >= 0) return offset
      }
      if (!this.evictOldest()) return -1
    }
  }

  add(entry: Omit<CacheEntry, 'lastUsed'>): void {
    this.entries.set(entry.fn, { ...entry, lastUsed: ++this.clock })
  }

  private evictOldest(): boolean {
    let oldest: CacheEntry | null = null
    for (const entry of this.entries.values()) {
      if (oldest === null || entry.lastUsed < oldest.lastUsed) oldest = entry
    }
    if (oldest === null) return false
    this.evictions++
    this.retire(oldest, true)
    return true
  }

  /** Takes a function's code out of use. */
  remove(fn: LoadedFunction): void {
    const entry = this.entries.get(fn)
    if (entry !== undefined) this.retire(entry, false)
  }

  private retire(entry: CacheEntry, evicted: boolean): void {
    this.entries.delete(entry.fn)
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
