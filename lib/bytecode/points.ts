/** Where the run-time error of a node is reported (`e.line`, `e.column`), the same in every tier. */
import type { Node, Point } from '../syntax/ast.js'

export function errorPoint(node: Node): Point {
  switch (node.type) {
    case 'BinaryExpression':
      return node.operatorPoint
    case 'CallExpression':
    case 'NewExpression':
    case 'SuperExpression':
    case 'IndexExpression':
      return node.open
    case 'MemberExpression':
      return node.property.position.start
    default:
      return node.position.start
  }
}

/** The name a call shows in stack traces: as written, the method's, or `<anonymous>`. */
export function callName(callee: Node): string {
  if (callee.type === 'Identifier') return callee.name
  if (callee.type === 'MemberExpression') return callee.property.name
  return '<anonymous>'
}
