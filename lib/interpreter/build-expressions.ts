/** Builds the executable nodes of expressions. */
import { callName, errorPoint } from '../bytecode/points.js'
import type { FunctionInfo } from '../bytecode/scopes.js'
import { MESSAGES } from '../runtime/errors.js'
import { BINARY_OPERATORS, UNARY_OPERATORS } from '../runtime/operators.js'
import type * as ast from '../syntax/ast.js'
import type { Builder } from './build.js'
import { buildSequence } from './build-statements.js'
import { Call, MethodCall, New, SuperCall } from './calls.js'
import type { Code } from './code.js'
import { FieldRead } from './objects.js'
import { Binary, IndexRead, Logical, PropertyRead, Unary } from './operations.js'
import { type Branch, Failure, If, Sequence } from './statements.js'
import { ArrayLiteral, FunctionLiteral, HashLiteral } from './values.js'

const BINARY = new Map(BINARY_OPERATORS.map((operator) => [operator.symbol, operator]))
const UNARY = new Map(UNARY_OPERATORS.map((operator) => [operator.symbol, operator]))

export function buildExpressions(b: Builder, list: readonly ast.Expression[]): Code[] {
  return list.map((node) => buildExpression(b, node))
}

export function buildExpression(b: Builder, node: ast.Expression): Code {
  const { rt } = b
  const { heap } = rt
  switch (node.type) {
    case 'Identifier':
      return b.name(b.reference(node), b.errorSite(node))
    case 'InstanceVariable':
      return buildFieldRead(b, node)
    case 'IntegerLiteral':
      return b.constant((slot) => heap.setBigInteger(slot, BigInt(node.value)))
    case 'FloatLiteral':
      return b.constant((slot) => heap.setFloat(slot, node.value))
    case 'StringLiteral':
      return b.string(node.value)
    case 'BooleanLiteral':
      return b.constant((slot) => heap.setBoolean(slot, node.value))
    case 'NullLiteral':
      return b.null()
    case 'UnaryExpression':
      return new Unary(rt, b.errorSite(node), found(UNARY, node.operator), buildExpression(b, node.operand))
    case 'BinaryExpression':
      return buildBinary(b, node)
    case 'LogicalExpression': {
      const left = buildExpression(b, node.left)
      return new Logical(rt, node.operator === '||', left, buildExpression(b, node.right))
    }
    case 'CallExpression':
      return buildCall(b, node)
    case 'NewExpression': {
      const callee = buildExpression(b, node.callee)
      const list = buildExpressions(b, node.arguments)
      return new New(b.interpreter, b.site(node.open, 'initialize'), callee, list)
    }
    case 'SuperExpression':
      return buildSuper(b, node)
    case 'IndexExpression': {
      const object = buildExpression(b, node.object)
      return new IndexRead(rt, b.errorSite(node), object, buildExpression(b, node.index))
    }
    case 'MemberExpression':
      return new PropertyRead(rt, b.errorSite(node), buildExpression(b, node.object), node.property.name)
    case 'ArrayLiteral':
      return new ArrayLiteral(rt, b.errorSite(node), buildExpressions(b, node.elements))
    case 'HashLiteral': {
      const parts = node.pairs.flatMap((pair) => [pair.key, pair.value])
      return new HashLiteral(rt, b.errorSite(node), buildExpressions(b, parts))
    }
    case 'IfExpression':
      return buildIf(b, node)
    case 'FunctionExpression':
      return buildFunction(b, node)
  }
}

function found<T>(table: ReadonlyMap<string, T>, symbol: string): T {
  const entry = table.get(symbol)
  if (entry === undefined) throw new Error(`no operator ${symbol}`)
  return entry
}

function buildBinary(b: Builder, node: ast.BinaryExpression): Code {
  // Chains like a + b + c + ... lean to the left: walk down in a loop, not by recursion.
  const chain: ast.BinaryExpression[] = []
  let left: ast.Expression = node
  for (; left.type === 'BinaryExpression'; left = left.left) chain.push(left)
  let code = buildExpression(b, left)
  for (const operation of chain.reverse()) {
    const right = buildExpression(b, operation.right)
    code = new Binary(b.rt, b.errorSite(operation), found(BINARY, operation.operator), code, right)
  }
  return code
}

function buildCall(b: Builder, node: ast.CallExpression): Code {
  const { callee } = node
  const position = b.site(node.open, callName(callee))
  if (callee.type === 'MemberExpression') {
    const receiver = buildExpression(b, callee.object)
    const list = buildExpressions(b, node.arguments)
    return new MethodCall(b.interpreter, position, receiver, callee.property.name, list)
  }
  const code = buildExpression(b, callee)
  return new Call(b.interpreter, position, code, buildExpressions(b, node.arguments))
}

function buildSuper(b: Builder, node: ast.SuperExpression): Code {
  let info: FunctionInfo | null = b.info
  while (info !== null && info.methodName === null) info = info.parent
  const list = buildExpressions(b, node.arguments)
  if (info === null || info.methodName === null) {
    return new Failure(b.rt, b.errorSite(node), MESSAGES.superOutsideMethod(), new Sequence(b.rt, list))
  }
  const position = b.site(node.open, info.methodName)
  return new SuperCall(b.interpreter, position, b.name(b.reference(node), position), info.methodName, list)
}

function buildFieldRead(b: Builder, node: ast.InstanceVariable): Code {
  const position = b.errorSite(node)
  const self = buildSelf(b, node)
  if (self === null) return new Failure(b.rt, position, MESSAGES.fieldOutsideObject(node.name), b.null())
  return new FieldRead(b.rt, position, node.name, self)
}

/** The `self` of the method around, or null outside methods. */
export function buildSelf(b: Builder, node: ast.InstanceVariable): Code | null {
  const reference = b.reference(node)
  if (reference.kind === 'builtin' || reference.kind === 'unbound') return null
  return b.name(reference, b.errorSite(node))
}

function buildIf(b: Builder, node: ast.IfExpression): Code {
  const branches: Branch[] = []
  let alternate: ast.IfExpression['alternate'] = node
  while (alternate?.type === 'IfExpression') {
    const test = buildExpression(b, alternate.test)
    branches.push({ test, body: buildSequence(b, alternate.consequent.body) })
    alternate = alternate.alternate
  }
  return new If(b.rt, branches, alternate === null ? null : buildSequence(b, alternate.body))
}

export function buildFunction(b: Builder, node: ast.FunctionExpression): Code {
  const info = b.program.scopes.functionOf.get(node)
  if (info === undefined) throw new Error('function without scope')
  return new FunctionLiteral(
    b.rt,
    b.site(errorPoint(node)),
    b.interpreter.recordOf(b.program.unit, info.index),
    info.captures,
  )
}
