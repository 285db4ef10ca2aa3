/**
 * The x86-64 assembler: forms of the table with their encodings chosen, labels, a constant pool and
 * relocations. Methods are named after the instructions; `W` at the end means 32 bits (which zero-extends).
 * Two-operand instructions compute `d = d op s`.
 */
import { AssemblerError, CodeBuffer, Label } from '../buffer.js'
import type { DataRange } from '../listing.js'
import { encodeInto, type Memory, memory, type OperandValue, RIP } from './encode.js'
import { FORMS, type Form } from './forms.js'
import { CONDITION_NAMES, type Condition, RAX, type Reg, type XReg } from './registers.js'
import type { Relocation } from './relocations.js'

export { Label } from '../buffer.js'
export { type Memory, memory } from './encode.js'
export { applyRelocations, type Relocation } from './relocations.js'

type Arithmetic = 'add' | 'or' | 'and' | 'sub' | 'xor' | 'cmp'
type Scalar = 'addsd' | 'subsd' | 'mulsd' | 'divsd' | 'sqrtsd' | 'ucomisd'

/** Stands for an address until it is known; too large for the short forms. */
const PLACEHOLDER = 0x7fffffff

/** Bytes of a constant in the pool. */
const CONSTANT = 16

/** Instructions that do nothing, the longest first. The displacements are such that GNU as takes as many bytes. */
const NOPS: readonly { size: number; form: Form; values: readonly OperandValue[] }[] = [
  { size: 9, form: FORMS.nop.m, values: [memory(RAX, 512, RAX)] },
  { size: 8, form: FORMS.nop.m32, values: [memory(RAX, 512, RAX)] },
  { size: 7, form: FORMS.nop.m32, values: [memory(RAX, 512)] },
  { size: 6, form: FORMS.nop.m, values: [memory(RAX, 8, RAX)] },
  { size: 5, form: FORMS.nop.m32, values: [memory(RAX, 8, RAX)] },
  { size: 4, form: FORMS.nop.m32, values: [memory(RAX, 8)] },
  { size: 3, form: FORMS.nop.m32, values: [memory(RAX)] },
  { size: 1, form: FORMS.nop.none, values: [] },
]

export class X64Assembler {
  readonly relocations: Relocation[] = []
  readonly dataRanges: DataRange[] = []
  private readonly buffer = new CodeBuffer()
  /** By the two halves of the constant. */
  private readonly pool = new Map<string, { label: Label; low: bigint; high: bigint }>()
  private finished: Uint8Array | undefined

  get offset(): number {
    return this.buffer.length
  }

  bind(label: Label): void {
    this.buffer.bind(label)
  }

  emit(form: Form, ...values: readonly OperandValue[]): void {
    if (this.finished !== undefined) throw new AssemblerError('the assembler is finished')
    encodeInto(this.buffer, form, values)
  }

  // --- moves ---

  mov(d: Reg, s: Reg): void {
    this.emit(FORMS.mov.rr, d, s)
  }

  movW(d: Reg, s: Reg): void {
    this.emit(FORMS.mov.rr32, d, s)
  }

  /** The shortest way to load a constant; leaves the flags alone. */
  movImm(d: Reg, value: bigint | number): void {
    // Rounding leaves outside what is outside the ranges.
    const number = Number(typeof value === 'bigint' ? BigInt.asIntN(64, value) : value)
    if (number >= 0 && number <= 0xffffffff) this.emit(FORMS.mov.ri32w, d, number)
    else if (number >= -0x80000000 && number < 0) this.emit(FORMS.mov.ri32, d, number)
    else this.emit(FORMS.mov.ri64, d, BigInt(value))
  }

  load(d: Reg, m: Memory): void {
    this.emit(FORMS.mov.rm, d, m)
  }

  loadW(d: Reg, m: Memory): void {
    this.emit(FORMS.mov.rm32, d, m)
  }

  /** Zero extended. */
  loadByte(d: Reg, m: Memory): void {
    this.emit(FORMS.movzx.rm8, d, m)
  }

  /** Zero extended. */
  loadHalf(d: Reg, m: Memory): void {
    this.emit(FORMS.movzx.rm16, d, m)
  }

  store(m: Memory, s: Reg): void {
    this.emit(FORMS.mov.mr, m, s)
  }

  storeW(m: Memory, s: Reg): void {
    this.emit(FORMS.mov.mr32, m, s)
  }

  storeByte(m: Memory, s: Reg): void {
    this.emit(FORMS.mov.mr8, m, s)
  }

  /** Stores 64 bits: a sign-extended constant of 32. */
  storeImm(m: Memory, value: number): void {
    this.emit(FORMS.mov.mi32, m, value)
  }

  storeImmW(m: Memory, value: number): void {
    this.emit(FORMS.mov.mi32w, m, value | 0)
  }

  lea(d: Reg, m: Memory): void {
    this.emit(FORMS.lea.rm, d, m)
  }

  /** Sign-extends the low 32 bits. */
  movsxd(d: Reg, s: Reg): void {
    this.emit(FORMS.movsxd.rr, d, s)
  }

  /** Zero-extends the low 8 bits. */
  movzxByte(d: Reg, s: Reg): void {
    this.emit(FORMS.movzx.rr8, d, s)
  }

  /** Exchanges two different registers. */
  xchg(d: Reg, s: Reg): void {
    if (s === RAX) this.emit(FORMS.xchg.ar, s, d)
    else this.emit(d === RAX ? FORMS.xchg.ar : FORMS.xchg.rr, d, s)
  }

  push(r: Reg): void {
    this.emit(FORMS.push.r, r)
  }

  pop(r: Reg): void {
    this.emit(FORMS.pop.r, r)
  }

  popMemory(m: Memory): void {
    this.emit(FORMS.pop.m, m)
  }

  // --- integers ---

  op(name: Arithmetic, d: Reg, s: Reg): void {
    this.emit(FORMS[name].rr, d, s)
  }

  opW(name: Arithmetic, d: Reg, s: Reg): void {
    this.emit(FORMS[name].rr32, d, s)
  }

  opMemory(name: Arithmetic, d: Reg, m: Memory): void {
    this.emit(FORMS[name].rm, d, m)
  }

  opMemoryW(name: Arithmetic, d: Reg, m: Memory): void {
    this.emit(FORMS[name].rm32, d, m)
  }

  /** A constant of 32 bits, sign-extended. */
  opImm(name: Arithmetic, d: Reg, value: number): void {
    const rows = FORMS[name]
    if (fitsByte(value)) this.emit(rows.ri8, d, value)
    else this.emit(d === RAX ? rows.ai32 : rows.ri32, d, value)
  }

  opImmW(name: Arithmetic, d: Reg, value: number): void {
    const rows = FORMS[name]
    const word = value | 0
    if (fitsByte(word)) this.emit(rows.ri8w, d, word)
    else this.emit(d === RAX ? rows.ai32w : rows.ri32w, d, word)
  }

  /** Memory op= constant, 64 bits. */
  memoryImm(name: Arithmetic, m: Memory, value: number): void {
    this.emit(fitsByte(value) ? FORMS[name].mi8 : FORMS[name].mi32, m, value)
  }

  memoryImmW(name: Arithmetic, m: Memory, value: number): void {
    const word = value | 0
    this.emit(fitsByte(word) ? FORMS[name].mi8w : FORMS[name].mi32w, m, word)
  }

  test(a: Reg, b: Reg): void {
    this.emit(FORMS.test.rr, a, b)
  }

  testW(a: Reg, b: Reg): void {
    this.emit(FORMS.test.rr32, a, b)
  }

  imul(d: Reg, s: Reg): void {
    this.emit(FORMS.imul.rr, d, s)
  }

  imulW(d: Reg, s: Reg): void {
    this.emit(FORMS.imul.rr32, d, s)
  }

  /** rdx:rax = rax * s */
  imulWide(s: Reg): void {
    this.emit(FORMS.imul.r, s)
  }

  /** d = s * value */
  imulImm(d: Reg, s: Reg, value: number): void {
    this.emit(fitsByte(value) ? FORMS.imul.rri8 : FORMS.imul.rri32, d, s, value)
  }

  neg(d: Reg): void {
    this.emit(FORMS.neg.r, d)
  }

  /** rax, rdx = rdx:rax / s: quotient, remainder. */
  idiv(s: Reg): void {
    this.emit(FORMS.idiv.r, s)
  }

  idivW(s: Reg): void {
    this.emit(FORMS.idiv.r32, s)
  }

  cqo(): void {
    this.emit(FORMS.cqo.none)
  }

  cdq(): void {
    this.emit(FORMS.cdq.none)
  }

  shift(name: 'shl' | 'shr' | 'sar', d: Reg, amount: number): void {
    this.emit(amount === 1 ? FORMS[name].one : FORMS[name].imm, d, amount)
  }

  shiftW(name: 'shl' | 'shr' | 'sar', d: Reg, amount: number): void {
    this.emit(amount === 1 ? FORMS[name].one32 : FORMS[name].imm32, d, amount)
  }

  /** The low byte becomes 1 or 0; the rest stays. */
  setcc(condition: Condition, d: Reg): void {
    this.emit(formOf(FORMS.set, condition), d)
  }

  cmov(condition: Condition, d: Reg, s: Reg): void {
    this.emit(formOf(FORMS.cmov, condition), d, s)
  }

  // --- control ---

  jcc(condition: Condition, label: Label): void {
    this.jumpTo(label, formOf(FORMS.jshort, condition), formOf(FORMS.j, condition))
  }

  jmp(label: Label): void {
    this.jumpTo(label, FORMS.jmp.rel8, FORMS.jmp.rel32)
  }

  /** Short if the label is bound and near; forward jumps are always long. */
  private jumpTo(label: Label, short: Form, long: Form): void {
    if (label.isBound) {
      const distance = label.offset - (this.offset + 2)
      if (distance >= -128) return this.emit(short, distance)
    }
    this.emitToLabel(long, label)
  }

  /** An instruction whose last four bytes are the displacement to a label. */
  private emitToLabel(form: Form, label: Label, ...values: readonly OperandValue[]): void {
    this.emit(form, ...values, 0)
    this.patchWhenBound(label)
  }

  /** The four bytes just emitted become the distance from here to the label. */
  private patchWhenBound(label: Label): void {
    const end = this.offset
    this.buffer.whenBound(label, end - 4, (target) => this.buffer.patch32(end - 4, (target - end) >>> 0))
  }

  call(label: Label): void {
    this.emitToLabel(FORMS.call.rel32, label)
  }

  callMemory(m: Memory): void {
    this.emit(FORMS.call.m, m)
  }

  jmpMemory(m: Memory): void {
    this.emit(FORMS.jmp.m, m)
  }

  jmpRegister(r: Reg): void {
    this.emit(FORMS.jmp.r, r)
  }

  ret(): void {
    this.emit(FORMS.ret.none)
  }

  /** mov rsp, rbp; pop rbp */
  leave(): void {
    this.emit(FORMS.leave.none)
  }

  int3(): void {
    this.emit(FORMS.int3.none)
  }

  /** Fills up to a multiple of `bytes`, seen from the start of the code, with as few instructions as do nothing. */
  align(bytes: number): void {
    const end = Math.ceil(this.offset / bytes) * bytes
    while (this.offset < end) {
      const longest = NOPS.find(({ size }) => size <= end - this.offset)
      const { form, values } = longest as (typeof NOPS)[number]
      this.emit(form, ...values)
    }
  }

  callSymbol(symbol: string): void {
    this.emit(FORMS.call.rel32, 0)
    this.relocations.push({ offset: this.offset - 4, kind: 'rel32', symbol })
  }

  jmpSymbol(symbol: string): void {
    this.emit(FORMS.jmp.rel32, 0)
    this.relocations.push({ offset: this.offset - 4, kind: 'rel32', symbol })
  }

  /** Loads a symbol's 64-bit address. */
  movSymbol(d: Reg, symbol: string): void {
    this.emit(FORMS.mov.ri64, d, 0)
    this.relocations.push({ offset: this.offset - 8, kind: 'imm64', symbol })
  }

  /** Compares 32 bits of a register with the low half of a symbol's address. */
  cmpSymbolW(a: Reg, symbol: string): void {
    this.emit(a === RAX ? FORMS.cmp.ai32w : FORMS.cmp.ri32w, a, PLACEHOLDER)
    this.relocations.push({ offset: this.offset - 4, kind: 'imm32', symbol })
  }

  cmpMemorySymbolW(m: Memory, symbol: string): void {
    this.emit(FORMS.cmp.mi32w, m, PLACEHOLDER)
    this.relocations.push({ offset: this.offset - 4, kind: 'imm32', symbol })
  }

  // --- floats ---

  movaps(d: XReg, s: XReg): void {
    this.emit(FORMS.movaps.xx, d, s)
  }

  movsdLoad(d: XReg, m: Memory): void {
    this.emit(FORMS.movsd.xm, d, m)
  }

  movsdStore(m: Memory, s: XReg): void {
    this.emit(FORMS.movsd.mx, m, s)
  }

  movqFrom(d: XReg, s: Reg): void {
    this.emit(FORMS.movq.xr, d, s)
  }

  movqTo(d: Reg, s: XReg): void {
    this.emit(FORMS.movq.rx, d, s)
  }

  scalar(name: Scalar, d: XReg, s: XReg): void {
    this.emit(FORMS[name].xx, d, s)
  }

  xorps(d: XReg, s: XReg): void {
    this.emit(FORMS.xorps.xx, d, s)
  }

  /** The low double from the pool. */
  movsdConstant(d: XReg, bits: bigint): void {
    this.emitConstant(FORMS.movsd.xm, d, bits, 0n)
  }

  xorpsConstant(d: XReg, low: bigint, high: bigint): void {
    this.emitConstant(FORMS.xorps.xm, d, low, high)
  }

  andpsConstant(d: XReg, low: bigint, high: bigint): void {
    this.emitConstant(FORMS.andps.xm, d, low, high)
  }

  paddq(d: XReg, m: Memory): void {
    this.emit(FORMS.paddq.xm, d, m)
  }

  cvtsi2sd(d: XReg, s: Reg): void {
    this.emit(FORMS.cvtsi2sd.xr, d, s)
  }

  cvttsd2si(d: Reg, s: XReg): void {
    this.emit(FORMS.cvttsd2si.rx, d, s)
  }

  /** @param mode 1 down, 2 up, 3 towards zero; + 8: without the inexact exception */
  roundsd(d: XReg, s: XReg, mode: number): void {
    this.emit(FORMS.roundsd.xxi, d, s, mode)
  }

  /** An operation on 16 bytes of the pool behind the code; equal constants share an entry. */
  private emitConstant(form: Form, d: XReg, low: bigint, high: bigint): void {
    const key = `${BigInt.asUintN(64, low)}:${BigInt.asUintN(64, high)}`
    let entry = this.pool.get(key)
    if (entry === undefined) {
      entry = { label: new Label(), low, high }
      this.pool.set(key, entry)
    }
    this.emit(form, d, memory(RIP, 0))
    this.patchWhenBound(entry.label)
  }

  /** Places the constant pool, resolves all labels and returns the code. */
  finish(): Uint8Array {
    if (this.finished !== undefined) return this.finished
    if (this.pool.size > 0) {
      while (this.offset % CONSTANT !== 0) this.int3()
      const start = this.offset
      for (const { label, low, high } of this.pool.values()) {
        this.buffer.bind(label)
        this.buffer.emit64(low)
        this.buffer.emit64(high)
      }
      this.dataRanges.push({ start, end: this.offset })
    }
    this.buffer.resolve()
    this.finished = this.buffer.toBytes()
    return this.finished
  }
}

/** Whether an immediate has a form of 8 bits that are sign extended. */
function fitsByte(value: number): boolean {
  return value >= -128 && value <= 127
}

function formOf(rows: Readonly<Record<string, Form>>, condition: Condition): Form {
  return rows[CONDITION_NAMES[condition] as string] as Form
}
