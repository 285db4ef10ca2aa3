/** One instruction of the form table -> bytes. */
import { AssemblerError } from '../buffer.js'
import type { Form } from './forms.js'

/** `[base + index * 2^scale + displacement]`, or `[rip + displacement]`. */
export interface Memory {
  /** -1: rip. */
  readonly base: number
  /** -1: none. Never rsp. */
  readonly index: number
  /** 0 to 3. */
  readonly scale: number
  readonly displacement: number
}

export const RIP = -1

export function memory(base: number, displacement = 0, index = -1, scale = 0): Memory {
  return { base, index, scale, displacement }
}

/** A register number, an immediate or a memory operand. */
export type OperandValue = number | bigint | Memory

export function isMemory(value: OperandValue): value is Memory {
  return typeof value === 'object'
}

const REX = 0x40
const REX_W = 8
const REX_R = 4
const REX_X = 2
const REX_B = 1
const RSP = 4
const RBP = 5

/** @throws AssemblerError if an operand does not fit the form */
export function encode(form: Form, values: readonly OperandValue[]): number[] {
  if (values.length !== form.operands.length)
    throw new AssemblerError(`${form.name}: ${values.length} operands`)
  let rex = form.wide ? REX_W : 0
  let needsRex = form.wide
  let reg = form.digit
  let rm: OperandValue | null = null
  const opcode = [...form.opcode]
  const immediate: number[] = []
  form.operands.forEach(({ kind, place }, i) => {
    const value = values[i] as OperandValue
    if (place === 'imm') {
      immediate.push(...immediateBytes(form, kind, value))
      return
    }
    if (kind === 'm' ? !isMemory(value) : !isRegister(value))
      throw new AssemblerError(`${form.name}: operand ${i}`)
    // spl, bpl, sil, dil exist only with a REX prefix.
    if (kind === 'r8' && (value as number) >= 4) needsRex = true
    if (place === 'reg') {
      reg = (value as number) & 7
      if ((value as number) >= 8) rex |= REX_R
    } else if (place === 'opcode') {
      // In the accumulator forms the register is implied.
      if (isAccumulator(form)) {
        if (value !== 0) throw new AssemblerError(`${form.name}: only the accumulator`)
      } else opcode[opcode.length - 1] = (opcode[opcode.length - 1] as number) + ((value as number) & 7)
      if ((value as number) >= 8) rex |= REX_B
    } else rm = value
  })
  const modrm = rm === null ? [] : modrmBytes(form, reg, rm)
  if (rm !== null) rex |= rexOf(rm)
  const bytes: number[] = []
  if (form.prefix !== 0) bytes.push(form.prefix)
  if (rex !== 0 || needsRex) bytes.push(REX | rex)
  bytes.push(...opcode, ...modrm, ...immediate)
  return bytes
}

function isAccumulator(form: Form): boolean {
  return form.name.endsWith('.ai32') || form.name.endsWith('.ai32w')
}

function isRegister(value: OperandValue): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < 16
}

function rexOf(rm: OperandValue): number {
  if (!isMemory(rm)) return (rm as number) >= 8 ? REX_B : 0
  return (rm.base >= 8 ? REX_B : 0) | (rm.index >= 8 ? REX_X : 0)
}

function modrmBytes(form: Form, reg: number, rm: OperandValue): number[] {
  if (!isMemory(rm)) return [0xc0 | (reg << 3) | ((rm as number) & 7)]
  const { base, index, scale, displacement } = rm
  if (displacement !== (displacement | 0))
    throw new AssemblerError(`${form.name}: displacement ${displacement}`)
  if (base === RIP) return [(reg << 3) | RBP, ...int32(displacement)]
  if (index === RSP) throw new AssemblerError(`${form.name}: rsp cannot be an index`)
  const low = base & 7
  const small = displacement >= -128 && displacement <= 127
  // With rbp and r13 as base "no displacement" means something else.
  const mode = displacement === 0 && low !== RBP ? 0 : small ? 0x40 : 0x80
  const bytes: number[] = []
  if (index >= 0 || low === RSP) {
    bytes.push(mode | (reg << 3) | RSP, (scale << 6) | ((index >= 0 ? index & 7 : RSP) << 3) | low)
  } else bytes.push(mode | (reg << 3) | low)
  if (mode === 0x40) bytes.push(displacement & 0xff)
  else if (mode === 0x80) bytes.push(...int32(displacement))
  return bytes
}

function int32(value: number): number[] {
  return [value & 0xff, (value >> 8) & 0xff, (value >> 16) & 0xff, (value >> 24) & 0xff]
}

function immediateBytes(form: Form, kind: string, value: OperandValue): number[] {
  if (isMemory(value)) throw new AssemblerError(`${form.name}: not an immediate`)
  const fits = (low: bigint, high: bigint): boolean => BigInt(value) >= low && BigInt(value) <= high
  switch (kind) {
    case 'i8':
    case 'rel8':
      if (!fits(-128n, 127n)) throw new AssemblerError(`${form.name}: ${value} does not fit 8 bits`)
      return [Number(value) & 0xff]
    case 'u8':
      if (!fits(0n, 255n)) throw new AssemblerError(`${form.name}: ${value} does not fit 8 bits`)
      return [Number(value)]
    case 'i32':
    case 'rel32':
      if (!fits(-0x80000000n, 0xffffffffn))
        throw new AssemblerError(`${form.name}: ${value} does not fit 32 bits`)
      return int32(Number(BigInt.asIntN(32, BigInt(value))))
    default: {
      const bits = BigInt.asUintN(64, BigInt(value))
      return [...int32(Number(BigInt.asIntN(32, bits))), ...int32(Number(BigInt.asIntN(32, bits >> 32n)))]
    }
  }
}
