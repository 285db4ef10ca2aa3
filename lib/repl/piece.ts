/** One piece of program of an interactive session: what was entered between two prompts. */
import { type CompileResult, compileResolved } from '../bytecode/compile.js'
import type { ScopeInfo } from '../bytecode/scopes.js'
import type { RuntimeModule } from '../runtime/modules.js'
import type { Unit } from '../runtime/unit.js'
import type * as ast from '../syntax/ast.js'

export class Piece {
  /** Set when it is loaded. */
  unit: Unit | null = null
  private compiled: CompileResult | null = null

  constructor(
    /** As it was written. */
    readonly tree: ast.Program,
    /** As it runs (see `silenceAssignments`). */
    readonly document: ast.AstDocument,
    readonly scopes: ScopeInfo,
  ) {}

  /** In every mode: the interpreter hands deep calls over to the VM. */
  get bytecode(): CompileResult {
    this.compiled ??= compileResolved(this.document, this.scopes, true)
    return this.compiled
  }

  /** The name and variables of one of its modules. */
  fileOf(module: RuntimeModule): ScopeInfo['files'][number] | undefined {
    const number = this.unit?.modules.indexOf(module) ?? -1
    return number < 0 ? undefined : this.scopes.files[number + 1]
  }
}
