/** What is common to all documents: the kinds, their versions and their two encodings. */
import type { BytecodeProgram } from '../bytecode/program.js'
import type { ObjectDocument } from '../jit/object.js'
import type { ProfileDocument } from '../jit/profile.js'
import type { AstDocument } from '../syntax/ast.js'

/** The type of each document by the word in its `format` field. */
export interface DocumentTypes {
  'rush-ast': AstDocument
  'rush-bytecode': BytecodeProgram
  'rush-profile': ProfileDocument
  'rush-object': ObjectDocument
}

export type DocumentKind = keyof DocumentTypes
export type RushDocument = DocumentTypes[DocumentKind]
export type Encoding = 'json' | 'msgpack'

/** The version of each kind that this build reads and writes. */
export const VERSIONS: { readonly [K in DocumentKind]: DocumentTypes[K]['version'] } = {
  'rush-ast': 2,
  'rush-bytecode': 2,
  'rush-profile': 4,
  'rush-object': 3,
}

/** Whether `word` is one of the four kinds. */
export function isDocumentKind(word: unknown): word is DocumentKind {
  return typeof word === 'string' && Object.hasOwn(VERSIONS, word)
}

/** Every msgpack document is a map, whose first byte is above ASCII and is no byte order mark. */
export function detectEncoding(bytes: Uint8Array): Encoding {
  const first = bytes[0] ?? 0
  return first >= 0x80 && first !== 0xef ? 'msgpack' : 'json'
}
