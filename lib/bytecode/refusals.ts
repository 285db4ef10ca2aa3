/**
 * What the compiler refuses: programs that do not fit the limits of bytecode. The interpreter asks here,
 * so that no program runs in one tier only.
 */
import type { AstDocument, Node } from '../syntax/ast.js'
import { type Diagnostic, forEachChild } from '../syntax/index.js'
import { compileResolved } from './compile.js'
import { MAX_ARGUMENTS, MAX_FRAME_SLOTS } from './limits.js'
import type { FunctionInfo, ScopeInfo } from './scopes.js'

/** No construct needs more slots, besides those of its parts, than `x.new()`: object, method and class. */
const SLOTS_PER_NODE = 3

/** The same messages as of `compile`; only programs that come near a limit are compiled to find out. */
export function refusals(document: AstDocument, scopes: ScopeInfo): Diagnostic[] {
  const near = scopes.functions.some((info) => frameBound(info) > MAX_FRAME_SLOTS)
  return near ? compileResolved(document, scopes).diagnostics : []
}

/** At least as many slots as the function's frame has; infinite if a call in it has too many arguments. */
export function frameBound({ node, locals }: FunctionInfo): number {
  const body = node.type === 'Program' ? node.body : node.body.body
  let hidden = 0
  let largest = 0
  for (const statement of body) {
    let size = 0
    const nodes: Node[] = [statement]
    for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
      size++
      if ('arguments' in node && node.arguments.length > MAX_ARGUMENTS) return Number.POSITIVE_INFINITY
      if (node.type === 'TryStatement' || node.type === 'SwitchStatement') hidden += 2
      if (node.type !== 'FunctionExpression') forEachChild(node, (child) => nodes.push(child))
    }
    // Between the statements of a body the operand stack is empty.
    largest = Math.max(largest, size)
  }
  return locals + hidden + SLOTS_PER_NODE * (largest + 1)
}
