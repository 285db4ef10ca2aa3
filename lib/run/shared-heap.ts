/** The heap's memory, as another thread of the process gets it. */
import type { Heap } from '../heap/heap.js'

/** Shared, or mapped for native code. */
export type SharedHeap = SharedArrayBuffer | { baseHigh: number; bytes: number }

/** The heap must have been made to be shared (`makeMachine`). */
export function shareHeap({ buffer, baseHigh }: Heap): SharedHeap {
  return buffer instanceof SharedArrayBuffer ? buffer : { baseHigh, bytes: buffer.byteLength }
}

/** In the other thread: its words. */
export async function viewSharedHeap(memory: SharedHeap): Promise<Int32Array> {
  if (memory instanceof SharedArrayBuffer) return new Int32Array(memory)
  const { viewHeap } = await import('../native/region.js')
  return new Int32Array(viewHeap(memory.baseHigh, memory.bytes))
}
