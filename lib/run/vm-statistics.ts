/** Counters of a bytecode run and the block of command-line.md section 5.1. */
import { CALLS, OPCODES, type OpcodeInfo, popsAt } from '../bytecode/opcodes.js'
import type { JitStatistics } from '../jit/tier/statistics.js'
import type { LoadedFunction } from '../vm/loaded-function.js'
import { formatDuration } from './log.js'

export class VmStatistics {
  instructions = 0
  stackOperations = 0
  calls = 0
  errors = 0

  /** Counts one instruction. */
  observe(fn: LoadedFunction, position: number): void {
    const { code } = fn.bytecode
    const opcode = code[position] as number
    this.instructions++
    this.stackOperations += popsAt(code, position) + (OPCODES[opcode] as OpcodeInfo).pushes
    if (CALLS[opcode]) this.calls++
  }

  /** The lines behind the log prefix. `frames`: call frames pushed; `called`: different functions called. */
  lines(milliseconds: number, frames: number, called: number, jit: JitStatistics | null): string[] {
    const lines = [
      '=== VM EXECUTION STATS ===',
      `Execution time: ${formatDuration(milliseconds)}`,
      `Instructions executed: ${this.instructions}`,
      `Stack operations: ${this.stackOperations}`,
      `Function calls: ${this.calls}`,
      `Memory allocations: ${frames}`,
      `Errors encountered: ${this.errors}`,
    ]
    if (jit !== null) {
      if (called > 0) lines.push(`Function executions: ${called} unique functions`)
      lines.push(
        '=== JIT STATS ===',
        `JIT compilations: ${jit.succeeded}`,
        `JIT hits: ${jit.hits}`,
        `JIT misses: ${jit.misses}`,
        `JIT deoptimizations: ${jit.deoptimizations}`,
        `JIT compilation time: ${formatDuration(jit.compileTime)}`,
      )
      const asked = jit.hits + jit.misses
      if (asked > 0) lines.push(`JIT hit rate: ${((100 * jit.hits) / asked).toFixed(2)}%`)
    }
    const seconds = milliseconds / 1000
    const rate = seconds > 0 ? this.instructions / seconds : 0
    lines.push(`Instructions per second: ${rate.toFixed(2)}`)
    return lines
  }
}
