/**
 * JSON writing for people: two blanks of indentation, lists and objects that hold only numbers on
 * one line, bytes as base64. Unlike `JSON.stringify` it keeps -0 and infinities.
 */
import { DocumentError } from './errors.js'

/** Deeper levels are not indented further, so that the size of a text does not grow with its depth. */
const MAX_INDENTED = 40

/** The line break and indentation in front of an entry, by depth. */
const BREAKS: readonly string[] = Array.from({ length: MAX_INDENTED + 1 }, (_, depth) => `\n${'  '.repeat(depth)}`)

/** The JSON text of a document, with a newline at the end. */
export function printJson(value: unknown): string {
  const printer = new Printer()
  printer.print(value, 0)
  return `${printer.text}\n`
}

class Printer {
  text = ''

  print(value: unknown, depth: number): void {
    if (typeof value === 'number') this.text += printNumber(value)
    else if (value instanceof Uint8Array) this.text += JSON.stringify(Buffer.from(value).toString('base64'))
    else if (typeof value !== 'object' || value === null) this.text += JSON.stringify(value)
    else if (Array.isArray(value)) this.list(value, depth)
    else this.object(value as Record<string, unknown>, depth)
  }

  private list(elements: readonly unknown[], depth: number): void {
    const flat = elements.every((element) => typeof element === 'number')
    const separator = flat ? ' ' : lineBreak(depth + 1)
    this.text += '['
    elements.forEach((element, index) => {
      if (index > 0) this.text += `,${separator}`
      else if (!flat) this.text += separator
      this.print(element, depth + 1)
    })
    this.text += flat ? ']' : `${lineBreak(depth)}]`
  }

  private object(object: Readonly<Record<string, unknown>>, depth: number): void {
    const names = Object.keys(object).filter((name) => object[name] !== undefined)
    const flat = names.every((name) => typeof object[name] === 'number')
    const separator = flat ? ' ' : lineBreak(depth + 1)
    this.text += '{'
    names.forEach((name, index) => {
      this.text += `${index > 0 ? ',' : ''}${separator}${JSON.stringify(name)}: `
      this.print(object[name], depth + 1)
    })
    this.text += names.length === 0 ? '}' : `${flat ? ' ' : lineBreak(depth)}}`
  }
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
