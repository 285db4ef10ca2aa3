/**
 * Which values of a piece of program are shown: those of expressions, but not those of assignments and
 * declarations, even where they are the last statement of a branch. Such a statement gets a `null` behind it,
 * so that no tier needs to know of the rule.
 */
import type * as ast from '../syntax/ast.js'

/** The program with the values of its last statements as they are to be shown; the tree given stays as it is. */
export function silenceAssignments(program: ast.Program): ast.Program {
  return { ...program, body: silenceLast(program.body) }
}

function silenceLast(body: readonly ast.Statement[]): ast.Statement[] {
  const last = body[body.length - 1]
  if (last === undefined) return []
  return [...body.slice(0, -1), ...silence(last)]
}

function silence(node: ast.Statement): ast.Statement[] {
  switch (node.type) {
    case 'AssignmentStatement':
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
    case 'ImportStatement':
    case 'ExportStatement':
      return [node, nothing(node)]
    case 'ExpressionStatement':
      if (node.expression.type !== 'IfExpression') return [node]
      return [{ ...node, expression: silenceIf(node.expression) }]
    case 'SwitchStatement':
      return [{ ...node, cases: node.cases.map((clause) => ({ ...clause, body: silenceLast(clause.body) })) }]
    case 'TryStatement': {
      const block = silenceBlock(node.block)
      const handlers = node.handlers.map((handler) => ({ ...handler, body: silenceBlock(handler.body) }))
      return [{ ...node, block, handlers }]
    }
    case 'Block':
      return [silenceBlock(node)]
    default:
      return [node]
  }
}

function nothing({ position }: ast.Statement): ast.Statement {
  return { type: 'ExpressionStatement', expression: { type: 'NullLiteral', position }, position }
}

function silenceBlock(block: ast.Block): ast.Block {
  return { ...block, body: silenceLast(block.body) }
}

function silenceIf(node: ast.IfExpression): ast.IfExpression {
  const { alternate } = node
  const otherwise =
    alternate?.type === 'IfExpression' ? silenceIf(alternate) : alternate && silenceBlock(alternate)
  return { ...node, consequent: silenceBlock(node.consequent), alternate: otherwise }
}
