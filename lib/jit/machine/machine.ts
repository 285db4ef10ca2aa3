/**
 * The machine as the emitter sees it: one vocabulary of operations for all targets, in the manner of the
 * macro assemblers of SpiderMonkey and V8. Each target implements it over its assembler, so what an IR
 * operation means is written once (`lib/jit/emit`).
 *
 * Registers are numbers of the target. An operation may have the same register as operand and result
 * unless it says otherwise; it may destroy the target's temporaries (which no caller ever names) and the
 * flags. Offsets and constants may be any that fit 32 bits.
 */
import type { Label } from '../../asm/buffer.js'
import type { RelocationKind } from '../object.js'

/** What the two halves of a comparison are to each other; `below` and `notBelow` compare unsigned. */
export type Condition = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge' | 'below' | 'notBelow'
/** Comparisons of floats are false if an operand is NaN; `ne` is true. */
export type FloatCondition = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge'

export const INVERSE: Readonly<Record<Condition, Condition>> = {
  eq: 'ne',
  ne: 'eq',
  lt: 'ge',
  le: 'gt',
  gt: 'le',
  ge: 'lt',
  below: 'notBelow',
  notBelow: 'below',
}

/** Emits code out of line: behind all code that is in line. */
export type Later = (emit: () => void) => void

export type Rounding = 'floor' | 'ceil' | 'truncate'

/** A reference to a symbol whose address is known only when the code is installed. */
export interface Relocation {
  /** Byte offset of the instruction, or of the bytes to patch. */
  readonly offset: number
  readonly kind: RelocationKind
  readonly symbol: string
}

/** What each register of a target is for. */
export interface RegisterRoles {
  /** Base of the running Rush frame. */
  readonly base: number
  /** The context block. */
  readonly context: number
  /** Calls that may still be nested (32 bits). */
  readonly depth: number
  /** A function's result; free as scratch anywhere else. */
  readonly resultPayload: number
  readonly resultTag: number
  /** Where operands that live in memory, and constants, are brought. The result registers may be among them. */
  readonly scratch: readonly number[]
  readonly scratchFloat: readonly number[]
  /** What the allocator may hand out, most welcome first. */
  readonly general: readonly number[]
  readonly float: readonly number[]
}

/** How native frames lie on the fiber, seen from the frame pointer; the spill slots are at the stack pointer. */
export interface NativeFrameShape {
  /** From the frame pointer to the stack pointer of the caller. */
  readonly size: number
}

export interface FinishedCode {
  code: Uint8Array
  /** Bytes of instructions; constants follow. */
  instructionBytes: number
  relocations: readonly Relocation[]
}

export interface Machine {
  readonly roles: RegisterRoles
  readonly frame: NativeFrameShape

  /** Bytes emitted so far. */
  readonly offset: number
  /** In front of the instructions that a loop goes back to: fills up to where the processor likes them to be. */
  alignLoop(): void
  bind(label: Label): void
  finish(): FinishedCode

  // --- moves -----------------------------------------------------------------------------------
  move(d: number, s: number): void
  moveFloat(d: number, s: number): void
  constant(d: number, value: bigint): void
  /** The float64 with these bits. */
  floatConstant(d: number, bits: bigint): void
  /** The 64-bit address that the symbol stands for. */
  symbol(d: number, name: string): void
  bitsToFloat(d: number, s: number): void
  floatToBits(d: number, s: number): void

  // --- memory ----------------------------------------------------------------------------------
  load(d: number, base: number, offset: number): void
  /** Zero extended. */
  load32(d: number, base: number, offset: number): void
  /** Zero extended. */
  load16(d: number, base: number, offset: number): void
  /** Zero extended. */
  load8(d: number, base: number, offset: number): void
  loadFloat(d: number, base: number, offset: number): void
  store(s: number, base: number, offset: number): void
  store32(s: number, base: number, offset: number): void
  store8(s: number, base: number, offset: number): void
  storeFloat(s: number, base: number, offset: number): void
  /** Stores 64 bits. */
  storeConstant(value: bigint, base: number, offset: number): void
  store32Constant(value: number, base: number, offset: number): void
  /** Payload at `offset`, tag word behind it. */
  storeSlot(payload: number, tag: number, base: number, offset: number): void
  /** The same with a tag word that is known. */
  storeSlotConstantTag(payload: number, tag: bigint, base: number, offset: number): void
  /** The same with both words known. */
  storeSlotConstants(payload: bigint, tag: bigint, base: number, offset: number): void
  /** Payload and tag of a slot; what the upper half of `tag` gets is undefined. They are different registers. */
  loadSlot(payload: number, tag: number, base: number, offset: number): void
  /** The same at `base`, which moves on by a constant then and is none of the others. */
  loadSlotAdvance(payload: number, tag: number, base: number, amount: number): void
  /** Loads a word from `base`, another register, which moves on by a constant then. */
  loadAdvance(d: number, base: number, amount: number): void
  loadFloatAdvance(d: number, base: number, amount: number): void
  /** d = base + index * 2^shift */
  scaledAddress(d: number, base: number, index: number, shift: number): void
  /** Adds to a word of 32 bits in memory. */
  add32ToMemory(amount: number, base: number, offset: number): void

  /** The spill slots of the running frame. */
  loadSpill(d: number, slot: number): void
  loadSpillFloat(d: number, slot: number): void
  storeSpill(s: number, slot: number): void
  storeSpillFloat(s: number, slot: number): void

  // --- integers --------------------------------------------------------------------------------
  add(d: number, a: number, b: number): void
  subtract(d: number, a: number, b: number): void
  multiply(d: number, a: number, b: number): void
  /** `value` fits 32 bits. */
  multiplyConstant(d: number, a: number, value: number): void
  addConstant(d: number, a: number, value: number): void
  negate(d: number, a: number): void
  /**
   * Truncated division: the remainder has the sign of `a`; `b` is not 0; the smallest % -1 is 0. May destroy all
   * scratch registers.
   *
   * @param later takes what is emitted out of line
   */
  remainder(d: number, a: number, b: number, later: Later): void
  /** The same by a constant of 2 to 2^31 - 1. */
  remainderConstant(d: number, a: number, divisor: number): void
  and(d: number, a: number, b: number): void
  xor(d: number, a: number, b: number): void
  /** `value` is 0 to 2^31 - 1. */
  andConstant(d: number, a: number, value: number): void
  xorConstant(d: number, a: number, value: number): void
  /** 32-bit product, zero extended. */
  multiply32(d: number, a: number, b: number): void
  shiftLeft(d: number, a: number, amount: number): void
  /** Logical. */
  shiftRight(d: number, a: number, amount: number): void
  /** Arithmetic. */
  shiftRightSigned(d: number, a: number, amount: number): void
  /** The low 32 bits, zero extended. */
  low32(d: number, a: number): void

  // --- floats ----------------------------------------------------------------------------------
  addFloat(d: number, a: number, b: number): void
  subtractFloat(d: number, a: number, b: number): void
  multiplyFloat(d: number, a: number, b: number): void
  divideFloat(d: number, a: number, b: number): void
  negateFloat(d: number, a: number): void
  absoluteFloat(d: number, a: number): void
  squareRoot(d: number, a: number): void
  round(d: number, a: number, mode: Rounding): void
  /** Nearest float64. */
  intToFloat(d: number, a: number): void
  /** Truncates; only for values inside the int64 range. */
  floatToInt(d: number, a: number): void

  // --- comparisons and jumps -------------------------------------------------------------------
  compare(a: number, b: number): void
  compareConstant(a: number, value: number): void
  compare32(a: number, b: number): void
  compare32Constant(a: number, value: number): void
  compareMemory32Constant(base: number, offset: number, value: number): void
  compareMemory32(a: number, base: number, offset: number): void
  compareMemory(a: number, base: number, offset: number): void
  /** Compares 32 bits with the low half of a symbol's address: references differ there alone. */
  compare32Symbol(a: number, symbol: string): void
  compareMemory32Symbol(base: number, offset: number, symbol: string): void
  /** After a comparison. */
  branch(condition: Condition, label: Label): void
  /** Goes to the label unless the low halves of two registers have these values (0 to 31). */
  branchUnlessBoth32(a: number, valueOfA: number, b: number, valueOfB: number, label: Label): void
  /** Goes to the label if the 32 bits in memory are negative. */
  branchIfNegative32(base: number, offset: number, label: Label): void
  /** After a comparison: 1 or 0. */
  set(d: number, condition: Condition): void
  /** After a comparison: `a` if the condition holds, else `b`. */
  select(d: number, condition: Condition, a: number, b: number): void
  /** Goes to the label if the comparison comes out as `sense`. */
  branchFloat(condition: FloatCondition, a: number, b: number, sense: boolean, label: Label): void
  setFloat(d: number, condition: FloatCondition, a: number, b: number): void
  jump(label: Label): void

  // --- calls and frames ------------------------------------------------------------------------
  call(label: Label): void
  callSymbol(name: string): void
  jumpSymbol(name: string): void
  /** Calls the address in memory. */
  callMemory(base: number, offset: number): void
  /** Subtracts from the depth register; to `overflow` if that is below 0. */
  takeDepth(charge: number, overflow: Label): void
  /** At `overflow`: undoes what `takeDepth` has done to the register. */
  restoreDepth(charge: number): void
  giveDepth(charge: number): void
  /** Counts a call of native code. */
  countCall(): void
  /** At a function's entry: saves frame pointer, return address and frame base, makes room for spills. */
  pushFrame(spillSlots: number): void
  popFrame(spillSlots: number): void
  /** Puts the first `count` of `roles.general` on the stack, for a routine that uses them; 8 at most. */
  saveGeneral(count: number): void
  restoreGeneral(count: number): void
  ret(): void

  // --- ways out --------------------------------------------------------------------------------
  /** Has the VM execute the instruction at this position and goes on; what the allocator hands out survives. */
  step(position: number): void
  /** Has the host put free cells into a size class's list; `request` says which (`refillRequest`). */
  refill(position: number, request: number): void
  /** Notes where the VM goes on and which exit it was, then jumps to `tail`. */
  exit(position: number, number: number, tail: Label): void
  /** What all exits of a function share: drops the native frame and leaves to the host. */
  exitTail(spillSlots: number): void
}
