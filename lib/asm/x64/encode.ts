/** One instruction of the form table -> bytes. */
import { AssemblerError } from '../buffer.js'
import type { Form, OperandKind } from './forms.js'

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

/** Ranges of immediates, both ends included. */
const RANGES: { readonly [K in OperandKind]?: readonly [low: number, high: number] } = {
  one: [1, 1],
  i8: [-0x80, 0x7f],
  u8: [0, 0xff],
  i32: [-0x80000000, 0x7fffffff],
  u32: [0, 0xffffffff],
  rel8: [-0x80, 0x7f],
  rel32: [-0x80000000, 0x7fffffff],
}

/** Bytes of immediates. */
export const IMMEDIATE_BYTES: { readonly [K in OperandKind]?: 1 | 4 | 8 } = {
  i8: 1,
  u8: 1,
  i32: 4,
  u32: 4,
  i64: 8,
  rel8: 1,
  rel32: 4,
}

/** Why the operands do not fit the form, or null. */
export function problemOf(form: Form, values: readonly OperandValue[]): string | null {
  const { operands } = form
  if (values.length !== operands.length) return `${operands.length} operands expected, not ${values.length}`
  for (let i = 0; i < operands.length; i++) {
    const { kind, place } = operands[i] as Form['operands'][number]
    const value = values[i] as OperandValue
    const problem =
      kind === 'm'
        ? memoryProblem(value)
        : isRegisterKind(kind)
          ? registerProblem(kind, place === 'implied', value)
          : immediateProblem(kind, value)
    if (problem !== null) return problem
  }
  return null
}

export function isRegisterKind(kind: OperandKind): boolean {
  return kind === 'r64' || kind === 'other' || kind === 'r32' || kind === 'r8' || kind === 'x'
}

function registerProblem(kind: OperandKind, implied: boolean, value: OperandValue): string | null {
  if (!isRegister(value)) return `no register: ${textOf(value)}`
  if (implied && value !== 0) return `only the accumulator, not register ${value}`
  return kind === 'other' && value === 0 ? 'not the accumulator' : null
}

function isRegister(value: OperandValue): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 16
}

function immediateProblem(kind: OperandKind, value: OperandValue): string | null {
  if (isMemory(value) || (typeof value === 'number' && !Number.isInteger(value)))
    return `no immediate: ${textOf(value)}`
  const range = RANGES[kind]
  if (range !== undefined && !(value >= range[0] && value <= range[1])) return `${value} is no ${kind}`
  return null
}

function memoryProblem(value: OperandValue): string | null {
  if (!isMemory(value)) return `no memory operand: ${value}`
  const { base, index, scale, displacement } = value
  if (displacement !== (displacement | 0)) return `displacement out of range: ${displacement}`
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

/** @throws AssemblerError if an operand does not fit the form */
export function encode(form: Form, values: readonly OperandValue[]): number[] {
  const problem = problemOf(form, values)
  if (problem !== null) throw new AssemblerError(`${form.name}: ${problem}`)
  const { operands, opcode } = form
  let rex = form.wide ? Rex.PREFIX | Rex.W : 0
  let reg = form.digit
  let low = 0
  let rm: number | Memory | null = null
  for (let i = 0; i < operands.length; i++) {
    const { kind, place } = operands[i] as Form['operands'][number]
    const value = values[i] as number | Memory
    // spl, bpl, sil, dil exist only with a REX prefix.
    if (kind === 'r8' && (value as number) >= 4) rex |= Rex.PREFIX
    if (place === 'reg') {
      reg = (value as number) & 7
      if ((value as number) >= 8) rex |= Rex.PREFIX | Rex.R
    } else if (place === 'opcode') {
      low = (value as number) & 7
      if ((value as number) >= 8) rex |= Rex.PREFIX | Rex.B
    } else if (place === 'rm') {
      rm = value
      rex |= rexOf(value)
    }
  }
  const bytes: number[] = []
  if (form.prefix !== 0) bytes.push(form.prefix)
  if (rex !== 0) bytes.push(rex)
  for (const byte of opcode) bytes.push(byte)
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) + low
  if (rm !== null) pushModRm(bytes, reg << 3, rm)
  for (let i = 0; i < operands.length; i++) {
    const { kind, place } = operands[i] as Form['operands'][number]
    if (place === 'imm') pushImmediate(bytes, kind, values[i] as number | bigint)
  }
  return bytes
}

function rexOf(rm: number | Memory): number {
  const [base, index] = typeof rm === 'number' ? [rm, NO_INDEX] : [rm.base, rm.index]
  return (base >= 8 ? Rex.PREFIX | Rex.B : 0) | (index >= 8 ? Rex.PREFIX | Rex.X : 0)
}

function pushModRm(bytes: number[], reg: number, rm: number | Memory): void {
  if (typeof rm === 'number') {
    bytes.push(0xc0 | reg | (rm & 7))
    return
  }
  const { base, index, scale, displacement } = rm
  if (base === RIP) {
    bytes.push(reg | Special.RELATIVE)
    return pushInt32(bytes, displacement)
  }
  const low = base & 7
  const small = displacement >= -128 && displacement <= 127
  // With rbp and r13 as base "no displacement" means something else.
  const mode = displacement === 0 && low !== Special.RELATIVE ? 0 : small ? 0x40 : 0x80
  if (index >= 0) bytes.push(mode | reg | Special.SIB, (scale << 6) | ((index & 7) << 3) | low)
  else if (low === Special.SIB) bytes.push(mode | reg | Special.SIB, (Special.SIB << 3) | low)
  else bytes.push(mode | reg | low)
  if (mode === 0x40) bytes.push(displacement & 0xff)
  else if (mode === 0x80) pushInt32(bytes, displacement)
}

function pushInt32(bytes: number[], value: number): void {
  bytes.push(value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >> 24) & 0xff)
}

function pushImmediate(bytes: number[], kind: OperandKind, value: number | bigint): void {
  const size = IMMEDIATE_BYTES[kind]
  if (size === 1) bytes.push(Number(value) & 0xff)
  else if (size === 4) pushInt32(bytes, Number(value) | 0)
  else {
    const bits = BigInt(value)
    pushInt32(bytes, Number(BigInt.asIntN(32, bits)))
    pushInt32(bytes, Number(BigInt.asIntN(32, bits >> 32n)))
  }
}
