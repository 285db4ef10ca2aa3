/**
 * What every instruction method of the assembler rests on: emission of a form with the project's
 * rules checked, labels, the constant pool and relocations.
 */

import { AssemblerError, CodeBuffer, Label } from '../buffer.js'
import type { DataRange } from '../listing.js'
import { encodeSigned } from './encode.js'
import type { Form } from './forms.js'
import { FORMS } from './forms.js'
import { type OperandValue, packMoveWide } from './operands.js'
import { PLATFORM_REGISTER, type Reg, SP } from './registers.js'
import type { Relocation } from './relocations.js'

/** The stack pointer stays a multiple of this many bytes. */
const STACK_ALIGNMENT = 16

export class A64Emitter {
  readonly relocations: Relocation[] = []
  /** The constant pool, once finish() has placed it. */
  readonly dataRanges: DataRange[] = []
  private readonly buffer = new CodeBuffer()
  private readonly pool = new Map<bigint, Label>()
  private finished: Uint8Array | undefined

  /** Current byte offset from the start of the code. */
  get offset(): number {
    return this.buffer.length
  }

  /** Gives the label the current offset. */
  bind(label: Label): void {
    this.buffer.bind(label)
  }

  /** Emits one instruction of the form table. */
  emit(form: Form, ...values: readonly OperandValue[]): void {
    if (this.finished !== undefined) throw new AssemblerError('the assembler is finished')
    refusePlatformRegister(form, values)
    this.buffer.emit32(encodeSigned(form, values))
  }

  /** Emits an instruction whose last operand is the displacement to a label; encoded when that is bound. */
  emitToLabel(form: Form, label: Label, ...values: readonly OperandValue[]): void {
    const at = this.offset
    this.emit(form, ...values, 0)
    this.buffer.whenBound(label, at, (target) =>
      this.buffer.patch32(at, encodeSigned(form, [...values, target - at])),
    )
  }

  /** Emits a load of an 8-byte constant from the pool behind the code; equal constants share an entry. */
  emitLiteral(form: Form, t: number, pattern: bigint): void {
    const key = BigInt.asUintN(64, pattern)
    let label = this.pool.get(key)
    if (label === undefined) {
      label = new Label()
      this.pool.set(key, label)
    }
    this.emitToLabel(form, label, t)
  }

  /** bl to a symbol, resolved by applyRelocations (+-128 MiB). */
  blExternal(symbol: string): void {
    this.relocations.push({ offset: this.offset, kind: 'call26', symbol })
    this.emit(FORMS.bl, 0)
  }

  /** Loads a symbol's 64-bit address: always four instructions, patched by applyRelocations. */
  movSymbol(d: Reg, symbol: string): void {
    this.relocations.push({ offset: this.offset, kind: 'abs64', symbol })
    this.emit(FORMS.movz, d, packMoveWide(0, 0))
    for (const shift of [16, 32, 48]) this.emit(FORMS.movk, d, packMoveWide(0, shift))
  }

  /** Loads the low 32 bits of a symbol's address, zero extended. */
  movSymbolLow(d: Reg, symbol: string): void {
    this.relocations.push({ offset: this.offset, kind: 'abs32', symbol })
    this.emit(FORMS.movz, d, packMoveWide(0, 0))
    this.emit(FORMS.movk, d, packMoveWide(0, 16))
  }

  /**
   * Places the constant pool (8-byte aligned), resolves all labels and returns the code. Throws
   * AssemblerError for an unbound label or a branch out of range. Further calls return the same bytes.
   */
  finish(): Uint8Array {
    if (this.finished !== undefined) return this.finished
    if (this.pool.size > 0) {
      if (this.offset % 8 !== 0) this.emit(FORMS.udf, 0)
      const start = this.offset
      for (const [value, label] of this.pool) {
        this.buffer.bind(label)
        this.buffer.emit64(value)
      }
      this.dataRanges.push({ start, end: this.offset })
    }
    this.buffer.resolve()
    this.finished = this.buffer.toBytes()
    return this.finished
  }

  /** Throws if an immediate change of SP, or an offset that becomes SP, would misalign it. */
  protected keepStackAligned(written: Reg, amount: number): void {
    if (written === SP && amount % STACK_ALIGNMENT !== 0) {
      throw new AssemblerError(`sp must stay a multiple of ${STACK_ALIGNMENT}: ${amount}`)
    }
  }
}

function refusePlatformRegister(form: Form, values: readonly OperandValue[]): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    // Few operands look like it, whatever they are.
    if (typeof value !== 'number' || (value & 31) !== PLATFORM_REGISTER) continue
    const operand = form.operands[i]
    if (operand === undefined) continue
    const named =
      (operand.kind === 'register' && operand.bank !== 'd' && value === PLATFORM_REGISTER) ||
      ((operand.kind === 'extended' || operand.kind === 'index') && (value & 31) === PLATFORM_REGISTER)
    if (named) throw new AssemblerError(`${form.syntax}: x18 is reserved by the platform`)
  }
}
