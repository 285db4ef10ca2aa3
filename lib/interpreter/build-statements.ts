/** Builds the executable nodes of statements. */
import { SLOT_SIZE } from '../heap/layout.js'
import { MESSAGES } from '../runtime/errors.js'
import type * as ast from '../syntax/ast.js'
import type { Builder } from './build.js'
import { buildExpression, buildExpressions, buildFunction, buildSelf } from './build-expressions.js'
import { type Code, Completion } from './code.js'
import { type CatchClause, TryCatch, TryFinally } from './exceptions.js'
import { Export, ExportedVariable, Import } from './modules.js'
import { ClassCode, FieldWrite } from './objects.js'
import { IndexWrite } from './operations.js'
import { Assignment, Failure, Jump, Loop, Return, Sequence, Switch, Throw } from './statements.js'

export function buildSequence(b: Builder, list: readonly ast.Statement[]): Code {
  const statements = list.map((statement) => buildStatement(b, statement))
  const [only] = statements
  return statements.length === 1 && only !== undefined ? only : new Sequence(b.rt, statements)
}

function buildStatement(b: Builder, node: ast.Statement): Code {
  const { rt } = b
  switch (node.type) {
    case 'ExpressionStatement':
      return buildExpression(b, node.expression)
    case 'AssignmentStatement':
      return buildAssignment(b, node)
    case 'ReturnStatement':
      return new Return(b.interpreter, node.argument === null ? b.null() : buildExpression(b, node.argument))
    case 'ThrowStatement':
      return new Throw(rt, b.errorSite(node), buildExpression(b, node.argument))
    case 'BreakStatement':
      if (b.canBreak) return new Jump(rt, Completion.BREAK)
      return new Failure(rt, b.errorSite(node), MESSAGES.jumpOutsideLoop('break'), b.null())
    case 'ContinueStatement':
      if (b.canContinue) return new Jump(rt, Completion.CONTINUE)
      return new Failure(rt, b.errorSite(node), MESSAGES.jumpOutsideLoop('continue'), b.null())
    case 'WhileStatement':
      return buildLoop(b, node.test, null, node.body)
    case 'ForStatement': {
      const init = node.init === null ? [] : [buildStatement(b, node.init)]
      return new Sequence(rt, [...init, buildLoop(b, node.test, node.update, node.body)])
    }
    case 'SwitchStatement':
      return buildSwitch(b, node)
    case 'TryStatement':
      return buildTry(b, node)
    case 'ClassDeclaration':
      return new Assignment(rt, b.target(node.name), buildClass(b, node))
    case 'FunctionDeclaration':
      return new Assignment(rt, b.target(node.name), buildFunction(b, node.function))
    case 'ImportStatement':
      return buildImport(b, node)
    case 'ExportStatement':
      return buildExport(b, node)
    case 'Block':
      return buildSequence(b, node.body)
  }
}

function buildAssignment(b: Builder, node: ast.AssignmentStatement): Code {
  const { rt } = b
  const { target } = node
  if (target.type === 'Identifier') {
    return new Assignment(rt, b.target(target), buildExpression(b, node.value))
  }
  if (target.type === 'IndexExpression') {
    const [object, index] = [buildExpression(b, target.object), buildExpression(b, target.index)]
    return new IndexWrite(rt, b.errorSite(target), object, index, buildExpression(b, node.value))
  }
  const value = buildExpression(b, node.value)
  const position = b.errorSite(target)
  const self = buildSelf(b, target)
  if (self === null) return new Failure(rt, position, MESSAGES.fieldOutsideObject(target.name), value)
  return new FieldWrite(rt, position, target.name, self, value)
}

function buildLoop(
  b: Builder,
  test: ast.Expression | null,
  update: ast.Statement | null,
  body: ast.Block,
): Code {
  return b.inside('loop', () => {
    const testCode = test === null ? null : buildExpression(b, test)
    const updateCode = update === null ? null : buildStatement(b, update)
    return new Loop(b.rt, b.errorSite(body), testCode, buildSequence(b, body.body), updateCode)
  })
}

function buildSwitch(b: Builder, node: ast.SwitchStatement): Code {
  b.hiddenLocals++
  const value = buildExpression(b, node.discriminant)
  const bodyOf = (clause: ast.SwitchCase): Code => b.inside('switch', () => buildSequence(b, clause.body))
  const cases = node.cases.flatMap((clause) => {
    if (clause.tests === null) return []
    return [{ tests: buildExpressions(b, clause.tests), body: bodyOf(clause) }]
  })
  const fallback = node.cases.find((clause) => clause.tests === null)
  return new Switch(b.rt, value, cases, fallback === undefined ? null : bodyOf(fallback))
}

function buildTry(b: Builder, node: ast.TryStatement): Code {
  const { interpreter } = b
  let code = buildSequence(b, node.block.body)
  if (node.handlers.length > 0) {
    const clauses = node.handlers.map((handler) => buildCatch(b, handler))
    code = new TryCatch(interpreter, code, clauses)
  }
  if (node.finalizer === null) return code
  b.hiddenLocals += 2
  return new TryFinally(interpreter, code, buildSequence(b, node.finalizer.body))
}

function buildCatch(b: Builder, node: ast.CatchClause): CatchClause {
  const scope = b.program.scopes.catchScopes.get(node)
  const parameter = scope?.variables.get(node.parameter.name)
  if (scope === undefined || parameter === undefined) throw new Error('catch clause without scope')
  return {
    type: node.errorType === null ? null : node.errorType.name,
    parameter: parameter.slot * SLOT_SIZE,
    scope: b.scopeEntry(scope.variables.values()),
    body: buildSequence(b, node.body.body),
  }
}

function buildClass(b: Builder, node: ast.ClassDeclaration): Code {
  const info = b.program.scopes.classOf.get(node)
  if (info === undefined) throw new Error('class without scope')
  const superclass = node.superclass === null ? null : buildExpression(b, node.superclass)
  const methods = node.methods.map((method) => ({
    name: method.name.name,
    closure: buildFunction(b, method.function),
  }))
  const position = b.errorSite(node.superclass ?? node)
  return new ClassCode(b.rt, position, node.name.name, superclass, info.fields, methods)
}

function buildImport(b: Builder, node: ast.ImportStatement): Code {
  const { unit, scopes } = b.program
  const { files, importOf } = scopes
  const file = importOf.get(node)
  if (file === undefined) throw new Error('import that leads nowhere')
  const items = node.items.map(({ imported, local }) => {
    const variable = file.exports.get(imported.name)
    return {
      name: imported.name,
      from: variable === undefined ? 0 : b.globalSlot(variable),
      to: b.target(local),
    }
  })
  const runs = file.error !== null || file.body !== null
  const module = runs ? files.indexOf(file) - 1 : -1
  return new Import(
    b.interpreter,
    unit,
    b.site(node.position.start, file.body?.name),
    node.source.value,
    module,
    items,
  )
}

/** Where nothing is exported (`ScopeInfo.exportOf`) it only assigns, or checks that the variable exists. */
function buildExport(b: Builder, node: ast.ExportStatement): Code {
  const { rt } = b
  const variable = b.program.scopes.exportOf.get(node)
  const exported = variable === undefined ? 0 : b.globalSlot(variable)
  if (node.value !== null) {
    const assignment = new Assignment(rt, b.target(node.name), buildExpression(b, node.value))
    return exported === 0 ? assignment : new Export(rt, assignment, exported, true)
  }
  const reference = b.reference(node.name)
  const position = b.errorSite(node)
  if (reference.kind === 'unbound') {
    return new Failure(rt, position, MESSAGES.exportUndefined(node.name.name), b.null())
  }
  const value =
    reference.kind === 'global'
      ? new ExportedVariable(rt, position, b.globalSlot(reference.variable), node.name.name)
      : b.name(reference, position)
  return new Export(rt, value, exported, false)
}
