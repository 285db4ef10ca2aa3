/**
 * Values whose body lives on the JavaScript side. A HOST object in the heap holds the number of its
 * host type and the index of its body; when the collector frees it, the body goes too.
 */
import { type Heap, HeapExhausted } from '../heap/heap.js'
import { HostLayout, Tag } from '../heap/layout.js'
import { createHost } from '../heap/objects.js'
import type { MemberTable } from './members.js'
import type { Runtime } from './runtime.js'
import type { TypeNames } from './types.js'

export interface HostType<Body = unknown> {
  readonly names: TypeNames
  readonly members: MemberTable
  /** The name of the namespace whose functions a dot behind a value reaches. */
  readonly namespace?: string
  /** The text form of a value. */
  text(rt: Runtime, body: Body): string
  /** About how many bytes the body takes beyond those that every value takes. */
  bytes?(body: Body): number
  /** Called after the value was collected, or at the end of the run. */
  release?(body: Body): void
}

/** Of each body, about. */
const BODY_BYTES = 256

export class Hosts {
  /** What the bodies take, by index, and all together: JavaScript must not run out of memory, which ends the process. */
  private readonly sizes: number[] = []
  private size = 0
  private readonly types: HostType[] = []
  private readonly bodies: unknown[] = []
  private readonly free: number[] = []
  /** The types of the bodies that must be released, by index. */
  private readonly releasable = new Map<number, HostType>()

  constructor(private readonly heap: Heap) {
    heap.onHostReleased = (type, index) => {
      const body = this.bodies[index]
      this.bodies[index] = undefined
      this.free.push(index)
      this.releasable.delete(index)
      this.size -= this.sizes[index] as number
      this.typeOf(type).release?.(body)
    }
  }

  /** Bodies may take as much as the heap. */
  private makeRoom(bytes: number): void {
    const limit = this.heap.maxHeap
    if (this.size + bytes <= limit) return
    this.heap.collect()
    if (this.size + bytes > limit) throw new HeapExhausted(bytes)
  }

  /** Writes a new value of this type to `dst`. @throws HeapExhausted */
  create<Body>(dst: number, type: HostType<Body>, body: Body): void {
    const known = this.types.indexOf(type as HostType)
    const number = known >= 0 ? known : this.types.push(type as HostType) - 1
    const bytes = BODY_BYTES + (type.bytes?.(body) ?? 0)
    this.makeRoom(bytes)
    const index = this.free.pop() ?? this.bodies.length
    this.bodies[index] = body
    this.sizes[index] = bytes
    this.size += bytes
    this.heap.countOutside(bytes)
    if (type.release !== undefined) this.releasable.set(index, type as HostType)
    createHost(this.heap, dst, number, index)
  }

  typeOf(number: number): HostType {
    return this.types[number] as HostType
  }

  /** The type of a value, or null if the slot holds no host value. */
  typeAt(slot: number): HostType | null {
    if (this.heap.tagOf(slot) !== Tag.HOST) return null
    return this.typeOf(this.heap.I32[(this.heap.referenceOf(slot) + HostLayout.TYPE) >> 2] as number)
  }

  /** The body of the value in a slot; the caller knows its type. */
  bodyAt(slot: number): unknown {
    return this.bodies[this.heap.I32[(this.heap.referenceOf(slot) + HostLayout.INDEX) >> 2] as number]
  }

  /** At the end of a run: releases what the collector did not get. */
  releaseAll(): void {
    for (const [index, type] of this.releasable) type.release?.(this.bodies[index])
    this.releasable.clear()
  }
}
