/**
 * Runs a program in one of the three tiers, from source or from bytecode, and reports as a command does:
 * program output to `options.output`, everything else to standard error. Loads only what the run needs.
 */
import type { BytecodeProgram } from '../bytecode/program.js'
import { analyseScopes } from '../bytecode/scopes.js'
import type { BytecodeCache } from '../cache/cache.js'
import { DocumentError } from '../formats/errors.js'
import { Heap } from '../heap/heap.js'
import type { JitTier } from '../jit/tier/jit-tier.js'
import { loadProgram, STANDARD_INPUT, textOfFile } from '../modules/load.js'
import type { Region } from '../native/region.js'
import { isBuiltin } from '../runtime/builtins/registry.js'
import { setError } from '../runtime/errors.js'
import { Runtime, type SourceText } from '../runtime/runtime.js'
import { Interrupted, registerStackRoots } from '../runtime/safepoint.js'
import { placeCaught } from '../runtime/trace.js'
import { type AstDocument, type Diagnostic, formatDiagnostics } from '../syntax/index.js'
import type { Vm } from '../vm/vm.js'
import { clock } from './clock.js'
import { Log } from './log.js'
import type { Mode, OutputSink, RunOptions } from './options.js'
import { timeoutReport, uncaughtReport } from './report.js'
import { isSandboxed, moduleFiles, programFiles } from './sandbox.js'
import { timeoutText } from './time-limit.js'
import { adoptZoneFile } from './zone-file.js'

export { isBuiltin }

export const EXIT_SUCCESS = 0
export const EXIT_FAILURE = 1

export interface SourceRun extends SourceText {
  mode: Mode
  options: RunOptions
  /** Where the program's bytecode is kept; the interpreter has no use for it. */
  cache?: BytecodeCache | null
}

export interface BytecodeRun {
  /** Verified. */
  program: BytecodeProgram
  mode: 'bytecode' | 'jit'
  options: RunOptions
}

/** @returns the exit code */
export function runSource(run: SourceRun): Promise<number> {
  return timed(run.options, (watch) => loadAndRun(run, watch))
}

async function loadAndRun(
  { text, file, mode, options, cache: wanted = null }: SourceRun,
  watch: Watch,
): Promise<number> {
  // What it holds may be made of modules that the sandbox hides.
  const cache = isSandboxed(options) ? null : wanted
  if (mode !== 'interpreter') {
    // A dump of the tree needs the tree.
    const program = options.dump.includes('ast') ? null : (cache?.find(text, file) ?? null)
    const what = program === null ? 'Compiling to bytecode...' : 'Using cached bytecode'
    new Log(options.logLevel, options.errors).line('info', what)
    if (program !== null) return runProgram({ program, mode, options }, watch)
  }
  const files = moduleFiles(file === STANDARD_INPUT ? null : file, options)
  const { maxSource } = options
  const { document, diagnostics, dependencies } = loadProgram(text, file, new Map(), { files, maxSource })
  if (diagnostics.length > 0) return refuse(diagnostics, document, options)
  await dumpAst(document, options)
  if (mode === 'interpreter') return interpret(document, options, watch)
  const { compile } = await import('../bytecode/compile.js')
  const compiled = compile(document, isBuiltin)
  if (compiled.diagnostics.length > 0) return refuse(compiled.diagnostics, document, options)
  const warning = cache?.save(compiled.program, dependencies) ?? null
  if (warning !== null) options.errors.write(warning)
  return runProgram({ program: compiled.program, mode, options }, watch)
}

function refuse(diagnostics: readonly Diagnostic[], document: AstDocument, options: RunOptions): number {
  options.errors.write(formatDiagnostics(diagnostics, (file) => textOfFile(document, file)))
  return EXIT_FAILURE
}

async function dumpAst(document: AstDocument, options: RunOptions): Promise<void> {
  if (!options.dump.includes('ast')) return
  const { printTree } = await import('../syntax/index.js')
  options.errors.write(printTree(document.program))
}

function heapOptions(options: RunOptions) {
  const { maxHeap, maxDepth, maxString, maxArray, gcStress } = options
  return { maxHeap, maxDepth, maxString, maxArray, stress: gcStress }
}

function makeRuntime(heap: Heap, options: RunOptions): Runtime {
  adoptZoneFile()
  const rt = new Runtime(heap, options.output, {
    maxDepth: options.maxDepth,
    maxJsonDepth: options.maxJsonDepth,
  })
  registerStackRoots(rt)
  holdOutput(heap, options.output)
  rt.files = programFiles(rt, options)
  options.watchHeap?.(heap)
  return rt
}

/**
 * Safepoints (loops, calls) during which output may be held back: few, so that it is seen before the program computes
 * for long, or is killed; not none, since each write takes as long as many prints.
 */
const HELD_SAFEPOINTS = 200

function holdOutput(heap: Heap, output: OutputSink): void {
  if (output.onHeld === undefined) return
  output.onHeld = () => heap.visitLater(HELD_SAFEPOINTS, () => output.flush())
}

async function interpret(document: AstDocument, options: RunOptions, watch: Watch): Promise<number> {
  const [{ Interpreter }, { makeHandOver }, { refusals }] = await Promise.all([
    import('../interpreter/interpreter.js'),
    import('./hand-over.js'),
    import('../bytecode/refusals.js'),
  ])
  const scopes = analyseScopes(document, isBuiltin)
  const problems = refusals(document, scopes)
  if (problems.length > 0) return refuse(problems, document, options)
  const { rt } = await makeMachine('interpreter', options)
  const interpreter = new Interpreter(rt, { handOver: makeHandOver(rt) })
  const { unit } = interpreter.load(document, scopes)
  rt.tier = interpreter
  return watch(rt, () => finish(rt, options, () => interpreter.run(unit)))
}

/** Runs the program's body itself, with its heap, while somebody watches. */
type Watch = (rt: Runtime, body: () => number) => number

/** Does `work`, which loads and runs a program, under the time limit, if there is one. */
async function timed({ timeout }: RunOptions, work: (watch: Watch) => Promise<number>): Promise<number> {
  if (timeout === 0) return work((_rt, body) => body())
  const { Watchdog } = await import('./watchdog.js')
  const watchdog = await Watchdog.start(timeout)
  try {
    return await work((rt, body) => {
      watchdog.watch(rt.heap)
      try {
        return body()
      } finally {
        // Before the heap is unmapped.
        watchdog.stop()
      }
    })
  } finally {
    watchdog.stop()
  }
}

/** Runs the program's body; an uncaught error is reported. */
function finish(rt: Runtime, options: RunOptions, body: () => unknown): number {
  try {
    body()
    options.output.flush()
    return EXIT_SUCCESS
  } catch (error) {
    if (error instanceof Interrupted) return timedOut(rt, options, error)
    placeCaught(rt, error)
    options.output.flush()
    options.errors.write(uncaughtReport(rt))
    return EXIT_FAILURE
  } finally {
    rt.hosts.releaseAll()
  }
}

function timedOut(rt: Runtime, options: RunOptions, { place }: Interrupted): number {
  options.output.flush()
  options.errors.write(timeoutReport(options.timeout, place))
  // For the log.
  setError(rt, 'RuntimeError', timeoutText(options.timeout))
  return EXIT_FAILURE
}

export interface Machine {
  rt: Runtime
  /** Null if there is no native code. */
  region: Region | null
}

/**
 * Memory for the run: mapped for native code if the JIT is on and can work here.
 *
 * @param shared whether other threads must see it (`requestInterrupt`); mapped memory is seen anyway, and with a
 *   time limit it must be seen
 */
export async function makeMachine(mode: Mode, options: RunOptions, shared = false): Promise<Machine> {
  if (mode === 'jit') {
    const { makeNativeHeap, NativeUnavailable } = await import('./native.js')
    try {
      if (options.noExecMemory) throw new NativeUnavailable('the system refuses executable memory')
      const { heap, region } = makeNativeHeap(heapOptions(options), options.maxCacheSize)
      return { rt: makeRuntime(heap, options), region }
    } catch (error) {
      if (!(error instanceof NativeUnavailable)) throw error
      options.errors.write(`rush: ${error.message}; running in the bytecode VM\n`)
    }
  }
  const sized = heapOptions(options)
  const memory = shared || options.timeout > 0 ? Heap.sharedMemory(sized) : undefined
  return { rt: makeRuntime(new Heap({ ...sized, memory }), options), region: null }
}

/** @returns the exit code */
export function runBytecode(run: BytecodeRun): Promise<number> {
  return timed(run.options, (watch) => runProgram(run, watch))
}

async function runProgram({ program, mode, options }: BytecodeRun, watch: Watch): Promise<number> {
  checkNames(program, options)
  await checkObjectFor(program, options)
  const { Vm } = await import('../vm/vm.js')
  const { BytecodeSession } = await import('./session.js')
  const { rt, region } = await makeMachine(mode, options)
  const vm = new Vm(rt)
  rt.tier = vm
  const log = new Log(options.logLevel, options.errors)
  const tier = region === null ? null : await makeTier(rt, vm, region, options, log)
  const session = new BytecodeSession(rt, vm, tier, mode === 'jit', options, log)
  try {
    return await session.run(program, (main) => watch(rt, () => finish(rt, options, () => vm.runBody(main))))
  } finally {
    tier?.leaveSignals()
    region?.release()
    if (tier !== null) (await import('./v8-patience.js')).optimizeAsUsual()
  }
}

/** Functions that the JIT shall leave alone must be there: a wrong name would go unnoticed. */
function checkNames({ functions, source }: BytecodeProgram, { jitOnly, jitDeny }: RunOptions): void {
  for (const name of [...jitOnly, ...jitDeny]) {
    if (functions.some((fn) => fn.name === name)) continue
    throw new DocumentError(`${source.file}: there is no function ${JSON.stringify(name)}`)
  }
}

/** Nothing of the program has run when an object document is refused. */
async function checkObjectFor(program: BytecodeProgram, { object }: RunOptions): Promise<void> {
  if (object === null) return
  const { checkInstallable, hostTarget } = await import('../jit/index.js')
  const target = hostTarget()
  // Without native code for this CPU the program runs in the VM, and says so.
  if (target !== null) checkInstallable(object.document, object.file, program, target)
}

export async function makeTier(
  rt: Runtime,
  vm: Vm,
  region: Region,
  options: RunOptions,
  log: Log,
): Promise<JitTier | null> {
  const { JitTier } = await import('../jit/tier/jit-tier.js')
  const { NativeUnavailable } = await import('../native/system.js')
  const { tierListeners, tierOptions } = await import('./tier-options.js')
  const { optimizeLate, STILL_SHORT } = await import('./v8-patience.js')
  try {
    const listeners = await tierListeners(options, log)
    const tier = new JitTier(rt, vm, region, tierOptions(options), listeners, clock)
    const { output } = options
    tier.onNative = () => {
      if (output.heldBytes === undefined || output.heldBytes === 0) return
      output.moveTo?.(tier.holdOutput(output.heldBytes))
      output.onHeld = null
    }
    if (options.object !== null) tier.start()
    vm.whenBusy(STILL_SHORT, optimizeLate)
    return tier
  } catch (error) {
    if (!(error instanceof NativeUnavailable)) throw error
    options.errors.write(`rush: ${error.message}; running in the bytecode VM\n`)
    return null
  }
}
