/**
 * Object code as a relocatable ELF file: the functions' code one behind the other in .text, a symbol for each,
 * undefined symbols for what relocations refer to. Numbers and layouts are those of the System V ABI, of "ELF
 * for the Arm 64-bit Architecture" and of the "AMD64 Architecture Processor Supplement".
 */
import type { ObjectDocument, ObjectRelocation, RelocationKind, TargetName } from './object.js'
import { checkObject, placeCode, symbolNames, textOf } from './object-code.js'
import { TARGETS } from './target.js'

const ET_REL = 1

const SectionType = { NULL: 0, PROGBITS: 1, SYMTAB: 2, STRTAB: 3, RELA: 4 } as const
const SectionFlag = { ALLOC: 2, EXECINSTR: 4, INFO_LINK: 0x40 } as const
const Bind = { LOCAL: 0, GLOBAL: 1 } as const
const SymbolType = { NOTYPE: 0, FUNC: 2 } as const

/** One entry of a relocation table, relative to where our relocation stands. */
interface Row {
  type: number
  offset: number
  addend: number
}

interface ElfTarget {
  /** e_machine */
  machine: number
  textAlignment: number
  /** Symbols that tell disassemblers where instructions and where data begin: the convention on ARM64. */
  mappingSymbols: boolean
  /** @param word the 32 bits that the relocation patches first */
  rows(kind: RelocationKind, word: number): Row[]
}

const A64Relocation = {
  MOVW_UABS_G0_NC: 264,
  MOVW_UABS_G1_NC: 266,
  MOVW_UABS_G2_NC: 268,
  MOVW_UABS_G3: 269,
  JUMP26: 282,
  CALL26: 283,
} as const

/** Of movz, movk, movk, movk: bits 0-15 first. */
const ABS64_TYPES = [
  A64Relocation.MOVW_UABS_G0_NC,
  A64Relocation.MOVW_UABS_G1_NC,
  A64Relocation.MOVW_UABS_G2_NC,
  A64Relocation.MOVW_UABS_G3,
] as const

const X64_ROWS: { readonly [K in RelocationKind]?: Omit<Row, 'offset'> } = {
  // R_X86_64_PLT32; displacements count from the next instruction, four bytes on.
  rel32: { type: 4, addend: -4 },
  // R_X86_64_64
  imm64: { type: 1, addend: 0 },
  // R_X86_64_32: linkers refuse addresses whose high half is not 0, since none of theirs drops it.
  imm32: { type: 10, addend: 0 },
}

const ELF_TARGETS: { readonly [K in TargetName]: ElfTarget } = {
  arm64: {
    machine: 183,
    textAlignment: 8,
    mappingSymbols: true,
    rows(kind, word) {
      // Bit 31 tells bl from b.
      if (kind === 'call26')
        return [
          { type: word >>> 31 === 1 ? A64Relocation.CALL26 : A64Relocation.JUMP26, offset: 0, addend: 0 },
        ]
      const types = kind === 'abs64' ? ABS64_TYPES : ABS64_TYPES.slice(0, 2)
      return types.map((type, i) => ({ type, offset: 4 * i, addend: 0 }))
    },
  },
  x64: {
    machine: 62,
    textAlignment: TARGETS.x64.codeAlignment,
    mappingSymbols: false,
    rows(kind) {
      const row = X64_ROWS[kind]
      return row === undefined ? [] : [{ ...row, offset: 0 }]
    },
  },
}

const HEADER_BYTES = 64
const SECTION_HEADER_BYTES = 64
const SYMBOL_BYTES = 24
const RELA_BYTES = 24

/** Sections in file order; their numbers are their places here. */
const SECTION_NAMES = [
  '',
  '.text',
  '.rela.text',
  '.symtab',
  '.strtab',
  '.shstrtab',
  '.note.GNU-stack',
] as const
const Section = { TEXT: 1, SYMTAB: 3, STRTAB: 4, SHSTRTAB: 5 } as const

interface Symbol {
  name: string
  bind: number
  type: number
  /** 0 = undefined. */
  section: number
  value: number
  size: number
}

/** Names one behind the other, each ended by a zero; equal ones are stored once. */
class StringTable {
  private readonly offsets = new Map<string, number>([['', 0]])
  private readonly chunks: Uint8Array[] = [new Uint8Array(1)]
  private length = 1

  add(text: string): number {
    const known = this.offsets.get(text)
    if (known !== undefined) return known
    const bytes = Buffer.from(`${text}\0`)
    const offset = this.length
    this.offsets.set(text, offset)
    this.chunks.push(bytes)
    this.length += bytes.length
    return offset
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.chunks)
  }
}

/** Rows of a table whose entries have a fixed size. */
function table<T>(items: readonly T[], size: number, write: (view: DataView, item: T) => void): Uint8Array {
  const bytes = new Uint8Array(items.length * size)
  items.forEach((item, i) => {
    write(new DataView(bytes.buffer, i * size, size), item)
  })
  return bytes
}

/** @throws DocumentError if the document is not consistent */
export function writeElf(object: ObjectDocument): Uint8Array {
  checkObject(object)
  const target = ELF_TARGETS[object.target]
  const names = symbolNames(object.program)
  const locals: Symbol[] = [{ name: '', bind: Bind.LOCAL, type: 0, section: 0, value: 0, size: 0 }]
  const functions: Symbol[] = []
  const references: (Row & { symbol: string })[] = []
  for (const { entry, code, start } of placeCode(object)) {
    if (target.mappingSymbols) {
      locals.push(mapping('$x', start))
      if (entry.instructionBytes < code.length) locals.push(mapping('$d', start + entry.instructionBytes))
    }
    functions.push({
      name: names[entry.index] as string,
      bind: Bind.GLOBAL,
      type: SymbolType.FUNC,
      section: Section.TEXT,
      value: start,
      size: code.length,
    })
    references.push(...referencesOf(target, entry.relocations, code, start))
  }
  const undefinedNames = [...new Set(references.map(({ symbol }) => symbol))].sort()
  const symbols = [
    ...locals,
    ...functions,
    ...undefinedNames.map(
      (name): Symbol => ({ name, bind: Bind.GLOBAL, type: 0, section: 0, value: 0, size: 0 }),
    ),
  ]
  const firstUndefined = locals.length + functions.length
  const numbers = new Map(undefinedNames.map((name, i) => [name, firstUndefined + i]))
  const strings = new StringTable()
  const symtab = table(symbols, SYMBOL_BYTES, (view, symbol) => writeSymbol(view, symbol, strings))
  const rela = table(references, RELA_BYTES, (view, { offset, type, addend, symbol }) => {
    view.setBigUint64(0, BigInt(offset), true)
    view.setUint32(8, type, true)
    view.setUint32(12, numbers.get(symbol) as number, true)
    view.setBigInt64(16, BigInt(addend), true)
  })
  return writeFile(target, textOf(object), rela, symtab, strings.bytes, locals.length)
}

/** The rows of the relocation table for code that begins at `start`. */
function referencesOf(
  target: ElfTarget,
  relocations: readonly ObjectRelocation[],
  code: Uint8Array,
  start: number,
): (Row & { symbol: string })[] {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength)
  return relocations.flatMap(({ offset, kind, symbol }) =>
    target
      .rows(kind, view.getUint32(offset, true))
      .map((row) => ({ ...row, offset: start + offset + row.offset, symbol })),
  )
}

function mapping(name: string, value: number): Symbol {
  return { name, bind: Bind.LOCAL, type: SymbolType.NOTYPE, section: Section.TEXT, value, size: 0 }
}

function writeSymbol(view: DataView, symbol: Symbol, strings: StringTable): void {
  view.setUint32(0, strings.add(symbol.name), true)
  view.setUint8(4, (symbol.bind << 4) | symbol.type)
  view.setUint16(6, symbol.section, true)
  view.setBigUint64(8, BigInt(symbol.value), true)
  view.setBigUint64(16, BigInt(symbol.size), true)
}

interface SectionData {
  type: number
  flags: number
  bytes: Uint8Array
  link: number
  info: number
  alignment: number
  entryBytes: number
}

function writeFile(
  target: ElfTarget,
  text: Uint8Array,
  rela: Uint8Array,
  symtab: Uint8Array,
  strtab: Uint8Array,
  firstGlobal: number,
): Uint8Array {
  const names = new StringTable()
  const nameOffsets = SECTION_NAMES.map((name) => names.add(name))
  const plain = { flags: 0, link: 0, info: 0, alignment: 1, entryBytes: 0 }
  const { ALLOC, EXECINSTR, INFO_LINK } = SectionFlag
  const sections: SectionData[] = [
    { ...plain, type: SectionType.NULL, bytes: new Uint8Array(), alignment: 0 },
    {
      ...plain,
      type: SectionType.PROGBITS,
      flags: ALLOC | EXECINSTR,
      bytes: text,
      alignment: target.textAlignment,
    },
    {
      type: SectionType.RELA,
      flags: INFO_LINK,
      bytes: rela,
      link: Section.SYMTAB,
      info: Section.TEXT,
      alignment: 8,
      entryBytes: RELA_BYTES,
    },
    {
      type: SectionType.SYMTAB,
      flags: 0,
      bytes: symtab,
      link: Section.STRTAB,
      info: firstGlobal,
      alignment: 8,
      entryBytes: SYMBOL_BYTES,
    },
    { ...plain, type: SectionType.STRTAB, bytes: strtab },
    { ...plain, type: SectionType.STRTAB, bytes: names.bytes },
    { ...plain, type: SectionType.PROGBITS, bytes: new Uint8Array() },
  ]
  let end = HEADER_BYTES
  const offsets = sections.map(({ bytes, alignment }) => {
    const offset = alignment > 1 ? Math.ceil(end / alignment) * alignment : end
    end = offset + bytes.length
    return offset
  })
  const headers = Math.ceil(end / 8) * 8
  const file = new Uint8Array(headers + sections.length * SECTION_HEADER_BYTES)
  writeHeader(new DataView(file.buffer, 0, HEADER_BYTES), target.machine, headers, sections.length)
  sections.forEach((section, i) => {
    const offset = section.type === SectionType.NULL ? 0 : (offsets[i] as number)
    file.set(section.bytes, offset)
    const view = new DataView(file.buffer, headers + i * SECTION_HEADER_BYTES, SECTION_HEADER_BYTES)
    view.setUint32(0, nameOffsets[i] as number, true)
    view.setUint32(4, section.type, true)
    view.setBigUint64(8, BigInt(section.flags), true)
    view.setBigUint64(24, BigInt(offset), true)
    view.setBigUint64(32, BigInt(section.bytes.length), true)
    view.setUint32(40, section.link, true)
    view.setUint32(44, section.info, true)
    view.setBigUint64(48, BigInt(section.alignment), true)
    view.setBigUint64(56, BigInt(section.entryBytes), true)
  })
  return file
}

/** @param sectionHeaders offset of the section headers in the file */
function writeHeader(view: DataView, machine: number, sectionHeaders: number, sectionCount: number): void {
  // 64 bits, little-endian, version 1, System V.
  for (const [i, byte] of [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0].entries()) view.setUint8(i, byte)
  view.setUint16(16, ET_REL, true)
  view.setUint16(18, machine, true)
  view.setUint32(20, 1, true)
  view.setBigUint64(40, BigInt(sectionHeaders), true)
  view.setUint16(52, HEADER_BYTES, true)
  view.setUint16(58, SECTION_HEADER_BYTES, true)
  view.setUint16(60, sectionCount, true)
  view.setUint16(62, Section.SHSTRTAB, true)
}
