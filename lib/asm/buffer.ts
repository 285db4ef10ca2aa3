/**
 * Machine-independent part of an assembler: a growable little-endian code buffer, labels, and the
 * fixups that wait for a label's position.
 */

/** An operand, label or layout that cannot be encoded. Always a bug of the caller, never of a Rush program. */
export class AssemblerError extends Error {
  override name = 'AssemblerError'
}

/** A position in one CodeBuffer; may be used before it is bound. */
export class Label {
  /** Byte offset in the buffer, or -1 while unbound. */
  offset = -1

  get isBound(): boolean {
    return this.offset >= 0
  }
}

/** Rewrites the instruction that refers to a label, once the label's byte offset is known. */
export type Patch = (labelOffset: number) => void

interface Fixup {
  readonly at: number
  readonly label: Label
  readonly patch: Patch
}

/** Growable code buffer. All offsets and lengths are in bytes from its start. */
export class CodeBuffer {
  private bytes: Uint8Array
  private view: DataView
  private used = 0
  private fixups: Fixup[] = []

  constructor(capacity = 4096) {
    this.bytes = new Uint8Array(Math.max(capacity, 8))
    this.view = new DataView(this.bytes.buffer)
  }

  /** Bytes emitted so far, which is the offset of the next byte. */
  get length(): number {
    return this.used
  }

  set length(length: number) {
    this.used = length
  }

  emit8(value: number): void {
    if (this.used === this.bytes.length) this.grow()
    this.bytes[this.used] = value
    this.used += 1
  }

  /**
   * The bytes themselves, with room for `count` behind those emitted: for instructions that are put
   * together byte by byte. What is written there counts once `length` is set.
   */
  room(count: number): Uint8Array {
    while (this.used + count > this.bytes.length) this.grow()
    return this.bytes
  }

  emit32(value: number): void {
    if (this.used + 4 > this.bytes.length) this.grow()
    this.view.setUint32(this.used, value, true)
    this.used += 4
  }

  emit64(value: bigint): void {
    if (this.used + 8 > this.bytes.length) this.grow()
    this.view.setBigUint64(this.used, BigInt.asUintN(64, value), true)
    this.used += 8
  }

  patch32(offset: number, value: number): void {
    this.view.setUint32(this.inside(offset, 4), value, true)
  }

  /** Gives the label the current offset. A label is bound exactly once. */
  bind(label: Label): void {
    if (label.isBound) throw new AssemblerError(`label already bound at offset ${label.offset}`)
    label.offset = this.used
  }

  /** Runs the patch of the instruction at `at` with the label's offset: now if bound, otherwise in resolve(). */
  whenBound(label: Label, at: number, patch: Patch): void {
    if (label.isBound) patch(label.offset)
    else this.fixups.push({ at, label, patch })
  }

  /** Runs every waiting patch; throws if a label that is used was never bound. */
  resolve(): void {
    const waiting = this.fixups
    this.fixups = []
    for (const { at, label, patch } of waiting) {
      if (!label.isBound) throw new AssemblerError(`label used at offset ${at} was never bound`)
      patch(label.offset)
    }
  }

  /** A copy of the emitted bytes. */
  toBytes(): Uint8Array {
    return this.bytes.slice(0, this.used)
  }

  private inside(offset: number, size: number): number {
    if (offset < 0 || offset + size > this.used)
      throw new AssemblerError(`offset ${offset} is outside the code`)
    return offset
  }

  /** Makes room for as much again, which is at least 8 bytes. */
  private grow(): void {
    const grown = new Uint8Array(this.bytes.length * 2)
    grown.set(this.bytes)
    this.bytes = grown
    this.view = new DataView(grown.buffer)
  }
}
