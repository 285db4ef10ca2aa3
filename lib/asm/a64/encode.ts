/** Instruction form + operand values -> instruction word. */

import { AssemblerError } from '../buffer.js'
import { encodeFloatImmediate } from './float-immediate.js'
import type { Constraint, Form } from './forms.js'
import { encodeLogicalImmediate } from './logical-immediate.js'
import type { Operand, OperandValue, Width } from './operands.js'

/** The instruction word (unsigned). Throws AssemblerError naming the form and the value. */
export function encode(form: Form, values: readonly OperandValue[]): number {
  return encodeSigned(form, values) >>> 0
}

/** The same as a signed number. */
export function encodeSigned(form: Form, values: readonly OperandValue[]): number {
  const operands = form.operands
  if (values.length !== operands.length) {
    throw new AssemblerError(`${form.syntax}: ${operands.length} operands expected, not ${values.length}`)
  }
  let word = form.signedBase
  for (let i = 0; i < operands.length; i++) word |= encodeOperand(form, operands[i], values[i])
  if (form.constraint !== undefined && isUnpredictable(form.constraint, word)) {
    throw new AssemblerError(`${form.syntax}: unpredictable registers (${values.join(', ')})`)
  }
  return word
}

/** Whether the registers of a load or store clash: a pair loading one register twice, or writeback to a transfer. */
export function isUnpredictable(constraint: Constraint, word: number): boolean {
  const t1 = word & 31
  const base = (word >>> 5) & 31
  const t2 = (word >>> 10) & 31
  const writebackClash = t1 === base && base !== 31
  switch (constraint) {
    case 'pairLoad':
      return t1 === t2
    case 'writeback':
      return writebackClash
    case 'pairWriteback':
      return base !== 31 && (t1 === base || t2 === base)
    case 'pairLoadWriteback':
      return t1 === t2 || (base !== 31 && (t1 === base || t2 === base))
  }
}

function encodeOperand(form: Form, operand: Operand, value: OperandValue): number {
  if (operand.kind === 'logical') return logicalField(form, operand.width, value) << 10
  if (operand.kind === 'float8')
    return (encodeFloatImmediate(Number(value)) ?? bad(form, 'float immediate', value)) << 13
  const v = Number(value)
  // Bit operations would look at the low 32 bits alone.
  if (v < -0x80000000 || v > 0xffffffff || !Number.isInteger(v)) bad(form, 'operand', value)
  switch (operand.kind) {
    case 'register':
      return field(form, 'register', v, 5) << operand.at
    case 'immediate': {
      const units = v / operand.scale
      if (!Number.isInteger(units)) bad(form, `immediate (a multiple of ${operand.scale})`, v)
      if (operand.signed) return signedField(form, 'immediate', units, operand.bits, v) << operand.at
      return field(form, 'immediate', units, operand.bits, v) << operand.at
    }
    case 'shift': {
      const amount = field(form, 'shift amount', v >> 2, operand.width === 64 ? 6 : 5)
      if ((v & 3) === 3 && !operand.ror) bad(form, 'shift type', 'ror')
      return ((v & 3) << 22) | (amount << 10)
    }
    case 'addImmediate':
      return field(form, 'immediate', v, 13) << 10
    case 'moveWide':
      return field(form, '16-bit immediate and shift', v, operand.width === 64 ? 18 : 17) << 5
    case 'inverted16': {
      const inverted = operand.width === 64 ? -1 - v : 0xffffffff - v
      // 0xffff0000 is a movz in GNU syntax.
      if (operand.width === 32 && inverted === 0xffff) bad(form, 'immediate', v)
      return field(form, 'immediate', inverted, 16, v) << 5
    }
    case 'condition':
      if (operand.inverted && v > 13) bad(form, 'condition', v)
      return field(form, 'condition', operand.inverted ? v ^ 1 : v, 4) << operand.at
    case 'target': {
      if (v % 4 !== 0) bad(form, 'branch displacement (a multiple of 4)', v)
      return signedField(form, 'branch displacement', v / 4, operand.bits, v) << operand.at
    }
    case 'adrTarget': {
      const displacement = signedField(form, 'displacement', v, 21)
      return ((displacement & 3) << 29) | ((displacement >>> 2) << 5)
    }
    case 'extended': {
      const amount = v >> 8
      if (amount < 0 || amount > 4) bad(form, 'shift amount', amount)
      return ((v & 31) << 16) | (((v >> 5) & 7) << 13) | (amount << 10)
    }
    case 'index': {
      const extend = (v >> 5) & 7
      if (v < 0 || v >= 512 || (extend & 2) === 0) bad(form, 'index', v)
      return ((v & 31) << 16) | (extend << 13) | ((v >> 8) << 12)
    }
    case 'testBit': {
      const bit = field(form, 'bit number', v, 6)
      return ((bit >> 5) << 31) | ((bit & 31) << 19)
    }
    case 'lslAmount': {
      if (v < 0 || v >= operand.width) bad(form, 'shift amount', v)
      const top = operand.width - 1
      return (((operand.width - v) & top) << 16) | ((top - v) << 10)
    }
    case 'bitfield': {
      const lsb = v & 63
      const width = v >> 6
      if (v < 0 || width < 1 || lsb + width > operand.width) bad(form, 'bit field', `${lsb}, ${width}`)
      if (!operand.insert) return (lsb << 16) | ((lsb + width - 1) << 10)
      return (((operand.width - lsb) & (operand.width - 1)) << 16) | ((width - 1) << 10)
    }
  }
}

/** N:immr:imms; negative values mean their two's complement. */
function logicalField(form: Form, width: Width, value: OperandValue): number {
  if (typeof value === 'number' && !Number.isInteger(value)) bad(form, 'logical immediate', value)
  const integer = BigInt(value)
  const bits = BigInt.asUintN(width, integer)
  const isWritten = integer === bits || integer === BigInt.asIntN(width, bits)
  return (
    (isWritten ? encodeLogicalImmediate(bits, width) : undefined) ?? bad(form, 'logical immediate', value)
  )
}

function field(form: Form, what: string, value: number, bits: number, shown = value): number {
  // Fields have at most 26 bits; a power would be computed in floating point.
  if (value < 0 || value >= 1 << bits) bad(form, what, shown)
  return value
}

function signedField(form: Form, what: string, value: number, bits: number, shown = value): number {
  const limit = 1 << (bits - 1)
  if (value < -limit || value >= limit) bad(form, what, shown)
  return value & (2 * limit - 1)
}

function bad(form: Form, what: string, value: OperandValue | string): never {
  throw new AssemblerError(`${form.syntax}: ${what} out of range: ${value}`)
}
