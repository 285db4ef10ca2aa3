/** The targets: for each CPU the machine, the stubs, and how its code refers to symbols. */
import { A64 } from '../asm/a64/disassemble.js'
import { type Relocation as A64Relocation, applyRelocations as applyA64 } from '../asm/a64/relocations.js'
import type { InstructionSet } from '../asm/listing.js'
import { X64 } from '../asm/x64/disassemble.js'
import { applyRelocations as applyX64, type Relocation as X64Relocation } from '../asm/x64/relocations.js'
import { hostTargetName } from './host.js'
import { A64Machine } from './machine/a64-machine.js'
import { A64_FRAME, A64_ROLES } from './machine/a64-registers.js'
import { makeA64SignalHandler } from './machine/a64-signal-handler.js'
import { makeA64Stubs } from './machine/a64-stubs.js'
import type { Machine, NativeFrameShape, RegisterRoles, Relocation } from './machine/machine.js'
import type { Stubs } from './machine/stubs.js'
import { LOOP_ALIGNMENT, X64Machine } from './machine/x64-machine.js'
import { X64_FRAME, X64_ROLES } from './machine/x64-registers.js'
import { makeX64SignalHandler } from './machine/x64-signal-handler.js'
import { makeX64Stubs } from './machine/x64-stubs.js'
import type { RelocationKind, TargetName } from './object.js'
import type { RegisterFile } from './registers/allocate.js'

export interface Target {
  readonly name: TargetName
  readonly roles: RegisterRoles
  readonly frame: NativeFrameShape
  readonly instructionSet: InstructionSet
  /** Bytes: a function's code starts at a multiple of it (the code cache aligns more). */
  readonly codeAlignment: number
  /** The byte between functions. */
  readonly padding: number
  /** How relocations stand in the code: the number of bytes that each kind patches. */
  readonly relocationBytes: { readonly [K in RelocationKind]?: number }
  /** @param isFar the code may be large; code that is too large without it ends in an AssemblerError */
  makeMachine(isFar?: boolean): Machine
  /** @param context absolute address of the context block */
  makeStubs(context: bigint): Stubs
  /** See `machine/signal-handler.ts`. @param address of a `HeldOutput` */
  makeSignalHandler(address: bigint): Uint8Array
  /** Patches the code in place for execution at `address`. */
  relocate(
    code: Uint8Array,
    relocations: readonly Relocation[],
    resolve: (symbol: string) => bigint,
    address: bigint,
  ): void
}

export const TARGETS: { readonly [K in TargetName]: Target } = {
  arm64: {
    name: 'arm64',
    roles: A64_ROLES,
    frame: A64_FRAME,
    instructionSet: A64,
    codeAlignment: 4,
    padding: 0,
    relocationBytes: { call26: 4, abs64: 16, abs32: 8 },
    makeMachine: (isFar) => new A64Machine(isFar),
    makeStubs: makeA64Stubs,
    makeSignalHandler: makeA64SignalHandler,
    relocate: (code, relocations, resolve, address) =>
      applyA64(code, relocations as readonly A64Relocation[], resolve, address),
  },
  x64: {
    name: 'x64',
    roles: X64_ROLES,
    frame: X64_FRAME,
    instructionSet: X64,
    // For loops; constants are operands of instructions that demand 16.
    codeAlignment: LOOP_ALIGNMENT,
    // int3
    padding: 0xcc,
    relocationBytes: { rel32: 4, imm64: 8, imm32: 4 },
    makeMachine: () => new X64Machine(),
    makeStubs: makeX64Stubs,
    makeSignalHandler: makeX64SignalHandler,
    relocate: (code, relocations, resolve, address) =>
      applyX64(code, relocations as readonly X64Relocation[], resolve, address),
  },
}

/** The target of this process's CPU, or null. */
export function hostTarget(): Target | null {
  const name = hostTargetName()
  return name === null ? null : TARGETS[name]
}

/** A frame charges the depth limit one unit per KiB of Rush frame, and the fiber has 1 KiB per unit. */
const NATIVE_BYTES_PER_UNIT = 1024
/** What a native frame takes besides its spill slots, on any target. */
const FRAME_BYTES = 32

/**
 * @param charge depth units of the function
 * @param limit use only this many registers of each class (0 = all): a stress mode for the allocator
 */
export function registerFile({ roles }: Target, charge: number, limit: number): RegisterFile {
  const count = limit > 0 ? limit : Number.POSITIVE_INFINITY
  return {
    general: roles.general.slice(0, count),
    float: roles.float.slice(0, count),
    results: [roles.resultPayload, roles.resultTag],
    arguments: { i: roles.general, f: roles.float },
    maxSpills: (charge * NATIVE_BYTES_PER_UNIT - FRAME_BYTES) / 8,
  }
}
