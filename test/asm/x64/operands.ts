/** Operands for every form of the x86-64 table: edges, and random ones. */
import {
  isRegisterKind,
  type Memory,
  memory,
  NO_INDEX,
  type OperandValue,
  RIP,
} from '../../../lib/asm/x64/encode.js'
import type { Form, OperandKind } from '../../../lib/asm/x64/forms.js'
import { RSP } from '../../../lib/asm/x64/registers.js'

/** Where encodings change: none, 8 bits, 32 bits. */
export const DISPLACEMENTS = [0, 1, -1, 127, 128, -128, -129, 0x7fffffff, -0x80000000] as const
const BORDERS: { readonly [K in OperandKind]?: readonly (number | bigint)[] } = {
  one: [1],
  i8: [0, 1, -1, 127, -128],
  u8: [0, 1, 2, 9, 63, 127, 128, 255],
  i32: [0, 1, -1, 127, 128, -128, -129, 0x7fffffff, -0x80000000],
  u32: [0, 1, 127, 128, 0x7fffffff, 0x80000000, 0xffffffff],
  i64: [0n, 1n, 0x7fffffffn, 0x80000000n, 0xffffffffn, 1n << 32n, 1n << 63n, (1n << 64n) - 1n],
  rel8: [0, 1, -1, 127, -128, -2],
  rel32: [0, 1, -1, 127, 128, -128, -129, -130, -131, -132, -133, -134, -135, 0x7ffffff0, -0x7ffffff0],
}
const REGISTERS = Array.from({ length: 16 }, (_, i) => i)

type Pick = (limit: number) => number

/** All bases with all displacements, and with an index. */
export const EDGE_MEMORY: readonly Memory[] = [
  ...[...REGISTERS, RIP].flatMap((base) => DISPLACEMENTS.map((offset) => memory(base, offset))),
  ...REGISTERS.flatMap((base) =>
    REGISTERS.filter((index) => index !== RSP).map((index, i) =>
      memory(base, DISPLACEMENTS[i % DISPLACEMENTS.length], index, (base + index) & 3),
    ),
  ),
]

function randomMemory(pick: Pick): Memory {
  const base = pick(17) - 1
  const displacement = DISPLACEMENTS[pick(DISPLACEMENTS.length)] ?? 0
  const index = pick(17) - 1
  if (base === RIP || index === RSP || index === NO_INDEX) return memory(base, displacement)
  return memory(base, displacement, index, pick(4))
}

/** Every value that matters of one operand. */
function edges(kind: OperandKind, implied: boolean): readonly OperandValue[] {
  if (kind === 'm') return EDGE_MEMORY
  if (!isRegisterKind(kind)) return BORDERS[kind] ?? []
  return implied ? [0] : kind === 'other' ? REGISTERS.slice(1) : REGISTERS
}

function randomValue(kind: OperandKind, implied: boolean, pick: Pick): OperandValue {
  switch (kind) {
    case 'm':
      return randomMemory(pick)
    case 'i8':
    case 'rel8':
      return pick(256) - 128
    case 'u8':
      return pick(256)
    case 'i32':
    case 'rel32':
      return pick(2 ** 32) - 2 ** 31
    case 'u32':
      return pick(2 ** 32)
    case 'i64':
      return BigInt(pick(2 ** 32)) * 0x100000000n + BigInt(pick(2 ** 32))
    default: {
      const values = edges(kind, implied)
      return values[pick(values.length)] as OperandValue
    }
  }
}

/** Each edge of each operand with random other operands, and `count` random ones. */
export function samples(form: Form, count: number, pick: Pick): OperandValue[][] {
  const { operands } = form
  const random = (): OperandValue[] =>
    operands.map(({ kind, place }) => randomValue(kind, place === 'implied', pick))
  const cases = operands.flatMap(({ kind, place }, i) =>
    edges(kind, place === 'implied').map((value) => random().with(i, value)),
  )
  for (let i = 0; i < count; i++) cases.push(random())
  return operands.length === 0 ? [[]] : cases
}
