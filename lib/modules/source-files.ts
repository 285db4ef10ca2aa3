/** Reads the files of modules. */
import { ALL_FILES, readFile } from '../files/access.js'
import { systemCode, systemReason } from '../files/reasons.js'
import { AccessRefused } from '../files/sandbox.js'
import { sha256 } from '../files/sha256.js'
import { decodeUtf8 } from '../formats/utf8.js'

/** The text of a module, or why it cannot be had, as the error of the import says it. */
export type SourceRead = string | { error: string }

export function readSource(path: string, files = ALL_FILES): SourceRead {
  let text: string | number
  try {
    text = decodeUtf8(readFile(path, files))
  } catch (error) {
    if (error instanceof AccessRefused) return { error: error.message }
    const code = systemCode(error)
    if (code === null) throw error
    const action = code === 'EISDIR' ? 'read' : 'open'
    return { error: `failed to read module ${path}: ${action} ${path}: ${systemReason(code)}` }
  }
  if (typeof text === 'string') return text
  return { error: `failed to read module ${path}: not valid UTF-8 at byte ${text}` }
}

/** SHA-256 of a source text, hexadecimal. */
export function hashOf(text: string): string {
  return sha256(text)
}

/** All that later stages see of a read, in short: the hash of the text, or the error. */
export function stateOf(read: SourceRead): string {
  return typeof read === 'string' ? hashOf(read) : read.error
}
