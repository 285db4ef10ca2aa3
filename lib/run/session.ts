/** One bytecode run: logging, statistics, profile and dumps around it. */
import { instructionPositions } from '../bytecode/instructions.js'
import { OPCODES, type OpcodeInfo } from '../bytecode/opcodes.js'
import type { BytecodeProgram } from '../bytecode/program.js'
import { FunctionLayout, SLOT_SIZE } from '../heap/layout.js'
import type { JitTier } from '../jit/tier/jit-tier.js'
import { newStatistics, statisticsBlock } from '../jit/tier/statistics.js'
import { errorParts } from '../runtime/errors.js'
import type { Runtime } from '../runtime/runtime.js'
import type { LoadedFunction } from '../vm/loaded-function.js'
import type { Vm } from '../vm/vm.js'
import type { Log } from './log.js'
import type { RunOptions } from './options.js'
import { makeProfile } from './profile.js'
import { VmStatistics } from './vm-statistics.js'

const STACK_SIZE = 2048
const GLOBALS_SIZE = 65536

export class BytecodeSession {
  private readonly statistics = new VmStatistics()

  constructor(
    private readonly rt: Runtime,
    private readonly vm: Vm,
    private readonly tier: JitTier | null,
    private readonly jit: boolean,
    private readonly options: RunOptions,
    private readonly log: Log,
  ) {}

  /** @param body runs the program and gives the exit code */
  async run(program: BytecodeProgram, body: (main: LoadedFunction) => number): Promise<number> {
    const { log, options, vm, tier } = this
    if (options.dump.includes('bytecode')) {
      const { printBytecode } = await import('../bytecode/print.js')
      options.errors.write(printBytecode(program))
    }
    await this.dumpNative(program)
    const functions = vm.load(program)
    tier?.adopt(functions)
    if (tier === null && options.saveProfile !== null) await this.observeAll(functions)
    if (log.enabled('info')) this.countAll(functions)
    log.line(
      'info',
      `VM initialized with ${program.constants.length} constants, ${STACK_SIZE} stack size, ${GLOBALS_SIZE} globals size`,
    )
    if (this.jit) log.line('info', 'JIT compilation enabled')
    log.line('info', 'Starting VM execution')
    const main = functions[program.main] as LoadedFunction
    log.line('debug', `Main function has ${main.bytecode.code.length} instructions`)
    const started = performance.now()
    const code = body(main)
    const time = performance.now() - started
    if (code !== 0) this.logError()
    log.line('info', 'VM execution completed')
    this.report(functions, time)
    options.saveProfile?.(makeProfile(this.rt, program, functions))
    return code
  }

  private async dumpNative(program: BytecodeProgram): Promise<void> {
    const { dump, dumpFunction: only, errors } = this.options
    if (!dump.includes('ir') && !dump.includes('asm')) return
    const { compileObject, printIr, printListing } = await import('../jit/index.js')
    if (dump.includes('ir')) errors.write(printIr(program, { profile: null, only }))
    if (dump.includes('asm'))
      errors.write(printListing(compileObject(program, { profile: null, only }), { only }))
  }

  private async observeAll(functions: readonly LoadedFunction[]): Promise<void> {
    const { observe, observedPositions } = await import('../jit/tier/observe.js')
    this.vm.observer = (fn, position, base, sp) => observe(this.rt, fn, position, base, sp)
    for (const fn of functions) fn.observe(observedPositions(fn.bytecode.code))
  }

  /** Counts every instruction that the VM runs, on top of what is observed anyway. */
  private countAll(functions: readonly LoadedFunction[]): void {
    const { vm, log, statistics } = this
    const feedback = vm.observer
    const trace = log.enabled('trace')
    vm.observer = (fn, position, base, sp) => {
      statistics.observe(fn, position)
      if (trace) this.trace(fn, position, sp)
      if (fn.feedback !== null) feedback(fn, position, base, sp)
    }
    for (const fn of functions) {
      fn.observeAlways = [...instructionPositions(fn.bytecode.code)]
      fn.observe([])
    }
  }

  private trace(fn: LoadedFunction, position: number, sp: number): void {
    const { name } = OPCODES[fn.bytecode.code[position] as number] as OpcodeInfo
    const slots = (sp - this.rt.heap.stackBase) / SLOT_SIZE
    const depth = this.rt.limits.maxDepth - this.rt.depth
    this.log.line('trace', `IP:${position} OP:Op${name} SP:${slots} Frame:${depth - 1}`)
  }

  private logError(): void {
    const { type, message } = errorParts(this.rt, this.rt.errorSlot)
    this.statistics.errors++
    this.log.line('error', `Function call failed: ${type}: ${message}`)
  }

  private report(functions: readonly LoadedFunction[], time: number): void {
    const { log, tier } = this
    if (!log.enabled('info')) return
    const jit = this.jit ? (tier?.collectStatistics() ?? newStatistics()) : null
    const counts = functions.map((fn) => this.rt.heap.I32[(fn.record + FunctionLayout.CALLS) >> 2] as number)
    const frames = counts.reduce((sum, count) => sum + count, 0)
    const called = counts.slice(1).filter((count) => count > 0).length
    for (const line of this.statistics.lines(time, frames, called, jit)) log.line('info', line)
    if (jit !== null) this.options.errors.write(statisticsBlock(jit))
  }
}
