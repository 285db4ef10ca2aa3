/** Writing documents: the same document always gives the same bytes. */
import { withChecksum } from './checksum.js'
import type { Encoding, RushDocument } from './envelope.js'
import { printJson } from './json-print.js'
import { packMsgpack } from './msgpack.js'

/**
 * The bytes of a document. Fields are written in the order in which they stand in it; fields that
 * are undefined are left out.
 */
export function writeDocument(document: RushDocument, encoding: Encoding): Uint8Array {
  const written = document.format === 'rush-object' ? withChecksum(document) : document
  return encoding === 'json' ? Buffer.from(printJson(written)) : packMsgpack(written)
}
