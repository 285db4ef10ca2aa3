/**
 * Values -> JSON text (data-types.md section 6.3). Containers that are still open lie on an explicit
 * stack, so nesting is limited by a number (`-max-json-depth`), not by the stack.
 */
import { arrayLength, elementAddress } from '../../heap/arrays.js'
import { entryAddress, hashCount } from '../../heap/hashes.js'
import { HASH_ENTRY_VALUE, Tag } from '../../heap/layout.js'
import { jsonData } from '../../heap/objects.js'
import { compareStrings, toJsString } from '../../heap/strings.js'
import { failRuntime, MESSAGES } from '../errors.js'
import { formatFloat, formatInteger } from '../format.js'
import type { Runtime } from '../runtime.js'
import { TextBuilder } from '../text-builder.js'
import { typeName } from '../types.js'

/** Characters that are not written as they are; the last four so that the text is safe in HTML and scripts. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these must be escaped
const SPECIAL = /["\\\u0000-\u001f<>&\u2028\u2029]/
const ALL_SPECIAL = new RegExp(SPECIAL, 'g')

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
])

function escaped(character: string): string {
  return SHORT_ESCAPES.get(character) ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function quoted(text: string): string {
  return `"${SPECIAL.test(text) ? text.replace(ALL_SPECIAL, escaped) : text}"`
}

export interface JsonStyle {
  /** Begins the messages about values that JSON cannot express. */
  readonly task: string
  /** What stands before the elements, once per level; null: everything in one line. */
  readonly indent: string | null
}

/** A container whose text is being made. */
interface Open {
  object: number
  /** Addresses of a hash's entries in the order of their names; null: an array. */
  entries: number[] | null
  count: number
  next: number
}

class Writer {
  private readonly text = new TextBuilder()
  private readonly open: Open[] = []
  /** The objects among them. */
  private readonly around = new Set<number>()
  /** A line's end and the indentation of each level. */
  private readonly breaks: string[] = ['\n']

  constructor(
    private readonly rt: Runtime,
    private readonly style: JsonStyle,
  ) {}

  write(slot: number): string {
    this.value(slot)
    const { heap } = this.rt
    for (let inner = this.open.at(-1); inner !== undefined; inner = this.open.at(-1)) {
      const { object, entries, count } = inner
      if (inner.next === count) {
        this.open.pop()
        this.around.delete(object)
        if (count > 0) this.lineBreak()
        this.text.add(entries === null ? ']' : '}')
        continue
      }
      const index = inner.next++
      if (index > 0) this.text.add(',')
      this.lineBreak()
      if (entries === null) this.value(elementAddress(heap, object, index))
      else {
        const entry = entries[index] as number
        this.text.add(quoted(toJsString(heap, heap.referenceOf(entry))))
        this.text.add(this.style.indent === null ? ':' : ': ')
        this.value(entry + HASH_ENTRY_VALUE)
      }
    }
    return this.text.finish()
  }

  /** Writes a scalar, or the beginning of a container. */
  private value(slot: number): void {
    const { heap } = this.rt
    const object = heap.referenceOf(slot)
    switch (heap.tagOf(slot)) {
      case Tag.NULL:
        this.text.add('null')
        break
      case Tag.BOOLEAN:
        this.text.add(object !== 0 ? 'true' : 'false')
        break
      case Tag.INTEGER:
        this.text.add(formatInteger(this.rt, slot))
        break
      case Tag.FLOAT:
        this.float(heap.floatOf(slot))
        break
      case Tag.STRING:
        this.text.add(quoted(toJsString(heap, object)))
        break
      case Tag.ARRAY:
        this.enter({ object, entries: null, count: arrayLength(heap, object), next: 0 })
        break
      case Tag.HASH: {
        const entries = this.sortedEntries(object)
        this.enter({ object, entries, count: entries.length, next: 0 })
        break
      }
      case Tag.JSON:
        // A document's data is never another document.
        this.value(jsonData(object))
        break
      default:
        this.fail(MESSAGES.jsonValueType(typeName(this.rt, slot)))
    }
  }

  private float(value: number): void {
    if (!Number.isFinite(value)) this.fail(MESSAGES.jsonNumber(formatFloat(value)))
    this.text.add(Object.is(value, -0) ? '-0' : String(value))
  }

  private enter(container: Open): void {
    if (this.around.has(container.object)) this.fail(MESSAGES.jsonCycle())
    if (this.open.length === this.rt.maxJsonDepth) this.fail(MESSAGES.jsonDepth(this.rt.maxJsonDepth))
    this.around.add(container.object)
    this.open.push(container)
    this.text.add(container.entries === null ? '[' : '{')
  }

  private sortedEntries(hash: number): number[] {
    const { heap } = this.rt
    const entries: number[] = []
    for (let i = 0, count = hashCount(heap, hash); i < count; i++) {
      const entry = entryAddress(heap, hash, i)
      if (heap.tagOf(entry) !== Tag.STRING) this.fail(MESSAGES.jsonKeyType(typeName(this.rt, entry)))
      entries.push(entry)
    }
    return entries.sort((a, b) => compareStrings(heap, heap.referenceOf(a), heap.referenceOf(b)))
  }

  private lineBreak(): void {
    const { indent } = this.style
    if (indent === null) return
    const level = this.open.length
    for (let i = this.breaks.length; i <= level; i++) this.breaks.push(this.breaks[i - 1] + indent)
    this.text.add(this.breaks[level])
  }

  private fail(reason: string): never {
    failRuntime(this.rt, MESSAGES.jsonWriting(this.style.task, reason))
  }
}

/** The JSON text of the value in a slot; raises a RuntimeError if JSON cannot express it. */
export function writeJson(rt: Runtime, slot: number, style: JsonStyle): string {
  return new Writer(rt, style).write(slot)
}
