import { printable } from '../syntax/printable.js'

/** Characters. */
const MAX_MESSAGE = 2000

/**
 * A document that cannot be read or written: the one kind of error that leaves this folder. Its
 * message is one line for people and begins with the name of the file.
 */
export class DocumentError extends Error {
  override name = 'DocumentError'

  constructor(message: string) {
    super(printable(message, MAX_MESSAGE))
  }
}
