/** The machine on x86-64. */
import { Label } from '../../asm/buffer.js'
import { type Memory, memory, X64Assembler } from '../../asm/x64/assembler.js'
import {
  type Condition as Code,
  Cond,
  invertCondition,
  R11,
  RAX,
  RBP,
  RDX,
  RSP,
} from '../../asm/x64/registers.js'
import { Context } from '../../heap/layout.js'
import { Status } from '../../vm/segments.js'
import { reciprocalOf } from './division.js'
import type { Condition, FinishedCode, FloatCondition, Later, Machine, Rounding } from './machine.js'
import { CALL_COUNT, TEMPORARY_FLOAT, X64_FRAME, X64_ROLES } from './x64-registers.js'

const CODES: Readonly<Record<Condition, Code>> = {
  eq: Cond.E,
  ne: Cond.NE,
  lt: Cond.L,
  le: Cond.LE,
  gt: Cond.G,
  ge: Cond.GE,
  below: Cond.B,
  notBelow: Cond.AE,
}

/**
 * `ucomisd` sets the carry flag when unordered, so `above` and `above or equal` are false then: `<` and `<=`
 * are made of them with the operands exchanged. `==` must look at the parity flag, too.
 */
const FLOAT_CODES: Readonly<Record<FloatCondition, { code: Code; exchange: boolean; parity: boolean }>> = {
  eq: { code: Cond.E, exchange: false, parity: true },
  ne: { code: Cond.NE, exchange: false, parity: true },
  lt: { code: Cond.A, exchange: true, parity: false },
  le: { code: Cond.AE, exchange: true, parity: false },
  gt: { code: Cond.A, exchange: false, parity: false },
  ge: { code: Cond.AE, exchange: false, parity: false },
}

const ROUNDING: Readonly<Record<Rounding, number>> = { floor: 9, ceil: 10, truncate: 11 }
const SIGN = 1n << 63n
/** Bytes: caches of decoded instructions go by 32 or 64. With 64 no program was faster than with 32. */
export const LOOP_ALIGNMENT = 32

export class X64Machine implements Machine {
  readonly roles = X64_ROLES
  readonly frame = X64_FRAME
  readonly asm = new X64Assembler()

  get offset(): number {
    return this.asm.offset
  }

  alignLoop(): void {
    this.asm.align(LOOP_ALIGNMENT)
  }

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
    if (d !== s) this.asm.movaps(d, s)
  }

  constant(d: number, value: bigint): void {
    this.asm.movImm(d, value)
  }

  floatConstant(d: number, bits: bigint): void {
    if (bits === 0n) this.asm.xorps(d, d)
    else this.asm.movsdConstant(d, bits)
  }

  symbol(d: number, name: string): void {
    this.asm.movSymbol(d, name)
  }

  bitsToFloat(d: number, s: number): void {
    this.asm.movqFrom(d, s)
  }

  floatToBits(d: number, s: number): void {
    this.asm.movqTo(d, s)
  }

  // --- memory ---

  load(d: number, base: number, offset: number): void {
    this.asm.load(d, memory(base, offset))
  }

  load32(d: number, base: number, offset: number): void {
    this.asm.loadW(d, memory(base, offset))
  }

  load16(d: number, base: number, offset: number): void {
    this.asm.loadHalf(d, memory(base, offset))
  }

  load8(d: number, base: number, offset: number): void {
    this.asm.loadByte(d, memory(base, offset))
  }

  loadFloat(d: number, base: number, offset: number): void {
    this.asm.movsdLoad(d, memory(base, offset))
  }

  store(s: number, base: number, offset: number): void {
    this.asm.store(memory(base, offset), s)
  }

  store32(s: number, base: number, offset: number): void {
    this.asm.storeW(memory(base, offset), s)
  }

  store8(s: number, base: number, offset: number): void {
    this.asm.storeByte(memory(base, offset), s)
  }

  storeFloat(s: number, base: number, offset: number): void {
    this.asm.movsdStore(memory(base, offset), s)
  }

  storeConstant(value: bigint, base: number, offset: number): void {
    const { asm } = this
    // Nearly all are small, and arithmetic of bigints is slow.
    const number = Number(value)
    if (number === (number | 0)) return asm.storeImm(memory(base, offset), number)
    const bits = BigInt.asIntN(64, value)
    if (bits === BigInt.asIntN(32, bits)) return asm.storeImm(memory(base, offset), Number(bits))
    asm.storeImmW(memory(base, offset), Number(BigInt.asIntN(32, bits)))
    asm.storeImmW(memory(base, offset + 4), Number(BigInt.asIntN(32, bits >> 32n)))
  }

  store32Constant(value: number, base: number, offset: number): void {
    this.asm.storeImmW(memory(base, offset), value | 0)
  }

  storeSlot(payload: number, tag: number, base: number, offset: number): void {
    this.store(payload, base, offset)
    this.store(tag, base, offset + 8)
  }

  storeSlotConstantTag(payload: number, tag: bigint, base: number, offset: number): void {
    this.store(payload, base, offset)
    this.storeConstant(tag, base, offset + 8)
  }

  storeSlotConstants(payload: bigint, tag: bigint, base: number, offset: number): void {
    this.storeConstant(payload, base, offset)
    this.storeConstant(tag, base, offset + 8)
  }

  loadSlot(payload: number, tag: number, base: number, offset: number): void {
    if (payload !== base) this.load(payload, base, offset)
    this.load32(tag, base, offset + 8)
    if (payload === base) this.load(payload, base, offset)
  }

  loadSlotAdvance(payload: number, tag: number, base: number, amount: number): void {
    this.loadSlot(payload, tag, base, 0)
    this.addConstant(base, base, amount)
  }

  loadAdvance(d: number, base: number, amount: number): void {
    this.load(d, base, 0)
    this.addConstant(base, base, amount)
  }

  loadFloatAdvance(d: number, base: number, amount: number): void {
    this.loadFloat(d, base, 0)
    this.addConstant(base, base, amount)
  }

  scaledAddress(d: number, base: number, index: number, shift: number): void {
    const { asm } = this
    if (shift <= 3) return asm.lea(d, memory(base, 0, index, shift))
    if (d === base && d === index) return asm.imulImm(d, d, (1 << shift) + 1)
    if (d === base) {
      // Adding 8 times the index twice needs no register besides.
      for (let step = 8; step <= 1 << shift; step += 8) asm.lea(d, memory(d, 0, index, 3))
      return
    }
    if (d !== index) asm.mov(d, index)
    asm.shift('shl', d, shift)
    asm.op('add', d, base)
  }

  add32ToMemory(amount: number, base: number, offset: number): void {
    this.asm.memoryImmW('add', memory(base, offset), amount)
  }

  private spill(slot: number): Memory {
    return memory(RSP, slot * 8)
  }

  loadSpill(d: number, slot: number): void {
    this.asm.load(d, this.spill(slot))
  }

  loadSpillFloat(d: number, slot: number): void {
    this.asm.movsdLoad(d, this.spill(slot))
  }

  storeSpill(s: number, slot: number): void {
    this.asm.store(this.spill(slot), s)
  }

  storeSpillFloat(s: number, slot: number): void {
    this.asm.movsdStore(this.spill(slot), s)
  }

  // --- integers: two operands become three by a move before, or the operands exchanged ---

  private commutative(d: number, a: number, b: number, compute: (d: number, s: number) => void): void {
    if (d === b) return compute(d, a)
    this.move(d, a)
    compute(d, b)
  }

  add(d: number, a: number, b: number): void {
    if (d !== a && d !== b) return this.asm.lea(d, memory(a, 0, b, 0))
    this.commutative(d, a, b, (x, y) => this.asm.op('add', x, y))
  }

  subtract(d: number, a: number, b: number): void {
    const { asm } = this
    if (d === b && d !== a) {
      asm.neg(d)
      return asm.op('add', d, a)
    }
    this.move(d, a)
    asm.op('sub', d, b)
  }

  multiply(d: number, a: number, b: number): void {
    this.commutative(d, a, b, (x, y) => this.asm.imul(x, y))
  }

  multiplyConstant(d: number, a: number, value: number): void {
    const amount = Math.log2(value)
    if (Number.isInteger(amount)) this.shiftLeft(d, a, amount)
    else if (value === 3 || value === 5 || value === 9) this.asm.lea(d, memory(a, 0, a, Math.log2(value - 1)))
    else this.asm.imulImm(d, a, value)
  }

  addConstant(d: number, a: number, value: number): void {
    if (d !== a) this.asm.lea(d, memory(a, value))
    else this.asm.opImm('add', d, value)
  }

  negate(d: number, a: number): void {
    this.move(d, a)
    this.asm.neg(d)
  }

  /** `idiv` wants the dividend in rdx:rax and traps on the smallest / -1, which is wide. */
  remainder(d: number, a: number, b: number, later: Later): void {
    const { asm } = this
    let divisor = b
    if (b === RAX || b === RDX) {
      // Somewhere else with it; if that is where the dividend lies, they change places.
      if (a === R11) {
        asm.xchg(R11, b)
        asm.mov(RAX, b)
      } else {
        asm.mov(R11, b)
        this.move(RAX, a)
      }
      divisor = R11
    } else this.move(RAX, a)
    const wide = new Label()
    const done = new Label()
    // Dividing 32 bits takes half the time, and most numbers are small and not negative.
    asm.mov(RDX, RAX)
    asm.op('or', RDX, divisor)
    asm.shift('shr', RDX, 31)
    asm.jcc(Cond.NE, wide)
    // Here rdx is 0.
    asm.idivW(divisor)
    asm.bind(done)
    later(() => {
      const one = new Label()
      asm.bind(wide)
      asm.opImm('cmp', divisor, -1)
      asm.jcc(Cond.E, one)
      asm.cqo()
      asm.idiv(divisor)
      asm.jmp(done)
      asm.bind(one)
      asm.movImm(RDX, 0)
      asm.jmp(done)
    })
    this.move(d, RDX)
  }

  remainderConstant(d: number, a: number, divisor: number): void {
    const { asm } = this
    const { multiplier, shift } = reciprocalOf(divisor)
    const dividend = a === RAX || a === RDX ? R11 : a
    this.move(dividend, a)
    asm.movImm(RAX, multiplier)
    asm.imulWide(dividend)
    if (multiplier < 0n) asm.op('add', RDX, dividend)
    if (shift > 0) asm.shift('sar', RDX, shift)
    asm.mov(RAX, dividend)
    asm.shift('shr', RAX, 63)
    asm.op('add', RDX, RAX)
    asm.imulImm(RAX, RDX, divisor)
    if (dividend === R11) {
      asm.op('sub', R11, RAX)
      return this.move(d, R11)
    }
    if (d === RAX) {
      asm.neg(RAX)
      return asm.op('add', RAX, dividend)
    }
    this.move(d, dividend)
    asm.op('sub', d, RAX)
  }

  and(d: number, a: number, b: number): void {
    this.commutative(d, a, b, (x, y) => this.asm.op('and', x, y))
  }

  xor(d: number, a: number, b: number): void {
    this.commutative(d, a, b, (x, y) => this.asm.op('xor', x, y))
  }

  andConstant(d: number, a: number, value: number): void {
    this.move(d, a)
    this.asm.opImm('and', d, value)
  }

  xorConstant(d: number, a: number, value: number): void {
    this.move(d, a)
    this.asm.opImm('xor', d, value)
  }

  multiply32(d: number, a: number, b: number): void {
    this.commutative(d, a, b, (x, y) => this.asm.imulW(x, y))
  }

  shiftLeft(d: number, a: number, amount: number): void {
    this.move(d, a)
    this.asm.shift('shl', d, amount)
  }

  shiftRight(d: number, a: number, amount: number): void {
    this.move(d, a)
    this.asm.shift('shr', d, amount)
  }

  shiftRightSigned(d: number, a: number, amount: number): void {
    this.move(d, a)
    this.asm.shift('sar', d, amount)
  }

  low32(d: number, a: number): void {
    this.asm.movW(d, a)
  }

  // --- floats ---

  addFloat(d: number, a: number, b: number): void {
    this.commutativeFloat('addsd', d, a, b)
  }

  private commutativeFloat(name: 'addsd' | 'mulsd', d: number, a: number, b: number): void {
    if (d === b) return this.asm.scalar(name, d, a)
    this.moveFloat(d, a)
    this.asm.scalar(name, d, b)
  }

  private orderedFloat(name: 'subsd' | 'divsd', d: number, a: number, b: number): void {
    let right = b
    if (d === b && d !== a) {
      this.asm.movaps(TEMPORARY_FLOAT, b)
      right = TEMPORARY_FLOAT
    }
    this.moveFloat(d, a)
    this.asm.scalar(name, d, right)
  }

  subtractFloat(d: number, a: number, b: number): void {
    this.orderedFloat('subsd', d, a, b)
  }

  multiplyFloat(d: number, a: number, b: number): void {
    this.commutativeFloat('mulsd', d, a, b)
  }

  divideFloat(d: number, a: number, b: number): void {
    this.orderedFloat('divsd', d, a, b)
  }

  negateFloat(d: number, a: number): void {
    this.moveFloat(d, a)
    this.asm.xorpsConstant(d, SIGN, 0n)
  }

  absoluteFloat(d: number, a: number): void {
    this.moveFloat(d, a)
    this.asm.andpsConstant(d, SIGN - 1n, 0n)
  }

  squareRoot(d: number, a: number): void {
    this.asm.scalar('sqrtsd', d, a)
  }

  round(d: number, a: number, mode: Rounding): void {
    this.asm.roundsd(d, a, ROUNDING[mode])
  }

  /** The register is cleared before: the conversion leaves its upper half, which would be waited for. */
  intToFloat(d: number, a: number): void {
    this.asm.xorps(d, d)
    this.asm.cvtsi2sd(d, a)
  }

  floatToInt(d: number, a: number): void {
    this.asm.cvttsd2si(d, a)
  }

  // --- comparisons and jumps ---

  compare(a: number, b: number): void {
    this.asm.op('cmp', a, b)
  }

  compareConstant(a: number, value: number): void {
    if (value === 0) this.asm.test(a, a)
    else this.asm.opImm('cmp', a, value)
  }

  compare32(a: number, b: number): void {
    this.asm.opW('cmp', a, b)
  }

  compare32Constant(a: number, value: number): void {
    if (value === 0) this.asm.testW(a, a)
    else this.asm.opImmW('cmp', a, value)
  }

  compareMemory32Constant(base: number, offset: number, value: number): void {
    this.asm.memoryImmW('cmp', memory(base, offset), value)
  }

  compareMemory32(a: number, base: number, offset: number): void {
    this.asm.opMemoryW('cmp', a, memory(base, offset))
  }

  compareMemory(a: number, base: number, offset: number): void {
    this.asm.opMemory('cmp', a, memory(base, offset))
  }

  compare32Symbol(a: number, symbol: string): void {
    this.asm.cmpSymbolW(a, symbol)
  }

  compareMemory32Symbol(base: number, offset: number, symbol: string): void {
    this.asm.cmpMemorySymbolW(memory(base, offset), symbol)
  }

  branch(condition: Condition, label: Label): void {
    this.asm.jcc(CODES[condition], label)
  }

  branchUnlessBoth32(a: number, valueOfA: number, b: number, valueOfB: number, label: Label): void {
    this.compare32Constant(a, valueOfA)
    this.branch('ne', label)
    this.compare32Constant(b, valueOfB)
    this.branch('ne', label)
  }

  branchIfNegative32(base: number, offset: number, label: Label): void {
    this.compareMemory32Constant(base, offset, 0)
    this.branch('lt', label)
  }

  set(d: number, condition: Condition): void {
    this.setCode(d, CODES[condition])
  }

  private setCode(d: number, code: Code): void {
    this.asm.setcc(code, d)
    this.asm.movzxByte(d, d)
  }

  select(d: number, condition: Condition, a: number, b: number): void {
    const code = CODES[condition]
    if (d === a) return this.asm.cmov(invertCondition(code), d, b)
    this.move(d, b)
    this.asm.cmov(code, d, a)
  }

  private compareFloats(
    condition: FloatCondition,
    a: number,
    b: number,
  ): (typeof FLOAT_CODES)[FloatCondition] {
    const row = FLOAT_CODES[condition]
    if (row.exchange) this.asm.scalar('ucomisd', b, a)
    else this.asm.scalar('ucomisd', a, b)
    return row
  }

  branchFloat(condition: FloatCondition, a: number, b: number, sense: boolean, label: Label): void {
    const { asm } = this
    const { code, parity } = this.compareFloats(condition, a, b)
    if (!parity) return asm.jcc(sense ? code : invertCondition(code), label)
    if ((condition === 'eq') === sense) {
      // To the label if equal; unordered is not.
      const unordered = new Label()
      asm.jcc(Cond.P, unordered)
      asm.jcc(Cond.E, label)
      return asm.bind(unordered)
    }
    asm.jcc(Cond.P, label)
    asm.jcc(Cond.NE, label)
  }

  setFloat(d: number, condition: FloatCondition, a: number, b: number): void {
    const { asm } = this
    const { code, parity } = this.compareFloats(condition, a, b)
    if (!parity) return this.setCode(d, code)
    const done = new Label()
    // Unordered: not equal.
    asm.movImm(d, condition === 'ne' ? 1 : 0)
    asm.jcc(Cond.P, done)
    this.setCode(d, code)
    asm.bind(done)
  }

  jump(label: Label): void {
    this.asm.jmp(label)
  }

  // --- calls and frames ---

  call(label: Label): void {
    this.asm.call(label)
  }

  callSymbol(name: string): void {
    this.asm.callSymbol(name)
  }

  jumpSymbol(name: string): void {
    this.asm.jmpSymbol(name)
  }

  callMemory(base: number, offset: number): void {
    this.asm.callMemory(memory(base, offset))
  }

  takeDepth(charge: number, overflow: Label): void {
    const { asm } = this
    asm.opImmW('sub', X64_ROLES.depth, charge)
    asm.jcc(Cond.S, overflow)
  }

  restoreDepth(charge: number): void {
    this.giveDepth(charge)
  }

  giveDepth(charge: number): void {
    this.asm.opImmW('add', X64_ROLES.depth, charge)
  }

  countCall(): void {
    this.asm.paddq(CALL_COUNT, memory(X64_ROLES.context, Context.ONE))
  }

  pushFrame(spillSlots: number): void {
    const { asm } = this
    asm.push(RBP)
    asm.mov(RBP, RSP)
    if (spillSlots > 0) asm.opImm('sub', RSP, spillSlots * 8)
  }

  /** Not `leave`: with it, each of several returns in a row has to wait for the frame pointer that the one before loads. */
  popFrame(spillSlots: number): void {
    if (spillSlots > 0) this.asm.opImm('add', RSP, spillSlots * 8)
    this.asm.pop(RBP)
  }

  saveGeneral(count: number): void {
    for (const register of X64_ROLES.general.slice(0, count)) this.asm.push(register)
  }

  restoreGeneral(count: number): void {
    for (const register of X64_ROLES.general.slice(0, count).reverse()) this.asm.pop(register)
  }

  ret(): void {
    this.asm.ret()
  }

  // --- ways out ---

  step(position: number): void {
    this.request(Context.REQUEST_A, position)
    this.asm.callSymbol('stub:step')
  }

  refill(position: number, request: number): void {
    this.request(Context.REQUEST_A, position)
    this.request(Context.REQUEST_B, request)
    this.asm.callSymbol('stub:refill')
  }

  private request(word: number, value: number): void {
    this.asm.storeImmW(memory(X64_ROLES.context, word), value)
  }

  exit(position: number, number: number, tail: Label): void {
    this.request(Context.REQUEST_A, position)
    this.request(Context.REQUEST_B, number)
    this.asm.jmp(tail)
  }

  exitTail(spillSlots: number): void {
    this.popFrame(spillSlots)
    this.request(Context.STATUS, Status.EXIT)
    this.asm.jmpSymbol('stub:leave')
  }
}
