/** Which JavaScript exceptions are Rush errors: what there is no memory for, and what may not be so long. */
import { HeapExhausted, TooLong } from '../heap/heap.js'
import { MESSAGES } from './errors.js'

/** What JavaScript says of strings, collections and buffers that are larger than they can be. */
const TOO_LARGE =
  /^(?:Invalid string length|(?:Map|Set) maximum size exceeded|Array buffer allocation failed)$/

/** The message of the Rush error that an exception stands for, or null if it is none of these. */
export function exhaustionMessage(error: unknown): string | null {
  if (error instanceof TooLong) return MESSAGES.tooLong(error.kind, error.limit)
  return isOutOfMemory(error) ? MESSAGES.outOfMemory() : null
}

function isOutOfMemory(error: unknown): boolean {
  if (error instanceof HeapExhausted) return true
  if (error instanceof RangeError) return TOO_LARGE.test(error.message)
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_STRING_TOO_LONG'
}
