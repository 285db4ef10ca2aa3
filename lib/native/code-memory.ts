/**
 * Executable memory: a first-fit allocator over the code part of a region. Pages are writable or
 * executable, never both; the instruction cache is flushed before code becomes executable.
 */
import { NativeUnavailable, nativeSystem, Protection } from './system.js'

/** Of code blocks, in bytes: a cache line. */
const ALIGNMENT = 64
const PAGE = 16384

/** Code that was executable before cannot be made so again: native code cannot go on. */
export class CodeLost extends NativeUnavailable {
  override name = 'CodeLost'
}

interface Span {
  start: number
  size: number
}

export class CodeMemory {
  /** Free spans by address; neighbours are merged. */
  private readonly free: Span[]
  private readonly sizes = new Map<number, number>()
  used = 0

  constructor(
    private readonly address: bigint,
    readonly capacity: number,
  ) {
    this.free = [{ start: 0, size: capacity }]
  }

  /** @throws NativeUnavailable if the system refuses executable memory */
  checkExecutable(): void {
    nativeSystem().protect(this.address, PAGE, Protection.READ | Protection.EXECUTE)
  }

  /** Address of the byte at `offset`. */
  addressOf(offset: number): bigint {
    return this.address + BigInt(offset)
  }

  /** A block of at least `size` bytes: its offset, or -1 if there is no room. */
  allocate(size: number): number {
    const need = Math.ceil(size / ALIGNMENT) * ALIGNMENT
    const index = this.free.findIndex((span) => span.size >= need)
    const span = this.free[index]
    if (span === undefined) return -1
    const { start } = span
    if (span.size === need) this.free.splice(index, 1)
    else {
      span.start += need
      span.size -= need
    }
    this.sizes.set(start, need)
    this.used += need
    return start
  }

  release(offset: number): void {
    const size = this.sizes.get(offset)
    if (size === undefined) throw new Error(`no code block at ${offset}`)
    this.sizes.delete(offset)
    this.used -= size
    let index = this.free.findIndex((span) => span.start > offset)
    if (index < 0) index = this.free.length
    this.free.splice(index, 0, { start: offset, size })
    this.mergeAt(index)
    this.mergeAt(index - 1)
  }

  private mergeAt(index: number): void {
    const span = this.free[index]
    const next = this.free[index + 1]
    if (span === undefined || next === undefined || span.start + span.size !== next.start) return
    span.size += next.size
    this.free.splice(index + 1, 1)
  }

  /**
   * Copies code into a block and makes it executable.
   *
   * @throws NativeUnavailable: nothing has changed; CodeLost: other code on the same pages may be lost
   */
  write(offset: number, code: Uint8Array): void {
    const system = nativeSystem()
    const first = Math.floor(offset / PAGE) * PAGE
    const last = Math.ceil((offset + code.length) / PAGE) * PAGE
    const start = this.addressOf(first)
    const address = this.addressOf(offset)
    system.protect(start, last - first, Protection.READ | Protection.WRITE)
    // Seen only as far as it is written: V8 takes large views for garbage to be collected.
    new Uint8Array(system.view(address, code.length)).set(code)
    system.flush(address, code.length)
    try {
      system.protect(start, last - first, Protection.READ | Protection.EXECUTE)
    } catch (error) {
      throw new CodeLost(error instanceof Error ? error.message : String(error))
    }
  }
}
