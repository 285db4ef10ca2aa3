/** Code bytes -> instructions and an assembly listing that GNU as turns back into the same bytes. */

import { AssemblerError } from '../buffer.js'
import { type DecodedInstruction, decode } from './decode.js'
import type { DataRange } from './emitter.js'
import { print, relativeTarget } from './print.js'

export interface Instruction {
  /** Byte offset from the start of the code. */
  readonly offset: number
  /** 4, or 8 for a .quad of a data range. */
  readonly size: 4 | 8
  /** The (first) word, unsigned. */
  readonly word: number
  /** GNU syntax; targets inside the code are named .L followed by their offset in hexadecimal. */
  readonly text: string
  /** Byte offset of the branch, literal or address operand, if there is one. */
  readonly target?: number
}

export interface DisassembleOptions {
  /** What is not instructions, ascending; A64Assembler.dataRanges. */
  readonly dataRanges?: readonly DataRange[]
}

export interface ListingOptions extends DisassembleOptions {
  /** Comment lines to put before the instruction at an offset. */
  readonly before?: (offset: number) => readonly string[]
  /** Comment to put behind the instruction. */
  readonly comment?: (instruction: Instruction) => string | undefined
}

/** Disassembles the code, whose length is a multiple of 4. Unknown words become `.word`, data `.word` or `.quad`. */
export function disassemble(code: Uint8Array, options: DisassembleOptions = {}): Instruction[] {
  if (code.length % 4 !== 0) throw new AssemblerError(`code length ${code.length} is not a multiple of 4`)
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength)
  const items = scan(view, options.dataRanges ?? [])
  // Only starts of items can carry a label; the end of the code can, too.
  const starts = new Set(items.map((item) => item.offset))
  starts.add(code.length)
  return items.map((item) => finishItem(item, view, starts))
}

/** The name of the label at an offset. */
export function labelName(offset: number): string {
  return `.L${offset.toString(16)}`
}

/** The listing: labels on lines of their own, one indented instruction or datum per line. */
export function printListing(code: Uint8Array, options: ListingOptions = {}): string[] {
  const instructions = disassemble(code, options)
  const targets = new Set(instructions.map((instruction) => instruction.target))
  const lines: string[] = []
  for (const instruction of instructions) {
    for (const line of options.before?.(instruction.offset) ?? []) lines.push(`  // ${line}`)
    if (targets.has(instruction.offset)) lines.push(`${labelName(instruction.offset)}:`)
    const comment = options.comment?.(instruction)
    lines.push(
      `  ${comment === undefined ? instruction.text : `${instruction.text.padEnd(36)} // ${comment}`}`,
    )
  }
  if (targets.has(code.length)) lines.push(`${labelName(code.length)}:`)
  return lines
}

interface Item {
  readonly offset: number
  readonly size: 4 | 8
  readonly word: number
  readonly decoded?: DecodedInstruction
}

function scan(view: DataView, dataRanges: readonly DataRange[]): Item[] {
  const items: Item[] = []
  for (let offset = 0; offset < view.byteLength; ) {
    const word = view.getUint32(offset, true)
    const at = offset
    const range = dataRanges.find(({ start, end }) => at >= start && at < end)
    const size =
      range !== undefined && offset % 8 === 0 && offset + 8 <= Math.min(range.end, view.byteLength) ? 8 : 4
    items.push({ offset, size, word, decoded: range === undefined ? decode(word) : undefined })
    offset += size
  }
  return items
}

function finishItem(item: Item, view: DataView, starts: ReadonlySet<number>): Instruction {
  const { offset, size, word, decoded } = item
  if (size === 8) {
    const text = `.quad 0x${view.getBigUint64(offset, true).toString(16).padStart(16, '0')}`
    return { offset, size, word, text }
  }
  if (decoded === undefined)
    return { offset, size, word, text: `.word 0x${word.toString(16).padStart(8, '0')}` }
  let target: number | undefined
  const text = print(decoded, (displacement) => {
    target = offset + displacement
    return starts.has(target) ? labelName(target) : relativeTarget(displacement)
  })
  return { offset, size, word, text, target }
}
