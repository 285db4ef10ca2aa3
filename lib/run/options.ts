/**
 * The options of a run and the one table of flags that set them. `rush-run` and `rush-vm` offer
 * these flags; usage text, defaults and checks follow from the table.
 */
import { type HeldMemory, writeError } from '../files/streams.js'
import type { Heap } from '../heap/heap.js'
import type { ObjectDocument } from '../jit/object.js'
import { GRAPH_PASSES, type IrStage, PASS_NAMES } from '../jit/pass-names.js'
import type { ProfileDocument } from '../jit/profile.js'

export const LOG_LEVELS = ['none', 'error', 'warn', 'info', 'debug', 'trace'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

export type Mode = 'interpreter' | 'bytecode' | 'jit'

/** A command-line flag; `boolean` flags take no value of their own. */
export interface Flag {
  /** Without dashes; options are named in camelCase after it. */
  readonly name: string
  /** `list`: a string flag that may be given several times. */
  readonly type: 'boolean' | 'integer' | 'number' | 'string' | 'list'
  readonly default: boolean | number | string | readonly string[]
  /** What the usage text calls the value. */
  readonly value?: string
  readonly description: string
  /** The words a string or list flag takes; any if absent. */
  readonly choices?: readonly string[]
  /** Range of a numeric flag, inclusive. */
  readonly minimum?: number
  readonly maximum?: number
}

/** Where the program's own output goes. */
export interface OutputSink {
  write(text: string): void
  flush(): void
  /** Of sinks that hold output back: see `Output`. */
  onHeld?: (() => void) | null
  readonly heldBytes?: number
  moveTo?(memory: HeldMemory): void
}

/** Where reports, log lines and dumps go. */
export interface ErrorSink {
  write(text: string): void
}

export interface RunOptions {
  logLevel: LogLevel
  /** Calls after which a function is compiled. */
  hotThreshold: number
  /** Loop back-edges after which a running function is replaced by native code. */
  osrThreshold: number
  /** Seconds one compilation may take. */
  compileTimeout: number
  maxCompiledFunctions: number
  maxCacheEntries: number
  /** Bytes of native code. */
  maxCacheSize: number
  /** Bytes of the Rush heap. */
  maxHeap: number
  /** Nested calls. */
  maxDepth: number
  /** Bytes of one string's text. */
  maxString: number
  /** Elements of one array. */
  maxArray: number
  /** Arrays and hashes within each other in JSON. */
  maxJsonDepth: number
  /** Bytes of a program with its modules. */
  maxSource: number
  /** Seconds; 0 = any time. */
  timeout: number
  /** The program may use no files but those in these folders; so it is as well if there are such folders. */
  sandbox: boolean
  allowRead: readonly string[]
  allowWrite: readonly string[]
  /** Every guard fails once. */
  deoptStress: boolean
  /** Collect at every safepoint. */
  gcStress: boolean
  /** How many registers the JIT may allocate; 0 = all. */
  jitRegisters: number
  /** Behave as if the system refused executable memory. */
  noExecMemory: boolean
  /** How the JIT reports at the end of the run; '' = not at all. */
  jitStats: '' | 'text' | 'json'
  /** A line for each exit from native code. */
  jitTraceExits: boolean
  /** Only functions of these names are compiled (none = all), and none of those. */
  jitOnly: readonly string[]
  jitDeny: readonly string[]
  /** Passes that are left out; of PASS_NAMES. */
  jitDisablePass: readonly string[]
  /** Tell `perf` which function installed code belongs to. */
  perfMap: boolean
  /** Native code to begin with: an object document, checked by itself, and its file's name. */
  object: { document: ObjectDocument; file: string } | null
  /** Takes the profile at the end of the run; null = no profile wanted. */
  saveProfile: ((profile: ProfileDocument) => void) | null
  /** Is shown the heap before the program runs; null = nobody looks at it. */
  watchHeap: ((heap: Heap) => void) | null
  /** Stages to print on standard error. */
  dump: readonly string[]
  /** Only functions of this name are dumped; '' = all. */
  dumpFunction: string
  output: OutputSink
  /** Standard error, unless given. */
  errors: ErrorSink
}

const COUNT = 2 ** 31 - 1
/** Native code makes shorter strings and arrays without asking. */
const LEAST_LENGTH = 2 ** 16
/** Each call has 1 KiB of the region of 2 GiB, with native code another one; half is left for objects. */
const MAX_DEPTH = 500_000

/** Flags of every run. */
export const RUN_FLAGS: readonly Flag[] = [
  {
    name: 'log-level',
    type: 'string',
    default: 'none',
    description: `VM logging level: ${LOG_LEVELS.join(', ')}`,
  },
  {
    name: 'max-heap',
    type: 'integer',
    default: 2 ** 30,
    value: 'BYTES',
    minimum: 2 ** 20,
    maximum: 2 ** 31,
    description: 'Largest size of the heap',
  },
  {
    name: 'max-depth',
    type: 'integer',
    default: 100_000,
    value: 'CALLS',
    minimum: 1,
    maximum: MAX_DEPTH,
    description: 'Deepest nesting of calls',
  },
  {
    name: 'max-string',
    type: 'integer',
    default: 2 ** 29,
    value: 'BYTES',
    minimum: LEAST_LENGTH,
    maximum: COUNT,
    description: 'Longest text of one string',
  },
  {
    name: 'max-array',
    type: 'integer',
    default: 2 ** 26,
    value: 'ELEMENTS',
    minimum: LEAST_LENGTH,
    maximum: COUNT,
    description: 'Most elements of one array',
  },
  {
    name: 'max-json-depth',
    type: 'integer',
    default: 1_000_000,
    value: 'LEVELS',
    minimum: 1,
    maximum: COUNT,
    description: 'Deepest nesting of arrays and hashes in JSON',
  },
  {
    name: 'timeout',
    type: 'number',
    default: 0,
    value: 'SECONDS',
    minimum: 0,
    maximum: 1e6,
    description:
      'Longest time that the program may be loaded and run, 0 for no limit; it cannot catch this error',
  },
  {
    name: 'sandbox',
    type: 'boolean',
    default: false,
    description:
      'Keep the program from all files and folders, but for modules (in the folder of the program) and those ' +
      'that -allow-read and -allow-write name; the cache is not used',
  },
  {
    name: 'allow-read',
    type: 'list',
    default: [],
    value: 'FOLDER',
    description: 'Let the program read in this folder and below (may be repeated); means -sandbox',
  },
  {
    name: 'allow-write',
    type: 'list',
    default: [],
    value: 'FOLDER',
    description:
      'Let the program make, change and remove entries in this folder and below, which does not mean to read ' +
      'them (may be repeated); means -sandbox',
  },
  {
    name: 'gc-stress',
    type: 'boolean',
    default: false,
    description: 'Collect garbage at every safepoint (for tests)',
  },
  {
    name: 'profile-out',
    type: 'string',
    default: '',
    value: 'FILE',
    description: 'Write the profile of the run to FILE; without -jit, the virtual machine runs the program',
  },
  {
    name: 'object',
    type: 'string',
    default: '',
    value: 'FILE',
    description:
      'Begin with the native code in FILE, which rush-jit-asm made of the same bytecode; means -jit. ' +
      'The code is trusted: it may do whatever the user may',
  },
  {
    name: 'dump',
    type: 'string',
    default: '',
    value: 'STAGES',
    description:
      'Print stages on standard error, separated by commas: ast, bytecode, ir (as built), ir:PASS (after ' +
      'that pass), asm (listing); with -jit, ir and asm are those of what is compiled, when it is',
  },
  {
    name: 'dump-function',
    type: 'string',
    default: '',
    value: 'NAME',
    description: 'Print ir and asm of functions of this name only',
  },
  {
    name: 'hot-threshold',
    type: 'integer',
    default: 100,
    value: 'CALLS',
    minimum: 1,
    maximum: COUNT,
    description: 'Calls after which a function is compiled',
  },
  {
    name: 'osr-threshold',
    type: 'integer',
    default: 500,
    value: 'LOOPS',
    minimum: 1,
    maximum: COUNT,
    description: 'Loop iterations after which a running function is compiled',
  },
  {
    name: 'compile-timeout',
    type: 'number',
    default: 5,
    value: 'SECONDS',
    minimum: 0,
    maximum: 3600,
    description: 'Time limit of one compilation',
  },
  {
    name: 'max-compiled-functions',
    type: 'integer',
    default: 1000,
    value: 'N',
    minimum: 0,
    maximum: COUNT,
    description: 'Most functions that are compiled in one run',
  },
  {
    name: 'max-cache-entries',
    type: 'integer',
    default: 1000,
    value: 'N',
    minimum: 1,
    maximum: COUNT,
    description: 'Most entries of the code cache',
  },
  {
    name: 'max-cache-size',
    type: 'integer',
    default: 64 * 2 ** 20,
    value: 'BYTES',
    minimum: 4096,
    maximum: 2 ** 27,
    description: 'Largest size of the code cache',
  },
  {
    name: 'deopt-stress',
    type: 'boolean',
    default: false,
    description: 'Let every guard of native code fail once (for tests)',
  },
  {
    name: 'jit-registers',
    type: 'integer',
    default: 0,
    value: 'N',
    minimum: 0,
    maximum: 32,
    description: 'Registers that native code may use, 0 for all (for tests)',
  },
  {
    name: 'no-exec-memory',
    type: 'boolean',
    default: false,
    description: 'Behave as if the system refused executable memory (for tests)',
  },
  {
    name: 'jit-stats',
    type: 'string',
    default: '',
    value: 'FORMAT',
    choices: ['text', 'json'],
    description: 'Report on standard error at the end what the JIT did: text, or json (one line)',
  },
  {
    name: 'jit-trace-exits',
    type: 'boolean',
    default: false,
    description: 'Print a line on standard error whenever native code is left for the VM',
  },
  {
    name: 'jit-only',
    type: 'list',
    default: [],
    value: 'NAME',
    description: 'Compile only functions of this name (may be repeated)',
  },
  {
    name: 'jit-deny',
    type: 'list',
    default: [],
    value: 'NAME',
    description: 'Compile no functions of this name (may be repeated)',
  },
  {
    name: 'jit-disable-pass',
    type: 'list',
    default: [],
    value: 'PASS',
    choices: PASS_NAMES,
    description: `Leave out a pass of the compiler (may be repeated): ${PASS_NAMES.join(', ')}`,
  },
  {
    name: 'perf-map',
    type: 'boolean',
    default: false,
    description: 'Write where native code lies to /tmp/perf-PID.map, for perf',
  },
]

/** Of tools that read programs. */
export const MAX_SOURCE_FLAG: Flag = {
  name: 'max-source',
  type: 'integer',
  default: 4 * 2 ** 20,
  value: 'BYTES',
  minimum: 1,
  maximum: 2 ** 28,
  description: 'Largest size of a program with its modules, which takes up to 500 times as much memory',
}

/** Of tools that read documents. */
export const MAX_DOCUMENT_FLAG: Flag = {
  name: 'max-document',
  type: 'integer',
  default: 128 * 2 ** 20,
  value: 'BYTES',
  minimum: 1,
  maximum: 2 ** 29 - 2 ** 20,
  description: 'Largest size of a document, which takes some 10 times as much memory',
}

/** Flags that say something about native code; without `-jit` they would say nothing. */
export const JIT_REPORT_FLAGS = [
  'jit-stats',
  'jit-trace-exits',
  'jit-only',
  'jit-deny',
  'jit-disable-pass',
  'perf-map',
] as const

/** The level that `word` names in upper or lower case, or null. */
export function parseLogLevel(word: string): LogLevel | null {
  return LOG_LEVELS.find((level) => level === word.toLowerCase()) ?? null
}

/** What `-dump` can show. In the VM, ir and asm as they are without feedback. */
export const DUMP_STAGES: readonly string[] = [
  'ast',
  'bytecode',
  'ir',
  ...GRAPH_PASSES.map((pass) => `ir:${pass}`),
  'asm',
]

/** The stages of the IR that `-dump` asks for. */
export function irStages(dump: readonly string[]): IrStage[] {
  const passes = GRAPH_PASSES.filter((pass) => dump.includes(`ir:${pass}`))
  return dump.includes('ir') ? ['build', ...passes] : passes
}

/** The name of the option that a flag sets: `hot-threshold` sets `hotThreshold`. */
export function optionName(flag: string): string {
  return flag.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

/** Flags that set no option of the same name: they are words for something else. */
export const NOT_OPTIONS: ReadonlySet<string> = new Set(['profile-out', 'object'])

/** The options as the defaults of the flags give them, with `output` for the program's output. */
export function defaultRunOptions(output: OutputSink): RunOptions {
  const flags = RUN_FLAGS.filter((flag) => !NOT_OPTIONS.has(flag.name))
  const values = Object.fromEntries(flags.map((flag) => [optionName(flag.name), flag.default]))
  const errors = { write: writeError }
  return {
    ...(values as unknown as RunOptions),
    maxSource: Number(MAX_SOURCE_FLAG.default),
    dump: [],
    object: null,
    saveProfile: null,
    watchHeap: null,
    output,
    errors,
  }
}
