/**
 * The ways in which a program can be run, all of which must give the same output, the same report of an
 * uncaught error and the same exit code.
 */
import type { Encoding } from '../../lib/formats/envelope.js'
import type { HeapStatistics } from '../../lib/heap/heap.js'
import type { RunOptions, Mode as Tier } from '../../lib/run/options.js'

type Sizes = Pick<RunOptions, 'maxHeap' | 'maxDepth' | 'maxCacheSize'>

/** Of all modes that say nothing else. */
const USUAL: Sizes = { maxHeap: 24 << 20, maxDepth: 11_000, maxCacheSize: 2 << 20 }
/**
 * Of those modes for most programs: large memory takes long to map under emulation, and Node counts it as
 * garbage of its own to be collected after every few runs.
 */
const SMALL: Sizes = { ...USUAL, maxHeap: 4 << 20, maxDepth: 1000 }

/** For programs that are known to need more than little. */
const LARGE: Sizes = { ...USUAL, maxHeap: 64 << 20 }

/** The sizes for a program that does with `little`, or needs more; undefined: nothing is known of it. */
export function sizes(little: boolean | undefined): Sizes {
  if (little === undefined) return USUAL
  return little ? SMALL : LARGE
}

/** A choice of tier and options. */
export interface Mode {
  readonly name: string
  readonly tier: Tier
  readonly options: Partial<RunOptions>
  /** Through documents, as in `rush-parse | rush-compile | rush-vm`. */
  readonly pipe?: Encoding
  /** With code from an object document: for all types, or specialised for what a run in the VM saw. */
  readonly object?: 'general' | 'profiled'
  /** With ARM64 code, emulated where the CPU is another one. All others use the code of this CPU if there is some. */
  readonly emulated?: boolean
}

/**
 * Calls before compilation, and loop iterations before a running function is replaced. At 1 nothing has
 * been observed; at 5 all calls but the first have been, and most programs get there.
 */
const AT_ONCE: Partial<RunOptions> = { hotThreshold: 1, osrThreshold: 1 }
const SOON: Partial<RunOptions> = { hotThreshold: 5, osrThreshold: 5 }
/** Loops are replaced when most of what they call has been observed for a while, so that it is inlined. */
const LATE: Partial<RunOptions> = { hotThreshold: 20, osrThreshold: 100 }

export const MODES = {
  interpreter: { name: 'interpreter', tier: 'interpreter', options: {} },
  interpreterGc: { name: 'interpreter, GC stress', tier: 'interpreter', options: { gcStress: true } },
  vm: { name: 'VM', tier: 'bytecode', options: {} },
  vmGc: { name: 'VM, GC stress', tier: 'bytecode', options: { gcStress: true } },
  vmObserved: { name: 'VM, profile', tier: 'bytecode', options: { saveProfile: () => {} } },
  pipeMsgpack: { name: 'documents in MessagePack', tier: 'bytecode', options: {}, pipe: 'msgpack' },
  pipeJson: { name: 'documents in JSON', tier: 'bytecode', options: {}, pipe: 'json' },
  jitDefault: {
    name: 'JIT',
    tier: 'jit',
    options: { maxHeap: 1 << 30, maxDepth: 100_000, maxCacheSize: 64 << 20 },
  },
  jitAtOnce: { name: 'JIT at once', tier: 'jit', options: AT_ONCE },
  jitSoon: { name: 'JIT soon', tier: 'jit', options: SOON },
  jitLate: { name: 'JIT late', tier: 'jit', options: LATE },
  jitDeopt: { name: 'JIT, deopt stress', tier: 'jit', options: { ...SOON, deoptStress: true } },
  jitDeoptAtOnce: {
    name: 'JIT at once, deopt stress',
    tier: 'jit',
    options: { ...AT_ONCE, deoptStress: true },
  },
  jitGc: { name: 'JIT, GC stress', tier: 'jit', options: { ...SOON, gcStress: true } },
  jitGcAtOnce: { name: 'JIT at once, GC stress', tier: 'jit', options: { ...AT_ONCE, gcStress: true } },
  jitGcDeopt: {
    name: 'JIT, GC and deopt stress',
    tier: 'jit',
    options: { ...SOON, gcStress: true, deoptStress: true },
  },
  jitTwoRegisters: { name: 'JIT, 2 registers', tier: 'jit', options: { ...SOON, jitRegisters: 2 } },
  jitFourRegisters: {
    name: 'JIT at once, 4 registers',
    tier: 'jit',
    options: { ...AT_ONCE, jitRegisters: 4 },
  },
  jitSmallCache: { name: 'JIT, cache of 8 KiB', tier: 'jit', options: { ...AT_ONCE, maxCacheSize: 8192 } },
  jitTwoEntries: { name: 'JIT, cache of 2 entries', tier: 'jit', options: { ...SOON, maxCacheEntries: 2 } },
  jitFewFunctions: {
    name: 'JIT, 3 compilations',
    tier: 'jit',
    options: { ...AT_ONCE, maxCompiledFunctions: 3 },
  },
  jitObject: { name: 'JIT, code from a document', tier: 'jit', options: SOON, object: 'general' },
  jitProfiled: {
    name: 'JIT, code from a document with a profile',
    tier: 'jit',
    options: SOON,
    object: 'profiled',
  },
  arm64AtOnce: { name: 'JIT at once, ARM64', tier: 'jit', options: AT_ONCE, emulated: true },
  arm64Soon: { name: 'JIT soon, ARM64', tier: 'jit', options: SOON, emulated: true },
  arm64Profiled: {
    name: 'JIT, code from a document with a profile, ARM64',
    tier: 'jit',
    options: SOON,
    object: 'profiled',
    emulated: true,
  },
  arm64Deopt: {
    name: 'JIT, deopt stress, ARM64',
    tier: 'jit',
    options: { ...SOON, deoptStress: true },
    emulated: true,
  },
  jitRefused: { name: 'JIT, no executable memory', tier: 'jit', options: { ...AT_ONCE, noExecMemory: true } },
} as const satisfies Record<string, Mode>

export type ModeName = keyof typeof MODES

/** What a run shows to the world. */
export interface Outcome {
  stdout: string
  /** Without what depends on the mode. */
  stderr: string
  code: number
  /** What the mode says about itself: that native code cannot be used. */
  notice: string
}

/** One line from the parent to the worker. */
export interface Job {
  /** Relative to the project's top folder. */
  program: string
  mode: ModeName
  /** Whether little memory and depth is enough. */
  little?: boolean
  /** Whether the answer tells of the heap. */
  watch?: boolean
  /** Whether the JIT's graphs are verified. */
  verify: boolean
  /** Folder for the documents of a mode with code from one: they are only made, for ARM64, or only run. */
  make?: string
  use?: string
}

/** The worker's answer: an outcome, or what a bug in Rush threw. */
export interface Answer {
  outcome: Outcome | null
  crash: string
  milliseconds: number
  /** What the heap had counted at each piece of output, if the job says so. */
  heap: readonly HeapStatistics[]
}

const NOTICE = /^rush: .*; running in the bytecode VM\n/gm

/** The part of standard error that depends on the mode, and the rest. */
export function splitNotice(stderr: string): { notice: string; stderr: string } {
  return { notice: (stderr.match(NOTICE) ?? []).join(''), stderr: stderr.replace(NOTICE, '') }
}
