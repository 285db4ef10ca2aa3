/**
 * The tier manager: decides what is observed, compiled, installed, given up and thrown away. The VM tells
 * it of calls and exits; it never runs code itself.
 */
import { pointAt } from '../../bytecode/positions.js'
import { Context, FunctionLayout, SLOT_SIZE } from '../../heap/layout.js'
import { makeCharacters } from '../../heap/strings.js'
import { CodeLost, CodeMemory } from '../../native/code-memory.js'
import { type HeldBlock, handleSignals, mapHeldOutput, NO_HANDLER } from '../../native/held-output.js'
import type { Region } from '../../native/region.js'
import { NativeUnavailable } from '../../native/system.js'
import { makeMethodCache } from '../../runtime/method-cache.js'
import type { Runtime } from '../../runtime/runtime.js'
import { makeWordTables } from '../../runtime/types.js'
import { ENTRY_SITE, type SiteFeedback } from '../../vm/feedback.js'
import type { LoadedFunction } from '../../vm/loaded-function.js'
import { RETRY_LOOPS, type TierEvents } from '../../vm/tier-events.js'
import type { Vm } from '../../vm/vm.js'
import type { FrameEntry } from '../build/input.js'
import type { CompiledFunction } from '../compile.js'
import { MAX_EXITS, splitExit } from '../exit-numbers.js'
import { hostTargetName } from '../host.js'
import { isRatherSmall } from '../inlinable.js'
import { FIXED_BYTES } from '../machine/stubs.js'
import type { ObjectDocument } from '../object.js'
import type { InstallableCode } from '../object-code.js'
import { CompileRefused, type ExitReason, LOOP_REASONS, REFUSALS, type Refusal } from '../reasons.js'
import { AT_ENTRY, type CacheEntry, CodeCache, type CodeKey, keyText, NO_STRESS } from './code-cache.js'
import type { TierListeners, TierOptions } from './interface.js'
import { compileLine, exitText, GIVE_UPS, type GiveUp, Ledger } from './ledger.js'
import { loadMachinery } from './load-machinery.js'
import type { Machinery } from './machinery.js'
import { isObserved, noteArguments, observe, observedPositions, siteAt } from './observe.js'
import { type JitReport, makeReport } from './report.js'
import { type JitStatistics, newStatistics } from './statistics.js'
import { StressTable } from './stress-table.js'

/** A set of tags. */
const ANY_TAG = -1
/** Calls before the threshold during which a function is observed. */
const OBSERVED_CALLS = 16
/**
 * Smaller functions are observed in an earlier call and some behind it, too: who calls several in turns is hot before
 * any of them is, and then what they do should be known, so that they can be inlined.
 */
const EARLY_CALL = 10
const EARLY_CALLS = 8
/** Failures of one guard after which its site is compiled the general way. */
const EXIT_LIMIT = 10
/** Compilations of one function; the last one uses no feedback. */
const MAX_VERSIONS = 16
/** Instructions that the VM executes for native code of a function before that is compiled anew, if it helps. */
const STEP_LIMIT = 1000
const MAX_RENEWALS = 3
/** The value of `steps` for functions whose code is not renewed any more. */
const NOT_COUNTED = -1
/** Passes of a loop during which its function is observed. */
const OBSERVED_LOOPS = 64
/** More than this between two looks at the running loop would make it hard to say which loop is hot. */
const MAX_FUEL = 2000
/** Evictions of a loop's code after which it is not compiled again. */
const MAX_LOOP_EVICTIONS = 3
const NEVER = 0x7fffffff
/** Most doublings of the wait after evictions. */
const MAX_BACK_OFF = 16

export class JitTier implements TierEvents {
  readonly statistics: JitStatistics = newStatistics()
  readonly ledger = new Ledger()
  readonly cache: CodeCache
  /** Told once, before native code runs for the first time. @throws NativeUnavailable */
  onNative: () => void = () => {}
  /** Null until something is compiled or installed. */
  private machinery: Machinery | null = null
  private readonly memory: CodeMemory
  /** Per code (`keyText`), how often it was compiled anew because guards failed. */
  private readonly versions = new Map<string, number>()
  private readonly refused = new Set<string>()
  /** Functions that had native code once: those may have it again, however often they are evicted. */
  private readonly compiled = new Set<LoadedFunction>()
  /** Functions that were observed early, and not later yet. */
  private readonly early = new Set<LoadedFunction>()
  /** Whose loop is observed before it is compiled. */
  private observedLoop: LoadedFunction | null = null
  /** Hot functions without native code: their call count when they came to be so. */
  private readonly without = new Map<LoadedFunction, number>()
  /** Id of what was compiled last. */
  private newestCode = 0
  private readonly renewals = new Map<LoadedFunction, number>()
  private readonly evictions = new Map<LoadedFunction, number>()
  private readonly loopEvictions = new Map<string, number>()
  private readonly stress: StressTable | null
  private handlesSignals = false

  constructor(
    private readonly rt: Runtime,
    private readonly vm: Vm,
    private readonly region: Region,
    private readonly options: TierOptions,
    private readonly listeners: TierListeners,
    private readonly now: () => number,
  ) {
    makeCharacters(rt.heap)
    makeWordTables(rt)
    this.memory = new CodeMemory(region.codeAddress + BigInt(FIXED_BYTES), region.codeBytes - FIXED_BYTES)
    // Now, when the run can still do without native code.
    this.memory.checkExecutable()
    this.cache = new CodeCache(
      this.memory,
      { maxEntries: options.maxCacheEntries, maxBytes: options.maxCacheSize },
      (entry, evicted) => {
        if (entry.header === AT_ENTRY) this.setEntry(entry.fn, this.start().callVm, null)
        if (evicted && entry.header === AT_ENTRY) this.evicted(entry.fn)
        if (evicted && entry.header !== AT_ENTRY) this.evictedLoop(entry)
        if (evicted) listeners.debug?.(`JIT code of ${entry.fn.name} evicted: ${entry.size} bytes`)
      },
      () => this.runningNatively(),
    )
    this.stress = options.deoptStress ? new StressTable(rt.heap) : null
    makeMethodCache(rt.heap)
    rt.heap.addRoots((marker) => this.cache.mark(marker))
    vm.events = this
    vm.fullFuel = this.loopFuel()
    vm.fuel = vm.fullFuel
    vm.observer = (fn, position, base, sp) => observe(rt, fn, position, base, sp)
  }

  /** What native code needs, made when the first is about to be. @throws NativeUnavailable */
  start(): Machinery {
    if (this.machinery !== null) return this.machinery
    const { rt, vm, region, options, listeners, now } = this
    const machinery = new (loadMachinery())(rt, vm, region, options, listeners, now)
    this.machinery = machinery
    for (const fn of vm.functions) this.setEntry(fn, machinery.callVm, null)
    this.onNative()
    return machinery
  }

  /** Signals that end the process write what is held back first; @returns where to hold it. */
  holdOutput(capacity: number): HeldBlock['memory'] {
    const { address, memory } = mapHeldOutput(capacity)
    handleSignals(this.start().installSignalHandler(address))
    this.handlesSignals = true
    return memory
  }

  /** To be called before the region is released: the handler is in it. */
  leaveSignals(): void {
    if (this.handlesSignals) handleSignals(NO_HANDLER)
  }

  /** @param code native code of its own at the address, if that is not the VM's */
  private setEntry({ record }: LoadedFunction, low: number, code: InstallableCode | null): void {
    const { heap } = this.rt
    const quick = code?.quickEntry ?? null
    heap.setPointer(record + FunctionLayout.ENTRY, low)
    heap.setPointer(record + FunctionLayout.QUICK, quick === null ? 0 : low + quick.offset)
    heap.I32[(record + FunctionLayout.NATIVE) >> 2] = code === null ? 0 : low
    heap.I32[(record + FunctionLayout.SIGNATURE) >> 2] = quick?.signature ?? 0
  }

  private runningNatively(): ReadonlySet<LoadedFunction> {
    const running = new Set<LoadedFunction>()
    for (const base of this.vm.segments?.frames() ?? []) running.add(this.vm.functionAt(base))
    return running
  }

  /** Makes loaded functions callable from native code and starts counting their calls. */
  adopt(functions: readonly LoadedFunction[]): void {
    for (const fn of functions) {
      if (this.machinery !== null) this.setEntry(fn, this.machinery.callVm, null)
      fn.nextEvent = isRatherSmall(fn.bytecode) ? Math.min(EARLY_CALL, this.observedFrom) : this.observedFrom
    }
  }

  /** The call from which on functions are observed until they are compiled. */
  private get observedFrom(): number {
    return Math.max(1, this.options.hotThreshold - OBSERVED_CALLS)
  }

  // --- events ---------------------------------------------------------------------------------

  called(fn: LoadedFunction, calls: number, base: number): void {
    const entry = this.cache.get(fn)
    if (entry !== undefined) {
      this.cache.touch(entry)
      fn.nextEvent = calls + 1
      return
    }
    if (calls < this.observedFrom) return this.observeEarly(fn, calls)
    // What was seen early has served, and may be of a beginning that does not come back.
    if (this.early.delete(fn)) fn.feedback?.clear()
    noteArguments(this.rt, fn, base)
    fn.nextEvent = calls + 1
    if (calls < this.options.hotThreshold) {
      if (!fn.isObserving) this.startObserving(fn)
      return
    }
    this.countMisses(fn, calls - 1)
    this.compile({ fn, header: AT_ENTRY }, null)
    if (this.cache.get(fn) === undefined) this.goWithout(fn, calls - 1, NEVER)
  }

  private observeEarly(fn: LoadedFunction, calls: number): void {
    if (calls < EARLY_CALL + EARLY_CALLS) {
      this.early.add(fn)
      this.startObserving(fn)
      fn.nextEvent = Math.min(EARLY_CALL + EARLY_CALLS, this.observedFrom)
    } else {
      if (this.observedLoop !== fn) fn.stopObserving()
      fn.nextEvent = this.observedFrom
    }
  }

  /** From now on every call of the function is a miss, until the event. */
  private goWithout(fn: LoadedFunction, calls: number, event: number): void {
    this.without.set(fn, calls)
    fn.nextEvent = event
  }

  /** Adds the calls that a function answered without native code although it was hot. */
  private countMisses(fn: LoadedFunction, calls: number): void {
    const since = this.without.get(fn)
    if (since === undefined) return
    this.statistics.misses += calls - since
    this.without.delete(fn)
  }

  /** A function whose code was thrown out waits twice as long each time: a full cache must not thrash. */
  private evicted(fn: LoadedFunction): void {
    const times = (this.evictions.get(fn) ?? 0) + 1
    this.evictions.set(fn, times)
    const calls = this.callsOf(fn)
    const wait = this.options.hotThreshold * 2 ** Math.min(times, MAX_BACK_OFF)
    this.goWithout(fn, calls, Math.min(calls + wait, NEVER))
  }

  /** A loop whose code was thrown out now and then stays in the VM: compiling it anew would throw out others. */
  private evictedLoop(entry: CodeKey): void {
    const key = keyText(entry)
    const times = (this.loopEvictions.get(key) ?? 0) + 1
    this.loopEvictions.set(key, times)
    if (times >= MAX_LOOP_EVICTIONS) this.giveUp(entry, 'evictions')
  }

  /** For good, and at the VM's full speed. */
  private leaveToVm(key: CodeKey): void {
    this.refused.add(keyText(key))
    key.fn.stopObserving()
    this.listeners.refused?.()
  }

  private giveUp(key: CodeKey, reason: GiveUp): void {
    if (this.refused.has(keyText(key))) return
    this.leaveToVm(key)
    this.ledger.gaveUp(key, reason)
    this.listeners.debug?.(`JIT gives up ${key.fn.name}: ${GIVE_UPS[reason]}`)
  }

  private callsOf(fn: LoadedFunction): number {
    return this.rt.heap.I32[(fn.record + FunctionLayout.CALLS) >> 2] as number
  }

  private startObserving(fn: LoadedFunction): void {
    fn.feedback ??= new Map()
    fn.observe(observedPositions(fn.bytecode.code))
  }

  exited(fn: LoadedFunction, position: number, request: number): void {
    const { statistics } = this
    const { code, exit } = splitExit(request)
    const entry = this.cache.withId(code)
    const kind = this.ledger.exited(code, exit)
    const reason = entry?.exits[exit]?.reason ?? null
    this.listeners.exit?.(this.ledger.exitLine(fn, position, kind))
    if (reason === 'loopEnds') return
    // The loop goes on natively soon.
    if (entry !== undefined && entry.header !== AT_ENTRY) this.vm.fuel = Math.min(this.vm.fuel, RETRY_LOOPS)
    statistics.deoptimizations++
    this.listeners.debug?.(
      `JIT execution failed: ${fn.name} at ${position}: ${exitText(kind)}, deoptimizing to bytecode`,
    )
    if (entry === undefined) return
    const { stressBase } = entry
    if (stressBase !== NO_STRESS && this.stress?.firstTime(stressBase + exit)) return
    if (reason === null) return
    this.note(fn, position, this.vm.base, this.vm.sp)
    if (reason === 'otherArgument') noteArguments(this.rt, fn, this.vm.base)
    const count = (entry.exitCounts[exit] as number) + 1
    entry.exitCounts[exit] = count
    if (count < EXIT_LIMIT) return
    if (entry.fromObject) return this.observeInstead(entry)
    if (reason === 'otherResult') siteAt(fn, ENTRY_SITE).results = ANY_TAG
    else if (reason !== 'notReached' && reason !== 'otherArgument')
      this.widen(entry, position, reason, entry.exits[exit]?.inlined ?? false)
    const key = keyText(entry)
    this.versions.set(key, (this.versions.get(key) ?? 1) + 1)
    this.cache.remove(entry)
    // A loop is compiled anew when it comes round with the tags of that moment.
    if (entry.header !== AT_ENTRY) return
    this.observeAgain(fn)
  }

  private compileEntryAnew(fn: LoadedFunction): void {
    this.compile({ fn, header: AT_ENTRY }, null)
    if (this.cache.get(fn) === undefined) this.goWithout(fn, this.callsOf(fn), NEVER)
  }

  /** Code from a document does not fit this run. */
  private observeInstead(entry: CacheEntry): void {
    this.cache.remove(entry)
    this.observeAgain(entry.fn)
  }

  /**
   * The function, which has no code now, is compiled of what is seen in the next calls, too: where one instruction
   * meets something new, others that come behind it will.
   */
  private observeAgain(fn: LoadedFunction): void {
    this.startObserving(fn)
    const calls = this.callsOf(fn)
    this.goWithout(fn, calls, calls + OBSERVED_CALLS)
  }

  /**
   * Instructions that had never run when their function was compiled are left to the VM. Where that happens often
   * they are observed, and the function is compiled anew.
   */
  stepped(fn: LoadedFunction, position: number, base: number, sp: number): boolean {
    const { steps } = fn
    if (steps < 0) return false
    if (this.note(fn, position, base, sp)) fn.newSites++
    fn.steps = steps + 1
    if (fn.steps < STEP_LIMIT) return false
    const renewals = this.renewals.get(fn) ?? 0
    if (fn.newSites === 0 || renewals === MAX_RENEWALS) {
      fn.steps = NOT_COUNTED
      return false
    }
    this.renewals.set(fn, renewals + 1)
    fn.steps = 0
    fn.newSites = 0
    this.renew(fn)
    return true
  }

  /** Throws out all code of a function, and compiles its entry anew. */
  private renew(fn: LoadedFunction): void {
    const entries = this.cache.allOf(fn)
    const document = entries.find(({ fromObject }) => fromObject)
    for (const entry of entries) if (entry !== document) this.cache.remove(entry)
    if (document !== undefined) return this.observeInstead(document)
    this.vm.fuel = Math.min(this.vm.fuel, RETRY_LOOPS)
    if (!entries.some(({ header }) => header === AT_ENTRY)) return
    this.compileEntryAnew(fn)
  }

  // --- on-stack replacement -------------------------------------------------------------------

  looped(fn: LoadedFunction, position: number, base: number): number {
    const { vm, options } = this
    vm.fuel = vm.fullFuel
    const known = this.cache.get(fn, position)
    if (known !== undefined) {
      this.cache.touch(known)
      return this.addressOf(known)
    }
    if (this.refused.has(keyText({ fn, header: position }))) {
      // Observing costs the VM more than half of its speed, and nobody will ask any more.
      if (this.observedLoop === fn) this.observedLoop = null
      fn.stopObserving()
      return 0
    }
    if (this.observedLoop !== fn && options.osrThreshold > 1) {
      // Observed for the last passes before it is compiled; the frame takes the observed code up at once.
      this.observedLoop = fn
      this.startObserving(fn)
      vm.fuel = Math.min(OBSERVED_LOOPS, options.osrThreshold)
      return 0
    }
    this.observedLoop = null
    const size = fn.bytecode.locals + this.vm.operandDepth(fn, position)
    const { heap } = this.rt
    const tags = Array.from({ length: size }, (_, slot) => heap.tagOf(base + slot * SLOT_SIZE))
    this.compile({ fn, header: position }, { position, tags })
    const made = this.cache.get(fn, position)
    return made === undefined ? 0 : this.addressOf(made)
  }

  /** Loop passes and calls until a running loop counts as hot. */
  private loopFuel(): number {
    const { osrThreshold } = this.options
    return Math.max(1, Math.min(osrThreshold - OBSERVED_LOOPS, MAX_FUEL))
  }

  private addressOf(entry: CacheEntry): number {
    return Number(BigInt.asIntN(32, this.memory.addressOf(entry.offset)))
  }

  /** The next version takes what was seen since into account; if that is nothing new, it handles this site the general way. */
  private widen({ fn, id }: CacheEntry, position: number, reason: ExitReason, inlined: boolean): void {
    const feedback = siteAt(fn, position)
    if (inlined) {
      feedback.noInline = true
      return
    }
    if (LOOP_REASONS.has(reason)) {
      feedback.checksEach = true
      return
    }
    if (feedback.changedAt < id) feedback.generic = true
    // Whoever has seen several classes, and then others, will see more.
    else if (feedback.widened && feedback.classes.length > 1) feedback.manyClasses = true
    feedback.widened = true
  }

  /** Observes an instruction; @returns whether for the first time */
  private note(fn: LoadedFunction, position: number, base: number, sp: number): boolean {
    if (!isObserved(fn.bytecode.code[position] as number)) return false
    const before = fn.feedback?.get(position)?.extent
    const isNew = observe(this.rt, fn, position, base, sp)
    const site = fn.feedback?.get(position) as SiteFeedback
    if (site.extent !== before) site.changedAt = this.newestCode
    return isNew
  }

  // --- compiling ------------------------------------------------------------------------------

  private compile({ fn, header }: CodeKey, entry: FrameEntry | null): void {
    const key = keyText({ fn, header })
    if (this.refused.has(key)) return fn.stopObserving()
    const { statistics, options } = this
    const version = this.versions.get(key) ?? 1
    if (entry !== null && version > MAX_VERSIONS) return this.giveUp({ fn, header }, 'guards')
    if (!options.mayCompile(fn.name)) return this.refuse({ fn, header }, 'denied', REFUSALS.denied)
    const id = this.cache.takeId()
    this.newestCode = id
    statistics.attempted++
    this.listeners.debug?.(`Attempting JIT compilation for function ${fn.name}`)
    const started = this.now()
    try {
      if (this.compiled.size >= options.maxCompiledFunctions && !this.compiled.has(fn))
        throw new CompileRefused('limit')
      // The last version does without feedback, so it has no guards on types that could fail again.
      const feedback = version < MAX_VERSIONS ? (fn.feedback ?? new Map()) : new Map()
      const compiled = this.start().compile({ fn, header }, id, feedback, entry)
      if (compiled.exits.length > MAX_EXITS) throw new CompileRefused('tooLarge', 'too many exits')
      this.listeners.compile?.code({ fn, header }, compiled)
      this.installMade({ fn, header }, id, compiled)
      fn.stopObserving()
      this.compiled.add(fn)
      statistics.succeeded++
      const time = this.now() - started
      this.ledger.compiled({ fn, header }, compiled, time)
      this.listeners.debug?.(compileLine({ fn, header }, version, compiled, time))
    } catch (error) {
      const refusal = refusalOf(error)
      if (!(error instanceof Error) || refusal === null) throw error
      this.refuse({ fn, header }, refusal, error.message)
      this.listeners.debug?.(`JIT compilation failed: ${fn.name}: ${error.message}, falling back to bytecode`)
    } finally {
      statistics.compileTime += this.now() - started
    }
  }

  private refuse(key: CodeKey, refusal: Refusal, message: string): void {
    this.leaveToVm(key)
    this.ledger.refused(key, refusal, message)
  }

  private installMade(key: CodeKey, id: number, compiled: CompiledFunction): void {
    const stressBase = this.stress?.reserve(compiled.exits.length) ?? NO_STRESS
    if (!this.install(key, id, compiled, stressBase, false))
      throw new CompileRefused('cacheFull', `${compiled.code.length} bytes`)
  }

  /**
   * Installs the code in an object document (see `checkInstallable`) that was made of the program of these
   * functions, before any of them runs. What does not fit into the code cache is left to the VM.
   */
  installObject(object: ObjectDocument, functions: readonly LoadedFunction[]): void {
    this.cache.skipIds(functions.length)
    for (const entry of object.functions) {
      const fn = functions[entry.index] as LoadedFunction
      const code = this.start().installable(entry)
      if (code === null || !this.options.mayCompile(fn.name)) continue
      const done = this.install({ fn, header: AT_ENTRY }, entry.index, code, NO_STRESS, true)
      // Each call from the VM tells the cache that the code is in use.
      if (done) fn.nextEvent = 1
      if (done) this.statistics.fromObject++
      const size = `${code.code.length} bytes from the object document`
      this.listeners.debug?.(
        `JIT code of ${fn.name}: ${size}${done ? '' : ' do not fit into the code cache'}`,
      )
    }
  }

  /** @returns false if there is no room for it */
  private install(
    { fn, header }: CodeKey,
    id: number,
    code: InstallableCode,
    stressBase: number,
    fromObject: boolean,
  ): boolean {
    const { exits } = code
    const size = code.code.length
    const offset = this.cache.reserve(size)
    if (offset < 0) return false
    const address = this.memory.addressOf(offset)
    const objects = this.start().place(fn, code, this.memory, offset, stressBase)
    this.ledger.installed({ fn, header }, id, exits)
    const loop = header === AT_ENTRY ? '' : `, loop at line ${pointAt(fn.bytecode, header).line}`
    this.listeners.perfMap?.add(address, size, `${fn.name}${loop}`)
    this.cache.add({
      fn,
      header,
      id,
      offset,
      size,
      exits,
      exitCounts: new Uint32Array(exits.length),
      stressBase,
      fromObject,
      objects,
    })
    if (header === AT_ENTRY) this.setEntry(fn, Number(BigInt.asIntN(32, address)), code)
    return true
  }

  /** Brings the counters that native code keeps up to date. */
  collectStatistics(): JitStatistics {
    const { heap } = this.rt
    this.statistics.hits = Number(heap.I64[Context.NATIVE_CALLS >> 3])
    this.statistics.evictions = this.cache.evictions
    for (const fn of [...this.without.keys()]) this.countMisses(fn, this.callsOf(fn))
    return this.statistics
  }

  /** All that is known of the run so far. */
  report(): JitReport {
    return makeReport({
      target: hostTargetName(),
      statistics: this.collectStatistics(),
      ledger: this.ledger,
      requests: this.vm.requests,
      installedBytes: this.memory.used,
    })
  }
}

/** What an exception of a compilation means for its function; null: it is no refusal. */
function refusalOf(error: unknown): Refusal | null {
  if (error instanceof CompileRefused) return error.refusal
  return error instanceof NativeUnavailable && !(error instanceof CodeLost) ? 'memory' : null
}
