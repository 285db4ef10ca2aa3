/**
 * Methods found lately, where native code can look: the cache for call sites that see many classes (the "global
 * lookup cache" of Deutsch and Schiffman, 1984). It lies in the heap: entries of 16 bytes, found by class and name,
 * with the low words of the class's and the interned name's addresses and the closure's, 0 = there is no method.
 * Nothing in it is a root: each collection empties it.
 */
import type { Heap } from '../heap/heap.js'
import { BlockLayout, Context, Kind } from '../heap/layout.js'

const ENTRIES = 1024
const ENTRY_SIZE = 16
/** Bits of an entry's offset. */
export const METHOD_CACHE_MASK = (ENTRIES - 1) * ENTRY_SIZE
/** A class's address shifted by this gives the offset of its entry, but for the name's part. */
export const METHOD_CACHE_SHIFT = 2
/** Offsets in an entry. */
export const MethodEntry = { CLASS: 0, NAME: 4, CLOSURE: 8 } as const

/** A name's part of the offset, by which the entries of a class differ. */
export function methodCacheSalt(name: string): number {
  let hash = name.length
  for (let i = 0; i < name.length; i++) hash = (Math.imul(hash, 31) + name.charCodeAt(i)) | 0
  return (hash * ENTRY_SIZE) & METHOD_CACHE_MASK
}

/** Makes the cache, once per heap, and keeps it. */
export function makeMethodCache(heap: Heap): void {
  const bytes = ENTRIES * ENTRY_SIZE
  const block = heap.allocate(Kind.BYTES, BlockLayout.DATA + bytes)
  heap.I32[(block + BlockLayout.CAPACITY) >> 2] = bytes
  heap.I32[(block + BlockLayout.USED) >> 2] = bytes
  heap.keep(block)
  heap.setPointer(Context.METHOD_CACHE, block + BlockLayout.DATA)
  clearMethodCache(heap)
  heap.addRoots(() => clearMethodCache(heap))
}

/** To be called whenever a class gets a method, and before classes are freed. */
export function clearMethodCache(heap: Heap): void {
  const start = heap.I32[Context.METHOD_CACHE >> 2] as number
  if (start !== 0) heap.U8.fill(0, start, start + ENTRIES * ENTRY_SIZE)
}

/** @param name address of the interned name; @param closure 0 = none */
export function cacheMethod(
  heap: Heap,
  classAddress: number,
  name: number,
  text: string,
  closure: number,
): void {
  const offset = ((classAddress >>> METHOD_CACHE_SHIFT) ^ methodCacheSalt(text)) & METHOD_CACHE_MASK
  const entry = (heap.I32[Context.METHOD_CACHE >> 2] as number) + offset
  heap.I32[(entry + MethodEntry.CLASS) >> 2] = classAddress
  heap.I32[(entry + MethodEntry.NAME) >> 2] = name
  heap.setPointer(entry + MethodEntry.CLOSURE, closure)
}
