/** A runtime without the language: values from JavaScript, functions in JavaScript. */
import { appendElement, arrayLength, createArray, elementAddress } from '../../lib/heap/arrays.js'
import { createHash, setEntry } from '../../lib/heap/hashes.js'
import { Heap } from '../../lib/heap/heap.js'
import { ClosureLayout, FunctionLayout, Tag } from '../../lib/heap/layout.js'
import { createClosure, createFunction } from '../../lib/heap/objects.js'
import { setString, toJsString } from '../../lib/heap/strings.js'
import { builtinIndex, callBuiltin } from '../../lib/runtime/builtins/registry.js'
import { errorParts } from '../../lib/runtime/errors.js'
import { toText } from '../../lib/runtime/format.js'
import { callMethod, getProperty } from '../../lib/runtime/properties.js'
import { Runtime, THROWN } from '../../lib/runtime/runtime.js'
import type { Unit } from '../../lib/runtime/unit.js'

/** An argument that is a slot already. */
export class Slot {
  constructor(readonly address: number) {}
}
/** A function of the program: gets the slots of its arguments, writes its result to the slot given. */
export class Fn {
  constructor(
    readonly parameters: number,
    readonly body: (args: number[], result: number) => void,
  ) {}
}
/** bigint: INTEGER, number: FLOAT, Map: HASH. */
export type Value = null | boolean | bigint | number | string | Value[] | Map<Value, Value> | Slot | Fn

export class Bench {
  readonly heap: Heap
  readonly rt: Runtime
  output = ''
  private readonly bodies: Fn[] = []

  /** `stress`: every callback collects, and freed memory is poisoned. */
  constructor(stress = false) {
    this.heap = new Heap({ maxHeap: 64 << 20, maxDepth: 200, stress })
    this.rt = new Runtime(this.heap, { write: (text) => (this.output += text) }, { maxDepth: 200 })
    const { heap, rt } = this
    heap.addRoots((marker) => marker.slots(heap.stackBase, rt.top))
    rt.tier = {
      call: (callee, argc) => {
        if (stress) heap.collect()
        const record = heap.getPointer(heap.referenceOf(callee) + ClosureLayout.FUNCTION)
        const fn = this.bodies[heap.I32[(record + FunctionLayout.INDEX) >> 2] as number] as Fn
        fn.body(
          Array.from({ length: argc }, (_, i) => callee + (i + 1) * 16),
          callee,
        )
        if (stress) heap.collect()
      },
    }
  }

  /** A slot on the stack with this value. */
  slot(value: Value): number {
    const slot = this.rt.pushTemporary()
    this.set(slot, value)
    return slot
  }

  /** The values in consecutive slots; returns the first. */
  slots(values: readonly Value[]): number {
    const first = this.rt.top
    for (const _ of values) this.rt.pushTemporary()
    for (const [i, value] of values.entries()) this.set(first + i * 16, value)
    return first
  }

  set(slot: number, value: Value): void {
    const { heap, rt } = this
    if (value === null) heap.setNull(slot)
    else if (value instanceof Slot) heap.copy(slot, value.address)
    else if (value instanceof Fn) this.setFunction(slot, value)
    else if (typeof value === 'boolean') heap.setBoolean(slot, value)
    else if (typeof value === 'bigint') heap.setBigInteger(slot, value)
    else if (typeof value === 'number') heap.setFloat(slot, value)
    else if (typeof value === 'string') setString(heap, slot, value)
    else {
      const top = rt.top
      if (Array.isArray(value)) {
        const array = createArray(heap, slot, 0)
        for (const element of value) appendElement(heap, array, this.slot(element))
      } else {
        const hash = createHash(heap, slot, 0)
        for (const [key, element] of value) setEntry(heap, hash, this.slot(key), this.slot(element))
      }
      rt.top = top
    }
  }

  private setFunction(slot: number, fn: Fn): void {
    const { heap, rt } = this
    const index = this.bodies.push(fn) - 1
    const shape = { index, parameters: fn.parameters, method: false }
    const record = createFunction(heap, shape)
    const unit: Unit = {
      source: { file: 'test', text: '' },
      modules: [],
      firstFunction: 0,
      globals: 0,
      globalNames: [],
    }
    rt.functions[index] = {
      name: 'f',
      parameters: [],
      method: false,
      body: false,
      source: 0,
      text: () => `fn ${index}`,
      record,
      unit,
      sites: null,
      live: null,
      bytecodeLocals: 0,
    }
    createClosure(heap, slot, record, 0)
  }

  /** The text form of the result of `run`, which writes to a slot, or `TYPE: MESSAGE` of its error. */
  result(run: (dst: number) => void): string {
    const top = this.rt.top
    const dst = this.rt.pushTemporary()
    try {
      run(dst)
      return toText(this.rt, dst)
    } catch (error) {
      if (error !== THROWN) throw error
      const { type, message } = errorParts(this.rt, this.rt.errorSlot)
      return `${type}: ${message}`
    } finally {
      this.rt.top = top
    }
  }

  /** `name(values)` */
  call(name: string, ...values: Value[]): string {
    return this.result((dst) => {
      const args = this.slots(values)
      callBuiltin(this.rt, builtinIndex(name), args, values.length, dst)
    })
  }

  /** Puts the result of `name(values)` into a slot. */
  make(dst: number, name: string, ...values: Value[]): void {
    const top = this.rt.top
    callBuiltin(this.rt, builtinIndex(name), this.slots(values), values.length, dst)
    this.rt.top = top
  }

  /** `receiver.name(values)` */
  method(receiver: Value, name: string, ...values: Value[]): string {
    return this.result((dst) => {
      const slots = this.slots([receiver, ...values])
      callMethod(this.rt, dst, slots, name, slots + 16, values.length)
    })
  }

  /** `receiver.name` */
  property(receiver: Value, name: string): string {
    return this.result((dst) => getProperty(this.rt, dst, this.slot(receiver), name))
  }

  text(value: Value): string {
    return this.result((dst) => this.set(dst, value))
  }

  /** The integers of an array in a slot. */
  integers(slot: number): number[] {
    const array = this.heap.referenceOf(slot)
    const length = arrayLength(this.heap, array)
    return Array.from({ length }, (_, i) => this.heap.integerAsNumber(elementAddress(this.heap, array, i)))
  }

  string(slot: number): string {
    if (this.heap.tagOf(slot) !== Tag.STRING) throw new Error('no string')
    return toJsString(this.heap, this.heap.referenceOf(slot))
  }
}
