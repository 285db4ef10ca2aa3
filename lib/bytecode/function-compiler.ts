/** Compiles one function body to bytecode: the state of the work, variables, and jumps out of blocks. */
import type * as ast from '../syntax/ast.js'
import { CodeBuilder, type CodeLabel } from './code-builder.js'
import { compileStatements } from './compile-statements.js'
import type { ConstantTable } from './constants.js'
import type { AssignmentInfo } from './definite-assignment.js'
import { KNOWN_FAILURES } from './messages.js'
import { Op } from './opcodes.js'
import type { FunctionInfo, Reference, ScopeInfo, Variable } from './scopes.js'

/** A problem only the compiler sees (limits, features not supported yet). */
export class CompileError extends Error {
  constructor(
    message: string,
    readonly point: ast.Point,
  ) {
    super(message)
  }
}

/** What `break`, `continue` and `return` have to pass on their way out, innermost last. */
export type Control =
  | { kind: 'loop'; breakLabel: CodeLabel; continueLabel: CodeLabel; depth: number }
  | { kind: 'switch'; breakLabel: CodeLabel; depth: number }
  | FinallyControl

export interface FinallyControl {
  kind: 'finally'
  /** Where the finalizer starts. */
  label: CodeLabel
  depth: number
  /** Hidden locals: why the finalizer runs (COMPLETION), and the value or error that waits. */
  completion: number
  value: number
  /** Jumps that wait behind the finalizer; their completion is FIRST_EXIT + index. */
  exits: Exit[]
}

export type Exit = 'return' | 'break' | 'continue'

/** Completions of a `try` with a finalizer, kept in a hidden local while the finalizer runs. */
export const COMPLETION = { NORMAL: 0, THROW: 1, FIRST_EXIT: 2 } as const

/** What all functions of a program share while they are compiled. */
export interface ProgramContext {
  scopes: ScopeInfo
  assignments: AssignmentInfo
  constants: ConstantTable
  /** The main program gives the value of its last statement. */
  wantValue: boolean
}

export class FunctionCompiler {
  readonly builder = new CodeBuilder()
  readonly controls: Control[] = []
  locals: number

  constructor(
    readonly program: ProgramContext,
    readonly info: FunctionInfo,
  ) {
    this.locals = info.locals
  }

  /** Compiles the whole body; its value is that of the last statement. */
  compileBody(list: readonly ast.Statement[], end: ast.Point): void {
    const main = this.info.parent === null
    const want = !main || (this.program.wantValue && this.info.file === 0)
    // By slot, not by name: of two parameters of one name the earlier may be captured too (`self`).
    const { scope, variables } = this.info
    if (!main) this.enterScope(variables.filter((variable) => variable.scope === scope))
    compileStatements(this, list, want)
    this.builder.at(end)
    if (!want) this.builder.emit(Op.Null)
    this.builder.emit(Op.Return)
  }

  /** Gives the variables of a function or catch clause their first state. */
  enterScope(variables: Iterable<Variable>): void {
    const { builder } = this
    for (const variable of variables) {
      if (variable.builtin) {
        builder.emit(Op.GetBuiltin, this.program.constants.builtin(variable.name))
        builder.emit(variable.global ? Op.SetGlobal : Op.SetLocal, variable.slot)
      } else if (variable.global) {
        continue
      } else if (
        !variable.parameter &&
        (variable.captured || this.program.assignments.cleared.has(variable))
      ) {
        builder.emit(Op.ClearLocal, variable.slot)
      }
      if (variable.captured) builder.emit(Op.NewCell, variable.slot)
    }
  }

  /** A hidden local that lives as long as the frame. */
  hiddenLocal(): number {
    return this.locals++
  }

  name(text: string): number {
    return this.program.constants.string(text)
  }

  reference(node: ast.Node): Reference {
    const reference = this.program.scopes.references.get(node)
    if (reference === undefined) throw new Error(`unresolved ${node.type}`)
    return reference
  }

  readVariable(node: ast.Identifier): void {
    const unchecked = !this.program.assignments.checked.has(node)
    this.readReference(this.reference(node), unchecked)
  }

  readReference(reference: Reference, unchecked: boolean): void {
    const { builder } = this
    switch (reference.kind) {
      case 'global':
        return builder.emit(Op.GetGlobal, reference.variable.slot)
      case 'local': {
        const { slot, captured, name } = reference.variable
        if (captured) return builder.emit(Op.GetCell, slot, this.name(name))
        if (unchecked) return builder.emit(Op.GetLocal, slot)
        return builder.emit(Op.GetLocalChecked, slot, this.name(name))
      }
      case 'upvalue':
        return builder.emit(Op.GetUpvalue, reference.index, this.name(reference.variable.name))
      case 'builtin':
        return builder.emit(Op.GetBuiltin, this.program.constants.builtin(reference.name))
      case 'unbound':
        return builder.emit(Op.GetUnbound, this.name(reference.name))
    }
  }

  /** Pops the top into a variable. */
  writeVariable(node: ast.Identifier): void {
    const reference = this.reference(node)
    const { builder } = this
    switch (reference.kind) {
      case 'global':
        return builder.emit(Op.SetGlobal, reference.variable.slot)
      case 'local':
        return builder.emit(reference.variable.captured ? Op.SetCell : Op.SetLocal, reference.variable.slot)
      case 'upvalue':
        return builder.emit(Op.SetUpvalue, reference.index)
      default:
        throw new Error(`assignment to ${reference.kind} name`)
    }
  }

  /** Pops the top into a variable; with `want` it stays on the stack, too. */
  store(target: ast.Identifier, want: boolean): void {
    if (want) this.builder.emit(Op.Dup)
    this.writeVariable(target)
  }

  /**
   * Leaves blocks towards the target of a jump. A `return` expects its value on the stack. The first
   * finalizer on the way takes over: it is told what to do afterwards. Operands above the target's
   * depth are dropped on this path only.
   */
  leave(exit: Exit): void {
    const { builder } = this
    const depth = builder.depth
    if (
      exit !== 'return' &&
      !this.controls.some(({ kind }) => kind === 'loop' || (kind === 'switch' && exit === 'break'))
    ) {
      return builder.emit(Op.Fail, this.name(KNOWN_FAILURES.jumpOutsideLoop(exit)))
    }
    for (let i = this.controls.length - 1; i >= 0; i--) {
      const control = this.controls[i] as Control
      if (control.kind === 'finally') {
        this.leaveThrough(control, exit)
        builder.depth = exit === 'return' ? depth - 1 : depth
        return
      }
      if (exit === 'return' || (exit === 'continue' && control.kind === 'switch')) continue
      builder.drop(depth - control.depth)
      if (exit === 'continue' && control.kind === 'loop') this.jumpTo(control.continueLabel)
      else this.jumpTo(control.breakLabel)
      builder.depth = depth
      return
    }
    builder.emit(Op.Return)
  }

  private jumpTo(label: CodeLabel): void {
    this.builder.jump(label.position >= 0 ? Op.Loop : Op.Jump, label)
  }

  private leaveThrough(control: FinallyControl, exit: Exit): void {
    const { builder } = this
    if (exit !== 'return') builder.emit(Op.Null)
    builder.emit(Op.SetLocal, control.value)
    builder.drop(builder.depth - control.depth)
    let number = control.exits.indexOf(exit)
    if (number < 0) number = control.exits.push(exit) - 1
    builder.emit(Op.Integer, COMPLETION.FIRST_EXIT + number)
    builder.emit(Op.SetLocal, control.completion)
    builder.jump(Op.Jump, control.label)
  }
}
