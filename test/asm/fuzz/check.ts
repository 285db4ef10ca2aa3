/** Rounds of random instructions through an encoder, its decoder, and GNU as. */
import { Random } from '../../fuzz/random.js'
import { gnuAssemble } from '../tools.js'
import type { Encoded, FuzzTarget } from './target.js'

export interface AsmTotals {
  encoded: number
  refused: number
  /** Wild operands that were none the less right. */
  taken: number
  noise: number
  decoded: number
  /** Texts that GNU as has assembled. */
  assembled: number
}

export function noAsmTotals(): AsmTotals {
  return { encoded: 0, refused: 0, taken: 0, noise: 0, decoded: 0, assembled: 0 }
}

/**
 * Instructions of each form, some with operands that are none, and as many random bytes.
 *
 * @param count of each form
 * @returns what is wrong
 */
export function asmRound(target: FuzzTarget, seed: number, count: number, totals: AsmTotals): string[] {
  const random = new Random(seed)
  const wrong: string[] = []
  const encoded: Encoded[] = []
  const attempt = (action: () => void): void => {
    try {
      action()
    } catch (error) {
      wrong.push((error as Error).message)
    }
  }
  for (const form of target.forms) {
    for (let i = 0; i < count; i++) {
      attempt(() => encoded.push(...target.instruction(form, random)))
      attempt(() => (target.refuses(form, random) ? totals.refused++ : totals.taken++))
      attempt(() => {
        const found = target.decode(Uint8Array.from(target.noise(random)))
        totals.noise++
        if (found === null) return
        totals.decoded++
        encoded.push(found)
      })
    }
  }
  totals.encoded += encoded.length
  if (target.gnu.skip === false) {
    wrong.push(...compareWithGnu(target, encoded))
    totals.assembled += encoded.length
  }
  return wrong
}

/** Where GNU as makes other bytes of the texts. */
function compareWithGnu({ gnu, header }: FuzzTarget, encoded: readonly Encoded[]): string[] {
  let code: Uint8Array
  try {
    code = gnuAssemble([...header, ...encoded.map(({ text }) => text)], gnu)
  } catch (error) {
    return [`GNU as refuses: ${(error as Error).message}`]
  }
  let offset = 0
  for (const { text, bytes } of encoded) {
    const theirs = [...code.subarray(offset, offset + bytes.length)]
    // What follows is shifted if the lengths differ.
    if (theirs.join() !== bytes.join()) return [`${text}: ours ${hex(bytes)}, of GNU as ${hex(theirs)}`]
    offset += bytes.length
  }
  return offset === code.length ? [] : [`${code.length - offset} bytes too many`]
}

function hex(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
}
