/** Writing documents: the same document always gives the same bytes. */
import { withChecksum } from './checksum.js'
import type { Encoding, RushDocument } from './envelope.js'
import { DocumentError } from './errors.js'
import { printJson } from './json-print.js'
import { packMsgpack } from './msgpack.js'

/**
 * The bytes of a document. Fields are written in the order in which they stand in it; fields that
 * are undefined are left out.
 *
 * @throws DocumentError if it is too large
 */
export function writeDocument(document: RushDocument, encoding: Encoding): Uint8Array {
  const written = document.format === 'rush-object' ? withChecksum(document) : document
  try {
    return encoding === 'json' ? printJson(written) : packMsgpack(written)
  } catch (error) {
    // JavaScript has limits for strings and buffers.
    if (!(error instanceof RangeError)) throw error
    throw new DocumentError(`the ${document.format} document is too large to be written as ${encoding}`)
  }
}
