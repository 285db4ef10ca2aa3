/** The assembler the JIT uses: constants, branches, doubles and system instructions on top of the integer and memory ones. */

import type { Label } from '../buffer.js'
import { encodeFloatImmediate } from './float-immediate.js'
import { FORMS } from './forms.js'
import { MemoryAssembler } from './memory-assembler.js'
import { type Condition, LR, type Reg, type VReg } from './registers.js'

export { AssemblerError, Label } from '../buffer.js'
export { type AddExtend, addImmEncodable, type Shift } from './integer-assembler.js'
export { encodeLogicalImmediate } from './logical-immediate.js'
export type { Index } from './memory-assembler.js'
export { applyRelocations, type Relocation } from './relocations.js'

/** Whether fmovImm takes the value (0 has fmovZero). */
export function fmovImmEncodable(value: number): boolean {
  return encodeFloatImmediate(value) !== undefined
}

const bits = new DataView(new ArrayBuffer(8))

/**
 * Branch reach: b and bl +-128 MiB; bCond, cbz, cbnz and literals +-1 MiB; tbz and tbnz only
 * +-32 KiB; adr +-1 MiB. Out of reach is an AssemblerError from finish(); nothing is relaxed.
 */
export class A64Assembler extends MemoryAssembler {
  // Constants and addresses

  /** t = 64-bit constant from the pool behind the code. */
  ldrLiteral(t: Reg, value: bigint): void {
    this.emitLiteral(FORMS.ldrLiteral, t, value)
  }

  /** t = double constant from the pool behind the code. */
  ldrLiteralD(t: VReg, value: number): void {
    bits.setFloat64(0, value)
    this.emitLiteral(FORMS.ldrLiteralD, t, bits.getBigUint64(0))
  }

  /** d = address of the label. */
  adr(d: Reg, label: Label): void {
    this.emitToLabel(FORMS.adr, label, d)
  }

  // Branches

  b(label: Label): void {
    this.emitToLabel(FORMS.b, label)
  }

  bl(label: Label): void {
    this.emitToLabel(FORMS.bl, label)
  }

  bCond(condition: Condition, label: Label): void {
    this.emitToLabel(FORMS.bCond, label, condition)
  }

  cbz(t: Reg, label: Label): void {
    this.emitToLabel(FORMS.cbz, label, t)
  }

  cbzW(t: Reg, label: Label): void {
    this.emitToLabel(FORMS.cbzW, label, t)
  }

  cbnz(t: Reg, label: Label): void {
    this.emitToLabel(FORMS.cbnz, label, t)
  }

  cbnzW(t: Reg, label: Label): void {
    this.emitToLabel(FORMS.cbnzW, label, t)
  }

  /** Branches when bit (0..63) of t is 0; +-32 KiB only. */
  tbz(t: Reg, bit: number, label: Label): void {
    this.emitToLabel(FORMS.tbz, label, t, bit)
  }

  /** Branches when bit (0..63) of t is 1; +-32 KiB only. */
  tbnz(t: Reg, bit: number, label: Label): void {
    this.emitToLabel(FORMS.tbnz, label, t, bit)
  }

  br(n: Reg): void {
    this.emit(FORMS.br, n)
  }

  blr(n: Reg): void {
    this.emit(FORMS.blr, n)
  }

  ret(n: Reg = LR): void {
    this.emit(FORMS.ret, n)
  }

  // Doubles

  fmov(d: VReg, n: VReg): void {
    this.emit(FORMS.fmov, d, n)
  }

  fneg(d: VReg, n: VReg): void {
    this.emit(FORMS.fneg, d, n)
  }

  fabs(d: VReg, n: VReg): void {
    this.emit(FORMS.fabs, d, n)
  }

  fsqrt(d: VReg, n: VReg): void {
    this.emit(FORMS.fsqrt, d, n)
  }

  /** Rounds to nearest, ties to even. */
  frintn(d: VReg, n: VReg): void {
    this.emit(FORMS.frintn, d, n)
  }

  /** Rounds to nearest, ties away from zero. */
  frinta(d: VReg, n: VReg): void {
    this.emit(FORMS.frinta, d, n)
  }

  /** Rounds towards minus infinity. */
  frintm(d: VReg, n: VReg): void {
    this.emit(FORMS.frintm, d, n)
  }

  /** Rounds towards plus infinity. */
  frintp(d: VReg, n: VReg): void {
    this.emit(FORMS.frintp, d, n)
  }

  /** Rounds towards zero. */
  frintz(d: VReg, n: VReg): void {
    this.emit(FORMS.frintz, d, n)
  }

  fadd(d: VReg, n: VReg, m: VReg): void {
    this.emit(FORMS.fadd, d, n, m)
  }

  fsub(d: VReg, n: VReg, m: VReg): void {
    this.emit(FORMS.fsub, d, n, m)
  }

  fmul(d: VReg, n: VReg, m: VReg): void {
    this.emit(FORMS.fmul, d, n, m)
  }

  fdiv(d: VReg, n: VReg, m: VReg): void {
    this.emit(FORMS.fdiv, d, n, m)
  }

  /** d = bits of n. */
  fmovToX(d: Reg, n: VReg): void {
    this.emit(FORMS.fmovToX, d, n)
  }

  /** d = the double with the bits of n. */
  fmovFromX(d: VReg, n: Reg): void {
    this.emit(FORMS.fmovFromX, d, n)
  }

  /** d = constant; see fmovImmEncodable. */
  fmovImm(d: VReg, value: number): void {
    this.emit(FORMS.fmovImm, d, value)
  }

  /** d = +0. */
  fmovZero(d: VReg): void {
    this.emit(FORMS.fmovZero, d)
  }

  /**
   * Flags of n against m. Conditions that are false when unordered: MI (n < m), LS (n <= m), GT, GE, EQ;
   * true when unordered: LT, LE, HI, HS, PL, NE, VS.
   */
  fcmp(n: VReg, m: VReg): void {
    this.emit(FORMS.fcmp, n, m)
  }

  /** Flags of n against +0. */
  fcmpZero(n: VReg): void {
    this.emit(FORMS.fcmpZero, n)
  }

  /** d = condition ? n : m. */
  fcsel(d: VReg, n: VReg, m: VReg, condition: Condition): void {
    this.emit(FORMS.fcsel, d, n, m, condition)
  }

  /** d = signed 64-bit n. */
  scvtf(d: VReg, n: Reg): void {
    this.emit(FORMS.scvtf, d, n)
  }

  /** d = signed 32-bit n. */
  scvtfW(d: VReg, n: Reg): void {
    this.emit(FORMS.scvtfW, d, n)
  }

  /** d = unsigned 64-bit n. */
  ucvtf(d: VReg, n: Reg): void {
    this.emit(FORMS.ucvtf, d, n)
  }

  /** Signed 64-bit d = n towards zero; saturates, NaN gives 0. */
  fcvtzs(d: Reg, n: VReg): void {
    this.emit(FORMS.fcvtzs, d, n)
  }

  /** fcvtzs to 32 bits. */
  fcvtzsW(d: Reg, n: VReg): void {
    this.emit(FORMS.fcvtzsW, d, n)
  }

  // System

  /** Cleans the data cache line of the address to the point of unification. */
  dcCvau(t: Reg): void {
    this.emit(FORMS.dcCvau, t)
  }

  /** Invalidates the instruction cache line of the address. */
  icIvau(t: Reg): void {
    this.emit(FORMS.icIvau, t)
  }

  /** t = CTR_EL0 (cache line sizes). */
  mrsCtrEl0(t: Reg): void {
    this.emit(FORMS.mrsCtrEl0, t)
  }

  dsbIsh(): void {
    this.emit(FORMS.dsbIsh)
  }

  dmbIsh(): void {
    this.emit(FORMS.dmbIsh)
  }

  isb(): void {
    this.emit(FORMS.isb)
  }

  nop(): void {
    this.emit(FORMS.nop)
  }

  brk(imm16: number): void {
    this.emit(FORMS.brk, imm16)
  }

  udf(imm16: number): void {
    this.emit(FORMS.udf, imm16)
  }
}
