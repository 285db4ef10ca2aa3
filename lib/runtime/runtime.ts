/**
 * What all tiers share while a program runs: the heap, the function table, output, limits, and the
 * error in flight. A tier is anything that can `call` a value; whichever runs sets `top` (and
 * `base`, `position`) before it enters code of this folder.
 */
import { ALL_FILES, type FileAccess } from '../files/access.js'
import type { Heap } from '../heap/heap.js'
import { Context } from '../heap/layout.js'
import { reserveError } from './errors.js'
import { Hosts } from './hosts.js'
import type { ModuleRun } from './modules.js'
import { Stacks } from './stacks.js'
import type { Unit } from './unit.js'

/** Thrown (as the singleton THROWN) while a Rush error unwinds; the error is in `Runtime.errorSlot`. */
export class RushThrow {
  readonly rushThrow = true
}
/** One object for all throws: creating JavaScript errors with stacks would dominate try/catch loops. */
export const THROWN = new RushThrow()

/** The part of a compiled function that the runtime needs in every tier. */
export interface RuntimeFunction {
  /** For people: the variable it was first assigned to, the method's name, or `<anonymous>`. */
  name: string
  /** Parameters as written (without `self`). */
  parameters: readonly string[]
  method: boolean
  /** The body of a file: the main program or a module. */
  body: boolean
  /** Number of the text it stands in, in `Runtime.sources`. */
  source: number
  /** The function's text form (core.md section 5). */
  text(): string
  /** Address of its FUNCTION record. */
  record: number
  unit: Unit
  /** What stands at a bytecode position; null until the function has bytecode. */
  sites: ((position: number) => Site) | null
  /** Locals that hold a value needed while the instruction at a position runs; null as above. */
  live: ((position: number) => readonly number[]) | null
  /** Local slots of the bytecode (the interpreter has fewer: no hidden locals). */
  bytecodeLocals: number
}

/** A place where a call or another operation that may fail stands. */
export interface Site {
  /** For calls: the name in stack traces. */
  name: string
  line: number
  column: number
}

/** What a tier provides to code that calls back into the program. */
export interface Tier {
  /**
   * Calls the value in the slot `callee` with the `argc` values in the slots behind it and leaves
   * the result in `callee`. The slots are the topmost in use. Throws THROWN if the callee does.
   */
  call(callee: number, argc: number): void
}

export interface SourceText {
  file: string
  text: string
}

export interface RuntimeLimits {
  /** Nested calls before "stack overflow". */
  maxDepth: number
  /** Arrays and hashes within each other in JSON text, and in what becomes such; any number if not given. */
  maxJsonDepth?: number
}

export class Runtime {
  /** First free slot of the Rush stack; code of this folder may use slots from here on. */
  top: number
  /**
   * Base of the frame that is running (0 = none), and where it stands: a position as in a frame's link,
   * with the INTERPRETED flag for interpreter frames (see `frames.ts`).
   */
  base = 0
  position = 0
  /** Sites of interpreter frames, by the number in their positions. */
  readonly interpretedSites: Site[] = []
  readonly functions: RuntimeFunction[] = []
  readonly sources: SourceText[] = []
  /** The places of the imports under way, outermost first. */
  readonly importing: string[] = []
  /** By file. */
  readonly moduleRuns = new Map<string, ModuleRun>()
  tier: Tier | null = null
  /** The only way to the file system. */
  files: FileAccess = ALL_FILES
  /** Callbacks of built-in methods under way, one in the other (see `callbacks.ts`). */
  callbacks = 0
  /** Safepoints passed under GC stress. */
  stressCount = 0
  /** Values whose body lives on the JavaScript side. */
  readonly hosts: Hosts
  readonly maxJsonDepth: number
  readonly stacks: Stacks
  /** Names of the error constructors in use beyond the standard ones (see `builtins/registry.ts`). */
  readonly errorConstructors: string[] = []
  /** Slot (outside the stack, a root) that holds the error in flight. */
  readonly errorSlot: number
  /** Slot with the error for want of memory, in case that there is none for another. */
  readonly reservedError: number

  constructor(
    readonly heap: Heap,
    readonly output: { write(text: string): void },
    readonly limits: RuntimeLimits,
  ) {
    this.top = heap.stackBase
    this.depth = limits.maxDepth
    this.maxJsonDepth = limits.maxJsonDepth ?? Number.POSITIVE_INFINITY
    this.errorSlot = heap.allocateRootSlots(1)
    this.reservedError = heap.allocateRootSlots(1)
    reserveError(this)
    this.hosts = new Hosts(heap)
    this.stacks = new Stacks(heap)
  }

  /**
   * Calls still allowed before "stack overflow", in units of 1 KiB of frame: a larger frame takes more
   * than one (see `frameCharge`). Lives in the context block, where native code counts too.
   */
  get depth(): number {
    return this.heap.I32[Context.DEPTH >> 2] as number
  }

  set depth(value: number) {
    this.heap.I32[Context.DEPTH >> 2] = value
  }

  /**
   * Forgets whatever was running: after an uncaught error or an interrupt, before something else runs.
   * A module that did not come to its end will run again.
   */
  abandon(): void {
    this.top = this.heap.stackBase
    this.base = 0
    this.position = 0
    this.depth = this.limits.maxDepth
    this.importing.length = 0
    for (const run of this.moduleRuns.values()) if (run.state === 'running') run.state = 'idle'
  }

  /** Takes a slot for a temporary that must survive a callback; the tier resets `top` afterwards. */
  pushTemporary(): number {
    const slot = this.top
    this.heap.setNull(slot)
    this.top = slot + 16
    return slot
  }
}
