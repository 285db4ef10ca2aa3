/**
 * Superinstructions: frequent sequences run by one dispatch. They are written over the first opcode word of
 * the sequence in the run loop's copy of the code; the other words stay, so positions do not change and
 * jumps into the sequence find the single instructions. Where operands have other types than expected, the
 * loop goes on with the plain first instruction.
 *
 * A *source* is an instruction that pushes what lies in memory: GetLocal, or one whose operand is an address
 * (Integer, Constant, GetGlobal).
 */
import { Opcode } from '../bytecode/opcodes.js'

/** Numbers between the plain opcodes and the OBSERVED mark. */
export const enum Fused {
  /** GetLocal, source, operator; with STORES also SetLocal. The order is that of the next five, and of the opcodes. */
  AddLocal = 72,
  SubtractLocal,
  MultiplyLocal,
  DivideLocal,
  ModuloLocal,
  /** Source, operator; with STORES also SetLocal. The left operand is on the stack. */
  AddTop,
  SubtractTop,
  MultiplyTop,
  DivideTop,
  ModuloTop,
  /** Operator, SetLocal. Both operands are on the stack. */
  AddStore,
  SubtractStore,
  MultiplyStore,
  DivideStore,
  ModuloStore,
  /** The same with GetIndex. */
  IndexLocal,
  IndexTop,
  /** GetLocal, source, comparison, JumpIfFalse. The order is that of the next six, and of the opcodes. */
  EqualLocal,
  NotEqualLocal,
  LessLocal,
  GreaterLocal,
  LessEqualLocal,
  GreaterEqualLocal,
  /** Source, comparison, JumpIfFalse. The left operand is on the stack. */
  EqualTop,
  NotEqualTop,
  LessTop,
  GreaterTop,
  LessEqualTop,
  GreaterEqualTop,
  /** SetIndex, Pop. */
  SetIndexPop,
  /** GetLocal, GetLocal, value, SetIndex, Pop. The value is a source, or true or false (modes). */
  SetIndexLocals,
  /** GetLocal, Integer, Add, SetLocal of the same local, Loop: when Loop has nothing to do but jump. */
  CountAndLoop,
  /** GetLocal, GetField. */
  FieldLocal,
  /** GetLocal, SetField. */
  SetFieldLocal,
  /** GetLocal, GetLocal. */
  PushLocals,
  /** GetProperty of `length`; with LOCAL GetLocal before it. */
  Length,
}

/** What the opcode word of a superinstruction says besides. */
export const enum Mode {
  /** The opcode proper. */
  OPCODE = 255,
  /** The result goes to the local of the SetLocal behind. */
  STORES = 256,
  /** The value is a constant without an instruction word for it. */
  TRUE = 512,
  FALSE = 1024,
  /** The (right) source is a local; else its operand is an address. The sign: `word >> 31` is a mask. */
  LOCAL = 0x80000000,
}

/** Superinstructions by operator: the left operand is a local; it is on the stack. */
const OPERATORS: Readonly<Record<number, readonly [local: number, top: number]>> = {
  [Opcode.Add]: [Fused.AddLocal, Fused.AddTop],
  [Opcode.Subtract]: [Fused.SubtractLocal, Fused.SubtractTop],
  [Opcode.Multiply]: [Fused.MultiplyLocal, Fused.MultiplyTop],
  [Opcode.Divide]: [Fused.DivideLocal, Fused.DivideTop],
  [Opcode.Modulo]: [Fused.ModuloLocal, Fused.ModuloTop],
  [Opcode.GetIndex]: [Fused.IndexLocal, Fused.IndexTop],
}

/** Superinstructions of an operator and SetLocal. */
const STORES: Readonly<Record<number, number>> = {
  [Opcode.Add]: Fused.AddStore,
  [Opcode.Subtract]: Fused.SubtractStore,
  [Opcode.Multiply]: Fused.MultiplyStore,
  [Opcode.Divide]: Fused.DivideStore,
  [Opcode.Modulo]: Fused.ModuloStore,
}

/** The mode of a source (0 or LOCAL), or null if the instruction is none. */
function sourceOf(opcode: number | undefined): number | null {
  switch (opcode) {
    case Opcode.GetLocal:
      return Mode.LOCAL
    case Opcode.Integer:
    case Opcode.Constant:
    case Opcode.GetGlobal:
      return 0
    default:
      return null
  }
}

/**
 * What the operator at `at` makes of a sequence that ends with a source before it, or 0.
 * @param left 0: the left operand is a local; 1: it is on the stack
 */
function operation(code: Int32Array, at: number, left: 0 | 1): number {
  const operator = code[at] as number
  if (operator >= Opcode.Equal && operator <= Opcode.GreaterEqual) {
    const first = left === 0 ? Fused.EqualLocal : Fused.EqualTop
    return code[at + 1] === Opcode.JumpIfFalse ? first + operator - Opcode.Equal : 0
  }
  const fused = OPERATORS[operator]?.[left] ?? 0
  return fused !== 0 && code[at + 1] === Opcode.SetLocal ? fused | Mode.STORES : fused
}

/** Whether CountAndLoop is at `position`. */
function counts(code: Int32Array, position: number): boolean {
  return (
    code[position + 2] === Opcode.Integer &&
    code[position + 4] === Opcode.Add &&
    code[position + 5] === Opcode.SetLocal &&
    code[position + 6] === code[position + 1] &&
    code[position + 7] === Opcode.Loop
  )
}

/** The modes of SetIndexLocals if it is at `position`, else null. */
function storedAt(code: Int32Array, position: number): number | null {
  if (code[position + 2] !== Opcode.GetLocal) return null
  const opcode = code[position + 4]
  const simple = opcode === Opcode.True ? Mode.TRUE : opcode === Opcode.False ? Mode.FALSE : 0
  const at = simple === 0 ? position + 6 : position + 5
  if (code[at] !== Opcode.SetIndex || code[at + 1] !== Opcode.Pop) return null
  return simple === 0 ? sourceOf(opcode) : simple
}

/** The opcode word of the longest superinstruction at `position`, or 0. */
function fusedAt(code: Int32Array, position: number, isLength: (name: number) => boolean): number {
  const opcode = code[position] as number
  const next = code[position + 1]
  if (opcode === Opcode.SetIndex) return next === Opcode.Pop ? Fused.SetIndexPop : 0
  if (next === Opcode.SetLocal && STORES[opcode] !== undefined) return STORES[opcode]
  if (opcode === Opcode.GetProperty) return isLength(next as number) ? Fused.Length : 0
  const source = sourceOf(opcode)
  if (source === null) return 0
  const second = code[position + 2] as number
  if (source === Mode.LOCAL) {
    if (counts(code, position)) return Fused.CountAndLoop
    const stored = storedAt(code, position)
    if (stored !== null) return Fused.SetIndexLocals | stored
    const right = sourceOf(second)
    const fused = right === null ? 0 : operation(code, position + 4, 0)
    if (fused !== 0) return fused | (right as number)
    if (second === Opcode.GetField) return Fused.FieldLocal
    if (second === Opcode.SetField) return Fused.SetFieldLocal
    if (second === Opcode.GetProperty && isLength(code[position + 3] as number))
      return Fused.Length | Mode.LOCAL
  }
  const fused = operation(code, position + 2, 1)
  if (fused !== 0) return fused | source
  return source === Mode.LOCAL && second === Opcode.GetLocal ? Fused.PushLocals : 0
}

/**
 * Writes superinstructions into a copy of `code` (translated words).
 * @param isLength whether a name operand of it is `length`
 */
export function fuse(
  code: Int32Array,
  positions: Iterable<number>,
  isLength: (name: number) => boolean,
): Int32Array {
  const copy = Int32Array.from(code)
  for (const position of positions) {
    const fused = fusedAt(code, position, isLength)
    if (fused !== 0) copy[position] = fused
  }
  return copy
}
