/**
 * An interactive session: pieces of program that run one after the other in one heap, in any mode. Each
 * piece is a unit of its own; all share one range of file-level variables.
 */
import { analyseScopes, type FileInfo, Variable } from '../bytecode/scopes.js'
import { SLOT_SIZE, Tag } from '../heap/layout.js'
import { type LoadLimits, loadProgram } from '../modules/load.js'
import { type Machine, makeMachine } from '../run/index.js'
import type { Mode, RunOptions } from '../run/options.js'
import { moduleFiles } from '../run/sandbox.js'
import { builtinIndex, isBuiltin, isErrorConstructorName } from '../runtime/builtins/registry.js'
import { errorParts } from '../runtime/errors.js'
import { toText } from '../runtime/format.js'
import type { ModuleRun, RuntimeModule } from '../runtime/modules.js'
import { type Runtime, type RuntimeFunction, THROWN } from '../runtime/runtime.js'
import { Interrupted } from '../runtime/safepoint.js'
import { placeCaught } from '../runtime/trace.js'
import { createGlobals } from '../runtime/unit.js'
import type { Diagnostic } from '../syntax/index.js'
import { Piece } from './piece.js'
import { silenceAssignments } from './silence.js'
import { openTier, type SessionTier } from './tiers.js'

/** What messages call the input. */
export const INPUT_NAME = '<repl>'

/** Most file-level variables, those of modules included; of a small heap at most one part in HEAP_PART. */
const MAX_VARIABLES = 65536
const HEAP_PART = 8

/** What came of a piece. */
export type Outcome =
  | { kind: 'value'; text: string }
  /** Null, or a statement that has no value to show. */
  | { kind: 'nothing' }
  /** Nothing ran. */
  | { kind: 'mistakes'; diagnostics: readonly Diagnostic[] }
  /** `text`: TYPE: MESSAGE */
  | { kind: 'error'; text: string }
  | { kind: 'interrupted' }

const NOTHING: Outcome = { kind: 'nothing' }

export class Session {
  /** The last piece without mistakes. */
  last: Piece | null = null
  private readonly pieces: Piece[] = []
  /** For scope analysis: see `Session` in `lib/bytecode/scopes.ts`. */
  private readonly globals: Variable[] = []
  private variables: ReadonlyMap<string, number> = new Map()
  private readonly modules = new Map<string, FileInfo>()
  /** Names of module files by path. */
  private readonly fileNames = new Map<string, string>()
  private readonly firstGlobal: number
  private readonly maxVariables: number

  private constructor(
    readonly mode: Mode,
    readonly machine: Machine,
    readonly tier: SessionTier,
    private readonly limits: LoadLimits,
  ) {
    const { heap } = machine.rt
    this.maxVariables = Math.min(MAX_VARIABLES, Math.floor(heap.maxHeap / HEAP_PART / SLOT_SIZE))
    this.firstGlobal = createGlobals(heap, this.maxVariables)
  }

  /** @param shared whether other threads must see the heap */
  static async open(mode: Mode, options: RunOptions, shared: boolean): Promise<Session> {
    const machine = await makeMachine(mode, options, shared)
    return new Session(mode, machine, await openTier(mode, machine, options), {
      files: moduleFiles(null, options),
      maxSource: options.maxSource,
    })
  }

  /** Gives back what the session holds of the system. Nothing can run afterwards. */
  close(): void {
    this.rt.hosts.releaseAll()
    this.machine.region?.release()
  }

  get rt(): Runtime {
    return this.machine.rt
  }

  /**
   * Runs a piece. All that it did before an error or interrupt stays done.
   *
   * @param run an interrupt that was requested for this number ends the piece; others came too late
   */
  run(text: string, run = 0): Outcome {
    const { heap } = this.rt
    if (run === 0 || heap.interruptRequest !== run) heap.clearInterrupt()
    try {
      const piece = this.read(text)
      if (!(piece instanceof Piece)) return piece
      return this.show(this.tier.run(piece))
    } catch (error) {
      return this.caught(error)
    } finally {
      this.rest()
    }
  }

  /** From text to a piece that can run. */
  private read(text: string): Piece | Outcome {
    const { document, diagnostics } = loadProgram(text, INPUT_NAME, this.fileNames, this.limits)
    if (diagnostics.length > 0) return { kind: 'mistakes', diagnostics }
    const { program: tree } = document
    document.program = silenceAssignments(tree)
    const { globals, variables, modules } = this
    const scopes = analyseScopes(document, isBuiltin, {
      globals,
      variables,
      modules,
      staysUnbound: isErrorConstructorName,
    })
    const piece = new Piece(tree, document, scopes)
    if (piece.bytecode.diagnostics.length > 0) {
      return { kind: 'mistakes', diagnostics: piece.bytecode.diagnostics }
    }
    if (scopes.globals.length > this.maxVariables) {
      const reason = `too many variables at file level (limit ${this.maxVariables})`
      return { kind: 'error', text: `RuntimeError: ${reason}` }
    }
    piece.unit = this.tier.load(piece, this.firstGlobal)
    this.pieces.push(piece)
    this.last = piece
    for (let slot = globals.length; slot < scopes.globals.length; slot++) {
      // As later pieces see it: whatever value it has now, and no longer a built-in function's.
      const variable = new Variable(scopes.globals[slot]?.name ?? '', null, true, false, false)
      variable.slot = slot
      globals.push(variable)
    }
    const file = scopes.functions[0]?.scope.variables ?? new Map<string, Variable>()
    this.variables = new Map([...file].map(([name, { slot }]) => [name, slot]))
    return piece
  }

  /** @param slot of the piece's value, above the stack's top */
  private show(slot: number): Outcome {
    const { rt } = this
    if (rt.heap.tagOf(slot) === Tag.NULL) return NOTHING
    return { kind: 'value', text: toText(rt, slot) }
  }

  private caught(error: unknown): Outcome {
    const { rt } = this
    if (error instanceof Interrupted) return { kind: 'interrupted' }
    // Errors of the program have their place by now, but the heap may be exhausted outside of it, too.
    if (error !== THROWN) placeCaught(rt, error)
    const { type, message } = errorParts(rt, rt.errorSlot)
    return { kind: 'error', text: `${type}: ${message}` }
  }

  /** Back to where the next piece starts. */
  private rest(): void {
    this.rt.abandon()
    this.tier.abandon()
    for (const [name, { state, module }] of this.rt.moduleRuns) this.noteModule(name, state, module)
  }

  /** A module that has run is not part of later pieces, which only take what it exported. */
  private noteModule(name: string, state: ModuleRun['state'], module: RuntimeModule | null): void {
    if (state !== 'done' || module === null || this.modules.has(name)) return
    for (const piece of this.pieces) {
      const file = piece.fileOf(module)
      if (file !== undefined) this.modules.set(name, { ...file, body: null })
    }
  }

  /** Names of the variables that have a value. */
  variableNames(): string[] {
    return [...this.variables.keys()].filter((name) => this.slotOf(name) !== null)
  }

  /** The slot of a variable's value, or null if there is no such variable or it has none yet. */
  slotOf(name: string): number | null {
    const number = this.variables.get(name)
    if (number === undefined) return null
    const slot = this.firstGlobal + number * SLOT_SIZE
    return this.rt.heap.tagOf(slot) === Tag.EMPTY ? null : slot
  }

  /** Writes what a name means at file level to `dst`; false if it means nothing. */
  lookUp(name: string, dst: number): boolean {
    const { heap } = this.rt
    const slot = this.slotOf(name)
    if (slot !== null) heap.copy(dst, slot)
    else if (isBuiltin(name)) heap.setBuiltin(dst, builtinIndex(name))
    else return false
    return true
  }

  /** The piece that a function was written in, and its number there; null if that piece was never complete. */
  placeOf(fn: RuntimeFunction): { piece: Piece; index: number } | null {
    for (const piece of this.pieces) {
      const index = this.rt.functions.indexOf(fn) - (piece.unit?.firstFunction ?? 0)
      if (index >= 0 && index < piece.scopes.functions.length) return { piece, index }
    }
    return null
  }
}
