/**
 * The checksum of object documents, which only their encoded forms have: machine code cannot be checked by looking at
 * it, so damage to a file must be noticed otherwise. It says nothing about who made the document.
 */
import type { ObjectDocument } from '../jit/object.js'
import { canonicalHash } from './canonical.js'

/** The document as it is written. */
export interface WrittenObject extends ObjectDocument {
  /** Of all other fields, in both encodings the same. */
  checksum: string
}

export function withChecksum(document: ObjectDocument): WrittenObject {
  return { ...document, checksum: checksumOf(document) }
}

/** Takes the checksum away; false if it is not that of the document. `code` are bytes. */
export function takeChecksum(document: ObjectDocument): boolean {
  const { checksum } = document as WrittenObject
  delete (document as Partial<WrittenObject>).checksum
  return checksum === checksumOf(document)
}

function checksumOf(document: ObjectDocument): string {
  const functions = document.functions.map((entry) => {
    const { code } = entry
    return { ...entry, code: typeof code === 'string' ? Buffer.from(code, 'base64') : code }
  })
  return canonicalHash({ ...document, functions })
}
