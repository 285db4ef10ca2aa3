/** Integer shifts, bit fields, multiplication, division, conditional selection and comparison. */

import { FORMS } from './forms.js'
import { IntegerAssembler } from './integer-assembler.js'
import { packBitfield } from './operands.js'
import type { Condition, Reg } from './registers.js'

export class BitAssembler extends IntegerAssembler {
  // Shifts and bit fields

  /** d = n << (m mod 64). */
  lsl(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.lsl, d, n, m)
  }

  /** 32-bit lsl, m mod 32. */
  lslW(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.lslW, d, n, m)
  }

  /** d = n >>> (m mod 64). */
  lsr(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.lsr, d, n, m)
  }

  /** 32-bit lsr, m mod 32. */
  lsrW(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.lsrW, d, n, m)
  }

  /** d = n >> (m mod 64). */
  asr(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.asr, d, n, m)
  }

  /** 32-bit asr, m mod 32. */
  asrW(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.asrW, d, n, m)
  }

  /** d = n rotated right by m mod 64. */
  ror(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.ror, d, n, m)
  }

  /** 32-bit ror, m mod 32. */
  rorW(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.rorW, d, n, m)
  }

  /** lsl by a constant 0..63. */
  lslImm(d: Reg, n: Reg, amount: number): void {
    this.emit(FORMS.lslImm, d, n, amount)
  }

  /** lsl by a constant 0..31. */
  lslImmW(d: Reg, n: Reg, amount: number): void {
    this.emit(FORMS.lslImmW, d, n, amount)
  }

  /** lsr by a constant 0..63. */
  lsrImm(d: Reg, n: Reg, amount: number): void {
    this.emit(FORMS.lsrImm, d, n, amount)
  }

  /** lsr by a constant 0..31. */
  lsrImmW(d: Reg, n: Reg, amount: number): void {
    this.emit(FORMS.lsrImmW, d, n, amount)
  }

  /** asr by a constant 0..63. */
  asrImm(d: Reg, n: Reg, amount: number): void {
    this.emit(FORMS.asrImm, d, n, amount)
  }

  /** asr by a constant 0..31. */
  asrImmW(d: Reg, n: Reg, amount: number): void {
    this.emit(FORMS.asrImmW, d, n, amount)
  }

  /** d = width bits of n from bit lsb, zero-extended. */
  ubfx(d: Reg, n: Reg, lsb: number, width: number): void {
    this.emit(FORMS.ubfx, d, n, packBitfield(lsb, width))
  }

  /** 32-bit ubfx. */
  ubfxW(d: Reg, n: Reg, lsb: number, width: number): void {
    this.emit(FORMS.ubfxW, d, n, packBitfield(lsb, width))
  }

  /** d = width bits of n from bit lsb, sign-extended. */
  sbfx(d: Reg, n: Reg, lsb: number, width: number): void {
    this.emit(FORMS.sbfx, d, n, packBitfield(lsb, width))
  }

  /** 32-bit sbfx. */
  sbfxW(d: Reg, n: Reg, lsb: number, width: number): void {
    this.emit(FORMS.sbfxW, d, n, packBitfield(lsb, width))
  }

  /** Replaces width bits of d from bit lsb by the low bits of n. */
  bfi(d: Reg, n: Reg, lsb: number, width: number): void {
    this.emit(FORMS.bfi, d, n, packBitfield(lsb, width))
  }

  /** 32-bit bfi. */
  bfiW(d: Reg, n: Reg, lsb: number, width: number): void {
    this.emit(FORMS.bfiW, d, n, packBitfield(lsb, width))
  }

  /** d = low 8 bits of n, sign-extended to 64. */
  sxtb(d: Reg, n: Reg): void {
    this.emit(FORMS.sxtb, d, n)
  }

  /** d = low 16 bits of n, sign-extended to 64. */
  sxth(d: Reg, n: Reg): void {
    this.emit(FORMS.sxth, d, n)
  }

  /** d = low 32 bits of n, sign-extended to 64. */
  sxtw(d: Reg, n: Reg): void {
    this.emit(FORMS.sxtw, d, n)
  }

  /** d = low 8 bits of n, zero-extended. */
  uxtb(d: Reg, n: Reg): void {
    this.emit(FORMS.uxtb, d, n)
  }

  /** d = low 16 bits of n, zero-extended. */
  uxth(d: Reg, n: Reg): void {
    this.emit(FORMS.uxth, d, n)
  }

  /** d = low 32 bits of n, zero-extended (a 32-bit mov). */
  uxtw(d: Reg, n: Reg): void {
    this.emit(FORMS.movW, d, n)
  }

  // Multiply, divide, count, reverse

  /** d = n * m, low bits. */
  mul(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.mul, d, n, m)
  }

  /** 32-bit mul. */
  mulW(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.mulW, d, n, m)
  }

  /** d = -(n * m). */
  mneg(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.mneg, d, n, m)
  }

  /** 32-bit mneg. */
  mnegW(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.mnegW, d, n, m)
  }

  /** d = n / m signed, towards zero; 0 when m is 0; min / -1 wraps. */
  sdiv(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.sdiv, d, n, m)
  }

  /** 32-bit sdiv. */
  sdivW(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.sdivW, d, n, m)
  }

  /** d = n / m unsigned; 0 when m is 0. */
  udiv(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.udiv, d, n, m)
  }

  /** 32-bit udiv. */
  udivW(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.udivW, d, n, m)
  }

  /** d = a + n * m. */
  madd(d: Reg, n: Reg, m: Reg, a: Reg): void {
    this.emit(FORMS.madd, d, n, m, a)
  }

  /** 32-bit madd. */
  maddW(d: Reg, n: Reg, m: Reg, a: Reg): void {
    this.emit(FORMS.maddW, d, n, m, a)
  }

  /** d = a - n * m. */
  msub(d: Reg, n: Reg, m: Reg, a: Reg): void {
    this.emit(FORMS.msub, d, n, m, a)
  }

  /** 32-bit msub. */
  msubW(d: Reg, n: Reg, m: Reg, a: Reg): void {
    this.emit(FORMS.msubW, d, n, m, a)
  }

  /** 64-bit d = signed product of 32-bit n and m. */
  smull(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.smull, d, n, m)
  }

  /** 64-bit d = unsigned product of 32-bit n and m. */
  umull(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.umull, d, n, m)
  }

  /** d = upper 64 bits of the signed product. */
  smulh(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.smulh, d, n, m)
  }

  /** d = upper 64 bits of the unsigned product. */
  umulh(d: Reg, n: Reg, m: Reg): void {
    this.emit(FORMS.umulh, d, n, m)
  }

  /** d = number of leading zero bits of n. */
  clz(d: Reg, n: Reg): void {
    this.emit(FORMS.clz, d, n)
  }

  /** 32-bit clz. */
  clzW(d: Reg, n: Reg): void {
    this.emit(FORMS.clzW, d, n)
  }

  /** d = number of bits after the sign bit equal to it. */
  cls(d: Reg, n: Reg): void {
    this.emit(FORMS.cls, d, n)
  }

  /** 32-bit cls. */
  clsW(d: Reg, n: Reg): void {
    this.emit(FORMS.clsW, d, n)
  }

  /** d = bits of n reversed. */
  rbit(d: Reg, n: Reg): void {
    this.emit(FORMS.rbit, d, n)
  }

  /** 32-bit rbit. */
  rbitW(d: Reg, n: Reg): void {
    this.emit(FORMS.rbitW, d, n)
  }

  /** d = bytes of n reversed. */
  rev(d: Reg, n: Reg): void {
    this.emit(FORMS.rev, d, n)
  }

  /** 32-bit rev. */
  revW(d: Reg, n: Reg): void {
    this.emit(FORMS.revW, d, n)
  }

  // Conditional select and compare

  /** d = condition ? n : m. */
  csel(d: Reg, n: Reg, m: Reg, condition: Condition): void {
    this.emit(FORMS.csel, d, n, m, condition)
  }

  /** 32-bit csel. */
  cselW(d: Reg, n: Reg, m: Reg, condition: Condition): void {
    this.emit(FORMS.cselW, d, n, m, condition)
  }

  /** d = condition ? n : m + 1. */
  csinc(d: Reg, n: Reg, m: Reg, condition: Condition): void {
    this.emit(FORMS.csinc, d, n, m, condition)
  }

  /** 32-bit csinc. */
  csincW(d: Reg, n: Reg, m: Reg, condition: Condition): void {
    this.emit(FORMS.csincW, d, n, m, condition)
  }

  /** d = condition ? n : ~m. */
  csinv(d: Reg, n: Reg, m: Reg, condition: Condition): void {
    this.emit(FORMS.csinv, d, n, m, condition)
  }

  /** 32-bit csinv. */
  csinvW(d: Reg, n: Reg, m: Reg, condition: Condition): void {
    this.emit(FORMS.csinvW, d, n, m, condition)
  }

  /** d = condition ? n : -m. */
  csneg(d: Reg, n: Reg, m: Reg, condition: Condition): void {
    this.emit(FORMS.csneg, d, n, m, condition)
  }

  /** 32-bit csneg. */
  csnegW(d: Reg, n: Reg, m: Reg, condition: Condition): void {
    this.emit(FORMS.csnegW, d, n, m, condition)
  }

  /** d = condition ? 1 : 0; not AL. */
  cset(d: Reg, condition: Condition): void {
    this.emit(FORMS.cset, d, condition)
  }

  /** 32-bit cset. */
  csetW(d: Reg, condition: Condition): void {
    this.emit(FORMS.csetW, d, condition)
  }

  /** d = condition ? -1 : 0; not AL. */
  csetm(d: Reg, condition: Condition): void {
    this.emit(FORMS.csetm, d, condition)
  }

  /** 32-bit csetm. */
  csetmW(d: Reg, condition: Condition): void {
    this.emit(FORMS.csetmW, d, condition)
  }

  /** Flags = condition ? flags of n - m : nzcv (4 bits). */
  ccmp(n: Reg, m: Reg, nzcv: number, condition: Condition): void {
    this.emit(FORMS.ccmp, n, m, nzcv, condition)
  }

  /** 32-bit ccmp. */
  ccmpW(n: Reg, m: Reg, nzcv: number, condition: Condition): void {
    this.emit(FORMS.ccmpW, n, m, nzcv, condition)
  }

  /** ccmp with a constant 0..31. */
  ccmpImm(n: Reg, value: number, nzcv: number, condition: Condition): void {
    this.emit(FORMS.ccmpImm, n, value, nzcv, condition)
  }

  /** 32-bit ccmpImm. */
  ccmpImmW(n: Reg, value: number, nzcv: number, condition: Condition): void {
    this.emit(FORMS.ccmpImmW, n, value, nzcv, condition)
  }
}
