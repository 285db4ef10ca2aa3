/**
 * The object document (`.ro`): native code of the functions of one bytecode program. Its written form has one field
 * more, `checksum` (`lib/formats/checksum.ts`).
 */

export const OBJECT_VERSION = 3
/** Raised whenever frames, the context block, requests or register conventions change. */
export const ABI_VERSION = 4

export type TargetName = 'arm64' | 'x64'

/**
 * How a symbol's address stands in the code. ARM64: `call26`, a branch; `abs64` and `abs32`, four or two moves
 * that load it or its low half. x86-64: `rel32`, a branch's displacement; `imm64`, the operand of a move; `imm32`,
 * the low half as an operand.
 */
export type RelocationKind = 'call26' | 'abs64' | 'abs32' | 'rel32' | 'imm64' | 'imm32'

export interface ObjectRelocation {
  /** Byte offset in the function's code. */
  offset: number
  kind: RelocationKind
  symbol: string
}

/** One exit or safepoint: where native code may leave, and where in the bytecode that is. */
export interface ObjectExit {
  /** Byte offset of the exit stub. */
  offset: number
  position: number
  /** A key of EXIT_REASONS, or 'throws'; of a function without code, why it was not compiled. */
  reason: string
}

export interface ObjectFunction {
  index: number
  name: string
  /** Machine code; empty if the compiler refused the function. In JSON: base64. */
  code: Uint8Array | string
  /** Bytes of `code` that are instructions; constants follow. */
  instructionBytes: number
  relocations: ObjectRelocation[]
  exits: ObjectExit[]
  /** Groups of [byte offset, bytecode position], by rising offset. */
  lineMap: number[]
}

export interface ObjectDocument {
  format: 'rush-object'
  version: typeof OBJECT_VERSION
  target: TargetName
  abi: number
  /** `layoutHash` of the Rush that made it. */
  layout: string
  /** sourceHash of the bytecode it was made from, and a hash of that bytecode itself. */
  sourceHash: string
  bytecodeHash: string
  functions: ObjectFunction[]
  /** The bytecode, so that a listing can show it; without it a blob could not be read alone. */
  program: import('../bytecode/program.js').BytecodeProgram
}
