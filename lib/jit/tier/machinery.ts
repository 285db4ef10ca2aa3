/**
 * What a run needs from its first native code on: the compiler, the stubs and routines, and what puts code in its
 * place. A program that never becomes hot does without all of it; see `load-machinery.ts`.
 */
import { Context } from '../../heap/layout.js'
import type { CodeMemory } from '../../native/code-memory.js'
import type { Region } from '../../native/region.js'
import type { Runtime } from '../../runtime/runtime.js'
import type { LoadedFunction } from '../../vm/loaded-function.js'
import type { Segments } from '../../vm/segments.js'
import type { Vm } from '../../vm/vm.js'
import type { FrameEntry } from '../build/input.js'
import { heapObjects } from '../build/objects.js'
import { type CompiledFunction, compileFunction, type Feedback } from '../compile.js'
import { firstExitOf } from '../exit-numbers.js'
import type { ObjectFunction } from '../object.js'
import { type InstallableCode, installable } from '../object-code.js'
import { hostTarget, type Target } from '../target.js'
import type { CodeKey } from './code-cache.js'
import { FixedCode } from './fixed-code.js'
import type { TierListeners, TierOptions } from './interface.js'
import { runtimeWorld } from './world.js'

export class Machinery {
  /** The VM's way into native code. */
  readonly segments: Segments
  /** Entry of functions without native code, as the heap holds it. */
  readonly callVm: number
  private readonly target: Target
  private readonly fixed: FixedCode

  /** @throws NativeUnavailable */
  constructor(
    private readonly rt: Runtime,
    private readonly vm: Vm,
    region: Region,
    private readonly options: TierOptions,
    private readonly listeners: TierListeners,
    private readonly now: () => number,
  ) {
    // Without a target there is no region.
    this.target = hostTarget() as Target
    this.fixed = new FixedCode(rt, this.target, region, listeners.perfMap)
    this.callVm = this.fixed.callVm
    this.segments = vm.attachNative(this.fixed.makeGate())
    rt.heap.setPointer(Context.CALL_VM, this.callVm)
  }

  /** The address of a signal handler that writes what is in the `HeldOutput` at `address`. */
  installSignalHandler(address: bigint): bigint {
    return this.fixed.installSignalHandler(address)
  }

  /** @param id of the code that is made. @throws CompileRefused */
  compile(
    { fn, header }: CodeKey,
    id: number,
    feedback: Feedback,
    entry: FrameEntry | null,
  ): CompiledFunction {
    const { options, listeners, now } = this
    return compileFunction(fn.unit.program, fn.bytecode, feedback, {
      target: this.target,
      world: runtimeWorld(this.rt, fn.unit, this.vm.functions, options.mayCompile),
      home: Math.max(fn.home, 0),
      entry: entry ?? undefined,
      firstExit: firstExitOf(id),
      verify: options.verify,
      disabledPasses: options.disabledPasses,
      watchIr: (stage, graph) => listeners.compile?.ir({ fn, header }, stage, graph),
      deoptStress: options.deoptStress,
      registers: options.registers,
      timeout: options.compileTimeout * 1000,
      now,
    })
  }

  /** The code of a function in an object document, or null if it has none. */
  installable(entry: ObjectFunction): InstallableCode | null {
    return installable(entry)
  }

  /**
   * Puts code of `fn` into code memory.
   * @returns the addresses of the objects of the heap that it names
   */
  place(
    fn: LoadedFunction,
    { code, relocations }: InstallableCode,
    memory: CodeMemory,
    offset: number,
    stressBase: number,
  ): number[] {
    const resolve = (symbol: string) => this.fixed.resolve(fn, symbol, stressBase)
    this.target.relocate(code, relocations, resolve, memory.addressOf(offset))
    memory.write(offset, code)
    return heapObjects(relocations.map(({ symbol }) => symbol))
  }
}
