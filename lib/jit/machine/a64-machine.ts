/** The machine on ARM64. */

import { A64Assembler, addImmEncodable } from '../../asm/a64/assembler.js'
import { Cond, SP } from '../../asm/a64/registers.js'
import type { Label } from '../../asm/buffer.js'
import { Status } from '../../vm/segments.js'
import { floatOf } from '../ir/floats.js'
import {
  A64_FRAME,
  A64_ROLES,
  CALL_COUNT,
  FP,
  LR,
  REQUEST_A,
  REQUEST_B,
  REQUEST_STATUS,
  TEMPORARY,
  TEMPORARY_2,
} from './a64-registers.js'
import type { Condition, FinishedCode, FloatCondition, Machine, Rounding } from './machine.js'

type Code = (typeof Cond)[keyof typeof Cond]

const CODES: Readonly<Record<Condition, Code>> = {
  eq: Cond.EQ,
  ne: Cond.NE,
  lt: Cond.LT,
  le: Cond.LE,
  gt: Cond.GT,
  ge: Cond.GE,
  below: Cond.LO,
  notBelow: Cond.HS,
}

/** After `fcmp`: these are false (NE: true) when unordered; and their opposites, true when unordered. */
const FLOAT_CODES: Readonly<Record<FloatCondition, readonly [holds: Code, fails: Code]>> = {
  eq: [Cond.EQ, Cond.NE],
  ne: [Cond.NE, Cond.EQ],
  lt: [Cond.MI, Cond.PL],
  le: [Cond.LS, Cond.HI],
  gt: [Cond.GT, Cond.LE],
  ge: [Cond.GE, Cond.LT],
}

export class A64Machine implements Machine {
  readonly roles = A64_ROLES
  readonly frame = A64_FRAME
  readonly asm = new A64Assembler()

  /** @param isFar branches may have to reach further than 32 KiB */
  constructor(private readonly isFar = false) {}

  get offset(): number {
    return this.asm.offset
  }

  /** Processors differ in what they would gain, and here none is to be measured. */
  alignLoop(): void {}

  bind(label: Label): void {
    this.asm.bind(label)
  }

  finish(): FinishedCode {
    const { asm } = this
    const code = asm.finish()
    const [data] = asm.dataRanges
    return { code, instructionBytes: data?.start ?? code.length, relocations: asm.relocations }
  }

  // --- moves ---

  move(d: number, s: number): void {
    if (d !== s) this.asm.mov(d, s)
  }

  moveFloat(d: number, s: number): void {
    if (d !== s) this.asm.fmov(d, s)
  }

  constant(d: number, value: bigint): void {
    this.asm.movImm(d, value)
  }

  floatConstant(d: number, bits: bigint): void {
    const value = floatOf(bits)
    if (Object.is(value, 0)) this.asm.fmovZero(d)
    else this.asm.ldrLiteralD(d, value)
  }

  symbol(d: number, name: string): void {
    this.asm.movSymbol(d, name)
  }

  bitsToFloat(d: number, s: number): void {
    this.asm.fmovFromX(d, s)
  }

  floatToBits(d: number, s: number): void {
    this.asm.fmovToX(d, s)
  }

  // --- memory: offsets beyond the immediate's reach go through a temporary ---

  private reach(base: number, offset: number, size: number): [base: number, offset: number] {
    if (offset >= -256 && offset < 4096 * size && (offset < 256 || offset % size === 0)) return [base, offset]
    this.asm.movImm(TEMPORARY_2, offset)
    this.asm.add(TEMPORARY_2, base, TEMPORARY_2)
    return [TEMPORARY_2, 0]
  }

  load(d: number, base: number, offset: number): void {
    this.asm.ldr(d, ...this.reach(base, offset, 8))
  }

  load32(d: number, base: number, offset: number): void {
    this.asm.ldrW(d, ...this.reach(base, offset, 4))
  }

  load16(d: number, base: number, offset: number): void {
    this.asm.ldrh(d, ...this.reach(base, offset, 2))
  }

  load8(d: number, base: number, offset: number): void {
    this.asm.ldrb(d, ...this.reach(base, offset, 1))
  }

  loadFloat(d: number, base: number, offset: number): void {
    this.asm.ldrD(d, ...this.reach(base, offset, 8))
  }

  store(s: number, base: number, offset: number): void {
    this.asm.str(s, ...this.reach(base, offset, 8))
  }

  store32(s: number, base: number, offset: number): void {
    this.asm.strW(s, ...this.reach(base, offset, 4))
  }

  store8(s: number, base: number, offset: number): void {
    this.asm.strb(s, ...this.reach(base, offset, 1))
  }

  storeFloat(s: number, base: number, offset: number): void {
    this.asm.strD(s, ...this.reach(base, offset, 8))
  }

  storeConstant(value: bigint, base: number, offset: number): void {
    this.asm.movImm(TEMPORARY, value)
    this.store(TEMPORARY, base, offset)
  }

  store32Constant(value: number, base: number, offset: number): void {
    this.asm.movImm32(TEMPORARY, value >>> 0)
    this.store32(TEMPORARY, base, offset)
  }

  storeSlot(payload: number, tag: number, base: number, offset: number): void {
    if (isPairOffset(offset)) return this.asm.stp(payload, tag, base, offset)
    this.store(payload, base, offset)
    this.store(tag, base, offset + 8)
  }

  storeSlotConstantTag(payload: number, tag: bigint, base: number, offset: number): void {
    this.tagWord(TEMPORARY, tag)
    this.storeSlot(payload, TEMPORARY, base, offset)
  }

  /** The links of frames have bits in both halves: one load instead of two moves, if it can reach. */
  private tagWord(d: number, tag: bigint): void {
    if (tag >> 32n !== 0n && !this.isFar) this.asm.ldrLiteral(d, tag)
    else this.asm.movImm(d, tag)
  }

  storeSlotConstants(payload: bigint, tag: bigint, base: number, offset: number): void {
    if (isPairOffset(offset)) {
      this.asm.movImm(TEMPORARY, payload)
      this.tagWord(TEMPORARY_2, tag)
      return this.asm.stp(TEMPORARY, TEMPORARY_2, base, offset)
    }
    this.storeConstant(payload, base, offset)
    this.storeConstant(tag, base, offset + 8)
  }

  loadSlot(payload: number, tag: number, base: number, offset: number): void {
    if (isPairOffset(offset)) return this.asm.ldp(payload, tag, base, offset)
    const [first, second] = payload === base ? [tag, payload] : [payload, tag]
    const [at, behind] = payload === base ? [offset + 8, offset] : [offset, offset + 8]
    this.load(first, base, at)
    this.load(second, base, behind)
  }

  loadSlotAdvance(payload: number, tag: number, base: number, amount: number): void {
    if (isPairOffset(amount)) return this.asm.ldpPost(payload, tag, base, amount)
    this.asm.ldp(payload, tag, base, 0)
    this.addConstant(base, base, amount)
  }

  loadAdvance(d: number, base: number, amount: number): void {
    if (isPostOffset(amount)) return this.asm.ldrPost(d, base, amount)
    this.load(d, base, 0)
    this.addConstant(base, base, amount)
  }

  loadFloatAdvance(d: number, base: number, amount: number): void {
    if (isPostOffset(amount)) return this.asm.ldrDPost(d, base, amount)
    this.loadFloat(d, base, 0)
    this.addConstant(base, base, amount)
  }

  scaledAddress(d: number, base: number, index: number, shift: number): void {
    this.asm.add(d, base, index, { type: 'lsl', amount: shift })
  }

  add32ToMemory(amount: number, base: number, offset: number): void {
    this.load32(TEMPORARY, base, offset)
    this.addImm(TEMPORARY, TEMPORARY, amount, TEMPORARY_2)
    this.store32(TEMPORARY, base, offset)
  }

  loadSpill(d: number, slot: number): void {
    this.load(d, SP, slot * 8)
  }

  loadSpillFloat(d: number, slot: number): void {
    this.loadFloat(d, SP, slot * 8)
  }

  storeSpill(s: number, slot: number): void {
    this.store(s, SP, slot * 8)
  }

  storeSpillFloat(s: number, slot: number): void {
    this.storeFloat(s, SP, slot * 8)
  }

  // --- integers ---

  add(d: number, a: number, b: number): void {
    this.asm.add(d, a, b)
  }

  subtract(d: number, a: number, b: number): void {
    this.asm.sub(d, a, b)
  }

  multiply(d: number, a: number, b: number): void {
    this.asm.mul(d, a, b)
  }

  multiplyConstant(d: number, a: number, value: number): void {
    const amount = Math.log2(value)
    const amountAfterOne = Math.log2(value - 1)
    if (Number.isInteger(amount)) return this.asm.lslImm(d, a, amount)
    if (Number.isInteger(amountAfterOne)) return this.scaledAddress(d, a, a, amountAfterOne)
    this.asm.movImm(TEMPORARY, value)
    this.asm.mul(d, a, TEMPORARY)
  }

  addConstant(d: number, a: number, value: number): void {
    this.addImm(d, a, value, TEMPORARY)
  }

  private addImm(d: number, a: number, value: number, temporary: number): void {
    const { asm } = this
    if (value >= 0 && addImmEncodable(value)) asm.addImm(d, a, value)
    else if (value < 0 && addImmEncodable(-value)) asm.subImm(d, a, -value)
    else {
      asm.movImm(temporary, value)
      asm.add(d, a, temporary)
    }
  }

  negate(d: number, a: number): void {
    this.asm.neg(d, a)
  }

  /** The smallest / -1 wraps to itself on ARM64, so the remainder is 0 as it should be. */
  remainder(d: number, a: number, b: number): void {
    this.asm.sdiv(TEMPORARY, a, b)
    this.asm.msub(d, TEMPORARY, b, a)
  }

  /** Division is fast on ARM64: a multiplication with a reciprocal, which takes four instructions to load, is not faster. */
  remainderConstant(d: number, a: number, divisor: number): void {
    this.asm.movImm(TEMPORARY_2, divisor)
    this.remainder(d, a, TEMPORARY_2)
  }

  and(d: number, a: number, b: number): void {
    this.asm.and(d, a, b)
  }

  xor(d: number, a: number, b: number): void {
    this.asm.eor(d, a, b)
  }

  andConstant(d: number, a: number, value: number): void {
    this.asm.movImm(TEMPORARY, value)
    this.asm.and(d, a, TEMPORARY)
  }

  xorConstant(d: number, a: number, value: number): void {
    this.asm.movImm(TEMPORARY, value)
    this.asm.eor(d, a, TEMPORARY)
  }

  multiply32(d: number, a: number, b: number): void {
    this.asm.mulW(d, a, b)
  }

  shiftLeft(d: number, a: number, amount: number): void {
    this.asm.lslImm(d, a, amount)
  }

  shiftRight(d: number, a: number, amount: number): void {
    this.asm.lsrImm(d, a, amount)
  }

  shiftRightSigned(d: number, a: number, amount: number): void {
    this.asm.asrImm(d, a, amount)
  }

  low32(d: number, a: number): void {
    this.asm.mov32(d, a)
  }

  // --- floats ---

  addFloat(d: number, a: number, b: number): void {
    this.asm.fadd(d, a, b)
  }

  subtractFloat(d: number, a: number, b: number): void {
    this.asm.fsub(d, a, b)
  }

  multiplyFloat(d: number, a: number, b: number): void {
    this.asm.fmul(d, a, b)
  }

  divideFloat(d: number, a: number, b: number): void {
    this.asm.fdiv(d, a, b)
  }

  negateFloat(d: number, a: number): void {
    this.asm.fneg(d, a)
  }

  absoluteFloat(d: number, a: number): void {
    this.asm.fabs(d, a)
  }

  squareRoot(d: number, a: number): void {
    this.asm.fsqrt(d, a)
  }

  round(d: number, a: number, mode: Rounding): void {
    if (mode === 'floor') this.asm.frintm(d, a)
    else if (mode === 'ceil') this.asm.frintp(d, a)
    else this.asm.frintz(d, a)
  }

  intToFloat(d: number, a: number): void {
    this.asm.scvtf(d, a)
  }

  floatToInt(d: number, a: number): void {
    this.asm.fcvtzs(d, a)
  }

  // --- comparisons and jumps ---

  compare(a: number, b: number): void {
    this.asm.cmp(a, b)
  }

  compareConstant(a: number, value: number): void {
    const { asm } = this
    if (value >= 0 && addImmEncodable(value)) asm.cmpImm(a, value)
    else if (value < 0 && addImmEncodable(-value)) asm.cmnImm(a, -value)
    else {
      asm.movImm(TEMPORARY, value)
      asm.cmp(a, TEMPORARY)
    }
  }

  compare32(a: number, b: number): void {
    this.asm.cmpW(a, b)
  }

  compare32Constant(a: number, value: number): void {
    const { asm } = this
    if (value >= 0 && addImmEncodable(value)) asm.cmpImmW(a, value)
    else {
      asm.movImm32(TEMPORARY, value >>> 0)
      asm.cmpW(a, TEMPORARY)
    }
  }

  compareMemory32Constant(base: number, offset: number, value: number): void {
    this.load32(TEMPORARY_2, base, offset)
    this.compare32Constant(TEMPORARY_2, value)
  }

  compareMemory32(a: number, base: number, offset: number): void {
    this.load32(TEMPORARY, base, offset)
    this.asm.cmpW(a, TEMPORARY)
  }

  compareMemory(a: number, base: number, offset: number): void {
    this.load(TEMPORARY, base, offset)
    this.asm.cmp(a, TEMPORARY)
  }

  compare32Symbol(a: number, symbol: string): void {
    this.asm.movSymbolLow(TEMPORARY, symbol)
    this.asm.cmpW(a, TEMPORARY)
  }

  compareMemory32Symbol(base: number, offset: number, symbol: string): void {
    this.load32(TEMPORARY_2, base, offset)
    this.compare32Symbol(TEMPORARY_2, symbol)
  }

  branch(condition: Condition, label: Label): void {
    this.asm.bCond(CODES[condition], label)
  }

  branchUnlessBoth32(a: number, valueOfA: number, b: number, valueOfB: number, label: Label): void {
    this.asm.cmpImmW(a, valueOfA)
    // Else the flags say that the two are different.
    this.asm.ccmpImmW(b, valueOfB, 0, Cond.EQ)
    this.asm.bCond(Cond.NE, label)
  }

  branchIfNegative32(base: number, offset: number, label: Label): void {
    if (this.isFar) {
      this.compareMemory32Constant(base, offset, 0)
      return this.branch('lt', label)
    }
    this.load32(TEMPORARY_2, base, offset)
    this.asm.tbnz(TEMPORARY_2, 31, label)
  }

  set(d: number, condition: Condition): void {
    this.asm.cset(d, CODES[condition])
  }

  select(d: number, condition: Condition, a: number, b: number): void {
    this.asm.csel(d, a, b, CODES[condition])
  }

  branchFloat(condition: FloatCondition, a: number, b: number, sense: boolean, label: Label): void {
    this.asm.fcmp(a, b)
    this.asm.bCond(FLOAT_CODES[condition][sense ? 0 : 1], label)
  }

  setFloat(d: number, condition: FloatCondition, a: number, b: number): void {
    this.asm.fcmp(a, b)
    this.asm.cset(d, FLOAT_CODES[condition][0])
  }

  jump(label: Label): void {
    this.asm.b(label)
  }

  // --- calls and frames ---

  call(label: Label): void {
    this.asm.bl(label)
  }

  callSymbol(name: string): void {
    this.asm.blExternal(name)
  }

  jumpSymbol(name: string): void {
    this.asm.movSymbol(TEMPORARY_2, name)
    this.asm.br(TEMPORARY_2)
  }

  callMemory(base: number, offset: number): void {
    this.load(TEMPORARY, base, offset)
    this.asm.blr(TEMPORARY)
  }

  takeDepth(charge: number, overflow: Label): void {
    const { asm } = this
    asm.subsImmW(A64_ROLES.depth, A64_ROLES.depth, charge)
    asm.bCond(Cond.MI, overflow)
  }

  restoreDepth(charge: number): void {
    this.giveDepth(charge)
  }

  giveDepth(charge: number): void {
    this.asm.addImmW(A64_ROLES.depth, A64_ROLES.depth, charge)
  }

  countCall(): void {
    this.asm.addImm(CALL_COUNT, CALL_COUNT, 1)
  }

  pushFrame(spillSlots: number): void {
    const { asm } = this
    asm.stpPre(FP, LR, SP, -A64_FRAME.size)
    asm.movSp(FP, SP)
    const bytes = spillBytes(spillSlots)
    if (bytes === 0) return
    if (addImmEncodable(bytes)) asm.subImm(SP, SP, bytes)
    else {
      asm.movImm(TEMPORARY, bytes)
      asm.subExt(SP, SP, TEMPORARY, 'uxtx')
    }
  }

  /** The stack pointer does not wait for a frame pointer that the return before has loaded, as on x86-64. */
  popFrame(spillSlots: number): void {
    const { asm } = this
    const bytes = spillBytes(spillSlots)
    if (bytes > 0) {
      if (addImmEncodable(bytes)) asm.addImm(SP, SP, bytes)
      else asm.movSp(SP, FP)
    }
    asm.ldpPost(FP, LR, SP, A64_FRAME.size)
  }

  saveGeneral(count: number): void {
    const { general } = A64_ROLES
    for (let i = 0; i < count; i += 2)
      this.asm.stpPre(general[i] as number, general[i + 1] as number, SP, -16)
  }

  restoreGeneral(count: number): void {
    const { general } = A64_ROLES
    for (let i = ((count - 1) >> 1) * 2; i >= 0; i -= 2)
      this.asm.ldpPost(general[i] as number, general[i + 1] as number, SP, 16)
  }

  ret(): void {
    this.asm.ret()
  }

  // --- ways out ---

  step(position: number): void {
    this.asm.movImm32(REQUEST_A, position)
    this.asm.blExternal('stub:step')
  }

  refill(position: number, request: number): void {
    this.asm.movImm32(REQUEST_A, position)
    this.asm.movImm32(REQUEST_B, request)
    this.asm.blExternal('stub:refill')
  }

  exit(position: number, number: number, tail: Label): void {
    this.asm.movImm32(REQUEST_A, position)
    this.asm.movImm32(REQUEST_B, number)
    this.asm.b(tail)
  }

  exitTail(spillSlots: number): void {
    const { asm } = this
    this.popFrame(spillSlots)
    asm.movImm32(REQUEST_STATUS, Status.EXIT)
    // The other temporaries hold requests.
    asm.movSymbol(A64_ROLES.scratch[0] as number, 'stub:leave')
    asm.br(A64_ROLES.scratch[0] as number)
  }
}

/** Whether an instruction for two words reaches it. */
function isPairOffset(offset: number): boolean {
  return offset >= -512 && offset <= 504 && offset % 8 === 0
}

/** Whether a load can move its base by so many bytes. */
function isPostOffset(amount: number): boolean {
  return amount >= -256 && amount <= 255
}

/** The stack pointer stays a multiple of 16. */
function spillBytes(slots: number): number {
  return Math.ceil(slots / 2) * 16
}
