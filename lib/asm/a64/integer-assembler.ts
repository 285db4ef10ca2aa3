/** Integer moves, addition, subtraction, comparison and logic. */

import { AssemblerError } from '../buffer.js'
import { A64Emitter } from './emitter.js'
import type { Form } from './forms.js'
import { FORMS } from './forms.js'
import { planMove32, planMove64 } from './move-immediate.js'
import { packAddImmediate, packExtend, packMoveWide, packShift, type ShiftType } from './operands.js'
import { type Reg, SP } from './registers.js'

/** Shift of the last register operand. */
export interface Shift {
  readonly type: ShiftType
  readonly amount: number
}

/** Extension of the last register of addExt and its kin: uxtw and sxtw take its low 32 bits. */
export type AddExtend = 'uxtw' | 'sxtw' | 'uxtx'

/** Whether addImm, subImm, cmpImm, ... take the value: 12 bits, or 12 bits times 4096. */
export function addImmEncodable(value: number): boolean {
  return (
    value >= 0 && (value < 0x1000 || (value < 0x1000000 && value % 0x1000 === 0)) && Number.isInteger(value)
  )
}

const NO_SHIFT = packShift('lsl', 0)
const shiftOf = (shift: Shift | undefined): number =>
  shift === undefined ? NO_SHIFT : packShift(shift.type, shift.amount)

function addImmediate(form: Form, value: number): number {
  if (!addImmEncodable(value)) throw new AssemblerError(`${form.syntax}: immediate not encodable: ${value}`)
  return value < 0x1000 ? packAddImmediate(value, false) : packAddImmediate(value / 0x1000, true)
}

/**
 * Register 31 is ZR in register forms and SP in Imm, Ext and base-address operands, as in the
 * architecture. A method without suffix is 64-bit, with W 32-bit (which clears the upper half).
 */
export class IntegerAssembler extends A64Emitter {
  // Moves

  /** d = n. Register 31 as n is ZR; for SP use movSp. */
  mov(d: Reg, n: Reg): void {
    this.writesRegister(FORMS.mov, d)
    this.emit(FORMS.mov, d, n)
  }

  /** 32-bit d = n, which zero-extends into the 64-bit register. */
  mov32(d: Reg, n: Reg): void {
    this.writesRegister(FORMS.movW, d)
    this.emit(FORMS.movW, d, n)
  }

  /** d = n where register 31 is SP on both sides. */
  movSp(d: Reg, n: Reg): void {
    this.emit(FORMS.addImm, d, n, packAddImmediate(0, false))
  }

  /** d = imm16 << shift; shift is 0, 16, 32 or 48. */
  movz(d: Reg, imm16: number, shift = 0): void {
    this.emit(FORMS.movz, d, packMoveWide(imm16, shift))
  }

  /** d = ~(imm16 << shift). */
  movn(d: Reg, imm16: number, shift = 0): void {
    this.emit(FORMS.movn, d, packMoveWide(imm16, shift))
  }

  /** Replaces 16 bits of d. */
  movk(d: Reg, imm16: number, shift = 0): void {
    this.emit(FORMS.movk, d, packMoveWide(imm16, shift))
  }

  /** d = 64-bit constant in the fewest instructions (1 to 4); -2^63..2^64-1. */
  movImm(d: Reg, value: bigint | number): void {
    for (const step of planMove64(d, value)) this.emit(step.form, ...step.values)
  }

  /** 32-bit d = constant in 1 or 2 instructions, upper half cleared; -2^31..2^32-1. */
  movImm32(d: Reg, value: number): void {
    if (!Number.isInteger(value) || value < -0x80000000 || value > 0xffffffff) {
      throw new AssemblerError(`movImm32: constant ${value} needs more than 32 bits`)
    }
    for (const step of planMove32(d, value >>> 0)) this.emit(step.form, ...step.values)
  }

  // Add, subtract, logic: registers

  /** d = n + (m shifted). */
  add(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.writesRegister(FORMS.add, d)
    this.emit(FORMS.add, d, n, m, shiftOf(shift))
  }

  /** 32-bit add. */
  addW(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.writesRegister(FORMS.addW, d)
    this.emit(FORMS.addW, d, n, m, shiftOf(shift))
  }

  /** d = n - (m shifted). */
  sub(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.writesRegister(FORMS.sub, d)
    this.emit(FORMS.sub, d, n, m, shiftOf(shift))
  }

  /** 32-bit sub. */
  subW(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.writesRegister(FORMS.subW, d)
    this.emit(FORMS.subW, d, n, m, shiftOf(shift))
  }

  /** add, setting flags. */
  adds(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.emit(FORMS.adds, d, n, m, shiftOf(shift))
  }

  /** 32-bit adds. */
  addsW(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.emit(FORMS.addsW, d, n, m, shiftOf(shift))
  }

  /** sub, setting flags. */
  subs(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.emit(FORMS.subs, d, n, m, shiftOf(shift))
  }

  /** 32-bit subs. */
  subsW(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.emit(FORMS.subsW, d, n, m, shiftOf(shift))
  }

  /** d = n & (m shifted). */
  and(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.writesRegister(FORMS.and, d)
    this.emit(FORMS.and, d, n, m, shiftOf(shift))
  }

  /** 32-bit and. */
  andW(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.writesRegister(FORMS.andW, d)
    this.emit(FORMS.andW, d, n, m, shiftOf(shift))
  }

  /** and, setting N and Z. */
  ands(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.emit(FORMS.ands, d, n, m, shiftOf(shift))
  }

  /** 32-bit ands. */
  andsW(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.emit(FORMS.andsW, d, n, m, shiftOf(shift))
  }

  /** d = n & ~(m shifted). */
  bic(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.writesRegister(FORMS.bic, d)
    this.emit(FORMS.bic, d, n, m, shiftOf(shift))
  }

  /** 32-bit bic. */
  bicW(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.writesRegister(FORMS.bicW, d)
    this.emit(FORMS.bicW, d, n, m, shiftOf(shift))
  }

  /** d = n | (m shifted). */
  orr(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.writesRegister(FORMS.orr, d)
    this.emit(FORMS.orr, d, n, m, shiftOf(shift))
  }

  /** 32-bit orr. */
  orrW(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.writesRegister(FORMS.orrW, d)
    this.emit(FORMS.orrW, d, n, m, shiftOf(shift))
  }

  /** d = n | ~(m shifted). */
  orn(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.writesRegister(FORMS.orn, d)
    this.emit(FORMS.orn, d, n, m, shiftOf(shift))
  }

  /** 32-bit orn. */
  ornW(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.writesRegister(FORMS.ornW, d)
    this.emit(FORMS.ornW, d, n, m, shiftOf(shift))
  }

  /** d = n ^ (m shifted). */
  eor(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.writesRegister(FORMS.eor, d)
    this.emit(FORMS.eor, d, n, m, shiftOf(shift))
  }

  /** 32-bit eor. */
  eorW(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.writesRegister(FORMS.eorW, d)
    this.emit(FORMS.eorW, d, n, m, shiftOf(shift))
  }

  /** d = n ^ ~(m shifted). */
  eon(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.writesRegister(FORMS.eon, d)
    this.emit(FORMS.eon, d, n, m, shiftOf(shift))
  }

  /** 32-bit eon. */
  eonW(d: Reg, n: Reg, m: Reg, shift?: Shift): void {
    this.writesRegister(FORMS.eonW, d)
    this.emit(FORMS.eonW, d, n, m, shiftOf(shift))
  }

  /** d = -(m shifted). */
  neg(d: Reg, m: Reg, shift?: Shift): void {
    this.emit(FORMS.neg, d, m, shiftOf(shift))
  }

  /** 32-bit neg. */
  negW(d: Reg, m: Reg, shift?: Shift): void {
    this.emit(FORMS.negW, d, m, shiftOf(shift))
  }

  /** d = ~(m shifted). */
  mvn(d: Reg, m: Reg, shift?: Shift): void {
    this.emit(FORMS.mvn, d, m, shiftOf(shift))
  }

  /** 32-bit mvn. */
  mvnW(d: Reg, m: Reg, shift?: Shift): void {
    this.emit(FORMS.mvnW, d, m, shiftOf(shift))
  }

  /** Flags of n - (m shifted). */
  cmp(n: Reg, m: Reg, shift?: Shift): void {
    this.emit(FORMS.cmp, n, m, shiftOf(shift))
  }

  /** 32-bit cmp. */
  cmpW(n: Reg, m: Reg, shift?: Shift): void {
    this.emit(FORMS.cmpW, n, m, shiftOf(shift))
  }

  /** Flags of n + (m shifted). */
  cmn(n: Reg, m: Reg, shift?: Shift): void {
    this.emit(FORMS.cmn, n, m, shiftOf(shift))
  }

  /** 32-bit cmn. */
  cmnW(n: Reg, m: Reg, shift?: Shift): void {
    this.emit(FORMS.cmnW, n, m, shiftOf(shift))
  }

  /** Flags of n & (m shifted). */
  tst(n: Reg, m: Reg, shift?: Shift): void {
    this.emit(FORMS.tst, n, m, shiftOf(shift))
  }

  /** 32-bit tst. */
  tstW(n: Reg, m: Reg, shift?: Shift): void {
    this.emit(FORMS.tstW, n, m, shiftOf(shift))
  }

  // Add, subtract: immediates (see addImmEncodable), extended registers; 31 as d (without s) or n is SP

  /** d = n + value; a d of SP must stay aligned. */
  addImm(d: Reg, n: Reg, value: number): void {
    this.keepStackAligned(d, value)
    this.emit(FORMS.addImm, d, n, addImmediate(FORMS.addImm, value))
  }

  /** 32-bit addImm. */
  addImmW(d: Reg, n: Reg, value: number): void {
    this.emit(FORMS.addImmW, d, n, addImmediate(FORMS.addImmW, value))
  }

  /** d = n - value; a d of SP must stay aligned. */
  subImm(d: Reg, n: Reg, value: number): void {
    this.keepStackAligned(d, value)
    this.emit(FORMS.subImm, d, n, addImmediate(FORMS.subImm, value))
  }

  /** 32-bit subImm. */
  subImmW(d: Reg, n: Reg, value: number): void {
    this.emit(FORMS.subImmW, d, n, addImmediate(FORMS.subImmW, value))
  }

  /** addImm, setting flags. */
  addsImm(d: Reg, n: Reg, value: number): void {
    this.emit(FORMS.addsImm, d, n, addImmediate(FORMS.addsImm, value))
  }

  /** 32-bit addsImm. */
  addsImmW(d: Reg, n: Reg, value: number): void {
    this.emit(FORMS.addsImmW, d, n, addImmediate(FORMS.addsImmW, value))
  }

  /** subImm, setting flags. */
  subsImm(d: Reg, n: Reg, value: number): void {
    this.emit(FORMS.subsImm, d, n, addImmediate(FORMS.subsImm, value))
  }

  /** 32-bit subsImm. */
  subsImmW(d: Reg, n: Reg, value: number): void {
    this.emit(FORMS.subsImmW, d, n, addImmediate(FORMS.subsImmW, value))
  }

  /** Flags of n - value. */
  cmpImm(n: Reg, value: number): void {
    this.emit(FORMS.cmpImm, n, addImmediate(FORMS.cmpImm, value))
  }

  /** 32-bit cmpImm. */
  cmpImmW(n: Reg, value: number): void {
    this.emit(FORMS.cmpImmW, n, addImmediate(FORMS.cmpImmW, value))
  }

  /** Flags of n + value. */
  cmnImm(n: Reg, value: number): void {
    this.emit(FORMS.cmnImm, n, addImmediate(FORMS.cmnImm, value))
  }

  /** 32-bit cmnImm. */
  cmnImmW(n: Reg, value: number): void {
    this.emit(FORMS.cmnImmW, n, addImmediate(FORMS.cmnImmW, value))
  }

  /** d = n + (extended m << shift), shift 0..4; d and n may be SP. */
  addExt(d: Reg, n: Reg, m: Reg, extend: AddExtend, shift = 0): void {
    this.emit(FORMS.addExt, d, n, packExtend(m, extend, shift))
  }

  /** d = n - (extended m << shift). */
  subExt(d: Reg, n: Reg, m: Reg, extend: AddExtend, shift = 0): void {
    this.emit(FORMS.subExt, d, n, packExtend(m, extend, shift))
  }

  /** addExt, setting flags. */
  addsExt(d: Reg, n: Reg, m: Reg, extend: AddExtend, shift = 0): void {
    this.emit(FORMS.addsExt, d, n, packExtend(m, extend, shift))
  }

  /** subExt, setting flags. */
  subsExt(d: Reg, n: Reg, m: Reg, extend: AddExtend, shift = 0): void {
    this.emit(FORMS.subsExt, d, n, packExtend(m, extend, shift))
  }

  /** Flags of n - (extended m << shift); n may be SP. */
  cmpExt(n: Reg, m: Reg, extend: AddExtend, shift = 0): void {
    this.emit(FORMS.cmpExt, n, packExtend(m, extend, shift))
  }

  // Logic: bitmask immediates (see encodeLogicalImmediate); negative values mean their two's complement

  /** d = n & value. */
  andImm(d: Reg, n: Reg, value: bigint | number): void {
    this.emit(FORMS.andImm, d, n, value)
  }

  /** 32-bit andImm. */
  andImmW(d: Reg, n: Reg, value: bigint | number): void {
    this.emit(FORMS.andImmW, d, n, value)
  }

  /** d = n | value. */
  orrImm(d: Reg, n: Reg, value: bigint | number): void {
    this.emit(FORMS.orrImm, d, n, value)
  }

  /** 32-bit orrImm. */
  orrImmW(d: Reg, n: Reg, value: bigint | number): void {
    this.emit(FORMS.orrImmW, d, n, value)
  }

  /** d = n ^ value. */
  eorImm(d: Reg, n: Reg, value: bigint | number): void {
    this.emit(FORMS.eorImm, d, n, value)
  }

  /** 32-bit eorImm. */
  eorImmW(d: Reg, n: Reg, value: bigint | number): void {
    this.emit(FORMS.eorImmW, d, n, value)
  }

  /** Flags of n & value. */
  tstImm(n: Reg, value: bigint | number): void {
    this.emit(FORMS.tstImm, n, value)
  }

  /** 32-bit tstImm. */
  tstImmW(n: Reg, value: bigint | number): void {
    this.emit(FORMS.tstImmW, n, value)
  }

  /** Register forms write ZR for 31, which for a plain result is always a mistaken SP. */
  private writesRegister(form: Form, d: Reg): void {
    if (d === SP)
      throw new AssemblerError(
        `${form.syntax}: destination 31 is xzr here; use movSp, addImm or addExt for sp`,
      )
  }
}
