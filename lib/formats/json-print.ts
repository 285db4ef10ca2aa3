/**
 * JSON writing for people: two blanks of indentation, lists and objects that hold only numbers on
 * one line, bytes as base64. Unlike `JSON.stringify` it keeps -0 and infinities.
 */

import { DocumentError } from './errors.js'

/** The JSON text of a document, with a newline at the end. */
export function printJson(value: unknown): string {
  return `${print(value, '\n')}\n`
}

function print(value: unknown, newline: string): string {
  if (typeof value === 'number') return printNumber(value)
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'))
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const list = Array.isArray(value)
  const [open, close] = list ? '[]' : '{}'
  const pad = list ? '' : ' '
  const entries: [string, unknown][] = list
    ? value.map((element) => ['', element])
    : Object.entries(value)
        .filter(([, field]) => field !== undefined)
        .map(([name, field]) => [`${JSON.stringify(name)}: `, field])
  if (entries.length === 0) return `${open}${close}`
  if (entries.every(([, field]) => typeof field === 'number')) {
    const parts = entries.map(([name, field]) => name + printNumber(field as number))
    return `${open}${pad}${parts.join(', ')}${pad}${close}`
  }
  const inner = `${newline}  `
  const parts = entries.map(([name, field]) => name + print(field, inner))
  return `${open}${inner}${parts.join(`,${inner}`)}${newline}${close}`
}

/** 1e999 is how JSON spells infinity: every reader rounds it to that. NaN has no spelling. */
function printNumber(value: number): string {
  if (Number.isFinite(value)) return Object.is(value, -0) ? '-0' : String(value)
  if (Number.isNaN(value)) throw new DocumentError('NaN cannot be written as JSON')
  return value > 0 ? '1e999' : '-1e999'
}
