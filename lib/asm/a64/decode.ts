/** Instruction word -> instruction form + operand values. */

import { isUnpredictable } from './encode.js'
import { decodeFloatImmediate } from './float-immediate.js'
import { FORMS, type Form } from './forms.js'
import { decodeLogicalImmediate } from './logical-immediate.js'
import type { Operand, OperandValue } from './operands.js'

export interface DecodedInstruction {
  readonly form: Form
  readonly values: readonly OperandValue[]
}

/** Forms that can match a word, by its top byte; aliases first, then the most fixed bits first. Made when first wanted. */
let candidates: readonly (readonly Form[])[] | null = null

/**
 * The form and operands of a word, or undefined if no form has it (unknown, reserved or unpredictable).
 * Prefers aliases unless told otherwise.
 */
export function decode(word: number, aliases = true): DecodedInstruction | undefined {
  candidates ??= buildCandidates()
  for (const form of candidates[word >>> 24] as readonly Form[]) {
    if (form.alias && !aliases) continue
    const values = decodeAs(form, word)
    if (values !== undefined) return { form, values }
  }
  return undefined
}

/** The operand values of a word as one particular form, or undefined if it is not of that form. */
export function decodeAs(form: Form, word: number): OperandValue[] | undefined {
  if ((word & form.mask) >>> 0 !== form.base) return undefined
  if (form.constraint !== undefined && isUnpredictable(form.constraint, word)) return undefined
  const values: OperandValue[] = []
  for (const operand of form.operands) {
    const value = decodeOperand(operand, word)
    if (value === undefined) return undefined
    values.push(value)
  }
  return values
}

function decodeOperand(operand: Operand, word: number): OperandValue | undefined {
  const field = (at: number, bits: number): number => (word >>> at) & (2 ** bits - 1)
  switch (operand.kind) {
    case 'register':
      return field(operand.at, 5)
    case 'immediate': {
      const raw = field(operand.at, operand.bits)
      return (operand.signed ? signExtend(raw, operand.bits) : raw) * operand.scale
    }
    case 'shift': {
      const type = field(22, 2)
      if (type === 3 && !operand.ror) return undefined
      return type + field(10, operand.width === 64 ? 6 : 5) * 4
    }
    case 'addImmediate':
      return field(10, 13)
    case 'logical':
      return decodeLogicalImmediate(field(10, 13), operand.width)
    case 'moveWide':
      return field(5, operand.width === 64 ? 18 : 17)
    case 'inverted16': {
      const raw = field(5, 16)
      if (operand.width === 64) return -1 - raw
      return raw === 0xffff ? undefined : 0xffffffff - raw
    }
    case 'condition': {
      const condition = field(operand.at, 4)
      if (!operand.inverted) return condition
      return condition > 13 ? undefined : condition ^ 1
    }
    case 'target':
      return signExtend(field(operand.at, operand.bits), operand.bits) * 4
    case 'adrTarget':
      return signExtend(field(5, 19) * 4 + field(29, 2), 21)
    case 'extended': {
      const amount = field(10, 3)
      return amount > 4 ? undefined : field(16, 5) + field(13, 3) * 32 + amount * 256
    }
    case 'index':
      return (field(13, 3) & 2) === 0 ? undefined : field(16, 5) + field(13, 3) * 32 + field(12, 1) * 256
    case 'testBit':
      return field(31, 1) * 32 + field(19, 5)
    case 'lslAmount': {
      const [rotation, top] = [field(16, 6), field(10, 6)]
      return rotation === (top + 1) % operand.width ? operand.width - 1 - top : undefined
    }
    case 'bitfield': {
      const [rotation, top] = [field(16, 6), field(10, 6)]
      if (!operand.insert) return top < rotation ? undefined : rotation + (top - rotation + 1) * 64
      const lsb = (operand.width - rotation) % operand.width
      return lsb + top >= operand.width ? undefined : lsb + (top + 1) * 64
    }
    case 'float8':
      return decodeFloatImmediate(field(13, 8))
  }
}

function signExtend(value: number, bits: number): number {
  return value >= 2 ** (bits - 1) ? value - 2 ** bits : value
}

function buildCandidates(): Form[][] {
  const fixedBits = (form: Form): number => form.mask.toString(2).replaceAll('0', '').length
  const forms: Form[] = Object.values(FORMS)
  forms.sort((a, b) => Number(b.alias) - Number(a.alias) || fixedBits(b) - fixedBits(a))
  return Array.from({ length: 256 }, (_, top) =>
    forms.filter((form) => ((top & (form.mask >>> 24)) ^ (form.base >>> 24)) === 0),
  )
}
