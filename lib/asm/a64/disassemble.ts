/** Code bytes -> instructions and an assembly listing that GNU as turns back into the same bytes. */

import { AssemblerError } from '../buffer.js'
import {
  type DisassembleOptions,
  disassembleWith,
  type Instruction,
  type InstructionSet,
  type ListingOptions,
  printListingWith,
} from '../listing.js'
import { decode } from './decode.js'
import { print } from './print.js'

const WORD = 4

export const A64: InstructionSet = {
  unit: WORD,
  unitDirective: '.word',
  comment: '//',
  header: [],
  decode(code, offset) {
    const word = new DataView(code.buffer, code.byteOffset).getUint32(offset, true)
    const decoded = decode(word)
    if (decoded === undefined) return undefined
    return { size: WORD, print: (nameTarget) => print(decoded, nameTarget) }
  },
}

/** Disassembles the code, whose length is a multiple of 4. Unknown words become `.word`, data `.word` or `.quad`. */
export function disassemble(code: Uint8Array, options?: DisassembleOptions): Instruction[] {
  checkLength(code)
  return disassembleWith(A64, code, options)
}

/** The listing of the code: see `printListingWith`. */
export function printListing(code: Uint8Array, options?: ListingOptions): string[] {
  checkLength(code)
  return printListingWith(A64, code, options)
}

function checkLength(code: Uint8Array): void {
  if (code.length % WORD !== 0)
    throw new AssemblerError(`code length ${code.length} is not a multiple of ${WORD}`)
}
