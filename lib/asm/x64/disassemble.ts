/** Code bytes -> instructions and an assembly listing that GNU as turns back into the same bytes. */
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

export const X64: InstructionSet = {
  unit: 1,
  unitDirective: '.byte',
  comment: '#',
  header: ['.intel_syntax noprefix'],
  decode(code, offset) {
    const decoded = decode(code, offset)
    return decoded && { size: decoded.size, print: (nameTarget) => print(decoded, nameTarget) }
  },
}

/** Disassembles the code. Bytes that are no instruction become `.byte`, data `.byte` or `.quad`. */
export function disassemble(code: Uint8Array, options?: DisassembleOptions): Instruction[] {
  return disassembleWith(X64, code, options)
}

/** The listing of the code: see `printListingWith`. */
export function printListing(code: Uint8Array, options?: ListingOptions): string[] {
  return printListingWith(X64, code, options)
}
