/**
 * What the builder knows of the frame's slots at a point of the program: for each, the SSA values of its
 * payload and tag, and whether the frame in memory holds them already.
 */
import { SLOT_SIZE, Tag } from '../../heap/layout.js'
import type { MemoryClass, Value } from '../ir/graph.js'
import { SharedMap } from '../ir/shared-map.js'
import type { ExitReason } from '../reasons.js'

/** The tag of an Abstract that is known only at run time. */
export const UNKNOWN = -1

/** A Rush value as SSA values. A FLOAT's payload is of class 'f', everything else of class 'i'. */
export interface Abstract {
  /** A constant tag, or UNKNOWN. */
  readonly tag: number
  /** Set exactly if the tag is UNKNOWN. */
  readonly tagValue: Value | null
  /** Null for NULL and EMPTY, which have no payload. */
  readonly payload: Value | null
}

export function known(tag: number, payload: Value | null): Abstract {
  return { tag, tagValue: null, payload }
}

export function unknown(payload: Value, tagValue: Value): Abstract {
  return { tag: UNKNOWN, tagValue, payload }
}

export function hasPayload(tag: number): boolean {
  return tag !== Tag.NULL && tag !== Tag.EMPTY
}

/** Tags that variables are guarded to have where they are read, and what to say if they have others. */
export const TYPE_REASONS: Readonly<Partial<Record<number, ExitReason>>> = {
  [Tag.INTEGER]: 'notInteger',
  [Tag.FLOAT]: 'notFloat',
  [Tag.BOOLEAN]: 'notBoolean',
  [Tag.ARRAY]: 'notArray',
  [Tag.STRING]: 'notString',
  [Tag.HASH]: 'notHash',
  [Tag.INSTANCE]: 'notInstance',
  [Tag.CLOSURE]: 'notFunction',
}

/** The tag if a set of tags has only this one, and it can be guarded; else UNKNOWN. */
export function onlyType(seen: number): number {
  const tag = 31 - Math.clz32(seen)
  return seen === 1 << tag && TYPE_REASONS[tag] !== undefined ? tag : UNKNOWN
}

/** Whether two have surely the same tag. */
export function hasSameTag(a: Abstract, b: Abstract): boolean {
  return a.tag === b.tag && a.tagValue === b.tagValue
}

/** Whether two are surely the same value. */
export function sameAbstract(a: Abstract | undefined, b: Abstract): boolean {
  return a !== undefined && a.tag === b.tag && a.payload === b.payload && a.tagValue === b.tagValue
}

/** A store of payload and tag at `pointer` + `offset`. */
export interface PendingStore {
  readonly pointer: Value
  readonly offset: number
  readonly memory: MemoryClass
  readonly value: Abstract
  /** The place has its tag already. */
  readonly sameTag?: boolean
}

export function samePending(a: readonly PendingStore[], b: readonly PendingStore[]): boolean {
  return a.length === b.length && a.every((store, i) => store === b[i])
}

export class FrameState {
  /** What guards have told of references, which never changes: the class of instances, the function of closures. */
  readonly classes = new SharedMap<Value, number>()
  readonly functions = new SharedMap<Value, number>()
  /** What branches have told (see `conditions.ts`): of conditions by name. */
  readonly conditions = new SharedMap<string, boolean>()
  /** File-level variables: as memory holds them, but for those that are `kept`. */
  readonly globals = new SharedMap<number, Abstract>()
  /** Those that memory is yet to get (see `variables.ts`), with the tag that it holds of them, or UNKNOWN. */
  readonly kept = new SharedMap<number, number>()
  /** The running closure's home class was guarded; with the number of fields of `self`. */
  superKnown = false
  homeKnown = false
  /** The function has called itself, and has been asked for a safepoint then. */
  askedForSafepoint = false
  /** Inlined code has stored something: it cannot be as if the call had not happened. */
  changedMemory = false
  /** What inlined code is yet to store, when it is sure to go through. Never changed, but replaced. */
  pending: readonly PendingStore[] = []
  /** Cells of captured variables: by closure and number. */
  readonly cells = new SharedMap<string, Value>()
  /** By slot number, locals first; null: holds nothing that is needed. */
  readonly slots: (Abstract | null)[]
  readonly inMemory: boolean[]

  constructor(
    readonly locals: number,
    /** Slots in use: locals and operands. */
    public size: number,
    from?: FrameState,
  ) {
    this.slots = from ? from.slots.slice() : new Array(size).fill(null)
    this.inMemory = from ? from.inMemory.slice() : new Array(size).fill(false)
    if (from !== undefined) this.takeFacts(from)
  }

  /** All that is known besides what the slots hold. */
  takeFacts(from: FrameState): void {
    this.classes.take(from.classes)
    this.functions.take(from.functions)
    this.conditions.take(from.conditions)
    this.globals.take(from.globals)
    this.kept.take(from.kept)
    this.cells.take(from.cells)
    this.superKnown = from.superKnown
    this.homeKnown = from.homeKnown
    this.askedForSafepoint = from.askedForSafepoint
    this.changedMemory = from.changedMemory
    this.pending = from.pending
  }

  clone(): FrameState {
    return new FrameState(this.locals, this.size, this)
  }

  get(slot: number): Abstract {
    const value = this.slots[slot]
    if (value === null || value === undefined) throw new Error(`slot ${slot} holds nothing`)
    return value
  }

  set(slot: number, value: Abstract | null, inMemory = false): void {
    this.slots[slot] = value
    this.inMemory[slot] = inMemory
  }

  push(value: Abstract, inMemory = false): void {
    this.set(this.size, value, inMemory)
    this.size++
  }

  pop(count = 1): void {
    for (; count > 0; count--) {
      this.size--
      this.set(this.size, null)
    }
  }

  /** The operand `depth` below the top (0 = the top). */
  operand(depth: number): Abstract {
    return this.get(this.size - 1 - depth)
  }

  /** Forgets the facts that `keepCommon` brings. */
  forget(): void {
    this.classes.clear()
    this.functions.clear()
    this.conditions.clear()
    this.globals.clear()
    this.kept.clear()
    this.cells.clear()
  }

  /** Keeps of these facts what holds in all states from which control comes. */
  keepCommon(states: readonly FrameState[]): void {
    const [first, ...others] = states
    if (first === undefined) return
    if (others.length === 0) return this.takeFacts(first)
    for (const name of ['classes', 'functions'] as const) {
      for (const [value, fact] of first[name].entries()) {
        if (others.every((state) => state[name].get(value) === fact)) this[name].set(value, fact)
      }
    }
    for (const [name, holds] of first.conditions.entries()) {
      if (others.every(({ conditions }) => conditions.get(name) === holds)) this.conditions.set(name, holds)
    }
    for (const [name, value] of first.cells.entries()) {
      if (others.every(({ cells }) => cells.get(name) === value)) this.cells.set(name, value)
    }
    if (others.every(({ pending }) => samePending(pending, first.pending))) this.pending = first.pending
    for (const [slot, value] of first.globals.entries()) {
      if (others.every(({ globals }) => sameAbstract(globals.get(slot), value))) this.globals.set(slot, value)
    }
    this.superKnown = states.every(({ superKnown }) => superKnown)
    this.homeKnown = states.every(({ homeKnown }) => homeKnown)
    this.askedForSafepoint = states.every(({ askedForSafepoint }) => askedForSafepoint)
    this.changedMemory = states.some(({ changedMemory }) => changedMemory)
  }

  /** Replaces a value of a known type wherever it stands; what is known of it stays. */
  replace(old: Abstract, now: Abstract): void {
    for (let slot = 0; slot < this.size; slot++) {
      const value = this.slots[slot]
      if (value && sameAbstract(value, old)) this.slots[slot] = now
    }
    for (const [slot, value] of this.globals.entries())
      if (sameAbstract(value, old)) this.globals.set(slot, now)
    if (old.payload === null || now.payload === null) return
    for (const facts of [this.classes, this.functions]) {
      const fact = facts.get(old.payload)
      if (fact !== undefined) facts.set(now.payload, fact)
    }
  }

  /** Replaces a value wherever it stands, after a guard has told more of it. */
  refine(old: Abstract, now: Abstract): void {
    for (let slot = 0; slot < this.size; slot++) {
      const value = this.slots[slot]
      if (value && value.tag === UNKNOWN && value.payload === old.payload) this.slots[slot] = now
    }
    for (const [slot, value] of this.globals.entries()) {
      if (value.tag === UNKNOWN && value.payload === old.payload) this.globals.set(slot, now)
    }
  }
}

/** Byte offset of a slot from the frame base. */
export function offsetOf(slot: number): number {
  return slot * SLOT_SIZE
}
