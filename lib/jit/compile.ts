/** Bytecode function + feedback -> position-independent ARM64 code. Pure: nothing here touches the system. */
import type { Relocation } from '../asm/a64/relocations.js'
import { AssemblerError } from '../asm/buffer.js'
import type { BytecodeFunction, BytecodeProgram } from '../bytecode/program.js'
import { frameCharge } from '../runtime/frames.js'
import type { SiteFeedback } from '../vm/feedback.js'
import { type Exit, emitFunction } from './a64/emit-function.js'
import { registerFile } from './a64/registers.js'
import { buildGraph } from './build/builder.js'
import type { Graph } from './ir/graph.js'
import { verifyGraph } from './ir/verify.js'
import { removeDeadCode } from './passes/remove-dead-code.js'
import { CompileRefused } from './reasons.js'
import { allocateRegisters } from './registers/allocate.js'

/** Functions with more words of bytecode are left to the VM. */
export const MAX_CODE_WORDS = 20_000
const MAX_IR_INSTRUCTIONS = 60_000

export interface CompileOptions {
  builtinIndex(name: string): number
  /** Check the IR after each pass. */
  verify: boolean
  deoptStress: boolean
  /** Use only this many registers of each class; 0 = all. */
  registers: number
  /** Milliseconds. */
  timeout: number
  /** Milliseconds since some fixed point. */
  now(): number
}

export interface CompiledFunction {
  code: Uint8Array
  /** Bytes of instructions; constants follow. */
  instructionBytes: number
  relocations: readonly Relocation[]
  exits: readonly Exit[]
  /** Groups of [byte offset, bytecode position]. */
  lineMap: readonly number[]
}

export type Feedback = ReadonlyMap<number, SiteFeedback>

/** The IR as it goes to the register allocator. */
export function compileToIr(
  program: BytecodeProgram,
  fn: BytecodeFunction,
  feedback: Feedback,
  options: Pick<CompileOptions, 'builtinIndex' | 'verify'>,
): Graph {
  const graph = buildGraph({ program, fn, feedback, builtinIndex: options.builtinIndex })
  if (options.verify) verifyGraph(graph)
  removeDeadCode(graph)
  if (options.verify) verifyGraph(graph)
  return graph
}

/** @throws CompileRefused */
export function compileFunction(
  program: BytecodeProgram,
  fn: BytecodeFunction,
  feedback: Feedback,
  options: CompileOptions,
): CompiledFunction {
  const started = options.now()
  const checkTime = (): void => {
    if (options.now() - started > options.timeout) throw new CompileRefused('timeout')
  }
  if (fn.code.length > MAX_CODE_WORDS)
    throw new CompileRefused('tooLarge', `${fn.code.length} words of bytecode`)
  const graph = compileToIr(program, fn, feedback, options)
  const size = graph.blocks.reduce((sum, block) => sum + block.instructions.length, 0)
  if (size > MAX_IR_INSTRUCTIONS) throw new CompileRefused('tooLarge', `${size} IR instructions`)
  checkTime()
  const charge = frameCharge(fn.locals + fn.maxStack)
  const allocation = allocateRegisters(graph, registerFile(charge, options.registers))
  checkTime()
  const { emitted, code } = inRange(() => {
    const emitted = emitFunction(graph, allocation, { charge, deoptStress: options.deoptStress })
    return { emitted, code: emitted.assembler.finish() }
  })
  checkTime()
  const [data] = emitted.assembler.dataRanges
  return {
    code,
    instructionBytes: data === undefined ? code.length : data.start,
    relocations: emitted.assembler.relocations,
    exits: emitted.exits,
    lineMap: emitted.lineMap,
  }
}

/** Branches of very large functions may not reach; such functions are refused. */
function inRange<T>(emit: () => T): T {
  try {
    return emit()
  } catch (error) {
    if (error instanceof AssemblerError) throw new CompileRefused('outOfRange', error.message)
    throw error
  }
}
