/** Scope analysis: each row of the table in core.md 7.1, and the other rules of section 7. */
import t from 'tap'
import { analyseScopes, type Reference, type ScopeInfo } from '../../lib/bytecode/index.js'
import type { Node } from '../../lib/syntax/index.js'
import { document, isBuiltin } from './tools.js'

/**
 * What each occurrence of `name` means, in order of the text: `global`, `builtin`, `unbound`, or the
 * owner of the variable (`f/local`, `f/catch` with the function's name, `f/upvalue` from inside).
 */
function meanings(text: string, name: string): string[] {
  const info = analyseScopes(document(text), isBuiltin)
  return [...info.references]
    .filter(([node]) => node.type === 'Identifier' && node.name === name)
    .sort(([a], [b]) => a.position.start.offset - b.position.start.offset)
    .map(([, reference]) => describe(reference))
}

function describe(reference: Reference): string {
  if (reference.kind === 'builtin' || reference.kind === 'unbound' || reference.kind === 'global')
    return reference.kind
  const { scope } = reference.variable
  const owner = scope?.kind === 'catch' ? `${scope.frame.name}/catch` : (scope?.frame.name ?? 'nobody')
  return reference.kind === 'upvalue' ? `${owner}/upvalue` : owner
}

function analyse(text: string): ScopeInfo {
  return analyseScopes(document(text), isBuiltin)
}

t.test('the table of core.md 7.1', async (t) => {
  const rows: readonly (readonly [text: string, name: string, expected: string[]])[] = [
    ['x = 1; f = fn() { x = 2 }', 'x', ['global', 'global']],
    ['f = fn() { y = 5 }; y', 'y', ['f', 'unbound']],
    ['bump = fn() { n = n + 1 }; n = 0', 'n', ['global', 'global', 'global']],
    ['mark = fn() { done = true }; done = false', 'done', ['global', 'global']],
    [
      'size = fn(a) { i = 0; while (i < a) { i = i + 1 }; return i }; for (i = 0; i < 3; i = i + 1) { size(i) }',
      'i',
      [...Array(5).fill('size'), ...Array(5).fill('global')],
    ],
    ['make = fn() { v = 0; return fn() { v = v + 1 } }', 'v', ['make', 'make/upvalue', 'make/upvalue']],
    ['try { r = f() } catch (e) { r = "failed" }', 'r', ['global', 'global']],
    [
      'catch_all = 1; try { f() } catch (e) { only_here = 1 }; only_here',
      'only_here',
      ['<main>/catch', 'unbound'],
    ],
  ]
  for (const [text, name, expected] of rows) t.same(meanings(text, name), expected, text)
})

t.test('the rules of core.md 7.1', async (t) => {
  const rows: readonly (readonly [text: string, name: string, expected: string[]])[] = [
    ['f = fn(p) { g = fn() { p = 1 } }', 'p', ['f/upvalue']],
    ['f = fn() { f = 1 }', 'f', ['global', 'global']],
    ['f = fn() { x = 1; return x }; x = 2', 'x', ['f', 'f', 'global']],
    ['f = fn() { x = 1; return fn() { return x } }; x = 2', 'x', ['f', 'f/upvalue', 'global']],
    ['f = fn() { return x }; x = 2', 'x', ['global', 'global']],
    ['f = fn() { if (c) { x = 1 }; return x }; x = 2', 'x', ['f', 'f', 'global']],
    ['f = fn() { try { x = 1 } catch (e) { x }; x }', 'x', ['f', 'f', 'f']],
    ['f = fn() { try { 1 } catch (e) { y = 1 }; y = 2 }', 'y', ['f', 'f']],
    ['f = fn() { try { 1 } catch (e) { y = 1; y }; y = 2 }', 'y', ['f/catch', 'f/catch', 'f']],
    ['f = fn() { for (i = 0; i < 1; i = i + 1) { j = i }; return j + i }', 'j', ['f', 'f']],
    ['class A { fn m() { x = 1 } }; x = 2', 'x', ['global', 'global']],
    ['fn f() { return f }', 'f', ['global', 'global']],
    ['fn f() { f = 1; return f }', 'f', ['global', 'global', 'global']],
    ['for (;; x = 1) { f = fn() { x = 2; return x }; x = 3 }', 'x', ['global', 'global', 'global', 'global']],
    ['g = fn() { fn f() { f = 1; return f } }', 'f', ['g', 'g/upvalue', 'g/upvalue']],
    ['g = fn() { f = 1; return f }; fn f() { 1 }', 'f', ['g', 'g', 'global']],
    ['f = fn() { class K { }; return K }', 'K', ['f', 'f']],
  ]
  for (const [text, name, expected] of rows) t.same(meanings(text, name), expected, text)
})

t.test('parameters, catch variables and built-in names', async (t) => {
  t.same(meanings('e = 1; try { f() } catch (e) { e = 2 }; e', 'e'), [
    'global',
    '<main>/catch',
    '<main>/catch',
    'global',
  ])
  t.same(meanings('x = 1; f = fn(x) { x = 2; return x }', 'x').slice(1), ['f', 'f'])
  t.same(meanings('type(5)', 'type'), ['builtin'])
  t.same(meanings('f = fn() { type = 1; return type }; type(5)', 'type'), ['f', 'f', 'builtin'])
  const info = analyse('type = type(5)')
  t.same(
    info.globals.map(({ name, builtin }) => [name, builtin]),
    [['type', true]],
    'holds the function first',
  )
})

t.test('frames', async (t) => {
  const info = analyse(`
    f = fn(a, b) {
      c = a
      try { c() } catch (e) { d = e; print(d) }
      return fn() { return fn() { return a + e2 } }
    }
    class K { fn m(x) { return fn() { return @y + x } } }`)
  const [, f, middle, innermost, m, inMethod] = info.functions
  t.same(
    f?.variables.map(({ name, slot, captured }) => [name, slot, captured]),
    [
      ['a', 0, true],
      ['b', 1, false],
      ['e', 2, false],
      ['c', 3, false],
      ['d', 4, false],
    ],
    'parameters first; catch clauses share the frame',
  )
  t.equal(f?.locals, 5)
  t.same(middle?.captures, [{ from: 'local', index: 0 }], 'passes on what only the inner function uses')
  t.same(innermost?.captures, [{ from: 'upvalue', index: 0 }])
  t.same(
    m?.variables.map(({ name, captured }) => [name, captured]),
    [
      ['self', true],
      ['x', true],
    ],
    '@y needs self',
  )
  t.same(inMethod?.captures, [
    { from: 'local', index: 0 },
    { from: 'local', index: 1 },
  ])
  t.same(
    info.functions.map(({ name }) => name),
    ['<main>', 'f', '<anonymous>', '<anonymous>', 'K.m', '<anonymous>'],
  )
})

t.test('a repeated parameter name is the last one', async (t) => {
  const info = analyse('f = fn(a, a) { return a }')
  const uses = [...info.references.values()].filter((r) => r.kind === 'local').map((r) => r.variable.slot)
  t.same(uses, [1])
})

t.test('fields and classes', async (t) => {
  const info = analyse(
    'class A { fn m() { @b = @a; return fn() { @c } } fn n() { class B { fn o() { @z } } return @a + @d } }',
  )
  t.same(
    [...info.classOf.values()].map(({ index, node, fields }) => [index, node.name.name, fields]),
    [
      [0, 'A', ['a', 'b', 'c', 'd']],
      [1, 'B', ['z']],
    ],
  )
})

t.test('every identifier that is a variable has a meaning', async (t) => {
  const program = document(
    'import { a as b } from "m"; export c = 1; export c; o.p(q: 1)'.replace('(q: 1)', '(q)'),
  )
  const info = analyseScopes(program, isBuiltin)
  const names = [...info.references.keys()].map((node: Node) =>
    node.type === 'Identifier' ? node.name : node.type,
  )
  t.same(names.sort(), ['b', 'c', 'c', 'o', 'q'])
})
