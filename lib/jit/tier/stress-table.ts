/** The marks "this guard has failed once" of the stress mode: a byte for each exit, which native code reads. */
import type { Heap } from '../../heap/heap.js'
import { BlockLayout, Kind } from '../../heap/layout.js'

const BYTES = 1 << 16

export class StressTable {
  private readonly address: number
  private used = 0

  constructor(private readonly heap: Heap) {
    const block = heap.allocate(Kind.BYTES, BlockLayout.DATA + BYTES)
    heap.I32[(block + BlockLayout.CAPACITY) >> 2] = BYTES
    heap.I32[(block + BlockLayout.USED) >> 2] = BYTES
    this.address = block + BlockLayout.DATA
    heap.U8.fill(0, this.address, this.address + BYTES)
    heap.keep(block)
  }

  /** The address of the first of `count` marks; when all are in use they are used again. */
  reserve(count: number): number {
    if (this.used + count > BYTES) this.used = 0
    const mark = this.address + this.used
    this.used += count
    return mark
  }

  /** Whether the exit with this mark was not taken before; from now on it was. */
  firstTime(mark: number): boolean {
    const first = this.heap.U8[mark] === 0
    this.heap.U8[mark] = 1
    return first
  }
}
