/**
 * The text form of functions, written from the syntax tree (core.md section 5): comments and layout
 * are lost, statements stand next to each other without a separator.
 */
import type {
  Block,
  Expression,
  FunctionExpression,
  HashPair,
  IfExpression,
  Statement,
  SwitchCase,
} from './ast.js'

/** What `print(f)` shows for the function that `node` makes. */
export function printFunction(node: FunctionExpression): string {
  return `fn(${parameters(node)}) {\n${block(node.body)}\n}`
}

function parameters(node: FunctionExpression): string {
  return node.parameters.map(({ name }) => name).join(', ')
}

function block(node: Block): string {
  return `{${statements(node.body)}}`
}

function statements(body: readonly Statement[]): string {
  return body.map(statement).join('')
}

function statement(node: Statement): string {
  switch (node.type) {
    case 'ExpressionStatement':
      return expression(node.expression)
    case 'AssignmentStatement':
      return `${expression(node.target)} = ${expression(node.value)}`
    case 'ReturnStatement':
      return node.argument === null ? 'return;' : `return ${expression(node.argument)};`
    case 'ThrowStatement':
      return `throw ${expression(node.argument)}`
    case 'BreakStatement':
      return 'break'
    case 'ContinueStatement':
      return 'continue'
    case 'WhileStatement':
      return `while${expression(node.test)} ${block(node.body)}`
    case 'ForStatement': {
      const init = node.init === null ? '' : statement(node.init)
      const test = node.test === null ? '' : expression(node.test)
      const update = node.update === null ? '' : statement(node.update)
      return `for(${init};${test};${update}) ${block(node.body)}`
    }
    case 'SwitchStatement':
      return `switch (${expression(node.discriminant)}) {${node.cases.map(switchCase).join('')}}`
    case 'TryStatement': {
      let text = `try ${block(node.block)}`
      for (const { errorType, parameter, body } of node.handlers) {
        text += ` catch (${errorType === null ? '' : `${errorType.name} `}${parameter.name}) ${block(body)}`
      }
      return node.finalizer === null ? text : `${text} finally ${block(node.finalizer)}`
    }
    case 'ClassDeclaration': {
      const superclass = node.superclass === null ? '' : ` < ${node.superclass.name}`
      const methods = node.methods.map((method) => named(method.name.name, method.function))
      return `class ${node.name.name}${superclass} {${methods.join('')}}`
    }
    case 'FunctionDeclaration':
      return `${node.name.name} = ${expression(node.function)}`
    case 'ImportStatement': {
      const items = node.items.map(({ imported, local }) =>
        imported.name === local.name ? imported.name : `${imported.name} as ${local.name}`,
      )
      return `import {${items.join(', ')}} from ${expression(node.source)}`
    }
    case 'ExportStatement':
      return `export ${node.name.name}${node.value === null ? '' : ` = ${expression(node.value)}`}`
    case 'Block':
      return block(node)
  }
}

function switchCase(node: SwitchCase): string {
  const head = node.tests === null ? 'default' : `case ${list(node.tests)}`
  return `${head}:{${statements(node.body)}}`
}

function named(name: string, node: FunctionExpression): string {
  return `fn ${name}(${parameters(node)}) ${block(node.body)}`
}

function expression(node: Expression): string {
  switch (node.type) {
    case 'Identifier':
      return node.name
    case 'InstanceVariable':
      return `@${node.name}`
    case 'IntegerLiteral':
    case 'FloatLiteral':
      return node.raw ?? String(node.value)
    case 'StringLiteral':
      return `"${node.value}"`
    case 'BooleanLiteral':
      return String(node.value)
    case 'NullLiteral':
      return 'null'
    case 'UnaryExpression':
      return `(${node.operator}${expression(node.operand)})`
    case 'BinaryExpression':
    case 'LogicalExpression':
      return `(${expression(node.left)} ${node.operator} ${expression(node.right)})`
    case 'CallExpression':
      return `${expression(node.callee)}(${list(node.arguments)})`
    case 'NewExpression':
      return `${expression(node.callee)}.new(${list(node.arguments)})`
    case 'SuperExpression':
      return `super(${list(node.arguments)})`
    case 'IndexExpression':
      return `(${expression(node.object)}[${expression(node.index)}])`
    case 'MemberExpression':
      return `(${expression(node.object)}.${node.property.name})`
    case 'ArrayLiteral':
      return `[${list(node.elements)}]`
    case 'HashLiteral':
      return `{${node.pairs.map(pair).join(', ')}}`
    case 'IfExpression':
      return ifExpression(node)
    case 'FunctionExpression':
      return `fn(${parameters(node)}) ${block(node.body)}`
  }
}

function ifExpression(node: IfExpression): string {
  const { alternate } = node
  const text = `if${expression(node.test)} ${block(node.consequent)}`
  if (alternate === null) return text
  return `${text}else ${alternate.type === 'Block' ? block(alternate) : ifExpression(alternate)}`
}

function list(nodes: readonly Expression[]): string {
  return nodes.map(expression).join(', ')
}

function pair({ key, value }: HashPair): string {
  return `${expression(key)}: ${expression(value)}`
}
