/**
 * Makes a program smaller while something stays true of it: statements are left out, many at a time first, bodies take
 * the place of what is around them, and expressions that of what they are part of.
 */
import {
  type Block,
  childrenOf,
  type Expression,
  type Node,
  parse,
  type Statement,
} from '../../lib/syntax/index.js'

/** A piece of the text, by offsets, and what comes in its place. */
interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** What expressions may become, shortest first. */
const SIMPLEST = ['0', '1', '""', '0.5', 'null']

/**
 * @param holds whether a text is still of interest; texts that do not parse are not asked about
 * @param isOver whether the time is over: then the best so far is the answer
 */
export async function reduce(
  text: string,
  holds: (text: string) => Promise<boolean>,
  isOver: () => boolean = () => false,
): Promise<string> {
  let best = text
  for (let changed = true; changed; ) {
    changed = false
    // An edit that was of no use is not tried again where the list that follows it has been made anew.
    for (let index = 0; ; ) {
      const edits = editsOf(best)
      let found = false
      for (; index < edits.length && !found; index++) {
        if (isOver()) return best
        const smaller = apply(best, edits[index] as Edit)
        if (smaller.length >= best.length || parse(smaller, 'program.rush').diagnostics.length > 0) continue
        if (!(await holds(smaller))) continue
        best = smaller
        found = true
      }
      if (!found) break
      index--
      changed = true
    }
  }
  return best
}

function apply(text: string, { start, end, text: replacement }: Edit): string {
  return `${text.slice(0, start)}${replacement}${text.slice(end)}`.replace(/\n\s*\n/g, '\n').trimStart()
}

/** All ways to make the text smaller, those that take away most first. */
function editsOf(text: string): Edit[] {
  const { program } = parse(text, 'program.rush')
  const removals: Edit[] = []
  const unwrappings: Edit[] = []
  const simplifications: Edit[] = []
  const nodes: Node[] = [program]
  for (const node of nodes) {
    nodes.push(...childrenOf(node))
    for (const list of listsOf(node)) removals.push(...withoutParts(list))
    if (isStatement(node)) unwrappings.push(...unwrapped(node, text))
    if (isExpression(node)) simplifications.push(...simplified(node, text))
  }
  return [...removals, ...unwrappings, ...simplifications]
}

/** Parts of a list that may be left out: halves, quarters, …, single ones. */
function withoutParts(list: readonly Node[]): Edit[] {
  const edits: Edit[] = []
  for (let size = list.length; size > 0; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < list.length; at += size) {
      const part = list.slice(at, at + size)
      const [first, last] = [part[0] as Node, part.at(-1) as Node]
      edits.push({ start: first.position.start.offset, end: last.position.end.offset, text: '' })
    }
  }
  return edits
}

/** Lists from which any part may be missing. */
function listsOf(node: Node): (readonly Node[])[] {
  switch (node.type) {
    case 'Program':
    case 'Block':
      return [node.body]
    case 'SwitchCase':
      return [node.body]
    case 'SwitchStatement':
      return [node.cases]
    case 'ClassDeclaration':
      return [node.methods]
    case 'TryStatement':
      return [node.handlers]
    default:
      return []
  }
}

/** The bodies of a statement in its place, or its expression. */
function unwrapped(node: Statement, text: string): Edit[] {
  const inside = node.type === 'AssignmentStatement' ? node.value : 'argument' in node ? node.argument : null
  if (inside !== null) {
    const { start, end } = placeOf(inside)
    return [{ ...placeOf(node), text: text.slice(start, end) }]
  }
  return bodiesOf(node).map((body) => {
    const inner = text.slice(body.position.start.offset + 1, body.position.end.offset - 1)
    return { ...placeOf(node), text: inner.trim() }
  })
}

function bodiesOf(node: Statement): Block[] {
  switch (node.type) {
    case 'WhileStatement':
    case 'ForStatement':
      return [node.body]
    case 'TryStatement':
      return [
        node.block,
        ...node.handlers.map(({ body }) => body),
        ...(node.finalizer ? [node.finalizer] : []),
      ]
    case 'Block':
      return [node]
    case 'SwitchStatement':
      return node.cases.flatMap(({ body }) => body.filter((inner) => inner.type === 'Block'))
    case 'ExpressionStatement': {
      const { expression } = node
      if (expression.type !== 'IfExpression') return []
      const { consequent, alternate } = expression
      return alternate?.type === 'Block' ? [consequent, alternate] : [consequent]
    }
    default:
      return []
  }
}

/** Something shorter in place of an expression: a part of it, or a constant. */
function simplified(node: Expression, text: string): Edit[] {
  const parts = expressionsIn(node).map((part) => {
    const { start, end } = part.position
    return text.slice(start.offset, end.offset)
  })
  return [...SIMPLEST, ...parts].map((replacement) => ({ ...placeOf(node), text: replacement }))
}

/** The nearest expressions inside. */
function expressionsIn(node: Node): Expression[] {
  return childrenOf(node).flatMap((child) => (isExpression(child) ? [child] : expressionsIn(child)))
}

function placeOf({ position: { start, end } }: Node): { start: number; end: number } {
  return { start: start.offset, end: end.offset }
}

function isStatement(node: Node): node is Statement {
  return node.type.endsWith('Statement') || node.type.endsWith('Declaration') || node.type === 'Block'
}

function isExpression(node: Node): node is Expression {
  return node.type.endsWith('Expression') || node.type.endsWith('Literal') || node.type === 'Identifier'
}
