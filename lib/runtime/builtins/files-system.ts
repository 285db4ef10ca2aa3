/** The border to the system: errors of node:fs become Rush errors, bytes become text and back. */
import { isUtf8 } from 'node:buffer'
import { systemCode, systemReason } from '../../files/reasons.js'
import { HeapExhausted } from '../../heap/heap.js'
import { failRuntime, MESSAGES } from '../errors.js'
import type { Runtime } from '../runtime.js'

/** What is being done, for the message `failed to TASK NAME: OPERATION PATH: REASON`. */
export interface Attempt {
  task: string
  name: string
  operation: string
  path: string
}

/** Raises the Rush error for what the system refused. */
export function failSystem(rt: Runtime, { task, name, operation, path }: Attempt, code: string): never {
  failRuntime(rt, MESSAGES.systemFailure(task, name, operation, path, systemReason(code)))
}

/** Does something with the system; what it refuses becomes a Rush error. */
export function attempt<T>(rt: Runtime, what: Attempt, action: () => T): T {
  try {
    return action()
  } catch (error) {
    const code = systemCode(error)
    if (code === null) throw error
    failSystem(rt, what, code)
  }
}

/**
 * A byte that is not part of valid UTF-8 is the character ESCAPE + byte: a lone surrogate, which no valid
 * text has. So every file can be copied through a string.
 */
const ESCAPE = 0xdc00
const ESCAPED = /([\udc80-\udcff]+)/u

/** Length of the valid UTF-8 sequence that begins at `at`, or 0. */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at] as number
  if (first < 0x80) return 1
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2
  return at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0
}

/** The text of bytes that are not all valid UTF-8. */
function damagedText(bytes: Buffer): string {
  let text = ''
  /** From here on all is valid. */
  let start = 0
  for (let at = 0; at < bytes.length; ) {
    const width = sequenceLength(bytes, at)
    if (width === 0) {
      text += bytes.toString('utf8', start, at) + String.fromCharCode(ESCAPE + (bytes[at] as number))
      start = at + 1
    }
    at += Math.max(1, width)
  }
  return text + bytes.toString('utf8', start)
}

/** The text that the bytes stand for. */
export function textOfBytes(bytes: Buffer): string {
  return withinLimits(() => (isUtf8(bytes) ? bytes.toString('utf8') : damagedText(bytes)))
}

/** The bytes of a text. */
export function bytesOfText(text: string): Buffer {
  if (!ESCAPED.test(text)) return withinLimits(() => Buffer.from(text, 'utf8'))
  const pieces = text
    .split(ESCAPED)
    .map((piece, i) =>
      i % 2 === 0
        ? Buffer.from(piece, 'utf8')
        : Buffer.from(Array.from(piece, (character) => character.charCodeAt(0) - ESCAPE)),
    )
  return Buffer.concat(pieces)
}

/** A name as node:fs takes it. */
export function systemName(name: string): string | Buffer {
  return ESCAPED.test(name) ? bytesOfText(name) : name
}

/** Makes JavaScript strings; the longest one there can be is a limit of memory like others. */
function withinLimits<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined
    if (error instanceof RangeError || code === 'ERR_STRING_TOO_LONG') throw new HeapExhausted(0x20000000)
    throw error
  }
}
