/** References from code to symbols whose addresses are known only when the code is installed. */
import { AssemblerError } from '../buffer.js'

/**
 * `rel32`: the displacement of a call or jump.
 * `imm64`: the operand of a `movabs`.
 * `imm32`: the low half of the address, as an immediate.
 */
export type RelocationKind = 'rel32' | 'imm64' | 'imm32'

export interface Relocation {
  /** Byte offset of the bytes to patch. */
  readonly offset: number
  readonly kind: RelocationKind
  readonly symbol: string
}

/**
 * Patches the code in place for execution at `codeAddress`. Throws AssemblerError when a call target is 2 GiB
 * away or more.
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
    switch (kind) {
      case 'imm64':
        view.setBigUint64(offset, BigInt.asUintN(64, address), true)
        break
      case 'imm32':
        view.setInt32(offset, Number(BigInt.asIntN(32, address)), true)
        break
      case 'rel32': {
        const distance = address - (codeAddress + BigInt(offset) + 4n)
        if (distance !== BigInt.asIntN(32, distance))
          throw new AssemblerError(`rel32: ${symbol} is not reachable (displacement ${distance})`)
        view.setInt32(offset, Number(distance), true)
      }
    }
  }
}
