/** One instruction of the form table -> bytes. */
import { AssemblerError, CodeBuffer } from '../buffer.js'
import { type Form, type Operand, type OperandKind, RANGES } from './forms.js'

/** `[base + index * 2^scale + displacement]`, or `[rip + displacement]`. */
export interface Memory {
  /** RIP: relative to the next instruction. */
  readonly base: number
  /** NO_INDEX: none. Never rsp. */
  readonly index: number
  /** 0 to 3. */
  readonly scale: number
  readonly displacement: number
}

export const RIP = -1
export const NO_INDEX = -1

export function memory(base: number, displacement = 0, index = NO_INDEX, scale = 0): Memory {
  return { base, index, scale, displacement }
}

/** A register number, an immediate or a memory operand. */
export type OperandValue = number | bigint | Memory

export function isMemory(value: OperandValue): value is Memory {
  return typeof value === 'object'
}

export const Rex = { PREFIX: 0x40, W: 8, R: 4, X: 2, B: 1 } as const

/** Numbers in ModRM and SIB that mean something besides the register. */
export const Special = {
  /** rm: a SIB byte follows; index: none. */
  SIB: 4,
  /** rm without displacement: relative to rip. */
  RELATIVE: 5,
} as const

/** Why the operands do not fit the form, or null. */
export function problemOf(form: Form, values: readonly OperandValue[]): string | null {
  const { operands } = form
  if (values.length !== operands.length) return `${operands.length} operands expected, not ${values.length}`
  for (let i = 0; i < operands.length; i++) {
    const operand = operands[i] as Operand
    const value = values[i] as OperandValue
    // Nearly all are such, and every instruction that is assembled comes here.
    if (typeof value === 'number' && value === (value | 0) && value >= operand.low && value <= operand.high)
      continue
    const problem = problemWith(operand, value)
    if (problem !== null) return problem
  }
  return null
}

export function isRegisterKind(kind: OperandKind): boolean {
  return kind === 'r64' || kind === 'other' || kind === 'r32' || kind === 'r8' || kind === 'x'
}

function problemWith(operand: Operand, value: OperandValue): string | null {
  const { kind } = operand
  if (kind === 'm') return memoryProblem(value)
  if (isRegisterKind(kind)) return registerProblem(operand, value)
  if (isMemory(value) || (typeof value === 'number' && !Number.isInteger(value)))
    return `no immediate: ${textOf(value)}`
  const [low, high] = RANGES[kind]
  return value >= low && value <= high ? null : `${value} is no ${kind}`
}

function registerProblem({ low, high }: Operand, value: OperandValue): string | null {
  if (!isRegister(value)) return `no register: ${textOf(value)}`
  if (value > high) return `only the accumulator, not register ${value}`
  return value < low ? 'not the accumulator' : null
}

function isRegister(value: OperandValue): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 16
}

function memoryProblem(value: OperandValue): string | null {
  if (!isMemory(value)) return `no memory operand: ${value}`
  const { base, index, scale, displacement } = value
  if (displacement !== (displacement | 0)) return `displacement out of range: ${displacement}`
  // Nearly all are a register and a displacement.
  if (base === (base & 15) && index === NO_INDEX && scale === 0) return null
  if (base === RIP && index !== NO_INDEX) return 'rip with an index'
  if (base !== RIP && !isRegister(base)) return `no base register: ${base}`
  if (index === NO_INDEX) return scale === 0 ? null : 'scale without an index'
  // The number of rsp stands for "no index".
  if (!isRegister(index) || index === Special.SIB) return `no index register: ${index}`
  return scale === (scale & 3) ? null : `no scale: ${scale}`
}

function textOf(value: OperandValue): string {
  return isMemory(value) ? 'memory' : String(value)
}

/**
 * Appends the instruction to the code.
 * @throws AssemblerError if an operand does not fit the form
 */
export function encodeInto(buffer: CodeBuffer, form: Form, values: readonly OperandValue[]): void {
  const problem = problemOf(form, values)
  if (problem !== null) throw new AssemblerError(`${form.name}: ${problem}`)
  const { opcode, prefix } = form
  const last = opcode.length - 1
  const rm = form.rm < 0 ? null : (values[form.rm] as number | Memory)
  const reg = form.reg < 0 ? form.digit : (values[form.reg] as number)
  const low = form.low < 0 ? 0 : (values[form.low] as number)
  let rex = form.wide ? Rex.PREFIX | Rex.W : 0
  if (reg >= 8) rex |= Rex.PREFIX | Rex.R
  if (low >= 8) rex |= Rex.PREFIX | Rex.B
  if (rm !== null) rex |= rexOf(rm)
  // spl, bpl, sil, dil exist only with a REX prefix.
  if (form.byte >= 0 && (values[form.byte] as number) >= 4) rex |= Rex.PREFIX
  const bytes = buffer.room(LONGEST)
  let at = buffer.length
  if (prefix !== 0) bytes[at++] = prefix
  if (rex !== 0) bytes[at++] = rex
  for (let i = 0; i < last; i++) bytes[at++] = opcode[i] as number
  bytes[at++] = (opcode[last] as number) + (low & 7)
  if (rm !== null) at = putModRm(bytes, at, (reg & 7) << 3, rm)
  buffer.length = at
  if (form.immediate >= 0)
    emitImmediate(buffer, form.immediateBytes, values[form.immediate] as number | bigint)
}

/** Bytes of an instruction without its immediate, at most. */
const LONGEST = 15

/** The bytes of one instruction. */
export function encode(form: Form, values: readonly OperandValue[]): number[] {
  const buffer = new CodeBuffer(16)
  encodeInto(buffer, form, values)
  return [...buffer.toBytes()]
}

function rexOf(rm: number | Memory): number {
  if (typeof rm === 'number') return rm >= 8 ? Rex.PREFIX | Rex.B : 0
  return (rm.base >= 8 ? Rex.PREFIX | Rex.B : 0) | (rm.index >= 8 ? Rex.PREFIX | Rex.X : 0)
}

/** @returns where the next byte goes */
function putModRm(bytes: Uint8Array, start: number, reg: number, rm: number | Memory): number {
  let at = start
  if (typeof rm === 'number') {
    bytes[at++] = 0xc0 | reg | (rm & 7)
    return at
  }
  const { base, index, scale, displacement } = rm
  if (base === RIP) {
    bytes[at++] = reg | Special.RELATIVE
    return put32(bytes, at, displacement)
  }
  const low = base & 7
  const small = displacement >= -128 && displacement <= 127
  // With rbp and r13 as base "no displacement" means something else.
  const mode = displacement === 0 && low !== Special.RELATIVE ? 0 : small ? 0x40 : 0x80
  if (index >= 0 || low === Special.SIB) {
    bytes[at++] = mode | reg | Special.SIB
    bytes[at++] = (scale << 6) | ((index >= 0 ? index & 7 : Special.SIB) << 3) | low
  } else bytes[at++] = mode | reg | low
  if (mode === 0x80) return put32(bytes, at, displacement)
  if (mode === 0x40) bytes[at++] = displacement
  return at
}

function put32(bytes: Uint8Array, at: number, value: number): number {
  bytes[at] = value
  bytes[at + 1] = value >> 8
  bytes[at + 2] = value >> 16
  bytes[at + 3] = value >> 24
  return at + 4
}

function emitImmediate(buffer: CodeBuffer, size: number, value: number | bigint): void {
  if (size === 1) buffer.emit8(Number(value))
  else if (size === 4) buffer.emit32(Number(value))
  else buffer.emit64(BigInt(value))
}
