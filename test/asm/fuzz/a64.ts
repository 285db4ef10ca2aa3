/** Random ARM64 instructions. */
import { decode, decodeAs } from '../../../lib/asm/a64/decode.js'
import { encode } from '../../../lib/asm/a64/encode.js'
import { FORMS, type Form } from '../../../lib/asm/a64/forms.js'
import type { Operand, OperandValue } from '../../../lib/asm/a64/operands.js'
import { print } from '../../../lib/asm/a64/print.js'
import { AssemblerError } from '../../../lib/asm/buffer.js'
import type { Random } from '../../fuzz/random.js'
import { GNU, operandValues } from '../tools.js'
import { type Encoded, type FuzzTarget, wildNumber } from './target.js'

const forms: Readonly<Record<string, Form>> = FORMS
const names = Object.keys(forms)

function formOf(name: string): Form {
  const form = forms[name]
  if (form === undefined) throw new Error(`no form ${name}`)
  return form
}

function bytesOf(word: number): number[] {
  return [0, 8, 16, 24].map((shift) => (word >>> shift) & 255)
}

/** Each field random, or at one of its ends. */
function randomValues(form: Form, random: Random): OperandValue[] {
  return operandValues(form, (limit) => {
    const kind = random.below(4)
    return kind === 0 ? 0 : kind === 1 ? limit - 1 : random.below(limit)
  })
}

/** Whether two values are the same operand. */
function isSame(operand: Operand, a: OperandValue, b: OperandValue): boolean {
  if (operand.kind !== 'logical') return Number(a) === Number(b)
  // Negative ones stand for their complement.
  return BigInt(a) === BigInt(b) || BigInt(a) === BigInt.asIntN(operand.width, BigInt(b))
}

function checkValues(form: Form, word: number, values: readonly OperandValue[]): void {
  const decoded = decodeAs(form, word)
  const same = decoded?.every((value, i) =>
    isSame(form.operands[i] as Operand, values[i] as OperandValue, value),
  )
  if (!same) throw new Error(`${form.syntax}: ${values.map(String)} became ${decoded?.map(String)}`)
}

export const A64_FUZZ: FuzzTarget = {
  gnu: GNU.arm64,
  header: [],
  forms: names,

  instruction(name, random) {
    const form = formOf(name)
    const values = randomValues(form, random)
    const word = encodeOrNull(form, values)
    // Registers that clash: there is no such instruction.
    if (word === null) return []
    checkValues(form, word, values)
    const text = print({ form, values })
    const preferred = decode(word)
    if (preferred === undefined) throw new Error(`${text} is not decoded`)
    const again = print({ form: preferred.form, values: preferred.values })
    if (preferred.form === form && again !== text) throw new Error(`${text} is decoded as ${again}`)
    if (encode(preferred.form, preferred.values) !== word)
      throw new Error(`${text}: ${again} is another word`)
    const bytes = bytesOf(word)
    return again === text ? [{ text, bytes }] : [text, again].map((one) => ({ text: one, bytes }))
  },

  refuses(name, random) {
    const form = formOf(name)
    if (form.operands.length === 0) return true
    const values = randomValues(form, random).with(random.below(form.operands.length), wildNumber(random))
    const word = encodeOrNull(form, values)
    if (word === null) return true
    checkValues(form, word, values)
    return false
  },

  noise(random) {
    // Words of known forms with every free bit random reach what uniform words miss.
    const form = formOf(random.pick(names))
    return bytesOf(random.chance(0.3) ? random.next() : (form.base | (random.next() & ~form.mask)) >>> 0)
  },

  decode(bytes): Encoded | null {
    const word = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true)
    const decoded = decode(word)
    if (decoded === undefined) return null
    const text = print(decoded)
    const again = encode(decoded.form, decoded.values)
    if (again !== word) throw new Error(`${word.toString(16)} is ${text}, which is ${again.toString(16)}`)
    return { text, bytes: bytesOf(word) }
  },
}

/** @returns null: the assembler refuses the operands */
function encodeOrNull(form: Form, values: readonly OperandValue[]): number | null {
  try {
    return encode(form, values)
  } catch (error) {
    if (error instanceof AssemblerError) return null
    throw new Error(`${form.syntax}: ${values.map(String)}: ${error}`)
  }
}
