/** What a trial sees of the machine before an operation, and what it says of it afterwards. */
import type { Target } from '../../../lib/jit/target.js'

/** Registers that code may name, besides those with a role of their own. */
export interface Named {
  general: readonly number[]
  float: readonly number[]
}

export function namedRegisters({ roles }: Target): Named {
  return {
    general: [...new Set([...roles.general, ...roles.scratch, roles.resultPayload, roles.resultTag])],
    float: [...roles.float, ...roles.scratchFloat],
  }
}

/** Bytes of memory that operations may read and write, on both sides of where pointers point. */
export const MEMORY_BYTES = 64
const REGISTER_BYTES = 8

/** Offsets in a trial's area: the registers before and after, and the memory. */
export const Area = { IN: 0, OUT: 512, MEMORY: 1024, SIZE: 1152 } as const

export class State {
  /** All registers and the memory as they should be afterwards. */
  private readonly expected = new DataView(new ArrayBuffer(Area.SIZE))
  private readonly slots = new Map<string, number>()

  /** @param actual the area; @param address of its memory's middle */
  constructor(
    private readonly named: Named,
    private readonly actual: DataView,
    readonly address: bigint,
  ) {
    for (const [i, register] of named.general.entries())
      this.slots.set(`general ${register}`, i * REGISTER_BYTES)
    for (const [i, register] of named.float.entries())
      this.slots.set(`float ${register}`, (named.general.length + i) * REGISTER_BYTES)
  }

  slot(kind: 'general' | 'float', register: number): number {
    const slot = this.slots.get(`${kind} ${register}`)
    if (slot === undefined) throw new Error(`no ${kind} register ${register}`)
    return slot
  }

  // --- before ---

  /** Fills all registers and the memory. */
  fill(integer: () => bigint, float: () => number): void {
    for (const register of this.named.general) this.put(register, integer())
    for (const register of this.named.float)
      this.actual.setFloat64(Area.IN + this.slot('float', register), float(), true)
    for (let at = 0; at < MEMORY_BYTES; at += REGISTER_BYTES)
      this.actual.setBigInt64(Area.MEMORY + at, integer(), true)
  }

  put(register: number, value: bigint): void {
    this.actual.setBigInt64(Area.IN + this.slot('general', register), BigInt.asIntN(64, value), true)
  }

  putFloat(register: number, value: number): void {
    this.actual.setFloat64(Area.IN + this.slot('float', register), value, true)
  }

  /** What the register holds before the operation, signed. */
  int(register: number): bigint {
    return this.actual.getBigInt64(Area.IN + this.slot('general', register), true)
  }

  float(register: number): number {
    return this.actual.getFloat64(Area.IN + this.slot('float', register), true)
  }

  bits(register: number): bigint {
    return this.actual.getBigInt64(Area.IN + this.slot('float', register), true)
  }

  /** Memory before the operation, by offsets from its middle. */
  load(bytes: 1 | 2 | 4 | 8, at = 0): bigint {
    const offset = Area.MEMORY + MEMORY_BYTES / 2 + at
    if (bytes === 8) return this.actual.getBigInt64(offset, true)
    if (bytes === 4) return BigInt(this.actual.getUint32(offset, true))
    return BigInt(bytes === 2 ? this.actual.getUint16(offset, true) : this.actual.getUint8(offset))
  }

  // --- after ---

  /** From now on what is expected is said: until then, that nothing changes. */
  begin(): void {
    const { IN, OUT, SIZE } = Area
    const [from, to] = [this.actual, this.expected].map(
      ({ buffer, byteOffset }) => new Uint8Array(buffer, byteOffset, SIZE),
    ) as [Uint8Array, Uint8Array]
    to.set(from)
    to.copyWithin(OUT, IN, OUT)
  }

  set(register: number, value: bigint): void {
    this.expected.setBigInt64(Area.OUT + this.slot('general', register), BigInt.asIntN(64, value), true)
  }

  setFloat(register: number, value: number): void {
    this.expected.setFloat64(Area.OUT + this.slot('float', register), value, true)
  }

  setBits(register: number, value: bigint): void {
    this.expected.setBigInt64(Area.OUT + this.slot('float', register), BigInt.asIntN(64, value), true)
  }

  store(bytes: 1 | 4 | 8, value: bigint, at = 0): void {
    const offset = Area.MEMORY + MEMORY_BYTES / 2 + at
    const bits = BigInt.asUintN(8 * bytes, value)
    if (bytes === 8) this.expected.setBigUint64(offset, bits, true)
    else if (bytes === 4) this.expected.setUint32(offset, Number(bits), true)
    else this.expected.setUint8(offset, Number(bits))
  }

  /** The differences between what is and what should be. @param destroyed general registers that may hold anything */
  differences(destroyed: readonly number[]): string[] {
    const { named, expected, actual } = this
    const found: string[] = []
    const check = (what: string, offset: number, isFloat: boolean): void => {
      const [want, is] = [expected.getBigUint64(offset, true), actual.getBigUint64(offset, true)]
      if (want === is || (isFloat && isNaNBits(want) && isNaNBits(is))) return
      found.push(`${what} is 0x${is.toString(16)}, should be 0x${want.toString(16)}`)
    }
    for (const register of named.general) {
      if (!destroyed.includes(register))
        check(`general register ${register}`, Area.OUT + this.slot('general', register), false)
    }
    for (const register of named.float)
      check(`float register ${register}`, Area.OUT + this.slot('float', register), true)
    for (let at = 0; at < MEMORY_BYTES; at += REGISTER_BYTES) check(`memory ${at}`, Area.MEMORY + at, false)
    return found
  }
}

/** Which NaN an operation makes of several is left to the processor. */
function isNaNBits(bits: bigint): boolean {
  return (bits & 0x7fff_ffff_ffff_ffffn) > 0x7ff0_0000_0000_0000n
}
