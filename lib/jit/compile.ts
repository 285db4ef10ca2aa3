/** Bytecode function + feedback -> position-independent machine code. Pure: nothing here touches the system. */
import { AssemblerError } from '../asm/buffer.js'
import type { BytecodeFunction, BytecodeProgram } from '../bytecode/program.js'
import { frameCharge } from '../runtime/frames.js'
import type { SiteFeedback } from '../vm/feedback.js'
import { buildGraph } from './build/builder.js'
import type { FrameEntry } from './build/input.js'
import type { World } from './build/world.js'
import { type Exit, emitFunction, type QuickEntry } from './emit/emit-function.js'
import type { Graph } from './ir/graph.js'
import { verifyGraph } from './ir/verify.js'
import type { Relocation } from './machine/machine.js'
import type { GraphPass, IrStage, PassName } from './pass-names.js'
import { appendInPlace } from './passes/append-in-place.js'
import { hoistChecks } from './passes/hoist-checks.js'
import { hoistInvariants } from './passes/hoist-invariants.js'
import { layOutBlocks } from './passes/lay-out-blocks.js'
import { lightenPolls } from './passes/lighten-polls.js'
import { loadFloats } from './passes/load-floats.js'
import { numberValues } from './passes/number-values.js'
import { removeDeadCode } from './passes/remove-dead-code.js'
import { removeRedundantParameters } from './passes/remove-redundant-parameters.js'
import { splitLiveRanges } from './passes/split-live-ranges.js'
import { stepPointers } from './passes/step-pointers.js'
import { unshareArrays } from './passes/unshare-arrays.js'
import { CompileRefused } from './reasons.js'
import { allocateRegisters } from './registers/allocate.js'
import { registerFile, type Target } from './target.js'

/** Functions with more words of bytecode are left to the VM. */
export const MAX_CODE_WORDS = 20_000
const MAX_IR_INSTRUCTIONS = 60_000

export interface CompileOptions {
  target: Target
  world: World
  /** Home class of the closure that was hot, or 0. */
  home?: number
  /** Go on with a frame at a loop header instead of starting at the function's entry. */
  entry?: FrameEntry
  /** See `EmitOptions.firstExit`. */
  firstExit?: number
  /** Check the IR after each pass. */
  verify: boolean
  /** Passes that are left out. */
  disabledPasses?: ReadonlySet<PassName>
  /** Is shown the IR at each stage. */
  watchIr?(stage: IrStage, graph: Graph): void
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
  /** Instructions of the IR that it was made of. */
  irInstructions: number
  relocations: readonly Relocation[]
  exits: readonly Exit[]
  /** Null: there is none. */
  quickEntry: QuickEntry | null
  /** Groups of [byte offset, bytecode position]. */
  lineMap: readonly number[]
}

const NONE: ReadonlySet<PassName> = new Set()

export type Feedback = ReadonlyMap<number, SiteFeedback>

/** All passes; each leaves the graph sound and what it does as it was. */
export const PASSES: { readonly [K in GraphPass]: (graph: Graph) => void } = {
  'remove-redundant-parameters': removeRedundantParameters,
  'number-values': numberValues,
  'hoist-invariants': hoistInvariants,
  'unshare-arrays': unshareArrays,
  'hoist-checks': hoistChecks,
  'load-floats': loadFloats,
  'step-pointers': stepPointers,
  'remove-dead-code': removeDeadCode,
  'append-in-place': appendInPlace,
  'lighten-polls': lightenPolls,
  'split-live-ranges': splitLiveRanges,
  'lay-out-blocks': layOutBlocks,
}

export const PASS_ORDER: readonly GraphPass[] = [
  'remove-redundant-parameters',
  'number-values',
  'hoist-invariants',
  'unshare-arrays',
  'hoist-checks',
  'number-values',
  'load-floats',
  'step-pointers',
  'remove-dead-code',
  'append-in-place',
  'lighten-polls',
  'split-live-ranges',
  'lay-out-blocks',
]

export type IrOptions = Pick<
  CompileOptions,
  'world' | 'home' | 'entry' | 'verify' | 'disabledPasses' | 'watchIr'
>

/** The IR as it goes to the register allocator. */
export function compileToIr(
  program: BytecodeProgram,
  fn: BytecodeFunction,
  feedback: Feedback,
  options: IrOptions,
): Graph {
  const graph = buildGraph({
    program,
    fn,
    feedback,
    world: options.world,
    home: options.home ?? 0,
    entry: options.entry ?? null,
    disabledPasses: options.disabledPasses ?? NONE,
  })
  const done = (stage: IrStage): void => {
    if (options.verify) verifyGraph(graph)
    options.watchIr?.(stage, graph)
  }
  done('build')
  for (const name of PASS_ORDER) {
    if (options.disabledPasses?.has(name)) continue
    PASSES[name](graph)
    done(name)
  }
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
  const allocation = allocateRegisters(graph, registerFile(options.target, charge, options.registers))
  checkTime()
  const compiled = inRange((isFar) => {
    const machine = options.target.makeMachine(isFar)
    const emitted = emitFunction(machine, graph, allocation, {
      charge,
      deoptStress: options.deoptStress,
      replacesFrame: options.entry !== undefined,
      firstExit: options.firstExit ?? 0,
    })
    return { ...emitted, ...machine.finish(), irInstructions: size }
  })
  checkTime()
  return compiled
}

/** Short branches may not reach in a large function; if no others do in a very large one, it is refused. */
function inRange<T>(emit: (isFar: boolean) => T): T {
  try {
    return emit(false)
  } catch (error) {
    if (!(error instanceof AssemblerError)) throw error
  }
  try {
    return emit(true)
  } catch (error) {
    if (error instanceof AssemblerError) throw new CompileRefused('outOfRange', error.message)
    throw error
  }
}
