/** One bytecode run: logging, statistics, profile and dumps around it. */
import { instructionPositions } from '../bytecode/instructions.js'
import { OPCODES, type OpcodeInfo } from '../bytecode/opcodes.js'
import { pointAt } from '../bytecode/positions.js'
import type { BytecodeFunction, BytecodeProgram } from '../bytecode/program.js'
import { FunctionLayout } from '../heap/layout.js'
import type { JitTier } from '../jit/tier/jit-tier.js'
import { newStatistics, statisticsBlock } from '../jit/tier/statistics.js'
import { errorParts } from '../runtime/errors.js'
import type { Runtime } from '../runtime/runtime.js'
import type { LoadedFunction } from '../vm/loaded-function.js'
import type { Vm } from '../vm/vm.js'
import { clock } from './clock.js'
import { InstructionLog, isBinaryOperation } from './instruction-log.js'
import type { Log } from './log.js'
import { irStages, type RunOptions } from './options.js'
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
    if (tier === null) await this.dumpNative(program)
    const functions = vm.load(program)
    tier?.adopt(functions)
    if (options.object !== null) tier?.installObject(options.object.document, functions)
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
    const started = clock()
    const code = body(main)
    const time = clock() - started
    if (code !== 0) this.logError(functions)
    log.line('info', 'VM execution completed')
    this.report(functions, time)
    await this.reportJit()
    options.saveProfile?.(makeProfile(this.rt, program, functions))
    return code
  }

  /** Without a tier that compiles, native stages are those of all functions, without feedback. */
  private async dumpNative(program: BytecodeProgram): Promise<void> {
    const { dump, dumpFunction: only, errors } = this.options
    const stages = irStages(dump)
    if (stages.length === 0 && !dump.includes('asm')) return
    const { compileObject, hostTarget, printIr, printListing } = await import('../jit/index.js')
    if (stages.length > 0) errors.write(printIr(program, { profile: null, only, stages }))
    if (dump.includes('asm')) {
      const target = hostTarget()?.name
      errors.write(printListing(compileObject(program, { target, profile: null, only }), { only }))
    }
  }

  private async observeAll(functions: readonly LoadedFunction[]): Promise<void> {
    const { observe, observedPositions } = await import('../jit/tier/observe.js')
    this.vm.observer = (fn, position, base, sp) => observe(this.rt, fn, position, base, sp)
    for (const fn of functions) fn.observe(observedPositions(fn.bytecode.code))
  }

  /** Counts and logs every instruction that the VM runs, on top of what is observed anyway. */
  private countAll(functions: readonly LoadedFunction[]): void {
    const { rt, vm, log, statistics } = this
    const feedback = vm.observer
    const lines = log.enabled('debug') ? new InstructionLog(rt, log) : null
    vm.observer = (fn, position, base, sp) => {
      statistics.observe(fn, position)
      lines?.before(fn, position, base, sp)
      if (fn.feedback !== null) feedback(fn, position, base, sp)
    }
    for (const fn of functions) {
      fn.observeAlways = [...instructionPositions(fn.bytecode.code)]
      fn.observe([])
    }
  }

  private logError(functions: readonly LoadedFunction[]): void {
    const { message, line, column, source } = errorParts(this.rt, this.rt.errorSlot)
    this.statistics.errors++
    const failed = functions.some(({ bytecode, index }) => {
      const fn = this.rt.functions[index]
      if (fn === undefined || this.rt.sources[fn.source] !== source) return false
      return operationAt(bytecode, line, column)
    })
    this.log.line('error', `${failed ? 'Binary operation' : 'Function call'} failed: ${message}`)
  }

  private report(functions: readonly LoadedFunction[], time: number): void {
    const { log, tier } = this
    if (!log.enabled('info')) return
    const jit = this.jit ? (tier?.collectStatistics() ?? newStatistics()) : null
    // The main program's own frame is not the work of a call.
    const [, ...called] = functions
    const counts = called.map((fn) => this.rt.heap.I32[(fn.record + FunctionLayout.CALLS) >> 2] as number)
    const frames = counts.reduce((sum, count) => sum + count, 0)
    const different = counts.filter((count) => count > 0).length
    for (const line of this.statistics.lines(time, frames, different, jit)) log.line('info', line)
    if (jit !== null) this.options.errors.write(statisticsBlock(jit))
  }

  private async reportJit(): Promise<void> {
    const { jitStats, errors } = this.options
    if (jitStats === '') return
    const { emptyReport, reportJson, reportText } = await import('../jit/tier/report.js')
    errors.write((jitStats === 'json' ? reportJson : reportText)(this.tier?.report() ?? emptyReport()))
  }
}

/** Whether a binary operation stands at a place in the source of `fn`. */
function operationAt(fn: BytecodeFunction, line: number, column: number): boolean {
  for (const position of instructionPositions(fn.code)) {
    if (!isBinaryOperation((OPCODES[fn.code[position] as number] as OpcodeInfo).name)) continue
    const point = pointAt(fn, position)
    if (point.line === line && point.column === column) return true
  }
  return false
}
