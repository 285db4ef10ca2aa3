/** Reads the files of modules. */
import { ALL_FILES, readFile } from '../files/access.js'
import { systemCode, systemReason } from '../files/reasons.js'
import { AccessRefused } from '../files/sandbox.js'
import { sha256 } from '../files/sha256.js'
import { decodeUtf8 } from '../formats/utf8.js'

/** The text of a module, or why it cannot be had, as the error of the import says it. */
export type SourceRead = string | { error: string }

export function readSource(path: string, files = ALL_FILES, limit = Number.POSITIVE_INFINITY): SourceRead {
  let text: string | number
  try {
    text = decodeUtf8(readFile(path, files, Math.max(0, limit), tooMuch))
  } catch (error) {
    if (error instanceof SourceTooLarge)
      return { error: `failed to read module ${path}: ${SOURCE_TOO_LARGE}` }
    if (error instanceof AccessRefused) return { error: error.message }
    const code = systemCode(error)
    if (code === null) throw error
    const action = code === 'EISDIR' ? 'read' : 'open'
    return { error: `failed to read module ${path}: ${action} ${path}: ${systemReason(code)}` }
  }
  if (typeof text === 'string') return text
  return { error: `failed to read module ${path}: not valid UTF-8 at byte ${text}` }
}

class SourceTooLarge extends Error {}

/** The limit counts all of them together, so its number would tell little. */
const SOURCE_TOO_LARGE = 'the program and its modules are too large (see -max-source)'

function tooMuch(): never {
  throw new SourceTooLarge()
}

/** SHA-256 of a source text, hexadecimal. */
export function hashOf(text: string): string {
  return sha256(text)
}

/** All that later stages see of a read, in short: the hash of the text, or the error. */
export function stateOf(read: SourceRead): string {
  return typeof read === 'string' ? hashOf(read) : read.error
}
