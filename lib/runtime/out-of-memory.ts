/** Which JavaScript exceptions are the Rush error `out of memory`. */
import { HeapExhausted } from '../heap/heap.js'

/** What JavaScript says of strings, collections and buffers that are larger than they can be. */
const TOO_LARGE =
  /^(?:Invalid string length|(?:Map|Set) maximum size exceeded|Array buffer allocation failed)$/

export function isOutOfMemory(error: unknown): boolean {
  if (error instanceof HeapExhausted) return true
  if (error instanceof RangeError) return TOO_LARGE.test(error.message)
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'ERR_STRING_TOO_LONG'
}
