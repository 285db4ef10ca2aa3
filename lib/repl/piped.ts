/** Input that is not a terminal: read quietly to its end; every piece runs as soon as it is complete. */
import { FileError, readChunk, reasonOf } from '../files/streams.js'
import { decodeUtf8 } from '../formats/utf8.js'
import type { Mode, RunOptions } from '../run/options.js'
import { Conversation } from './conversation.js'
import { Session } from './session.js'

const NEWLINE = 0x0a

/** @throws FileError */
export async function readPiped(mode: Mode, options: RunOptions): Promise<void> {
  const session = await Session.open(mode, options, false)
  const conversation = new Conversation(session, options.output, options.errors)
  try {
    for (const bytes of inputLines()) {
      const text = decodeUtf8(bytes)
      if (typeof text === 'number') options.errors.write('Error reading input: not valid UTF-8\n')
      else if ((await conversation.line(text)) === 'quit') return
    }
    conversation.end()
  } finally {
    session.close()
  }
}

/** The lines of standard input without their line breaks. */
function* inputLines(): Generator<Uint8Array> {
  /** The beginning of a line whose end has not been read. */
  let parts: Uint8Array[] = []
  for (;;) {
    let chunk = nextChunk()
    if (chunk.length === 0) break
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE)) {
      yield Buffer.concat([...parts, chunk.subarray(0, end)])
      parts = []
      chunk = chunk.subarray(end + 1)
    }
    parts.push(chunk)
  }
  const rest = Buffer.concat(parts)
  if (rest.length > 0) yield rest
}

function nextChunk(): Uint8Array {
  try {
    return readChunk(0)
  } catch (error) {
    throw new FileError(`Error reading input: ${reasonOf(error)}`)
  }
}
