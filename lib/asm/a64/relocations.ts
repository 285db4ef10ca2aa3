/** References from code to symbols whose addresses are known only when the code is installed. */

import { AssemblerError } from '../buffer.js'

/**
 * `call26`: a bl or b to the symbol.
 * `abs64`: movz, movk, movk, movk (bits 0-15 first) that together load the symbol's address.
 * `abs32`: movz, movk that load its low 32 bits.
 */
export type RelocationKind = 'call26' | 'abs64' | 'abs32'

export interface Relocation {
  /** Byte offset of the (first) instruction. */
  readonly offset: number
  readonly kind: RelocationKind
  readonly symbol: string
}

/**
 * Patches the code in place for execution at `codeAddress`. Throws AssemblerError when a call target
 * is more than 128 MiB away or unaligned.
 */
export function applyRelocations(
  code: Uint8Array,
  relocations: readonly Relocation[],
  resolve: (symbol: string) => bigint,
  codeAddress: bigint,
): void {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength)
  for (const { offset, kind, symbol } of relocations) {
    const address = resolve(symbol)
    if (kind === 'call26') {
      const distance = address - (codeAddress + BigInt(offset))
      if ((distance & 3n) !== 0n || distance < -0x8000000n || distance >= 0x8000000n) {
        throw new AssemblerError(`call26: ${symbol} is not reachable (displacement ${distance})`)
      }
      const imm26 = Number(BigInt.asUintN(26, distance >> 2n))
      view.setUint32(offset, ((view.getUint32(offset, true) & 0xfc000000) | imm26) >>> 0, true)
      continue
    }
    for (let i = 0; i < (kind === 'abs64' ? 4 : 2); i++) {
      const imm16 = Number(BigInt.asUintN(16, address >> BigInt(16 * i)))
      const at = offset + 4 * i
      view.setUint32(at, ((view.getUint32(at, true) & ~0x1fffe0) | (imm16 << 5)) >>> 0, true)
    }
  }
}
