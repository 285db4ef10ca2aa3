/**
 * Runs verified bytecode in the VM and in native code, which must agree. A run that takes too long is stopped;
 * then what was written until then must agree.
 */
import type { BytecodeProgram } from '../../../lib/bytecode/program.js'
import type { Heap } from '../../../lib/heap/heap.js'
import type { ObjectDocument } from '../../../lib/jit/object.js'
import { runBytecode } from '../../../lib/run/index.js'
import { defaultRunOptions, type RunOptions } from '../../../lib/run/options.js'
import { HARMLESS } from './seeds.js'
import type { Watchdog } from './watchdog.js'

/** In milliseconds: programs that end take a hundredth of it. */
const PATIENCE = 300
/** Characters: who writes more is stopped. */
const MOST_OUTPUT = 1 << 20

/** Small, so that what lies behind it is soon reached. */
const SIZES = { maxHeap: 4 << 20, maxDepth: 1000, maxCacheSize: 2 << 20 }

const ZEROS = Buffer.alloc(SIZES.maxHeap + (1 << 20))

/** The reference: no function is ever compiled. In mapped memory, too, so that the watchdog sees it. */
const VM: Partial<RunOptions> = { maxCompiledFunctions: 0 }

export const NATIVE_MODES = {
  atOnce: { hotThreshold: 1, osrThreshold: 1 },
  soon: { hotThreshold: 3, osrThreshold: 3 },
  stress: { hotThreshold: 2, osrThreshold: 2, gcStress: true, deoptStress: true },
} as const satisfies Record<string, Partial<RunOptions>>

export type NativeMode = keyof typeof NATIVE_MODES

interface Run {
  /** 'stopped', or the exit code; 'failed' with what a bug threw. */
  readonly end: 'stopped' | 'failed' | number
  readonly stdout: string
  readonly stderr: string
}

class TooMuch extends Error {}

async function run(program: BytecodeProgram, watchdog: Watchdog, more: Partial<RunOptions>): Promise<Run> {
  let stdout = ''
  let stderr = ''
  let heap: Heap | null = null
  const output = {
    write: (text: string) => {
      stdout += text
      if (stdout.length > MOST_OUTPUT) throw new TooMuch()
    },
    // The run is over; soon the memory will be, too.
    flush: () => {
      watchdog.disarm()
      if (heap !== null) checkUntouched(heap)
    },
  }
  const options: RunOptions = {
    ...defaultRunOptions(output),
    ...SIZES,
    ...more,
    errors: {
      write: (text) => {
        stderr += text
      },
    },
    watchHeap: (made) => {
      heap = made
      watchdog.arm(made, PATIENCE)
    },
  }
  try {
    const code = await runBytecode({ program, mode: 'jit', options })
    // A run that is stopped says so, and where: VM and native code need not be at the same place.
    return { end: stderr.startsWith('execution timed out') ? 'stopped' : code, stdout, stderr }
  } catch (error) {
    watchdog.disarm()
    const { name, stack } = error as Error
    if (name === 'Interrupted' || error instanceof TooMuch) return { end: 'stopped', stdout, stderr }
    if (name === 'HeapExhausted') return { end: 1, stdout, stderr: 'out of memory' }
    return { end: 'failed', stdout, stderr: stack ?? String(error) }
  }
}

/** Memory in which no object has ever been must be as the system gave it: nothing but zeros. */
function checkUntouched({ bytes, stats }: Heap): void {
  const untouched = bytes.subarray(stats.reach)
  if (untouched.equals(ZEROS.subarray(0, untouched.length))) return
  const at = stats.reach + untouched.findIndex((byte) => byte !== 0)
  throw new Error(`something was written at ${at}, where no object has ever been`)
}

export interface Comparison {
  /** Null: they agree. */
  readonly problem: string | null
  readonly verdict: 'ended' | 'failed' | 'stopped' | 'refused'
}

/** Whether the program may be run here. */
export function isHarmless({ builtins }: BytecodeProgram): boolean {
  return builtins.every((name) => HARMLESS.has(name))
}

/** @param object native code to begin with, or null */
export async function compareTiers(
  program: BytecodeProgram,
  mode: NativeMode,
  object: ObjectDocument | null,
  watchdog: Watchdog,
): Promise<Comparison> {
  const vm = await run(program, watchdog, VM)
  if (vm.end === 'failed') return { problem: `the VM threw ${vm.stderr}`, verdict: 'failed' }
  const begin = object === null ? null : { document: object, file: 'm.ro' }
  const native = await run(program, watchdog, { ...NATIVE_MODES[mode], object: begin })
  if (native.end === 'failed')
    return { problem: `native code (${mode}) threw ${native.stderr}`, verdict: 'failed' }
  return { problem: differenceOf(vm, native, mode), verdict: verdictOf(vm, native) }
}

function verdictOf(vm: Run, native: Run): Comparison['verdict'] {
  if (vm.end === 'stopped' || native.end === 'stopped') return 'stopped'
  return vm.end === 0 ? 'ended' : 'failed'
}

function differenceOf(vm: Run, native: Run, mode: NativeMode): string | null {
  // When memory runs out depends on what a tier keeps in it.
  if ([vm, native].some(({ stdout, stderr }) => /out of memory/.test(stdout + stderr))) return null
  const stopped = vm.end === 'stopped' || native.end === 'stopped'
  const length = stopped ? Math.min(vm.stdout.length, native.stdout.length) : Number.POSITIVE_INFINITY
  const [left, right] = [vm.stdout.slice(0, length), native.stdout.slice(0, length)]
  if (left !== right) return `output (${mode}): VM ${shortened(left)}, native ${shortened(right)}`
  if (stopped) return null
  if (vm.end !== native.end)
    return `exit code (${mode}): VM ${vm.end}, native ${native.end} ${shortened(native.stderr)}`
  if (vm.stderr !== native.stderr)
    return `error (${mode}): VM ${shortened(vm.stderr)}, native ${shortened(native.stderr)}`
  return null
}

function shortened(text: string): string {
  return JSON.stringify(text.length > 600 ? `...${text.slice(-600)}` : text)
}
