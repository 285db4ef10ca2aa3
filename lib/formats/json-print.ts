/**
 * JSON writing for people: two blanks of indentation, lists and objects that hold only numbers on
 * one line, bytes as base64. Unlike `JSON.stringify` it keeps -0 and infinities, and it does not
 * recurse: syntax trees may be deeper than the stack of JavaScript.
 */
import { DocumentError } from './errors.js'

/** Deeper levels are not indented further, so that the size of a text does not grow with its depth. */
const MAX_INDENTED = 40

/** The line break and indentation in front of an entry, by depth. */
const BREAKS: readonly string[] = Array.from(
  { length: MAX_INDENTED + 1 },
  (_, depth) => `\n${'  '.repeat(depth)}`,
)

/** A list or object that is being printed. */
interface Open {
  container: Readonly<Record<string, unknown>> | readonly unknown[]
  /** Field names; null for a list. */
  names: readonly string[] | null
  length: number
  /** Entries printed so far. */
  printed: number
  /** What stands in front of each entry, and in front of the closing bracket. */
  separator: string
  end: string
}

/** Characters that are gathered before they become bytes: long texts that grow take many times their size. */
const PIECE = 1 << 16

/** The JSON text of a document in UTF-8, with a newline at the end. */
export function printJson(document: unknown): Buffer {
  const stack: Open[] = []
  const pieces: Buffer[] = []
  let text = ''
  let value = document
  for (;;) {
    if (text.length >= PIECE) {
      pieces.push(Buffer.from(text))
      text = ''
    }
    if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
      text += Array.isArray(value) ? '[' : '{'
      stack.push(openContainer(value, stack.length))
    } else {
      text += printScalar(value)
    }
    let open = stack[stack.length - 1]
    while (open && open.printed === open.length) {
      text += open.end
      stack.pop()
      open = stack[stack.length - 1]
    }
    if (!open) return Buffer.concat([...pieces, Buffer.from(`${text}\n`)])
    const index = open.printed++
    text += index > 0 ? `,${open.separator || ' '}` : open.separator
    if (open.names) {
      const name = open.names[index] as string
      text += `${JSON.stringify(name)}: `
      value = (open.container as Record<string, unknown>)[name]
    } else {
      value = (open.container as readonly unknown[])[index]
    }
  }
}

function openContainer(container: object, depth: number): Open {
  const list = Array.isArray(container)
  const names = list ? null : Object.keys(container).filter((name) => fieldOf(container, name) !== undefined)
  const length = names ? names.length : (container as readonly unknown[]).length
  const values = names ? names.map((name) => fieldOf(container, name)) : (container as readonly unknown[])
  const flat = values.every((value) => typeof value === 'number')
  const blank = list || length === 0 ? '' : ' '
  return {
    container: container as Record<string, unknown>,
    names,
    length,
    printed: 0,
    separator: flat ? blank : lineBreak(depth + 1),
    end: (flat ? blank : lineBreak(depth)) + (list ? ']' : '}'),
  }
}

function fieldOf(object: object, name: string): unknown {
  return (object as Readonly<Record<string, unknown>>)[name]
}

function printScalar(value: unknown): string {
  if (typeof value === 'number') return printNumber(value)
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'))
  return JSON.stringify(value)
}

function lineBreak(depth: number): string {
  return BREAKS[Math.min(depth, MAX_INDENTED)] as string
}

/** 1e999 is how JSON spells infinity: every reader rounds it to that. NaN has no spelling. */
function printNumber(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value)
  if (Number.isNaN(value)) throw new DocumentError('NaN cannot be written as JSON')
  return value > 0 ? '1e999' : '-1e999'
}
