/** What the disassemblers of all targets share: instructions, data and labels of a piece of code, as text. */

/** A range of bytes in the finished code that is not instructions; end is exclusive. */
export interface DataRange {
  readonly start: number
  readonly end: number
}

/** Bytes in the code, one instruction or datum. */
export interface Extent {
  /** Byte offset from the start of the code. */
  readonly offset: number
  readonly size: number
}

export interface Instruction extends Extent {
  /** Its bytes, in the manner of the target's tools. */
  readonly hex: string
  /** GNU syntax. */
  readonly text: string
  /** Byte offset that `text` refers to by a label: a branch, a literal or an address. */
  readonly target?: number
}

/** Names the target at a displacement in bytes from the instruction's start; undefined: it has no name. */
export type NameTarget = (displacement: number) => string | undefined

/** An instruction as the code of one target has it. */
export interface Decoded {
  readonly size: number
  print(nameTarget: NameTarget): string
}

/** How one target's code is read and written. */
export interface InstructionSet {
  /** Bytes of what is no instruction, and the directive for it: all instructions are multiples of it. */
  readonly unit: 1 | 4
  readonly unitDirective: string
  /** Begins a comment that ends with the line. */
  readonly comment: string
  /** Directives in front of a listing. */
  readonly header: readonly string[]
  decode(code: Uint8Array, offset: number): Decoded | undefined
}

export interface DisassembleOptions {
  /** What is not instructions, ascending: an assembler's `dataRanges`. */
  readonly dataRanges?: readonly DataRange[]
  /** The label of an offset in the instruction that refers to it, by default `labelName`; undefined: none. */
  readonly label?: (target: number, instruction: Extent) => string | undefined
}

export interface ListingOptions extends DisassembleOptions {
  /** Comment lines to put before the instruction at an offset. */
  readonly before?: (offset: number) => readonly string[]
  /** Comment to put behind the instruction. */
  readonly comment?: (instruction: Instruction) => string | undefined
}

/** Where the comment behind an instruction starts, without the indentation. */
const COMMENT_COLUMN = 36

/** The name of the label at an offset. */
export function labelName(offset: number): string {
  return `.L${offset.toString(16)}`
}

/** `. + n`: a target that has no label. */
export function relativeTarget(displacement: number): string {
  if (displacement === 0) return '.'
  return displacement < 0 ? `.${displacement}` : `.+${displacement}`
}

/** Disassembles code. What is no instruction becomes `.byte` or `.word`, data `.quad` where it is aligned. */
export function disassembleWith(
  set: InstructionSet,
  code: Uint8Array,
  options: DisassembleOptions = {},
): Instruction[] {
  const { label = labelName } = options
  const items = scan(set, code, options.dataRanges ?? [])
  // Only starts of items can carry a label; the end of the code can, too.
  const starts = new Set(items.map((item) => item.offset))
  starts.add(code.length)
  return items.map(({ offset, size, decoded }) => {
    const hex = hexOf(set, code, offset, size)
    if (decoded === undefined) return { offset, size, hex, text: dataText(set, code, offset, size) }
    let labelled: number | undefined
    const text = decoded.print((displacement) => {
      const target = offset + displacement
      const name = starts.has(target) ? label(target, { offset, size }) : undefined
      if (name !== undefined) labelled = target
      return name
    })
    return { offset, size, hex, text, target: labelled }
  })
}

/** The listing: labels on lines of their own, one indented instruction or datum per line. */
export function printListingWith(
  set: InstructionSet,
  code: Uint8Array,
  options: ListingOptions = {},
): string[] {
  const instructions = disassembleWith(set, code, options)
  const targets = new Set(instructions.map((instruction) => instruction.target))
  const lines = set.header.map((directive) => `  ${directive}`)
  for (const instruction of instructions) {
    for (const line of options.before?.(instruction.offset) ?? []) lines.push(`  ${set.comment} ${line}`)
    if (targets.has(instruction.offset)) lines.push(`${labelName(instruction.offset)}:`)
    const comment = options.comment?.(instruction)
    const { text } = instruction
    lines.push(
      `  ${comment === undefined ? text : `${text.padEnd(COMMENT_COLUMN)} ${set.comment} ${comment}`}`,
    )
  }
  if (targets.has(code.length)) lines.push(`${labelName(code.length)}:`)
  return lines
}

interface Item extends Extent {
  readonly decoded?: Decoded
}

/** Cuts the code into instructions and data; no instruction reaches into the data behind it. */
function scan(set: InstructionSet, code: Uint8Array, dataRanges: readonly DataRange[]): Item[] {
  const items: Item[] = []
  let offset = 0
  const scanTo = (end: number, isData: boolean): void => {
    const part = code.subarray(0, Math.min(end, code.length))
    while (offset < part.length) {
      const decoded = isData ? undefined : set.decode(part, offset)
      const isQuad = isData && offset % 8 === 0 && offset + 8 <= part.length
      const size = decoded?.size ?? (isQuad ? 8 : set.unit)
      items.push({ offset, size, decoded })
      offset += size
    }
  }
  for (const { start, end } of dataRanges) {
    scanTo(start, false)
    scanTo(end, true)
  }
  scanTo(code.length, false)
  return items
}

/** Words as numbers, shorter units as the bytes stand. */
function hexOf(set: InstructionSet, code: Uint8Array, offset: number, size: number): string {
  if (set.unit === 4 && size === 4) return wordText(code, offset)
  return [...code.subarray(offset, offset + size)].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
}

function wordText(code: Uint8Array, offset: number): string {
  const word = new DataView(code.buffer, code.byteOffset).getUint32(offset, true)
  return word.toString(16).padStart(8, '0')
}

function dataText(set: InstructionSet, code: Uint8Array, offset: number, size: number): string {
  if (size === 8) {
    const quad = new DataView(code.buffer, code.byteOffset).getBigUint64(offset, true)
    return `.quad 0x${quad.toString(16).padStart(16, '0')}`
  }
  return `${set.unitDirective} 0x${hexOf(set, code, offset, size)}`
}
