/** How the pieces of a session run: in the interpreter, or in the VM with or without native code. */
import { Interpreter } from '../interpreter/interpreter.js'
import { type JitStatistics, newStatistics } from '../jit/tier/statistics.js'
import { makeHandOver } from '../run/hand-over.js'
import { type Machine, makeTier } from '../run/index.js'
import { Log } from '../run/log.js'
import type { Mode, RunOptions } from '../run/options.js'
import type { Runtime } from '../runtime/runtime.js'
import type { Unit } from '../runtime/unit.js'
import type { LoadedFunction } from '../vm/loaded-function.js'
import { Vm } from '../vm/vm.js'
import type { Piece } from './piece.js'

export interface SessionTier {
  /** Makes the unit of a piece, whose variables are at `globals`. */
  load(piece: Piece, globals: number): Unit
  /** Runs a piece that is loaded; returns the slot of its value, above the stack's top. */
  run(piece: Piece): number
  /** Forgets whatever was running. */
  abandon(): void
  /** The functions of a piece with what was observed of them, or null if nothing is observed here. */
  observed(piece: Piece): readonly LoadedFunction[] | null
  /** Null where there is no JIT. */
  statistics(): JitStatistics | null
}

class InterpreterTier implements SessionTier {
  private readonly pieces = new Map<Unit, Piece>()
  private readonly interpreter: Interpreter

  constructor(rt: Runtime) {
    const handOver = makeHandOver(rt, ({ unit }) => (this.pieces.get(unit) as Piece).bytecode.program)
    this.interpreter = new Interpreter(rt, { handOver })
    rt.tier = this.interpreter
  }

  load(piece: Piece, globals: number): Unit {
    const { unit } = this.interpreter.load(piece.document, piece.scopes, globals)
    this.pieces.set(unit, piece)
    return unit
  }

  run(piece: Piece): number {
    return this.interpreter.run(piece.unit as Unit)
  }

  abandon(): void {}

  observed(): null {
    return null
  }

  statistics(): null {
    return null
  }
}

class VmTier implements SessionTier {
  private readonly functions = new Map<Piece, readonly LoadedFunction[]>()

  constructor(
    private readonly vm: Vm,
    private readonly isJit: boolean,
    private readonly jit: Awaited<ReturnType<typeof makeTier>>,
  ) {
    vm.rt.tier = vm
  }

  load(piece: Piece, globals: number): Unit {
    const functions = this.vm.load(piece.bytecode.program, null, globals)
    this.jit?.adopt(functions)
    this.functions.set(piece, functions)
    return (functions[0] as LoadedFunction).unit
  }

  run(piece: Piece): number {
    return this.vm.runBody(this.functions.get(piece)?.[0] as LoadedFunction)
  }

  abandon(): void {
    this.vm.abandon()
  }

  observed(piece: Piece): readonly LoadedFunction[] | null {
    return this.jit === null ? null : (this.functions.get(piece) ?? null)
  }

  statistics(): JitStatistics | null {
    return this.isJit ? (this.jit?.collectStatistics() ?? newStatistics()) : null
  }
}

/** The tier for a mode. */
export async function openTier(
  mode: Mode,
  { rt, region }: Machine,
  options: RunOptions,
): Promise<SessionTier> {
  if (mode === 'interpreter') return new InterpreterTier(rt)
  const vm = new Vm(rt)
  // A session does not log (command-line.md section 3).
  const jit =
    region === null ? null : await makeTier(rt, vm, region, options, new Log('none', options.errors))
  return new VmTier(vm, mode === 'jit', jit)
}
