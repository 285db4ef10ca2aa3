/**
 * Superinstructions: frequent sequences run by one dispatch. They are written over the first opcode word of
 * the sequence in the run loop's copy of the code; the other words stay, so positions do not change and
 * jumps into the sequence find the single instructions. Where operands have other types than expected, the
 * loop goes on with the plain first instruction.
 *
 * Each form of operands has its number, as whatever the loop would have to look up costs more than the operator.
 * The letters at the end say where the left and the right operand are (L: a local, K: at an address, as constants
 * and globals are, T: on the stack), and S that the result goes to a local.
 */
import { Opcode } from '../bytecode/opcodes.js'

/** Numbers above the plain opcodes; those of one form are in the order of the opcodes. */
export const enum Fused {
  /** GetLocal, GetLocal, operator. */
  AddLL = 72,
  SubtractLL,
  MultiplyLL,
  DivideLL,
  ModuloLL,
  /** GetLocal, GetLocal, operator, SetLocal. */
  AddLLS,
  SubtractLLS,
  MultiplyLLS,
  DivideLLS,
  ModuloLLS,
  /** GetLocal, constant or global, operator. */
  AddLK,
  SubtractLK,
  MultiplyLK,
  DivideLK,
  ModuloLK,
  /** GetLocal, constant or global, operator, SetLocal. */
  AddLKS,
  SubtractLKS,
  MultiplyLKS,
  DivideLKS,
  ModuloLKS,
  /** GetLocal, operator. */
  AddTL,
  SubtractTL,
  MultiplyTL,
  DivideTL,
  ModuloTL,
  /** GetLocal, operator, SetLocal. */
  AddTLS,
  SubtractTLS,
  MultiplyTLS,
  DivideTLS,
  ModuloTLS,
  /** Constant or global, operator. */
  AddTK,
  SubtractTK,
  MultiplyTK,
  DivideTK,
  ModuloTK,
  /** Constant or global, operator, SetLocal. */
  AddTKS,
  SubtractTKS,
  MultiplyTKS,
  DivideTKS,
  ModuloTKS,
  /** Operator, SetLocal. */
  AddTTS,
  SubtractTTS,
  MultiplyTTS,
  DivideTTS,
  ModuloTTS,
  /** GetLocal, GetLocal, comparison, JumpIfFalse. */
  EqualLL,
  NotEqualLL,
  LessLL,
  GreaterLL,
  LessEqualLL,
  GreaterEqualLL,
  /** GetLocal, constant or global, comparison, JumpIfFalse. */
  EqualLK,
  NotEqualLK,
  LessLK,
  GreaterLK,
  LessEqualLK,
  GreaterEqualLK,
  /** GetLocal, comparison, JumpIfFalse. */
  EqualTL,
  NotEqualTL,
  LessTL,
  GreaterTL,
  LessEqualTL,
  GreaterEqualTL,
  /** Constant or global, comparison, JumpIfFalse. */
  EqualTK,
  NotEqualTK,
  LessTK,
  GreaterTK,
  LessEqualTK,
  GreaterEqualTK,
  /** The forms with GetIndex. */
  IndexLL,
  IndexLLS,
  IndexLK,
  IndexLKS,
  IndexTL,
  IndexTLS,
  IndexTK,
  /** SetIndex, Pop. */
  SetIndexPop,
  /** GetLocal, GetLocal, a local, a constant or global, true or false, SetIndex, Pop. */
  SetIndexLLL,
  SetIndexLLK,
  SetIndexLLTrue,
  SetIndexLLFalse,
  /** GetLocal, Integer, Add, SetLocal of the same local, Loop: when Loop has nothing to do but jump. */
  CountAndLoop,
  /** The same with the LessLL or LessLK that the loop starts with. */
  CountAndLess,
  /** GetLocal, GetField. */
  FieldLocal,
  /** GetLocal, SetField. */
  SetFieldLocal,
  /** GetLocal, GetLocal. */
  PushLocals,
  /** GetProperty of `length`. */
  Length,
  /** GetLocal, GetProperty of `length`. */
  LengthLocal,
}

/** Where the operands are. */
type Form = 'LL' | 'LK' | 'TL' | 'TK' | 'TT'

/** By form: the first number of Add..Modulo when the result is pushed and when it is stored, 0: none. */
const ARITHMETIC: Readonly<Record<Form, readonly [pushed: number, stored: number]>> = {
  LL: [Fused.AddLL, Fused.AddLLS],
  LK: [Fused.AddLK, Fused.AddLKS],
  TL: [Fused.AddTL, Fused.AddTLS],
  TK: [Fused.AddTK, Fused.AddTKS],
  TT: [0, Fused.AddTTS],
}

/** The same of GetIndex. */
const INDEX: Readonly<Record<Form, readonly [pushed: number, stored: number]>> = {
  LL: [Fused.IndexLL, Fused.IndexLLS],
  LK: [Fused.IndexLK, Fused.IndexLKS],
  TL: [Fused.IndexTL, Fused.IndexTLS],
  TK: [Fused.IndexTK, 0],
  TT: [0, 0],
}

/** The same of Equal..GreaterEqual with JumpIfFalse. */
const COMPARISON: Readonly<Record<Form, number>> = {
  LL: Fused.EqualLL,
  LK: Fused.EqualLK,
  TL: Fused.EqualTL,
  TK: Fused.EqualTK,
  TT: 0,
}

/** Where an instruction takes what it pushes from: from a local or an address. */
function sourceOf(opcode: number | undefined): 'L' | 'K' | null {
  switch (opcode) {
    case Opcode.GetLocal:
      return 'L'
    case Opcode.Integer:
    case Opcode.Constant:
    case Opcode.GetGlobal:
      return 'K'
    default:
      return null
  }
}

/** What the operator at `at` makes of a sequence that ends there (or with what follows), or 0. */
function operation(code: Int32Array, at: number, form: Form): number {
  const operator = code[at] as number
  const next = code[at + 1]
  if (operator >= Opcode.Equal && operator <= Opcode.GreaterEqual) {
    const first = COMPARISON[form]
    return first !== 0 && next === Opcode.JumpIfFalse ? first + operator - Opcode.Equal : 0
  }
  const arithmetic = operator >= Opcode.Add && operator <= Opcode.Modulo
  if (!arithmetic && operator !== Opcode.GetIndex) return 0
  const [pushed, stored] = (arithmetic ? ARITHMETIC : INDEX)[form]
  const first = next === Opcode.SetLocal && stored !== 0 ? stored : pushed
  return first !== 0 && arithmetic ? first + operator - Opcode.Add : first
}

/** What is at `position` if that counts and loops, or 0. `fused` has the words before it. */
function counting(code: Int32Array, fused: Int32Array, position: number): number {
  const counts =
    code[position + 2] === Opcode.Integer &&
    code[position + 4] === Opcode.Add &&
    code[position + 5] === Opcode.SetLocal &&
    code[position + 6] === code[position + 1] &&
    code[position + 7] === Opcode.Loop
  if (!counts) return 0
  const head = fused[code[position + 8] as number]
  return head === Fused.LessLL || head === Fused.LessLK ? Fused.CountAndLess : Fused.CountAndLoop
}

/** What stores into an element with array and index in locals, or 0. */
function storing(code: Int32Array, position: number): number {
  if (code[position + 2] !== Opcode.GetLocal) return 0
  const opcode = code[position + 4]
  const simple = opcode === Opcode.True || opcode === Opcode.False
  const at = simple ? position + 5 : position + 6
  if (code[at] !== Opcode.SetIndex || code[at + 1] !== Opcode.Pop) return 0
  if (simple) return opcode === Opcode.True ? Fused.SetIndexLLTrue : Fused.SetIndexLLFalse
  const source = sourceOf(opcode)
  return source === null ? 0 : source === 'L' ? Fused.SetIndexLLL : Fused.SetIndexLLK
}

/** The opcode word of the longest superinstruction at `position`, or 0. */
function fusedAt(
  code: Int32Array,
  fused: Int32Array,
  position: number,
  isLength: (name: number) => boolean,
): number {
  const opcode = code[position] as number
  const next = code[position + 1]
  if (opcode === Opcode.SetIndex) return next === Opcode.Pop ? Fused.SetIndexPop : 0
  if (opcode === Opcode.GetProperty) return isLength(next as number) ? Fused.Length : 0
  const source = sourceOf(opcode)
  if (source === null) return next === Opcode.SetLocal ? operation(code, position, 'TT') : 0
  const second = code[position + 2] as number
  if (source === 'L') {
    const whole = counting(code, fused, position) || storing(code, position)
    if (whole !== 0) return whole
    const right = sourceOf(second)
    const both = right === null ? 0 : operation(code, position + 4, `L${right}`)
    if (both !== 0) return both
    if (second === Opcode.GetField) return Fused.FieldLocal
    if (second === Opcode.SetField) return Fused.SetFieldLocal
    if (second === Opcode.GetProperty && isLength(code[position + 3] as number)) return Fused.LengthLocal
  }
  const one = operation(code, position + 2, `T${source}`)
  if (one !== 0) return one
  return source === 'L' && second === Opcode.GetLocal ? Fused.PushLocals : 0
}

/**
 * Writes superinstructions into a copy of `code` (translated words).
 * @param positions of the instructions, in order
 * @param isLength whether a name operand of it is `length`
 */
export function fuse(
  code: Int32Array,
  positions: Iterable<number>,
  isLength: (name: number) => boolean,
): Int32Array {
  const copy = Int32Array.from(code)
  for (const position of positions) {
    const fused = fusedAt(code, copy, position, isLength)
    if (fused !== 0) copy[position] = fused
  }
  return copy
}
