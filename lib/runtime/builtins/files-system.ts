/** The border to the system: errors of node:fs become Rush errors, bytes become text and back. */
import { isUtf8 } from 'node:buffer'
import { systemCode, systemReason } from '../../files/reasons.js'
import { failRuntime, MESSAGES } from '../errors.js'
import type { Runtime } from '../runtime.js'
import { damagedBytes, damagedText, isDamaged } from './damaged-text.js'

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

/** The text that the bytes stand for. */
export function textOfBytes(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString('utf8') : damagedText(bytes)
}

/** The bytes of a text. */
export function bytesOfText(text: string): Buffer {
  return isDamaged(text) ? damagedBytes(text) : Buffer.from(text, 'utf8')
}

/** A name as node:fs takes it. */
export function systemName(name: string): string | Buffer {
  return isDamaged(name) ? damagedBytes(name) : name
}
