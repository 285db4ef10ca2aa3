/**
 * Generic access to the children of a node, from one table.
 */
import type { Node, Program } from './ast.js'

/** The properties of each node type that hold child nodes (or null, or lists), in source order. */
export const CHILD_KEYS: { readonly [Type in Node['type']]: readonly string[] } = {
  Program: ['body'],
  Identifier: [],
  InstanceVariable: [],
  IntegerLiteral: [],
  FloatLiteral: [],
  StringLiteral: [],
  BooleanLiteral: [],
  NullLiteral: [],
  UnaryExpression: ['operand'],
  BinaryExpression: ['left', 'right'],
  LogicalExpression: ['left', 'right'],
  CallExpression: ['callee', 'arguments'],
  NewExpression: ['callee', 'arguments'],
  SuperExpression: ['arguments'],
  IndexExpression: ['object', 'index'],
  MemberExpression: ['object', 'property'],
  ArrayLiteral: ['elements'],
  HashPair: ['key', 'value'],
  HashLiteral: ['pairs'],
  IfExpression: ['test', 'consequent', 'alternate'],
  FunctionExpression: ['parameters', 'body'],
  Block: ['body'],
  ExpressionStatement: ['expression'],
  AssignmentStatement: ['target', 'value'],
  ReturnStatement: ['argument'],
  ThrowStatement: ['argument'],
  BreakStatement: [],
  ContinueStatement: [],
  WhileStatement: ['test', 'body'],
  ForStatement: ['init', 'test', 'update', 'body'],
  SwitchCase: ['tests', 'body'],
  SwitchStatement: ['discriminant', 'cases'],
  CatchClause: ['errorType', 'parameter', 'body'],
  TryStatement: ['block', 'handlers', 'finalizer'],
  MethodDefinition: ['name', 'function'],
  ClassDeclaration: ['name', 'superclass', 'methods'],
  FunctionDeclaration: ['name', 'function'],
  ImportItem: ['imported', 'local'],
  ImportStatement: ['items', 'source'],
  ExportStatement: ['name', 'value'],
}

/** Calls `visit` for each child of `node`, in source order, with the property that holds it. */
export function forEachChild(node: Node, visit: (child: Node, key: string) => void): void {
  const holder = node as unknown as Record<string, Node | Node[] | null>
  for (const key of CHILD_KEYS[node.type]) {
    const value = holder[key]
    if (Array.isArray(value)) for (const child of value) visit(child, key)
    else if (value) visit(value, key)
  }
}

/** The children of `node` in source order. */
export function childrenOf(node: Node): Node[] {
  const children: Node[] = []
  forEachChild(node, (child) => children.push(child))
  return children
}

/**
 * The first node found more than `limit` levels below `root`, or null. Uses no recursion, so it may
 * be asked about trees of any height.
 */
export function nodeBelow(root: Node, limit: number): Node | null {
  const nodes: Node[] = [root]
  const levels = [0]
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    const level = levels.pop() as number
    if (level > limit) return node
    forEachChild(node, (child) => {
      nodes.push(child)
      levels.push(level + 1)
    })
  }
  return null
}

/** The places that a file's import statements name, each once, in the order of the text. */
export function placesIn(program: Program): string[] {
  const places = new Set<string>()
  const nodes: Node[] = [program]
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    if (node.type === 'ImportStatement') places.add(node.source.value)
    for (const child of childrenOf(node).reverse()) nodes.push(child)
  }
  return [...places]
}

const [MIN_INTEGER, MAX_INTEGER] = [-(2n ** 63n), 2n ** 63n - 1n]

/** The first integer found in a tree that does not fit into 64 bits, or null. */
export function integerBeyond(program: Program): string | null {
  const nodes: Node[] = [program]
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    if (node.type === 'IntegerLiteral' && typeof node.value === 'string') {
      const value = BigInt(node.value)
      if (value < MIN_INTEGER || value > MAX_INTEGER) return node.value
    }
    forEachChild(node, (child) => nodes.push(child))
  }
  return null
}
