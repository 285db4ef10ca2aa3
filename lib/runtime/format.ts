/** The text form of every value (core.md section 5). */
import { arrayLength, elementAddress } from '../heap/arrays.js'
import { entryAddress, hashCount } from '../heap/hashes.js'
import {
  BoundMethodLayout,
  ClassLayout,
  ClosureLayout,
  ErrorLayout,
  FunctionLayout,
  HASH_ENTRY_VALUE,
  InstanceLayout,
  JsonLayout,
  MethodValueLayout,
  Tag,
} from '../heap/layout.js'
import { newDecimal, newString, toJsString } from '../heap/strings.js'
import type { Runtime } from './runtime.js'
import { TextBuilder } from './text-builder.js'
import { typeNames } from './types.js'

/** Shortest digits that read back; an exponent from a million on and below 0.0001. */
export function formatFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
  const size = Math.abs(value)
  if (size >= 1e-4 && size < 1e6) return String(value)
  const [digits, exponent] = value.toExponential().split('e') as [string, string]
  return `${digits}e${exponent.length === 2 ? `${exponent[0]}0${exponent[1]}` : exponent}`
}

/** The digits of an int64 slot. */
export function formatInteger(rt: Runtime, slot: number): string {
  const heap = rt.heap
  if (heap.isSafeInteger(slot)) return String(heap.integerAsNumber(slot))
  return String(heap.bigIntegerOf(slot))
}

/** The text of a value that contains no others, or null. */
function scalarText(rt: Runtime, slot: number): string | null {
  const heap = rt.heap
  const object = heap.referenceOf(slot)
  switch (heap.tagOf(slot)) {
    case Tag.NULL:
      return 'null'
    case Tag.BOOLEAN:
      return object !== 0 ? 'true' : 'false'
    case Tag.INTEGER:
      return formatInteger(rt, slot)
    case Tag.FLOAT:
      return formatFloat(heap.floatOf(slot))
    case Tag.STRING:
      return toJsString(heap, object)
    case Tag.BUILTIN:
      return 'builtin function'
    case Tag.CLOSURE: {
      const record = heap.getPointer(object + ClosureLayout.FUNCTION)
      return rt.functions[heap.I32[(record + FunctionLayout.INDEX) >> 2] as number]?.text() ?? ''
    }
    case Tag.CLASS:
      return `class ${className(rt, object)}`
    case Tag.INSTANCE:
      return `#<${className(rt, heap.getPointer(object + InstanceLayout.CLASS))}>`
    case Tag.BOUND_METHOD:
      return `#<BoundMethod:${toJsString(heap, heap.getPointer(object + BoundMethodLayout.NAME))}>`
    case Tag.ERROR: {
      const type = toJsString(heap, heap.getPointer(object + ErrorLayout.TYPE))
      return `${type}: ${toJsString(heap, heap.getPointer(object + ErrorLayout.MESSAGE))}`
    }
    case Tag.HOST:
      return rt.hosts.typeAt(slot)?.text(rt, rt.hosts.bodyAt(slot)) ?? ''
    default:
      return null
  }
}

/** The name of a class (a CLASS address). */
export function className(rt: Runtime, classObject: number): string {
  return toJsString(rt.heap, rt.heap.getPointer(classObject + ClassLayout.NAME))
}

/** A container, a method value (around its receiver) or a JSON document whose text is being made. */
interface Open {
  tag: number
  object: number
  /** Next element or entry. */
  next: number
  /** What stands behind the contents. */
  close: string
}

/** The text form of the value in a slot. Nesting costs no JavaScript stack. */
export function toText(rt: Runtime, slot: number): string {
  return scalarText(rt, slot) ?? containerText(rt, slot)
}

function containerText(rt: Runtime, slot: number): string {
  const heap = rt.heap
  const open: Open[] = []
  /** The arrays and hashes among them. */
  const around = new Set<number>()
  const text = new TextBuilder()

  const add = (value: number): void => {
    const simple = scalarText(rt, value)
    if (simple !== null) {
      text.add(simple)
      return
    }
    const tag = heap.tagOf(value)
    const object = heap.referenceOf(value)
    if (tag === Tag.METHOD_VALUE) {
      const receiver = object + MethodValueLayout.RECEIVER
      const name = toJsString(heap, heap.getPointer(object + MethodValueLayout.NAME))
      const [before, close] = typeNames(rt, receiver).methodText?.(name) ?? ['', '']
      text.add(before)
      open.push({ tag, object, next: 0, close })
    } else if (tag === Tag.JSON) {
      text.add('#<JSON:')
      open.push({ tag, object, next: 0, close: '>' })
    } else if (around.has(object)) {
      text.add(tag === Tag.ARRAY ? '[...]' : '{...}')
    } else {
      around.add(object)
      text.add(tag === Tag.ARRAY ? '[' : '{')
      open.push({ tag, object, next: 0, close: tag === Tag.ARRAY ? ']' : '}' })
    }
  }

  add(slot)
  for (let inner = open[open.length - 1]; inner !== undefined; inner = open[open.length - 1]) {
    const { tag, object } = inner
    const count =
      tag === Tag.ARRAY ? arrayLength(heap, object) : tag === Tag.HASH ? hashCount(heap, object) : 1
    const index = inner.next++
    if (index === count) {
      text.add(inner.close)
      around.delete(object)
      open.pop()
      continue
    }
    if (index > 0) text.add(', ')
    if (tag === Tag.ARRAY) add(elementAddress(heap, object, index))
    else if (tag === Tag.HASH) {
      const entry = entryAddress(heap, object, index)
      text.add(`${scalarText(rt, entry) as string}: `)
      add(entry + HASH_ENTRY_VALUE)
    } else add(object + (tag === Tag.JSON ? JsonLayout.VALUE : MethodValueLayout.RECEIVER))
  }
  return text.finish()
}

/** The text form as the address of a STRING; a string itself if the value is one. */
export function textString(rt: Runtime, slot: number): number {
  const heap = rt.heap
  const tag = heap.tagOf(slot)
  if (tag === Tag.STRING) return heap.referenceOf(slot)
  if (tag === Tag.INTEGER && heap.isSmallInteger(slot)) return newDecimal(heap, heap.referenceOf(slot))
  return newString(heap, toText(rt, slot))
}

/** Writes the text form of `slot` to `dst` as a STRING. */
export function toStringValue(rt: Runtime, dst: number, slot: number): void {
  rt.heap.setReference(dst, Tag.STRING, textString(rt, slot))
}
