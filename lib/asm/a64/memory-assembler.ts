/** Loads and stores in all addressing modes; the base register 31 is SP. */

import { AssemblerError } from '../buffer.js'
import { BitAssembler } from './bit-assembler.js'
import type { Form } from './forms.js'
import { FORMS } from './forms.js'
import { packIndex } from './operands.js'
import type { Reg, VReg } from './registers.js'

/** Extension and scaling of an index register; `shift` is 0 or the log2 of the access size. */
export interface Index {
  readonly extend: 'lsl' | 'uxtw' | 'sxtw'
  readonly shift: number
}

const UNINDEXED: Index = { extend: 'lsl', shift: 0 }

export class MemoryAssembler extends BitAssembler {
  // Loads and stores: [n, imm]; scaled unsigned offsets, else -256..255 unscaled

  /** 64-bit load. */
  ldr(t: Reg, n: Reg, imm = 0): void {
    this.access(FORMS.ldr, FORMS.ldur, 8, t, n, imm)
  }

  /** 64-bit store. */
  str(t: Reg, n: Reg, imm = 0): void {
    this.access(FORMS.str, FORMS.stur, 8, t, n, imm)
  }

  /** 32-bit load (zero-extended). */
  ldrW(t: Reg, n: Reg, imm = 0): void {
    this.access(FORMS.ldrW, FORMS.ldurW, 4, t, n, imm)
  }

  /** 32-bit store. */
  strW(t: Reg, n: Reg, imm = 0): void {
    this.access(FORMS.strW, FORMS.sturW, 4, t, n, imm)
  }

  /** 8-bit load (zero-extended). */
  ldrb(t: Reg, n: Reg, imm = 0): void {
    this.access(FORMS.ldrb, FORMS.ldurb, 1, t, n, imm)
  }

  /** 8-bit store. */
  strb(t: Reg, n: Reg, imm = 0): void {
    this.access(FORMS.strb, FORMS.sturb, 1, t, n, imm)
  }

  /** 16-bit load (zero-extended). */
  ldrh(t: Reg, n: Reg, imm = 0): void {
    this.access(FORMS.ldrh, FORMS.ldurh, 2, t, n, imm)
  }

  /** 16-bit store. */
  strh(t: Reg, n: Reg, imm = 0): void {
    this.access(FORMS.strh, FORMS.sturh, 2, t, n, imm)
  }

  /** double load. */
  ldrD(t: VReg, n: Reg, imm = 0): void {
    this.access(FORMS.ldrD, FORMS.ldurD, 8, t, n, imm)
  }

  /** double store. */
  strD(t: VReg, n: Reg, imm = 0): void {
    this.access(FORMS.strD, FORMS.sturD, 8, t, n, imm)
  }

  /** 8-bit load, sign-extended to 64. */
  ldrsb(t: Reg, n: Reg, imm = 0): void {
    this.access(FORMS.ldrsb, FORMS.ldursb, 1, t, n, imm)
  }

  /** 16-bit load, sign-extended to 64. */
  ldrsh(t: Reg, n: Reg, imm = 0): void {
    this.access(FORMS.ldrsh, FORMS.ldursh, 2, t, n, imm)
  }

  /** 32-bit load, sign-extended to 64. */
  ldrsw(t: Reg, n: Reg, imm = 0): void {
    this.access(FORMS.ldrsw, FORMS.ldursw, 4, t, n, imm)
  }

  // Loads and stores: [n, m]; m is an index, extended and scaled

  /** 64-bit indexed load. */
  ldrReg(t: Reg, n: Reg, m: Reg, index = UNINDEXED): void {
    this.emit(FORMS.ldrReg, t, n, indexOf(FORMS.ldrReg, m, index, 3))
  }

  /** 64-bit indexed store. */
  strReg(t: Reg, n: Reg, m: Reg, index = UNINDEXED): void {
    this.emit(FORMS.strReg, t, n, indexOf(FORMS.strReg, m, index, 3))
  }

  /** 32-bit indexed load. */
  ldrWReg(t: Reg, n: Reg, m: Reg, index = UNINDEXED): void {
    this.emit(FORMS.ldrWReg, t, n, indexOf(FORMS.ldrWReg, m, index, 2))
  }

  /** 32-bit indexed store. */
  strWReg(t: Reg, n: Reg, m: Reg, index = UNINDEXED): void {
    this.emit(FORMS.strWReg, t, n, indexOf(FORMS.strWReg, m, index, 2))
  }

  /** 8-bit indexed load. */
  ldrbReg(t: Reg, n: Reg, m: Reg, index = UNINDEXED): void {
    this.emit(FORMS.ldrbReg, t, n, indexOf(FORMS.ldrbReg, m, index, 0))
  }

  /** 8-bit indexed store. */
  strbReg(t: Reg, n: Reg, m: Reg, index = UNINDEXED): void {
    this.emit(FORMS.strbReg, t, n, indexOf(FORMS.strbReg, m, index, 0))
  }

  /** 16-bit indexed load. */
  ldrhReg(t: Reg, n: Reg, m: Reg, index = UNINDEXED): void {
    this.emit(FORMS.ldrhReg, t, n, indexOf(FORMS.ldrhReg, m, index, 1))
  }

  /** 16-bit indexed store. */
  strhReg(t: Reg, n: Reg, m: Reg, index = UNINDEXED): void {
    this.emit(FORMS.strhReg, t, n, indexOf(FORMS.strhReg, m, index, 1))
  }

  /** double indexed load. */
  ldrDReg(t: VReg, n: Reg, m: Reg, index = UNINDEXED): void {
    this.emit(FORMS.ldrDReg, t, n, indexOf(FORMS.ldrDReg, m, index, 3))
  }

  /** double indexed store. */
  strDReg(t: VReg, n: Reg, m: Reg, index = UNINDEXED): void {
    this.emit(FORMS.strDReg, t, n, indexOf(FORMS.strDReg, m, index, 3))
  }

  /** 8-bit indexed load, sign-extended to 64. */
  ldrsbReg(t: Reg, n: Reg, m: Reg, index = UNINDEXED): void {
    this.emit(FORMS.ldrsbReg, t, n, indexOf(FORMS.ldrsbReg, m, index, 0))
  }

  /** 16-bit indexed load, sign-extended to 64. */
  ldrshReg(t: Reg, n: Reg, m: Reg, index = UNINDEXED): void {
    this.emit(FORMS.ldrshReg, t, n, indexOf(FORMS.ldrshReg, m, index, 1))
  }

  /** 32-bit indexed load, sign-extended to 64. */
  ldrswReg(t: Reg, n: Reg, m: Reg, index = UNINDEXED): void {
    this.emit(FORMS.ldrswReg, t, n, indexOf(FORMS.ldrswReg, m, index, 2))
  }

  // Loads and stores that move the base by imm (-256..255), before (Pre) or after (Post)

  ldrPre(t: Reg, n: Reg, imm: number): void {
    this.keepStackAligned(n, imm)
    this.emit(FORMS.ldrPre, t, n, imm)
  }

  ldrPost(t: Reg, n: Reg, imm: number): void {
    this.keepStackAligned(n, imm)
    this.emit(FORMS.ldrPost, t, n, imm)
  }

  strPre(t: Reg, n: Reg, imm: number): void {
    this.keepStackAligned(n, imm)
    this.emit(FORMS.strPre, t, n, imm)
  }

  strPost(t: Reg, n: Reg, imm: number): void {
    this.keepStackAligned(n, imm)
    this.emit(FORMS.strPost, t, n, imm)
  }

  ldrDPre(t: VReg, n: Reg, imm: number): void {
    this.keepStackAligned(n, imm)
    this.emit(FORMS.ldrDPre, t, n, imm)
  }

  ldrDPost(t: VReg, n: Reg, imm: number): void {
    this.keepStackAligned(n, imm)
    this.emit(FORMS.ldrDPost, t, n, imm)
  }

  strDPre(t: VReg, n: Reg, imm: number): void {
    this.keepStackAligned(n, imm)
    this.emit(FORMS.strDPre, t, n, imm)
  }

  strDPost(t: VReg, n: Reg, imm: number): void {
    this.keepStackAligned(n, imm)
    this.emit(FORMS.strDPost, t, n, imm)
  }

  // Pairs: imm is a multiple of 8 in -512..504

  ldp(t1: Reg, t2: Reg, n: Reg, imm = 0): void {
    this.emit(FORMS.ldp, t1, t2, n, imm)
  }

  ldpPre(t1: Reg, t2: Reg, n: Reg, imm: number): void {
    this.keepStackAligned(n, imm)
    this.emit(FORMS.ldpPre, t1, t2, n, imm)
  }

  ldpPost(t1: Reg, t2: Reg, n: Reg, imm: number): void {
    this.keepStackAligned(n, imm)
    this.emit(FORMS.ldpPost, t1, t2, n, imm)
  }

  stp(t1: Reg, t2: Reg, n: Reg, imm = 0): void {
    this.emit(FORMS.stp, t1, t2, n, imm)
  }

  stpPre(t1: Reg, t2: Reg, n: Reg, imm: number): void {
    this.keepStackAligned(n, imm)
    this.emit(FORMS.stpPre, t1, t2, n, imm)
  }

  stpPost(t1: Reg, t2: Reg, n: Reg, imm: number): void {
    this.keepStackAligned(n, imm)
    this.emit(FORMS.stpPost, t1, t2, n, imm)
  }

  ldpD(t1: VReg, t2: VReg, n: Reg, imm = 0): void {
    this.emit(FORMS.ldpD, t1, t2, n, imm)
  }

  ldpDPre(t1: VReg, t2: VReg, n: Reg, imm: number): void {
    this.keepStackAligned(n, imm)
    this.emit(FORMS.ldpDPre, t1, t2, n, imm)
  }

  ldpDPost(t1: VReg, t2: VReg, n: Reg, imm: number): void {
    this.keepStackAligned(n, imm)
    this.emit(FORMS.ldpDPost, t1, t2, n, imm)
  }

  stpD(t1: VReg, t2: VReg, n: Reg, imm = 0): void {
    this.emit(FORMS.stpD, t1, t2, n, imm)
  }

  stpDPre(t1: VReg, t2: VReg, n: Reg, imm: number): void {
    this.keepStackAligned(n, imm)
    this.emit(FORMS.stpDPre, t1, t2, n, imm)
  }

  stpDPost(t1: VReg, t2: VReg, n: Reg, imm: number): void {
    this.keepStackAligned(n, imm)
    this.emit(FORMS.stpDPost, t1, t2, n, imm)
  }

  private access(scaled: Form, unscaled: Form, size: number, t: number, n: Reg, imm: number): void {
    if (imm >= 0 && imm % size === 0 && imm < 4096 * size) this.emit(scaled, t, n, imm)
    else this.emit(unscaled, t, n, imm)
  }
}

function indexOf(form: Form, m: Reg, index: Index, size: number): number {
  if (index.shift !== 0 && index.shift !== size) {
    throw new AssemblerError(`${form.syntax}: index shift ${index.shift} is neither 0 nor ${size}`)
  }
  return packIndex(m, index.extend === 'lsl' ? 'uxtx' : index.extend, index.shift !== 0)
}
