/**
 * Statements. With `want` a statement leaves its value on the operand stack (core.md section 8), else
 * nothing.
 */
import type * as ast from '../syntax/ast.js'
import { CodeLabel } from './code-builder.js'
import {
  compileCondition,
  compileExpression,
  compileField,
  compileFunction,
  compileIf,
} from './compile-expressions.js'
import { compileExport, compileImport } from './compile-modules.js'
import { compileTry } from './compile-try.js'
import type { FunctionCompiler } from './function-compiler.js'
import { Op } from './opcodes.js'
import { errorPoint } from './points.js'

export function compileStatements(c: FunctionCompiler, list: readonly ast.Statement[], want: boolean): void {
  const last = list.length - 1
  for (let i = 0; i <= last; i++) compileStatement(c, list[i] as ast.Statement, want && i === last)
  if (want && last < 0) c.builder.emit(Op.Null)
}

function compileStatement(c: FunctionCompiler, node: ast.Statement, want: boolean): void {
  const { builder } = c
  builder.at(errorPoint(node))
  switch (node.type) {
    case 'ExpressionStatement':
      if (node.expression.type === 'IfExpression') return compileIf(c, node.expression, want)
      compileExpression(c, node.expression)
      if (!want) builder.emit(Op.Pop)
      return
    case 'AssignmentStatement':
      return compileAssignment(c, node, want)
    case 'ReturnStatement':
      if (node.argument === null) builder.emit(Op.Null)
      else compileExpression(c, node.argument)
      builder.at(errorPoint(node))
      c.leave('return')
      return nothing(c, want)
    case 'ThrowStatement':
      compileExpression(c, node.argument)
      builder.at(errorPoint(node))
      builder.emit(Op.Throw)
      return nothing(c, want)
    case 'BreakStatement':
      c.leave('break')
      return nothing(c, want)
    case 'ContinueStatement':
      c.leave('continue')
      return nothing(c, want)
    case 'WhileStatement':
      compileLoop(c, null, node.test, null, node.body)
      return nothing(c, want)
    case 'ForStatement':
      compileLoop(c, node.init, node.test, node.update, node.body)
      return nothing(c, want)
    case 'SwitchStatement':
      return compileSwitch(c, node, want)
    case 'TryStatement':
      return compileTry(c, node, want)
    case 'ClassDeclaration':
      return compileClass(c, node, want)
    case 'FunctionDeclaration':
      compileFunction(c, node.function)
      return c.store(node.name, want)
    case 'ImportStatement':
      compileImport(c, node)
      return nothing(c, want)
    case 'ExportStatement':
      return compileExport(c, node, want)
    case 'Block':
      return compileStatements(c, node.body, want)
  }
}

/** Statements without a value have null. */
function nothing(c: FunctionCompiler, want: boolean): void {
  if (want) c.builder.emit(Op.Null)
}

function compileAssignment(c: FunctionCompiler, node: ast.AssignmentStatement, want: boolean): void {
  const { builder } = c
  const { target } = node
  if (target.type === 'IndexExpression') {
    compileExpression(c, target.object)
    compileExpression(c, target.index)
    compileExpression(c, node.value)
    builder.at(errorPoint(target))
    builder.emit(Op.SetIndex)
    if (!want) builder.emit(Op.Pop)
    return
  }
  compileExpression(c, node.value)
  builder.at(errorPoint(target))
  if (target.type === 'Identifier') return c.store(target, want)
  if (want) builder.emit(Op.Dup)
  compileField(c, target, Op.SetField)
}

function compileLoop(
  c: FunctionCompiler,
  init: ast.Statement | null,
  test: ast.Expression | null,
  update: ast.Statement | null,
  body: ast.Block,
): void {
  const { builder } = c
  if (init !== null) compileStatement(c, init, false)
  const header = new CodeLabel()
  const next = update === null ? header : new CodeLabel()
  const end = new CodeLabel()
  builder.bind(header)
  c.controls.push({ kind: 'loop', breakLabel: end, continueLabel: next, depth: builder.depth })
  if (test !== null) compileCondition(c, test, end, false)
  compileStatements(c, body.body, false)
  if (update !== null) {
    builder.bind(next)
    compileStatement(c, update, false)
  }
  c.controls.pop()
  builder.at(body.position.start)
  builder.jump(Op.Loop, header)
  builder.bind(end)
}

function compileSwitch(c: FunctionCompiler, node: ast.SwitchStatement, want: boolean): void {
  const { builder } = c
  const value = c.hiddenLocal()
  const end = new CodeLabel()
  const leave = new CodeLabel()
  const bodies = node.cases.map(() => new CodeLabel())
  compileExpression(c, node.discriminant)
  builder.emit(Op.SetLocal, value)
  const depth = builder.depth
  node.cases.forEach((clause, i) => {
    for (const test of clause.tests ?? []) {
      builder.emit(Op.GetLocal, value)
      compileExpression(c, test)
      builder.at(errorPoint(test))
      builder.emit(Op.SameCase)
      builder.jump(Op.JumpIfTrue, bodies[i] as CodeLabel)
    }
  })
  const fallback = node.cases.findIndex((clause) => clause.tests === null)
  builder.jump(Op.Jump, fallback < 0 ? leave : (bodies[fallback] as CodeLabel))
  c.controls.push({ kind: 'switch', breakLabel: leave, depth })
  node.cases.forEach((clause, i) => {
    builder.depth = depth
    builder.bind(bodies[i] as CodeLabel)
    compileStatements(c, clause.body, want)
    builder.jump(Op.Jump, end)
  })
  c.controls.pop()
  builder.depth = depth
  builder.bind(leave)
  nothing(c, want)
  builder.bind(end)
}

function compileClass(c: FunctionCompiler, node: ast.ClassDeclaration, want: boolean): void {
  const { builder } = c
  const info = c.program.scopes.classOf.get(node)
  if (info === undefined) throw new Error('class without scope')
  if (node.superclass === null) {
    builder.emit(Op.Class, info.index)
  } else {
    compileExpression(c, node.superclass)
    builder.emit(Op.Subclass, info.index)
  }
  for (const method of node.methods) {
    compileFunction(c, method.function)
    builder.emit(Op.Method, c.name(method.name.name))
  }
  c.store(node.name, want)
}
