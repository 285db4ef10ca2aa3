/**
 * Superinstructions: frequent sequences that start with GetLocal, run by one dispatch. They are written
 * over the first opcode word of the sequence in the run loop's copy of the code; the other words stay,
 * so positions do not change and jumps into the sequence find the single instructions. Where operands
 * have other types than expected, the loop goes on with the plain GetLocal.
 */
import { Opcode } from '../bytecode/opcodes.js'

/** Numbers between the plain opcodes and the OBSERVED mark. */
export const enum Fused {
  /** GetLocal a, Integer k or GetLocal b, comparison, JumpIfFalse: both operands INTEGER. */
  CompareLocalConstant = 80,
  CompareLocalLocal,
  /** GetLocal a, Integer k, Add or Subtract: both operands INTEGER. */
  AddLocalConstant,
  SubtractLocalConstant,
  /** GetLocal a, GetLocal b, Add, Subtract or Multiply: both operands INTEGER or both FLOAT. */
  AddLocalLocal,
  SubtractLocalLocal,
  MultiplyLocalLocal,
}

const ARITHMETIC: Readonly<Record<number, readonly [number, number]>> = {
  [Opcode.Add]: [Fused.AddLocalConstant, Fused.AddLocalLocal],
  [Opcode.Subtract]: [Fused.SubtractLocalConstant, Fused.SubtractLocalLocal],
  [Opcode.Multiply]: [0, Fused.MultiplyLocalLocal],
}

/** Marks the superinstructions of `code` (translated words) in place. */
export function fuse(code: Int32Array, positions: Iterable<number>): void {
  for (const position of positions) {
    if (code[position] !== Opcode.GetLocal) continue
    const second = code[position + 2]
    if (second !== Opcode.Integer && second !== Opcode.GetLocal) continue
    const constant = second === Opcode.Integer
    const third = code[position + 4] as number
    if (third >= Opcode.Less && third <= Opcode.GreaterEqual && code[position + 5] === Opcode.JumpIfFalse) {
      code[position] = constant ? Fused.CompareLocalConstant : Fused.CompareLocalLocal
    }
    const fused = ARITHMETIC[third]?.[constant ? 0 : 1] ?? 0
    if (fused !== 0) code[position] = fused
  }
}
