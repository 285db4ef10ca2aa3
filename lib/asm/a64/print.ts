/** Instruction -> GNU assembler syntax. */

import { type NameTarget, relativeTarget } from '../listing.js'
import type { DecodedInstruction } from './decode.js'
import { EXTENDS, type Operand, type OperandValue, SHIFTS } from './operands.js'
import { CONDITION_NAMES, registerName } from './registers.js'

const unnamed: NameTarget = () => undefined

/** One instruction in GNU syntax, without indentation. */
export function print(instruction: DecodedInstruction, nameTarget: NameTarget = unnamed): string {
  const { form, values } = instruction
  return form.syntax.replace(/\$(\d)/g, (_, i) =>
    printOperand(form.operands[Number(i)], values[Number(i)], nameTarget),
  )
}

function printOperand(operand: Operand, value: OperandValue, nameTarget: NameTarget): string {
  const v = Number(value)
  switch (operand.kind) {
    case 'register':
      return registerName(operand.bank, v, operand.sp)
    case 'immediate':
      if (operand.optional) return v === 0 ? '' : `, #${v}`
      return `#${v}`
    case 'shift':
      return v === 0 ? '' : `, ${SHIFTS[v & 3]} #${v >> 2}`
    case 'addImmediate':
      return v < 4096 ? `#${v}` : `#${v - 4096}, lsl #12`
    case 'logical':
      return `#0x${BigInt.asUintN(operand.width, BigInt(value)).toString(16)}`
    case 'moveWide':
      return v < 0x10000 ? `#${v}` : `#${v & 0xffff}, lsl #${(v >> 16) * 16}`
    case 'inverted16':
    case 'testBit':
    case 'lslAmount':
      return `#${v}`
    case 'condition':
      return CONDITION_NAMES[v]
    case 'target':
    case 'adrTarget':
      return nameTarget(v) ?? relativeTarget(v)
    case 'extended':
      return extended(v, '', v >> 8 === 0 ? '' : ` #${v >> 8}`)
    case 'index':
      return extended(v, 'uxtx', v < 256 ? '' : ` #${operand.size}`)
    case 'bitfield':
      return `#${v & 63}, #${v >> 6}`
    case 'float8':
      return `#${Number.isInteger(v) ? v.toFixed(1) : v}`
  }
}

/** Register, extension and amount; `lslName` is the extension that is written lsl, or left out without an amount. */
function extended(packed: number, lslName: string, amount: string): string {
  const extend = EXTENDS[(packed >> 5) & 7]
  const bank = extend.endsWith('x') ? 'x' : 'w'
  const register = registerName(bank, packed & 31, false)
  if (extend === lslName) return amount === '' ? register : `${register}, lsl${amount}`
  return `${register}, ${extend}${amount}`
}
