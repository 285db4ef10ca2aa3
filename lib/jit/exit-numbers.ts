/**
 * How exits are numbered: native code tells which one it takes by the number of its code, then the number of the
 * exit in that code. The code of function `i` in an object document has the number `i`; code that is made while
 * the program runs has numbers behind those.
 */

const EXIT_BITS = 12
/** Exits of one piece of code. */
export const MAX_EXITS = 1 << EXIT_BITS
/** Numbers of codes that fit into the request. */
export const MAX_CODES = 1 << (31 - EXIT_BITS)

/** The number of the first exit of a piece of code. */
export function firstExitOf(code: number): number {
  return code << EXIT_BITS
}

export function splitExit(request: number): { code: number; exit: number } {
  return { code: request >>> EXIT_BITS, exit: request & (MAX_EXITS - 1) }
}
