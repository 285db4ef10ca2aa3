/** Expressions: each leaves exactly one value on the operand stack. */
import type * as ast from '../syntax/ast.js'
import { CodeLabel } from './code-builder.js'
import { compileStatements } from './compile-statements.js'
import { CompileError, type FunctionCompiler } from './function-compiler.js'
import { MAX_ARGUMENTS } from './limits.js'
import { KNOWN_FAILURES } from './messages.js'
import { Op } from './opcodes.js'
import { callName, errorPoint } from './points.js'

/** Literals longer than this are built in steps, so that frames stay small. */
const LITERAL_CHUNK = 64

export const BINARY_OPCODES: Readonly<Record<ast.BinaryOperator, number>> = {
  '+': Op.Add,
  '-': Op.Subtract,
  '*': Op.Multiply,
  '/': Op.Divide,
  '%': Op.Modulo,
  '==': Op.Equal,
  '!=': Op.NotEqual,
  '<': Op.Less,
  '>': Op.Greater,
  '<=': Op.LessEqual,
  '>=': Op.GreaterEqual,
}

export function compileExpression(c: FunctionCompiler, node: ast.Expression): void {
  const { builder } = c
  builder.at(errorPoint(node))
  switch (node.type) {
    case 'Identifier':
      return c.readVariable(node)
    case 'InstanceVariable':
      return compileField(c, node, Op.GetField)
    case 'IntegerLiteral':
      return compileInteger(c, node.value)
    case 'FloatLiteral':
      return builder.emit(Op.Constant, c.program.constants.float(node.value))
    case 'StringLiteral':
      return builder.emit(Op.Constant, c.program.constants.string(node.value))
    case 'BooleanLiteral':
      return builder.emit(node.value ? Op.True : Op.False)
    case 'NullLiteral':
      return builder.emit(Op.Null)
    case 'UnaryExpression':
      compileExpression(c, node.operand)
      builder.at(errorPoint(node))
      return builder.emit(node.operator === '-' ? Op.Negate : Op.Not)
    case 'BinaryExpression':
      return compileBinary(c, node)
    case 'LogicalExpression':
      return compileLogical(c, node)
    case 'CallExpression':
      return compileCall(c, node)
    case 'NewExpression':
      return compileNew(c, node)
    case 'SuperExpression':
      return compileSuper(c, node)
    case 'IndexExpression':
      compileExpression(c, node.object)
      compileExpression(c, node.index)
      builder.at(errorPoint(node))
      return builder.emit(Op.GetIndex)
    case 'MemberExpression':
      compileExpression(c, node.object)
      builder.at(errorPoint(node))
      return builder.emit(Op.GetProperty, c.name(node.property.name))
    case 'ArrayLiteral':
      return compileArray(c, node)
    case 'HashLiteral':
      return compileHash(c, node)
    case 'IfExpression':
      return compileIf(c, node, true)
    case 'FunctionExpression':
      return compileFunction(c, node)
  }
}

function compileInteger(c: FunctionCompiler, value: number | string): void {
  // As an integer: V8 has literals' values as floats, and one such word would make floats of all words of the code,
  // and of what is computed of them.
  if (typeof value === 'number' && (value | 0) === value) c.builder.emit(Op.Integer, value | 0)
  else c.builder.emit(Op.Constant, c.program.constants.integer(value))
}

export function compileFunction(c: FunctionCompiler, node: ast.FunctionExpression): void {
  const info = c.program.scopes.functionOf.get(node)
  if (info === undefined) throw new Error('function without scope')
  c.builder.emit(Op.Closure, info.index)
}

function compileBinary(c: FunctionCompiler, node: ast.BinaryExpression): void {
  // Chains like a + b + c + ... lean to the left: walk down in a loop, not by recursion.
  const chain: ast.BinaryExpression[] = []
  let left: ast.Expression = node
  while (left.type === 'BinaryExpression') {
    chain.push(left)
    left = left.left
  }
  compileExpression(c, left)
  for (let i = chain.length - 1; i >= 0; i--) {
    const operation = chain[i] as ast.BinaryExpression
    compileExpression(c, operation.right)
    c.builder.at(errorPoint(operation))
    c.builder.emit(BINARY_OPCODES[operation.operator])
  }
}

/** `&&` and `||` give a boolean, so the second operand is converted. */
function compileLogical(c: FunctionCompiler, node: ast.LogicalExpression): void {
  const { builder } = c
  const short = new CodeLabel()
  const end = new CodeLabel()
  const and = node.operator === '&&'
  compileExpression(c, node.left)
  builder.jump(and ? Op.JumpIfFalse : Op.JumpIfTrue, short)
  compileExpression(c, node.right)
  builder.emit(Op.ToBoolean)
  builder.jump(Op.Jump, end)
  builder.depth--
  builder.bind(short)
  builder.emit(and ? Op.False : Op.True)
  builder.bind(end)
}

/** Jumps to `label` if the value of `node` is false (or true, if `when`); falls through otherwise. */
export function compileCondition(
  c: FunctionCompiler,
  node: ast.Expression,
  label: CodeLabel,
  when: boolean,
): void {
  const { builder } = c
  if (node.type === 'UnaryExpression' && node.operator === '!') {
    return compileCondition(c, node.operand, label, !when)
  }
  if (node.type === 'LogicalExpression') {
    const and = node.operator === '&&'
    if (and !== when) {
      compileCondition(c, node.left, label, when)
      return compileCondition(c, node.right, label, when)
    }
    const skip = new CodeLabel()
    compileCondition(c, node.left, skip, !when)
    compileCondition(c, node.right, label, when)
    return builder.bind(skip)
  }
  compileExpression(c, node)
  builder.jump(when ? Op.JumpIfTrue : Op.JumpIfFalse, label)
}

function compileArguments(c: FunctionCompiler, list: readonly ast.Expression[], open: ast.Point): number {
  if (list.length > MAX_ARGUMENTS) {
    throw new CompileError(`too many arguments: ${list.length} (limit ${MAX_ARGUMENTS})`, open)
  }
  for (const argument of list) compileExpression(c, argument)
  c.builder.at(open)
  return list.length
}

function compileCall(c: FunctionCompiler, node: ast.CallExpression): void {
  const { builder } = c
  const name = c.name(callName(node.callee))
  if (node.callee.type === 'MemberExpression') {
    builder.emit(Op.Null)
    compileExpression(c, node.callee.object)
    const count = compileArguments(c, node.arguments, node.open)
    return builder.emit(Op.CallMethod, name, count)
  }
  compileExpression(c, node.callee)
  const count = compileArguments(c, node.arguments, node.open)
  builder.emit(Op.Call, count, name)
}

function compileNew(c: FunctionCompiler, node: ast.NewExpression): void {
  const { builder } = c
  builder.emit(Op.Null)
  builder.emit(Op.Null)
  compileExpression(c, node.callee)
  const count = compileArguments(c, node.arguments, node.open)
  builder.emit(Op.New, count)
  builder.emit(Op.Pop)
}

function compileSuper(c: FunctionCompiler, node: ast.SuperExpression): void {
  const { builder } = c
  const self = c.reference(node)
  let method: string | null = null
  for (let info: typeof c.info | null = c.info; info !== null && method === null; info = info.parent) {
    method = info.methodName
  }
  builder.emit(Op.Null)
  if (method === null) {
    compileArguments(c, node.arguments, node.open)
    builder.emit(Op.Fail, c.name(KNOWN_FAILURES.superOutsideMethod()))
    builder.depth -= node.arguments.length
    return
  }
  c.readReference(self, true)
  const count = compileArguments(c, node.arguments, node.open)
  builder.emit(Op.CallSuper, c.name(method), count)
}

/** GetField pushes, SetField pops the value below `self`. */
export function compileField(c: FunctionCompiler, node: ast.InstanceVariable, opcode: number): void {
  const self = c.reference(node)
  if (self.kind === 'builtin' || self.kind === 'unbound') {
    c.builder.emit(Op.Fail, c.name(KNOWN_FAILURES.fieldOutsideObject(node.name)))
    c.builder.depth += opcode === Op.GetField ? 1 : -1
    return
  }
  c.readReference(self, true)
  c.builder.emit(opcode, c.name(node.name))
}

function compileArray(c: FunctionCompiler, node: ast.ArrayLiteral): void {
  const { builder } = c
  const { elements } = node
  for (let start = 0; start === 0 || start < elements.length; start += LITERAL_CHUNK) {
    const chunk = elements.slice(start, start + LITERAL_CHUNK)
    for (const element of chunk) compileExpression(c, element)
    builder.at(errorPoint(node))
    builder.emit(start === 0 ? Op.Array : Op.Append, chunk.length)
  }
}

function compileHash(c: FunctionCompiler, node: ast.HashLiteral): void {
  const { builder } = c
  const { pairs } = node
  for (let start = 0; start === 0 || start < pairs.length; start += LITERAL_CHUNK) {
    const chunk = pairs.slice(start, start + LITERAL_CHUNK)
    for (const pair of chunk) {
      compileExpression(c, pair.key)
      compileExpression(c, pair.value)
    }
    builder.at(errorPoint(node))
    builder.emit(start === 0 ? Op.Hash : Op.Insert, chunk.length)
  }
}

/** With `want` the value of the branch taken is left on the stack, null if there is none. */
export function compileIf(c: FunctionCompiler, node: ast.IfExpression, want: boolean): void {
  const { builder } = c
  const end = new CodeLabel()
  for (let branch: ast.IfExpression | null = node; branch !== null; ) {
    const next = new CodeLabel()
    builder.at(errorPoint(branch))
    compileCondition(c, branch.test, next, false)
    compileStatements(c, branch.consequent.body, want)
    const { alternate }: ast.IfExpression = branch
    if (alternate === null && !want) {
      builder.bind(next)
      break
    }
    builder.jump(Op.Jump, end)
    if (want) builder.depth--
    builder.bind(next)
    if (alternate === null) builder.emit(Op.Null)
    else if (alternate.type === 'Block') compileStatements(c, alternate.body, want)
    branch = alternate?.type === 'IfExpression' ? alternate : null
  }
  builder.bind(end)
}
