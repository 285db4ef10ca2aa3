/**
 * Values whose body lives on the JavaScript side. A HOST object in the heap holds the number of its
 * host type and the index of its body; when the collector frees it, the body goes too.
 */
import type { Heap } from '../heap/heap.js'
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
  /** Called after the value was collected, or at the end of the run. */
  release?(body: Body): void
}

export class Hosts {
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
      this.typeOf(type).release?.(body)
    }
  }

  /** Writes a new value of this type to `dst`. */
  create<Body>(dst: number, type: HostType<Body>, body: Body): void {
    const known = this.types.indexOf(type as HostType)
    const number = known >= 0 ? known : this.types.push(type as HostType) - 1
    const index = this.free.pop() ?? this.bodies.length
    this.bodies[index] = body
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
