/**
 * The syntax tree as indented text for people: one node per line with its place in the source.
 */
import type { Node, Program } from './ast.js'
import { forEachChild } from './walk.js'

/** Lists whose members need no label: the node type says what they are. */
const UNLABELLED: ReadonlySet<string> = new Set([
  'body',
  'elements',
  'pairs',
  'cases',
  'handlers',
  'methods',
  'items',
  'expression',
])

/** Strings are shown up to this many characters. */
const LONGEST_STRING = 60

/**
 * Prints `program`, one node per line: the property that holds the node, its type, what it says, and
 * `line:column-line:column`.
 */
export function printTree(program: Program): string {
  const lines: string[] = []
  const print = (node: Node, indent: string, label: string): void => {
    const { start, end } = node.position
    const place = `${start.line}:${start.column}-${end.line}:${end.column}`
    lines.push(`${indent}${label}${node.type}${attributes(node)} ${place}`)
    forEachChild(node, (child, key) => {
      // `import { a }` holds the same identifier twice.
      if (node.type === 'ImportItem' && key === 'local' && isSamePlace(node.imported, child)) return
      print(child, `${indent}  `, UNLABELLED.has(key) ? '' : `${key}: `)
    })
  }
  print(program, '', '')
  return `${lines.join('\n')}\n`
}

function isSamePlace(a: Node, b: Node): boolean {
  return a.position.start.offset === b.position.start.offset
}

/** What a node says besides its children, with a blank in front. */
function attributes(node: Node): string {
  switch (node.type) {
    case 'Identifier':
      return ` ${node.name}`
    case 'InstanceVariable':
      return ` @${node.name}`
    case 'IntegerLiteral':
    case 'FloatLiteral':
      return ` ${node.raw ?? node.value}`
    case 'BooleanLiteral':
      return ` ${node.value}`
    case 'StringLiteral':
      return ` ${JSON.stringify(shorten(node.value))}`
    case 'UnaryExpression':
    case 'BinaryExpression':
    case 'LogicalExpression':
      return ` ${node.operator}`
    case 'SwitchCase':
      return node.tests === null ? ' default' : ''
    default:
      return ''
  }
}

function shorten(text: string): string {
  const characters = [...text]
  return characters.length > LONGEST_STRING ? `${characters.slice(0, LONGEST_STRING).join('')}...` : text
}
