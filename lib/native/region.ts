/**
 * One reservation of address space for everything that native code touches:
 *
 * ```
 *         guard
 *   base  heap: context page, fiber (guard page at its low end), Rush stack, objects
 *         guard
 *   then  code cache
 *         guard
 * ```
 *
 * Whoever reads or writes in a guard dies: a mistake of native code near the ends of the heap does not go unnoticed.
 *
 * The base is a multiple of 4 GiB, so all addresses in it share their high 32 bits: TypeScript handles
 * code addresses, stack pointers and references as 32-bit numbers.
 */
import { PAGE_SIZE } from '../heap/layout.js'
import { NativeUnavailable, nativeSystem, Protection } from './system.js'

const WINDOW = 1n << 32n
/** Of the code cache: no system has larger pages. */
const CODE_ALIGNMENT = 1 << 16
/** Bytes of each guard. */
export const GUARD_BYTES = 1 << 20
/** First base tried, and how many: well away from where systems put programs and libraries. */
const FIRST_WINDOW = 16n
const WINDOWS = 64n

export interface Region {
  /** Of the heap part. */
  buffer: ArrayBuffer
  baseHigh: number
  /** Address of the code cache. */
  codeAddress: bigint
  codeBytes: number
  /** Gives everything back; no view of it may be used afterwards. */
  release(): void
}

/** The heap part of a region that another thread of this process mapped. */
export function viewHeap(baseHigh: number, heapBytes: number): ArrayBuffer {
  return nativeSystem().view(BigInt(baseHigh) * WINDOW, heapBytes)
}

/**
 * @param heapBytes size of the heap part (`Heap.regionSize`)
 * @param guardAt offset of a page that must never be touched
 * @throws NativeUnavailable
 */
export function mapRegion(heapBytes: number, guardAt: number, codeBytes: number): Region {
  const system = nativeSystem()
  const codeOffset = Math.ceil((heapBytes + GUARD_BYTES) / CODE_ALIGNMENT) * CODE_ALIGNMENT
  const guard = BigInt(GUARD_BYTES)
  const total = GUARD_BYTES + codeOffset + codeBytes + GUARD_BYTES
  for (let window = FIRST_WINDOW; window < FIRST_WINDOW + WINDOWS; window++) {
    const base = window * WINDOW
    const start = system.reserve(base - guard, total)
    if (start === null) continue
    try {
      system.protect(base, heapBytes, Protection.READ | Protection.WRITE)
      system.protect(base + BigInt(guardAt), PAGE_SIZE, Protection.NONE)
    } catch (error) {
      // The VM needs the room for a heap of its own.
      system.unmap(start, total)
      throw error
    }
    return {
      buffer: system.view(base, heapBytes),
      baseHigh: Number(base / WINDOW),
      codeAddress: base + BigInt(codeOffset),
      codeBytes,
      release: () => system.unmap(start, total),
    }
  }
  throw new NativeUnavailable('no free address space for the heap')
}
