/** Random x86-64 instructions. */
import { AssemblerError } from '../../../lib/asm/buffer.js'
import { decode, isPreferred } from '../../../lib/asm/x64/decode.js'
import { X64 } from '../../../lib/asm/x64/disassemble.js'
import { encode, isMemory, type OperandValue } from '../../../lib/asm/x64/encode.js'
import { ALL_FORMS, type Form } from '../../../lib/asm/x64/forms.js'
import { print } from '../../../lib/asm/x64/print.js'
import type { Random } from '../../fuzz/random.js'
import { GNU } from '../tools.js'
import { samples } from '../x64/operands.js'
import { type Encoded, type FuzzTarget, wildNumber } from './target.js'

const forms = new Map(ALL_FORMS.map((form) => [form.name, form]))
/** Where displacements change their encoding, and the ends. */
const BORDERS: readonly number[] = [0, 0, 127, -128, 128, -129, 0x7fff, 0x7fffffff, -0x80000000]

function formOf(name: string): Form {
  const form = forms.get(name)
  if (form === undefined) throw new Error(`no form ${name}`)
  return form
}

function randomValues(form: Form, random: Random): OperandValue[] {
  const [values] = samples(form, 1, (limit) => random.below(limit)).slice(-1) as [OperandValue[]]
  return values.map((value) => {
    if (!isMemory(value)) return value
    const displacement = random.chance(0.5) ? random.pick(BORDERS) : random.next() | 0
    return { ...value, displacement }
  })
}

function isSame(a: OperandValue, b: OperandValue): boolean {
  if (!isMemory(a) || !isMemory(b)) return !isMemory(a) && !isMemory(b) && asWord(a) === asWord(b)
  const { base, index, scale, displacement } = a
  return base === b.base && index === b.index && scale === b.scale && displacement === b.displacement
}

/** Immediates of 64 bits may be written with or without sign. */
function asWord(value: number | bigint): bigint {
  return BigInt.asUintN(64, BigInt(value))
}

function textOf(form: Form, values: readonly OperandValue[]): string {
  return `${form.name} ${values.map((value) => (isMemory(value) ? Object.values(value).join(':') : String(value)))}`
}

function encodeOrNull(form: Form, values: readonly OperandValue[]): number[] | null {
  try {
    return encode(form, values)
  } catch (error) {
    if (error instanceof AssemblerError) return null
    throw new Error(`${textOf(form, values)}: ${error}`)
  }
}

/** Of a form that GNU as takes, too: else the decoder does not know the bytes, on purpose. */
function checkValues(form: Form, bytes: readonly number[], values: readonly OperandValue[]): void {
  if (!isPreferred(form, values)) return
  const decoded = decode(Uint8Array.from([0xcc, ...bytes, 0xcc]), 1)
  if (decoded?.form !== form || decoded.size !== bytes.length)
    throw new Error(`${textOf(form, values)} is decoded as ${decoded?.form.name}`)
  if (!decoded.values.every((value, i) => isSame(value, values[i] as OperandValue)))
    throw new Error(`${textOf(form, values)} became ${textOf(form, decoded.values)}`)
}

export const X64_FUZZ: FuzzTarget = {
  gnu: GNU.x64,
  header: X64.header,
  forms: [...forms.keys()],

  instruction(name, random) {
    const form = formOf(name)
    const values = randomValues(form, random)
    const bytes = encodeOrNull(form, values)
    if (bytes === null) throw new Error(`${textOf(form, values)} is refused`)
    checkValues(form, bytes, values)
    if (!isPreferred(form, values)) return []
    const text = print({ form, values, size: bytes.length })
    const decoded = decode(Uint8Array.from(bytes))
    const again = decoded && print(decoded)
    if (again !== text) throw new Error(`${text} is decoded as ${again}`)
    return [{ text, bytes }]
  },

  refuses(name, random) {
    const form = formOf(name)
    if (form.operands.length === 0) return true
    const values = randomValues(form, random)
    const at = random.below(values.length)
    const value = values[at] as OperandValue
    const part = random.pick(['base', 'index', 'scale', 'displacement'] as const)
    const wild = wildNumber(random)
    const changed = values.with(at, isMemory(value) ? { ...value, [part]: Number(wild) } : wild)
    const bytes = encodeOrNull(form, changed)
    if (bytes === null) return true
    checkValues(form, bytes, changed)
    return false
  },

  noise(random) {
    const bytes = Array.from({ length: random.between(1, 14) }, () => random.below(256))
    if (random.chance(0.2)) return bytes
    // Instructions of the table with some bytes changed.
    const form = formOf(random.pick(X64_FUZZ.forms))
    const known = encode(form, randomValues(form, random))
    for (let count = random.below(3); count > 0; count--)
      known[random.below(known.length)] = random.below(256)
    return random.chance(0.5) ? [...known, ...bytes] : known
  },

  decode(bytes): Encoded | null {
    const decoded = decode(bytes)
    if (decoded === undefined) return null
    const { form, values, size } = decoded
    const text = print(decoded)
    const again = encode(form, values)
    if (size > bytes.length || again.length !== size || again.some((byte, i) => byte !== bytes[i]))
      throw new Error(`${bytes} is ${text}, which is ${again}`)
    return { text, bytes: again }
  },
}
