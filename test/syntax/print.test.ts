import t from 'tap'
import { parse, printFunction, printTree } from '../../lib/syntax/index.js'

function print(text: string): string {
  const { program, diagnostics } = parse(text, 'x.rush')
  const [statement] = program.body
  if (diagnostics.length > 0 || statement?.type !== 'ExpressionStatement')
    throw new Error(`not a function: ${text}`)
  if (statement.expression.type !== 'FunctionExpression') throw new Error(`not a function: ${text}`)
  return printFunction(statement.expression)
}

t.test('functions', async (t) => {
  t.equal(print('fn(a, b) { return a + b * 2 }'), 'fn(a, b) {\n{return (a + (b * 2));}\n}')
  t.equal(print('fn() { }'), 'fn() {\n{}\n}')
  const constructs: [string, string][] = [
    ['x = "a\\"b"', 'x = "a"b"'],
    ['@x = v; @y', '@x = v@y'],
    ['a[i] = v', '(a[i]) = v'],
    ['throw v', 'throw v'],
    ['!a; -b', '(!a)(-b)'],
    ['f(a, b) C.new(a) super(a)', 'f(a, b)C.new(a)super(a)'],
    ['a.b.c()', '((a.b).c)()'],
    ['x = [a, {k: v, "l": 1.50}]', 'x = [a, {k: v, "l": 1.50}]'],
    ['fn(a) { return fn() { a } }', 'fn(a) {return fn() {a};}'],
    ['if (c) { 1 } else { 2 }', 'ifc {1}else {2}'],
    ['if (a < b) { 1 }', 'if(a < b) {1}'],
    ['while (c) { break }', 'whilec {break}'],
    ['for (i = 0; i < n; i = i + 1) { continue }', 'for(i = 0;(i < n);i = (i + 1)) {continue}'],
    ['switch (v) { case a, b: 1 2 default: 3 }', 'switch (v) {case a, b:{12}default:{3}}'],
    ['try { 1 } catch (T e) { 2 } finally { 3 }', 'try {1} catch (T e) {2} finally {3}'],
    ['x = true && null', 'x = (true && null)'],
  ]
  for (const [source, expected] of constructs) {
    t.equal(print(`fn() { ${source} }`), `fn() {\n{${expected}}\n}`, source)
  }
})

t.test('trees', async (t) => {
  const { program } = parse('x = -f("a\\n", @b)\nimport { c } from "m"', 'x.rush')
  t.equal(
    printTree(program),
    `Program 1:1-2:22
  AssignmentStatement 1:1-1:18
    target: Identifier x 1:1-1:2
    value: UnaryExpression - 1:5-1:18
      operand: CallExpression 1:6-1:18
        callee: Identifier f 1:6-1:7
        arguments: StringLiteral "a\\n" 1:8-1:13
        arguments: InstanceVariable @b 1:15-1:17
  ImportStatement 2:1-2:22
    ImportItem 2:10-2:11
      imported: Identifier c 2:10-2:11
    source: StringLiteral "m" 2:19-2:22
`,
  )
})
