/** Instruction -> Intel syntax as GNU as reads it. */
import { type NameTarget, relativeTarget } from '../listing.js'
import type { DecodedInstruction } from './decode.js'
import { isMemory, type Memory, type OperandValue, RIP } from './encode.js'
import type { Form, OperandKind } from './forms.js'
import { registerName, sseRegisterName } from './registers.js'

/** What is written before a memory operand of so many bytes. */
const POINTERS: Readonly<Record<number, string>> = {
  0: '',
  1: 'BYTE PTR ',
  2: 'WORD PTR ',
  4: 'DWORD PTR ',
  8: 'QWORD PTR ',
  16: 'XMMWORD PTR ',
}

const SHORT_JUMP_BYTES = 2

const unnamed: NameTarget = () => undefined

/** One instruction in Intel syntax (`.intel_syntax noprefix`), without indentation. */
export function print(instruction: DecodedInstruction, nameTarget: NameTarget = unnamed): string {
  const { form, values, size } = instruction
  const operands = form.operands.map(({ kind }, i) =>
    printOperand(form, kind, values[i] as OperandValue, size, nameTarget),
  )
  const prefix = isLongByChoice(instruction) ? '{disp32} ' : ''
  return `${prefix}${form.mnemonic}${operands.length > 0 ? ' ' : ''}${operands.join(', ')}`
}

/** A jump whose displacement would fit 8 bits too, so that as would make the short form of it. */
function isLongByChoice({ form, values, size }: DecodedInstruction): boolean {
  if (form.operands[0]?.kind !== 'rel32' || form.mnemonic === 'call') return false
  const displacement = Number(values[0])
  return displacement <= 127 && displacement + size - SHORT_JUMP_BYTES >= -128
}

function printOperand(
  form: Form,
  kind: OperandKind,
  value: OperandValue,
  size: number,
  nameTarget: NameTarget,
): string {
  if (isMemory(value)) return `${POINTERS[form.memoryBytes]}${printMemory(value, size, nameTarget)}`
  switch (kind) {
    case 'r64':
    case 'other':
      return registerName(Number(value), 64)
    case 'r32':
      return registerName(Number(value), 32)
    case 'r8':
      return registerName(Number(value), 8)
    case 'x':
      return sseRegisterName(Number(value))
    case 'i64':
      return `0x${BigInt.asUintN(64, BigInt(value)).toString(16)}`
    case 'rel8':
    case 'rel32': {
      const displacement = Number(value) + size
      return nameTarget(displacement) ?? relativeTarget(displacement)
    }
    default:
      return String(value)
  }
}

function printMemory(
  { base, index, scale, displacement }: Memory,
  size: number,
  nameTarget: NameTarget,
): string {
  if (base === RIP) {
    const label = nameTarget(displacement + size)
    return label === undefined ? `[rip${offsetText(displacement)}]` : `[rip+${label}]`
  }
  const scaled = index >= 0 ? `+${registerName(index, 64)}*${1 << scale}` : ''
  return `[${registerName(base, 64)}${scaled}${displacement === 0 ? '' : offsetText(displacement)}]`
}

function offsetText(offset: number): string {
  return offset < 0 ? `${offset}` : `+${offset}`
}
