import t from 'tap'
import { type Expression, MAX_NESTING, MAX_TREE_HEIGHT, openBrackets, parse } from '../../lib/syntax/index.js'
import { printFunction } from '../../lib/syntax/print-function.js'

/** The statements of a program, as the text form of a function shows them, one per line. */
function shape(text: string): string {
  const { program, diagnostics } = parse(text, 'shape.rush')
  if (diagnostics.length > 0)
    return diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`).join('\n')
  return program.body
    .map((statement) => {
      const { position } = statement
      const body = { type: 'Block' as const, body: [statement], position }
      const text = printFunction({ type: 'FunctionExpression', parameters: [], body, position })
      return text.slice('fn() {\n{'.length, -'}\n}'.length)
    })
    .join('\n')
}

/** The only expression of a program. */
function expressionOf(text: string): Expression {
  const { program, diagnostics } = parse(text, 'x.rush')
  const [statement] = program.body
  if (diagnostics.length > 0 || statement?.type !== 'ExpressionStatement')
    throw new Error(`no expression: ${text}`)
  return statement.expression
}

const SHAPES: [source: string, shape: string][] = [
  // precedence
  ['1 + 2 * 3 - 4 / 5 % 6', '((1 + (2 * 3)) - ((4 / 5) % 6))'],
  ['a || b && c == d < e + f * g', '(a || (b && (c == (d < (e + (f * g))))))'],
  ['a * b + c < d == e && f || g', '((((((a * b) + c) < d) == e) && f) || g)'],
  ['1 - 2 - 3', '((1 - 2) - 3)'],
  ['10 > 3 == true', '((10 > 3) == true)'],
  ['-a[0]', '(-(a[0]))'],
  ['-2.abs()', '(-(2.abs)())'],
  ['!x == y', '((!x) == y)'],
  ['--x', '(-(-x))'],
  ['!-x * -y', '((!(-x)) * (-y))'],
  ['a - -b', '(a - (-b))'],
  ['fn(x) { x }(1) + 1', '(fn(x) {x}(1) + 1)'],
  ['if (c) { 1 } else { 2 } + 10', '(ifc {1}else {2} + 10)'],
  ['if (c) { f } (1)', 'ifc {f}(1)'],
  ['if (c) { a }[0] = 1', '(ifc {a}[0]) = 1'],
  // statements beside each other
  ['a = 1 b = 2 print(a + b)', 'a = 1\nb = 2\nprint((a + b))'],
  [';;a;;b;', 'a\nb'],
  ['x = 5; -3', 'x = 5\n(-3)'],
  // newlines
  ['x = 1 +\n\n 2', 'x = (1 + 2)'],
  ['x =\n# note\n 42', 'x = 42'],
  ['x = -\n 1', 'x = (-1)'],
  ['x = 2 * 3\n\n# note\n + 4', 'x = ((2 * 3) + 4)'],
  ['a\n% b\n!= c\n&& d\n|| e', '((((a % b) != c) && d) || e)'],
  ['x = 10\n- 4', 'x = (10 - 4)'],
  ['x = 10 # note\n- 4', 'x = (10 - 4)'],
  ['x = 10\r\n- 4', 'x = (10 - 4)'],
  ['x = "a\n"\n- 4', 'x = ("a\n" - 4)'],
  ['x = 10\n\n- 4', 'x = 10\n(-4)'],
  ['x = 10\n// note\n- 4', 'x = 10\n(-4)'],
  ['a\n!b', 'a\n(!b)'],
  ['a = b\n(c)', 'a = b\nc'],
  ['a = b\n[c]', 'a = b\n[c]'],
  ['a\n  .b\n\n  .c()', '((a.b).c)()'],
  ['if (c) { 1 }\n-x', 'ifc {1}\n(-x)'],
  ['y = if (c) { 1 }\n-x', 'y = (ifc {1} - x)'],
  ['if (c)\n{ 1 }\n\nelse\n{ 2 }', 'ifc {1}else {2}'],
  ['if (a) { 1 } else if (b) { 2 }\n# note\nelse { 3 }', 'ifa {1}else ifb {2}else {3}'],
  ['f = fn(\n a,\n b\n)\n{ a }', 'f = fn(a, b) {a}'],
  ['while (\n c\n)\n{ }', 'whilec {}'],
  ['for (i = 0\n;\n i <\n 3\n\n - 1;\n i\n = i + 1\n)\n{ }', 'for(i = 0;(i < (3 - 1));i = (i + 1)) {}'],
  [
    'try { a }\ncatch (T e) { b }\n\ncatch (e) { c }\nfinally\n{ d }',
    'try {a} catch (T e) {b} catch (e) {c} finally {d}',
  ],
  // elements
  ['[1\n2]', '[1, 2]'],
  ['[1\n-2]', '[(1 - 2)]'],
  ['[1\n\n-2]', '[1, (-2)]'],
  ['[1;2;\n3\n,\n4,]', '[1, 2, 3, 4]'],
  ['[a\n[b]]', '[a, [b]]'],
  ['f(\n1\n2;3,\n)', 'f(1, 2, 3)'],
  ['f((1\n))', 'f(1)'],
  ['h = {\n"a": 1\nb:\n2;3: 4,\n}', 'h = {"a": 1, b: 2, 3: 4}'],
  // hash literal or block
  ['{"a": 1}', '{"a": 1}'],
  ['{}', '{}'],
  ['{\n}', '{}'],
  ['{if (x) { 1 }: 2}.keys()', '({ifx {1}: 2}.keys)()'],
  ['{f({a: 1})}', '{f({a: 1})}'],
  ['{switch (x) {case 1: a}}', '{switch (x) {case 1:{a}}}'],
  ['{x = {a: 1}}', '{x = {a: 1}}'],
  ['{;}', '{}'],
  [
    'switch (x) { case 1, 2: { y = 1 } default: {"a": 1} case 3: }',
    'switch (x) {case 1, 2:{{y = 1}}default:{{"a": 1}}case 3:{}}',
  ],
  // statements that start with @ or end in an index
  ['@n + 1', '(@n + 1)'],
  ['@list[0] = 1', '(@list[0]) = 1'],
  ['@list.length', '(@list.length)'],
  ['a[0][1] = v', '((a[0])[1]) = v'],
  ['f()[0] = v', '(f()[0]) = v'],
  ['(x)[0] = v', '(x[0]) = v'],
  // return
  ['return', 'return;'],
  ['return\n1', 'return;\n1'],
  ['return; 1', 'return;\n1'],
  ['return 1 +\n 2', 'return (1 + 2);'],
  [
    'switch (x) { case 1: return case 2: return default: return }',
    'switch (x) {case 1:{return;}case 2:{return;}default:{return;}}',
  ],
  // other statements
  ['fn f(a) { return a }', 'f = fn(a) {return a;}'],
  ['for (;;) { break continue }', 'for(;;) {breakcontinue}'],
  [
    'class A < B { fn initialize(a, a) { super(a) } fn m?() { self.x } }',
    'class A < B {fn initialize(a, a) {super(a)}fn m?() {(self.x)}}',
  ],
  ['import {\n a\n as b,\n c,\n}\nfrom\n"./m"', 'import {a as b, c} from "./m"'],
  ['import { } from "./m"', 'import {} from "./m"'],
  ['export a = 1 export b', 'export a = 1\nexport b'],
  ['throw Error("x") 1', 'throw Error("x")\n1'],
  ['kinds["a"].new(1)(2)', '(kinds["a"]).new(1)(2)'],
  ['new = X.new', 'new = (X.new)'],
  // spelling
  ['empty? = a?b ?? _1', 'empty? = a?b\n??\n_1'],
  ['20 // 3', '20'],
  ['#!/usr/bin/rush-run\n1', '1'],
  ['\uFEFFa', 'a'],
  ['010 + 2.50', '(010 + 2.50)'],
  ['1.e3', '(1.e3)'],
]

t.test('programs and their trees', async (t) => {
  for (const [source, expected] of SHAPES) t.equal(shape(source), expected, JSON.stringify(source))
})

t.test('literals', async (t) => {
  const value = (text: string) => {
    const node = expressionOf(text)
    return 'value' in node ? node.value : undefined
  }
  t.equal(value('010'), 10)
  t.equal(value('9007199254740991'), 9007199254740991)
  t.equal(value('9007199254740992'), '9007199254740992')
  t.equal(value('0009223372036854775807'), '9223372036854775807')
  t.equal(value('2.50'), 2.5)
  t.equal(value('"\\n\\t\\r\\\\\\"\\\'"'), '\n\t\r\\"\'')
  t.equal(value("'\\q\\0\\x'"), '\\q\\0\\x')
  t.equal(value('"a\\\nb"'), 'a\\\nb')
  t.equal(value('\'say "hi"\''), 'say "hi"')
  t.equal(value('"😀é\r\n"'), '😀é\r\n')
})

t.test('positions', async (t) => {
  const text = 'x = "😀é" # 😀\n  y = (f(1) + "😀" * (2)).z'
  const { program } = parse(text, 'x.rush')
  const [, second] = program.body
  t.same(program.position.end, { line: 2, column: 27, offset: text.length })
  if (second?.type !== 'AssignmentStatement' || second.value.type !== 'MemberExpression')
    throw new Error('tree')
  const slice = ({ position: { start, end } }: { position: typeof second.position }) =>
    text.slice(start.offset, end.offset)
  t.equal(slice(second), 'y = (f(1) + "😀" * (2)).z')
  t.equal(slice(second.value), '(f(1) + "😀" * (2)).z')
  const sum = second.value.object
  if (sum.type !== 'BinaryExpression' || sum.left.type !== 'CallExpression') throw new Error('tree')
  t.equal(slice(sum), 'f(1) + "😀" * (2)')
  t.equal(slice(sum.right), '"😀" * (2)', 'an operation spans the parentheses of its operands')
  t.same(sum.operatorPoint, { line: 2, column: 13, offset: text.indexOf('+') })
  t.same(sum.left.open, { line: 2, column: 9, offset: text.indexOf('(1)') })
  t.same(sum.right.position.end, { line: 2, column: 24, offset: text.indexOf(').z') }, 'code points')
})

t.test('positions of functions and methods', async (t) => {
  const text = 'class A { fn m(a) { 1 } }\nfn f() { 2 }'
  const [first, second] = parse(text, 'x.rush').program.body
  if (first?.type !== 'ClassDeclaration' || second?.type !== 'FunctionDeclaration') throw new Error('tree')
  const method = first.methods[0]
  t.same(method?.function.position.start, { line: 1, column: 11, offset: 10 })
  t.same(method?.function.position.end, { line: 1, column: 24, offset: 23 })
  t.same(second.function.position, second.position)
})

t.test('limits', async (t) => {
  const mistakes = (text: string) => parse(text, 'x.rush').diagnostics.map(({ message }) => message)
  const nestings: [string, string][] = [
    ['(', ')'],
    ['[', ']'],
    ['{', '}'],
    ['{1:', '}'],
    ['-f(', ')'],
    ['fn() {', '}'],
    ['x = 1 + fn() {', '}'],
    ['if (c) {', '}'],
    ['while (c) {', '}'],
    ['try {', '} finally { }'],
    ['class A { fn m() {', '} }'],
    ['switch (x) { default: {', '} }'],
    ['for (;; x = fn() {', '}) {}'],
  ]
  for (const [before, after] of nestings) {
    const brackets = before.match(/[[({]/g)?.length ?? 0
    const closed = before.match(/[\])}]/g)?.length ?? 0
    const fitting = Math.floor(MAX_NESTING / (brackets - closed)) - 1
    const nest = (count: number) => `${before.repeat(count)}1${after.repeat(count)}`
    t.same(mistakes(nest(fitting)), [], `${fitting} times ${before}`)
    t.same(mistakes(nest(fitting + 3)), [`nesting too deep (limit ${MAX_NESTING})`], `too often ${before}`)
    t.same(mistakes(before.repeat(2000)), [`nesting too deep (limit ${MAX_NESTING})`], `unclosed ${before}`)
  }
  const chains: ((count: number) => string)[] = [
    (count) => `1${' + 1'.repeat(count)}`,
    (count) => `1${' && 1'.repeat(count)}`,
    (count) => `${'-'.repeat(count)}1`,
    (count) => `a${'.b'.repeat(count)}`,
    (count) => `a${'()'.repeat(count)}`,
    (count) => `a${'[0]'.repeat(count)}`,
    (count) => `if (a) { 1 }${' else if (a) { 1 }'.repeat(count)}`,
  ]
  for (const chain of chains) {
    t.same(mistakes(chain(MAX_TREE_HEIGHT - 10)), [], `long ${chain(1)}`)
    t.match(
      mistakes(chain(MAX_TREE_HEIGHT + 1)),
      [new RegExp(`^expression too long \\(limit ${MAX_TREE_HEIGHT} `)],
      `too long ${chain(1)}`,
    )
    t.equal(mistakes(chain(10000)).length, 1, `far too long ${chain(1)}`)
  }
  t.equal(mistakes('[}'.repeat(100000)).length, 1, 'brackets that do not match take linear time')
  t.same(mistakes('x = [1, 2]\n'.repeat(5000)), [], 'many statements are no height')
})

t.test('open brackets tell a reader to go on', async (t) => {
  t.equal(openBrackets('if (x) { [1,'), 2)
  t.equal(openBrackets('f({a: 1})'), 0)
  t.equal(openBrackets('"not closed'), 1)
  t.equal(openBrackets('"{" # {'), 0)
})
