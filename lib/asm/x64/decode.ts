/** Bytes -> instruction form + operand values. */
import {
  encode,
  isRegisterKind,
  type Memory,
  memory,
  NO_INDEX,
  type OperandValue,
  problemOf,
  Rex,
  RIP,
  Special,
} from './encode.js'
import { ALL_FORMS, type Form, type OperandKind } from './forms.js'

export interface DecodedInstruction {
  readonly form: Form
  readonly values: readonly OperandValue[]
  /** Bytes. */
  readonly size: number
}

// Tables made when first wanted: they take longer than a short program.

/** Forms by prefix, REX.W and opcode bytes, those with a register in the opcode under each of eight. */
let candidates: ReadonlyMap<string, readonly Form[]> | null = null

/** The rows before a form that are written like it: where one of them fits, GNU as takes that. */
let rivals: ReadonlyMap<Form, readonly Form[]> | null = null

const MANDATORY_PREFIXES: readonly number[] = [0x66, 0xf2, 0xf3]

/**
 * The instruction at an offset, or undefined if no form has it, it does not end inside the code, or GNU as
 * would make other bytes of its text.
 */
export function decode(code: Uint8Array, offset = 0): DecodedInstruction | undefined {
  const head = readHead(code, offset)
  candidates ??= buildCandidates()
  for (const form of candidates.get(keyOf(head.prefix, (head.rex & Rex.W) !== 0, head.opcode)) ?? []) {
    const decoded = decodeAs(form, code, offset, head)
    if (decoded !== undefined) return decoded
  }
  return undefined
}

/** Whether GNU as makes this form of the text of the form with these operands. */
export function isPreferred(form: Form, values: readonly OperandValue[]): boolean {
  rivals ??= buildRivals()
  return (rivals.get(form) ?? []).every((rival) => problemOf(rival, values) !== null)
}

interface Head {
  readonly prefix: number
  readonly rex: number
  readonly opcode: readonly number[]
  /** Offset behind the opcode. */
  readonly end: number
}

function readHead(code: Uint8Array, offset: number): Head {
  let at = offset
  const byte = (): number => code[at] ?? -1
  const prefix = MANDATORY_PREFIXES.includes(byte()) ? byte() : 0
  if (prefix !== 0) at++
  const rex = (byte() & 0xf0) === Rex.PREFIX ? byte() : 0
  if (rex !== 0) at++
  const start = at
  if (byte() === 0x0f) {
    at++
    if (byte() === 0x38 || byte() === 0x3a) at++
  }
  at++
  return { prefix, rex, opcode: [...code.subarray(start, at)], end: at }
}

function decodeAs(form: Form, code: Uint8Array, offset: number, head: Head): DecodedInstruction | undefined {
  const { rex } = head
  let at = head.end
  let reg = 0
  let rm: number | Memory | undefined
  if (form.digit >= 0 || form.operands.some(({ place }) => place === 'rm')) {
    const modrm = readModRm(code, at, rex)
    if (modrm === undefined || (form.digit >= 0 && modrm.reg !== form.digit)) return undefined
    ;({ reg, rm, end: at } = modrm)
  }
  const values: OperandValue[] = []
  for (const { kind, place } of form.operands) {
    switch (place) {
      case 'reg':
        values.push(reg + (rex & Rex.R ? 8 : 0))
        break
      case 'rm':
        values.push(rm as number | Memory)
        break
      case 'opcode':
        values.push(((head.opcode.at(-1) as number) & 7) + (rex & Rex.B ? 8 : 0))
        break
      case 'implied':
        values.push(kind === 'one' ? 1 : 0)
        break
      case 'imm': {
        const size = form.immediateBytes
        if (at + size > code.length) return undefined
        values.push(readImmediate(code, at, kind))
        at += size
      }
    }
  }
  const size = at - offset
  if (problemOf(form, values) !== null || !isPreferred(form, values)) return undefined
  const bytes = encode(form, values)
  const same = bytes.length === size && bytes.every((byte, i) => byte === code[offset + i])
  return same ? { form, values, size } : undefined
}

function readModRm(
  code: Uint8Array,
  offset: number,
  rex: number,
): { reg: number; rm: number | Memory; end: number } | undefined {
  const [modrm, sib] = [code[offset], code[offset + 1]]
  if (modrm === undefined) return undefined
  const mode = modrm >> 6
  const reg = (modrm >> 3) & 7
  const low = modrm & 7
  const high = (bit: number): number => (rex & bit ? 8 : 0)
  if (mode === 3) return { reg, rm: low + high(Rex.B), end: offset + 1 }
  let at = offset + 1
  let base = low + high(Rex.B)
  let index = NO_INDEX
  let scale = 0
  if (low === Special.SIB) {
    if (sib === undefined) return undefined
    at++
    scale = sib >> 6
    index = ((sib >> 3) & 7) + high(Rex.X)
    base = (sib & 7) + high(Rex.B)
    if (index === Special.SIB) index = NO_INDEX
  } else if (mode === 0 && low === Special.RELATIVE) base = RIP
  const size = mode === 1 ? 1 : mode === 2 || base === RIP ? 4 : 0
  if (at + size > code.length) return undefined
  const displacement = size === 0 ? 0 : Number(readImmediate(code, at, size === 1 ? 'i8' : 'i32'))
  return { reg, rm: memory(base, displacement, index, scale), end: at + size }
}

function readImmediate(code: Uint8Array, offset: number, kind: OperandKind): number | bigint {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength)
  switch (kind) {
    case 'u8':
      return view.getUint8(offset)
    case 'i8':
    case 'rel8':
      return view.getInt8(offset)
    case 'u32':
      return view.getUint32(offset, true)
    case 'i64':
      return view.getBigUint64(offset, true)
    default:
      return view.getInt32(offset, true)
  }
}

function keyOf(prefix: number, wide: boolean, opcode: readonly number[]): string {
  return `${prefix}:${wide}:${opcode}`
}

function buildCandidates(): Map<string, Form[]> {
  const candidates = new Map<string, Form[]>()
  for (const form of ALL_FORMS) {
    const { prefix, wide, opcode, operands } = form
    const count = operands.some(({ place }) => place === 'opcode') ? 8 : 1
    for (let low = 0; low < count; low++) {
      const key = keyOf(prefix, wide, [...opcode.slice(0, -1), (opcode.at(-1) as number) + low])
      const list = candidates.get(key)
      if (list === undefined) candidates.set(key, [form])
      else list.push(form)
    }
  }
  return candidates
}

/** What of an operand can be seen in the text. Jumps are written with their size where it matters. */
function writtenKind(kind: OperandKind): string {
  if (isRegisterKind(kind)) return kind === 'other' ? 'r64' : kind
  return kind === 'm' || kind.startsWith('rel') ? kind : 'immediate'
}

function buildRivals(): Map<Form, Form[]> {
  const rivals = new Map<Form, Form[]>()
  const alike = new Map<string, Form[]>()
  for (const form of ALL_FORMS) {
    const { mnemonic, operands, memoryBytes } = form
    const key = [mnemonic, memoryBytes, ...operands.map(({ kind }) => writtenKind(kind))].join(' ')
    const before = alike.get(key) ?? []
    rivals.set(form, before)
    alike.set(key, [...before, form])
  }
  return rivals
}
