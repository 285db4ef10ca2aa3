/**
 * Definite assignment: which reads of locals surely find a value? The others are compiled to checked
 * reads ("identifier not found"), and their variables are cleared on entry.
 *
 * A structured forward walk in order of evaluation, as in the Java language specification
 * (chapter 16). Loops need no iteration: what is assigned on entry stays assigned. Captured
 * variables and globals live in memory and are always checked, so they are not tracked.
 */
import type * as ast from '../syntax/ast.js'
import type { ScopeInfo, Variable } from './scopes.js'

export interface AssignmentInfo {
  /** Reads that may find no value. */
  checked: Set<ast.Identifier>
  /** Variables with such a read: they must start without a value. */
  cleared: Set<Variable>
}

/** Variables that surely have a value; null where control cannot come. */
type State = ReadonlySet<Variable> | null

/** @param files the bodies of the main program and its modules */
export function analyseAssignments(files: readonly ast.Program[], scopes: ScopeInfo): AssignmentInfo {
  const walk = new Walk(scopes)
  for (const { body } of files) walk.body(body, new Set())
  return { checked: walk.checked, cleared: walk.cleared }
}

function merge(a: State, b: State): State {
  if (a === null) return b
  if (b === null || a === b) return a
  const both = new Set<Variable>()
  for (const variable of a) if (b.has(variable)) both.add(variable)
  return both
}

class Walk {
  readonly checked = new Set<ast.Identifier>()
  readonly cleared = new Set<Variable>()
  private state: State = new Set()
  /** What the jumps have that leave the loop test which is walked: a block in it may hold `break`. */
  private jumps: State = null

  constructor(private readonly scopes: ScopeInfo) {}

  body(list: readonly ast.Statement[], entry: State): void {
    const { state, jumps } = this
    this.state = entry
    this.statements(list)
    this.state = state
    this.jumps = jumps
  }

  private local(node: ast.Identifier): Variable | null {
    const reference = this.scopes.references.get(node)
    if (reference?.kind !== 'local' || reference.variable.captured) return null
    return reference.variable
  }

  private read(node: ast.Identifier): void {
    const variable = this.local(node)
    if (variable === null || variable.parameter || variable.builtin) return
    if (this.state === null || this.state.has(variable)) return
    this.checked.add(node)
    this.cleared.add(variable)
  }

  private assign(node: ast.Identifier): void {
    const variable = this.local(node)
    if (variable === null || this.state === null || this.state.has(variable)) return
    this.state = new Set(this.state).add(variable)
  }

  private statements(list: readonly ast.Statement[]): void {
    for (const statement of list) this.statement(statement)
  }

  /** Walks a part that may not run at all, or more than once. */
  private maybe(part: () => void): void {
    const entry = this.state
    part()
    this.state = entry
  }

  /** Walks the test of a loop; returns what a `break` or `continue` inside it has. */
  private loopTest(test: ast.Expression): State {
    const outer = this.jumps
    this.jumps = null
    this.expression(test)
    const { jumps } = this
    this.jumps = outer
    return jumps
  }

  private statement(node: ast.Statement): void {
    switch (node.type) {
      case 'ExpressionStatement':
        return this.expression(node.expression)
      case 'AssignmentStatement':
        if (node.target.type === 'IndexExpression') {
          this.expression(node.target.object)
          this.expression(node.target.index)
        }
        this.expression(node.value)
        if (node.target.type === 'Identifier') this.assign(node.target)
        return
      case 'ReturnStatement':
      case 'ThrowStatement':
        if (node.argument !== null) this.expression(node.argument)
        this.state = null
        return
      case 'BreakStatement':
      case 'ContinueStatement':
        this.jumps = merge(this.jumps, this.state)
        this.state = null
        return
      case 'WhileStatement': {
        const jumps = this.loopTest(node.test)
        this.maybe(() => this.statements(node.body.body))
        this.state = merge(this.state, jumps)
        return
      }
      case 'ForStatement': {
        if (node.init !== null) this.statement(node.init)
        const jumps = node.test === null ? null : this.loopTest(node.test)
        const exit = merge(this.state, jumps)
        this.statements(node.body.body)
        // `continue` reaches the update with less than the end of the body has.
        this.state = exit
        if (node.update !== null) this.statement(node.update)
        this.state = exit
        return
      }
      case 'SwitchStatement':
        return this.switch(node)
      case 'TryStatement':
        return this.try(node)
      case 'ClassDeclaration':
        if (node.superclass !== null) this.read(node.superclass)
        for (const method of node.methods) this.body(method.function.body.body, new Set())
        return this.assign(node.name)
      case 'FunctionDeclaration':
        this.expression(node.function)
        return this.assign(node.name)
      case 'ImportStatement':
        for (const item of node.items) this.assign(item.local)
        return
      case 'ExportStatement':
        if (node.value === null) return this.read(node.name)
        this.expression(node.value)
        return this.assign(node.name)
      case 'Block':
        return this.statements(node.body)
    }
  }

  private switch(node: ast.SwitchStatement): void {
    this.expression(node.discriminant)
    this.maybe(() => {
      // Tests run one after the other until one matches, so each sees what the earlier ones set,
      // but a body may be entered right after the first.
      for (const clause of node.cases) {
        for (const test of clause.tests ?? []) this.maybe(() => this.expression(test))
        this.maybe(() => this.statements(clause.body))
      }
    })
  }

  private try(node: ast.TryStatement): void {
    const entry = this.state
    this.statements(node.block.body)
    let end = this.state
    for (const handler of node.handlers) {
      this.state = entry
      this.assign(handler.parameter)
      this.statements(handler.body.body)
      end = merge(end, this.state)
    }
    if (node.finalizer !== null) {
      this.state = entry
      this.statements(node.finalizer.body)
      // The finalizer also runs after an error, so behind it only what it set itself or what was
      // set before is certain on every path of the control flow graph.
      if (end !== null) end = this.state
    }
    this.state = end
  }

  private expressions(list: readonly ast.Expression[]): void {
    for (const node of list) this.expression(node)
  }

  private expression(node: ast.Expression): void {
    switch (node.type) {
      case 'Identifier':
        return this.read(node)
      case 'InstanceVariable':
      case 'IntegerLiteral':
      case 'FloatLiteral':
      case 'StringLiteral':
      case 'BooleanLiteral':
      case 'NullLiteral':
        return
      case 'UnaryExpression':
        return this.expression(node.operand)
      case 'BinaryExpression':
        this.expression(node.left)
        return this.expression(node.right)
      case 'LogicalExpression':
        this.expression(node.left)
        return this.maybe(() => this.expression(node.right))
      case 'CallExpression':
      case 'NewExpression':
        this.expression(node.callee)
        return this.expressions(node.arguments)
      case 'SuperExpression':
        return this.expressions(node.arguments)
      case 'IndexExpression':
        this.expression(node.object)
        return this.expression(node.index)
      case 'MemberExpression':
        return this.expression(node.object)
      case 'ArrayLiteral':
        return this.expressions(node.elements)
      case 'HashLiteral':
        for (const pair of node.pairs) {
          this.expression(pair.key)
          this.expression(pair.value)
        }
        return
      case 'IfExpression':
        return this.if(node)
      case 'FunctionExpression':
        return this.body(node.body.body, new Set())
    }
  }

  private if(node: ast.IfExpression): void {
    this.expression(node.test)
    const entry = this.state
    this.statements(node.consequent.body)
    const end = this.state
    this.state = entry
    if (node.alternate?.type === 'IfExpression') this.if(node.alternate)
    else if (node.alternate) this.statements(node.alternate.body)
    this.state = merge(end, this.state)
  }
}
