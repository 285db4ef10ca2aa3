/** Whether native code can run here, and the memory for it. Loaded only when the JIT is on. */
import { Heap, type HeapOptions } from '../heap/heap.js'
import { PAGE_SIZE } from '../heap/layout.js'
import { hostTargetName } from '../jit/host.js'
import { FIXED_BYTES } from '../jit/machine/stubs.js'
import { mapRegion, type Region } from '../native/region.js'
import { NativeUnavailable } from '../native/system.js'

/** Native code's stack: 1 KiB per unit of depth, room for a signal handler, and the guard page. */
const FIBER_SLACK = 1 << 20

export interface NativeHeap {
  heap: Heap
  region: Region
}

/** @throws NativeUnavailable */
export function makeNativeHeap(options: HeapOptions, codeBytes: number): NativeHeap {
  if (hostTargetName() === null) {
    throw new NativeUnavailable(`native code needs an ARM64 or x86-64 CPU, and this is ${process.arch}`)
  }
  const stack = options.maxDepth * 1024 + FIBER_SLACK
  const fiberBytes = Math.ceil(stack / PAGE_SIZE) * PAGE_SIZE + PAGE_SIZE
  const sized = { ...options, fiberBytes }
  const pages = Math.ceil(codeBytes / PAGE_SIZE) * PAGE_SIZE
  const region = mapRegion(Heap.regionSize(sized), PAGE_SIZE, pages + FIXED_BYTES)
  const memory = { buffer: region.buffer, baseHigh: region.baseHigh }
  return { heap: new Heap({ ...sized, memory }), region }
}

export { NativeUnavailable }
