/**
 * try / catch / finally.
 *
 * The finalizer is compiled once. Every way into it first notes in two hidden locals how the `try`
 * ended (its completion) and the value or error that waits; behind the finalizer the completion is
 * tested and the work goes on. An error, `return`, `break` or `continue` inside the finalizer simply
 * leaves, which drops what was under way.
 */
import type * as ast from '../syntax/ast.js'
import { CodeLabel } from './code-builder.js'
import { compileStatements } from './compile-statements.js'
import { COMPLETION, type FinallyControl, type FunctionCompiler } from './function-compiler.js'
import { Op } from './opcodes.js'

export function compileTry(c: FunctionCompiler, node: ast.TryStatement, want: boolean): void {
  if (node.finalizer === null) return compileHandlers(c, node, want)
  const { builder } = c
  const control: FinallyControl = {
    kind: 'finally',
    label: new CodeLabel(),
    depth: builder.depth,
    completion: c.hiddenLocal(),
    value: c.hiddenLocal(),
    exits: [],
  }
  const start = builder.position
  c.controls.push(control)
  compileHandlers(c, node, want)
  c.controls.pop()
  const endsNormally = builder.reachable
  if (!want) builder.emit(Op.Null)
  builder.emit(Op.SetLocal, control.value)
  builder.emit(Op.Integer, COMPLETION.NORMAL)
  builder.emit(Op.SetLocal, control.completion)
  builder.jump(Op.Jump, control.label)
  if (builder.handle(start, builder.position, control.depth)) {
    builder.emit(Op.SetLocal, control.value)
    builder.emit(Op.Integer, COMPLETION.THROW)
    builder.emit(Op.SetLocal, control.completion)
  }
  builder.bind(control.label)
  compileStatements(c, node.finalizer.body, false)
  compileCompletions(c, control, endsNormally, want)
}

/** Behind the finalizer: jumps that wait, then an error, and on with the normal end. */
function compileCompletions(
  c: FunctionCompiler,
  control: FinallyControl,
  endsNormally: boolean,
  want: boolean,
): void {
  const { builder } = c
  control.exits.forEach((exit, i) => {
    const next = new CodeLabel()
    test(c, control, COMPLETION.FIRST_EXIT + i, next)
    if (exit === 'return') builder.emit(Op.GetLocal, control.value)
    c.leave(exit)
    builder.bind(next)
  })
  const end = new CodeLabel()
  if (endsNormally) test(c, control, COMPLETION.THROW, end)
  builder.emit(Op.GetLocal, control.value)
  builder.emit(Op.Throw)
  builder.bind(end)
  if (want) builder.emit(Op.GetLocal, control.value)
}

function test(c: FunctionCompiler, control: FinallyControl, completion: number, otherwise: CodeLabel): void {
  const { builder } = c
  builder.emit(Op.GetLocal, control.completion)
  builder.emit(Op.Integer, completion)
  builder.emit(Op.SameCase)
  builder.jump(Op.JumpIfFalse, otherwise)
}

function compileHandlers(c: FunctionCompiler, node: ast.TryStatement, want: boolean): void {
  const { builder } = c
  const depth = builder.depth
  const end = new CodeLabel()
  const start = builder.position
  compileStatements(c, node.block.body, want)
  if (node.handlers.length === 0) return
  const stop = builder.position
  builder.jump(Op.Jump, end)
  if (builder.handle(start, stop, depth)) {
    for (const clause of node.handlers) compileClause(c, clause, end, want)
    builder.at(node.position.start)
    builder.emit(Op.Throw)
  }
  builder.depth = depth + (want ? 1 : 0)
  builder.bind(end)
}

/** Expects the error on the stack; leaves it there for the next clause if its type does not fit. */
function compileClause(c: FunctionCompiler, clause: ast.CatchClause, end: CodeLabel, want: boolean): void {
  const { builder } = c
  const next = new CodeLabel()
  const depth = builder.depth
  builder.at(clause.position.start)
  if (clause.errorType !== null) {
    builder.emit(Op.Dup)
    builder.emit(Op.ErrorIs, c.name(clause.errorType.name))
    builder.jump(Op.JumpIfFalse, next)
  }
  const scope = c.program.scopes.catchScopes.get(clause)
  if (scope === undefined) throw new Error('catch clause without scope')
  const parameter = scope.variables.get(clause.parameter.name)
  if (parameter === undefined) throw new Error('catch clause without parameter')
  builder.emit(Op.SetLocal, parameter.slot)
  c.enterScope(scope.variables.values())
  compileStatements(c, clause.body.body, want)
  builder.jump(Op.Jump, end)
  builder.depth = depth
  builder.bind(next)
}
