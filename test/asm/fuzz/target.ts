/** What the fuzzer of assemblers asks of a target. */
import type { Random } from '../../fuzz/random.js'
import type { GnuTools } from '../tools.js'

/** An instruction as text and as our bytes. */
export interface Encoded {
  readonly text: string
  readonly bytes: readonly number[]
}

export interface FuzzTarget {
  readonly gnu: GnuTools
  /** Directives in front of the text. */
  readonly header: readonly string[]
  /** Names of all forms. */
  readonly forms: readonly string[]
  /**
   * An instruction of the form with random operands, often at the borders of what they may be, in all texts that
   * stand for it; empty: what came out is not encodable on purpose.
   *
   * @throws Error if what was encoded is not what is decoded
   */
  instruction(form: string, random: Random): Encoded[]
  /**
   * Encodes the form with an operand that is probably none.
   *
   * @returns whether it was refused
   * @throws Error if it was taken for another operand, or refused in another way than by an AssemblerError
   */
  refuses(form: string, random: Random): boolean
  /** Bytes that may be instructions. */
  noise(random: Random): number[]
  /**
   * The instruction at the beginning of the bytes, or null.
   *
   * @throws Error if it does not encode to the same bytes
   */
  decode(bytes: Uint8Array): Encoded | null
}

/** Numbers that are nothing, or just beyond something. */
const WILD: readonly number[] = [
  ...[-1, -2, 0.5, -0.5, 1.5, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ...[7, 15, 31, 63, 127, 255, 0xfff, 0xffff, 2 ** 20, 2 ** 31, 2 ** 32, 2 ** 33, 2 ** 40, 2 ** 53, 2 ** 64],
]

export function wildNumber(random: Random): number | bigint {
  const number = random.pick(WILD) * random.pick([1, 1, -1]) + random.pick([0, 0, 1, -1, 2])
  return Number.isInteger(number) && random.chance(0.3) ? BigInt(number) : number
}
