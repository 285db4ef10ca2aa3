import t from 'tap'
import { formatDiagnostics, parse, sourceExcerpt } from '../../lib/syntax/index.js'

function mistakes(text: string): string[] {
  return parse(text, 'x.rush').diagnostics.map(({ line, column, message }) => `${line}:${column} ${message}`)
}

const MISTAKES: [source: string, ...mistakes: string[]][] = [
  ['x = (1 }', "1:8 expected ')' but found '}'"],
  ['if (x) print(1)', "1:8 expected '{' but found 'print'"],
  ['x = 5 +', '1:8 expected an expression but found end of file'],
  ['x = 5 +\n\n}', "3:1 expected an expression but found '}' (after '+' in line 1)"],
  ['f(1,\n\n2', "3:2 unclosed '(' opened at 1:2"],
  ['if (a) {\n  b', "2:4 unclosed '{' opened at 1:8"],
  ['if (a) { if (b) { c', "1:20 unclosed '{' opened at 1:17"],
  ['f(\n1 2)', "2:3 expected ',' or ')' but found number 2 (the '(' was opened at 1:2)"],
  ['[1,,2]', "1:4 expected an expression but found ','"],
  ['[,]', "1:2 expected an expression but found ','"],
  ['{a: 1, b}', "1:9 expected ':' after the key of a hash literal but found '}'"],
  ['x = "abc\n}{', '1:5 unterminated string: the closing " is missing'],
  ["if (a) { 'abc", "1:10 unterminated string: the closing ' is missing"],
  ['"abc\\', '1:1 unterminated string: the closing " is missing'],
  ['é = $', "1:1 unexpected character 'é'", "1:5 unexpected character '$'"],
  ['a & b', "1:3 unexpected character '&' (the operator is '&&')"],
  ['\u0007', '1:1 unexpected character U+0007'],
  ['a \u{1F600}', "1:3 unexpected character '\u{1F600}'"],
  ['x = 1.', '1:7 expected a member name but found end of file'],
  ['x = 1.\ny = 2', "1:7 expected a member name behind '.' on the same line"],
  ['x = .5', "1:5 expected an expression but found '.'"],
  ['1e3', "1:1 invalid number '1e3'"],
  ['0x1F', "1:1 invalid number '0x1F'"],
  ['1_000', "1:1 invalid number '1_000'"],
  ['9223372036854775808', '1:1 integer 9223372036854775808 is too large (at most 9223372036854775807)'],
  ['1.2.3', '1:5 expected a member name but found number 3'],
  ['@', "1:1 expected a name directly after '@'"],
  ['@class = 1', "1:1 '@class' is not allowed: 'class' is a reserved word"],
  ['x.class', "1:3 expected a member name but found reserved word 'class' (reserved words cannot be names)"],
  [
    'f = fn(if) { }',
    "1:8 expected a parameter name but found reserved word 'if' (reserved words cannot be names)",
  ],
  ['f = fn(1) { }', '1:8 expected a parameter name but found number 1'],
  ['f = fn(a,) { }', "1:10 expected a parameter name but found ')'"],
  ['f = fn g() { }', '1:8 a function inside an expression has no name: write fn(...) { ... }'],
  ['null = 1', '1:1 cannot assign to this expression'],
  ['f() = 1', '1:1 cannot assign to the result of a call'],
  ['a.b = 1', '1:1 cannot assign to a member (instance variables are set by methods: @name = ...)'],
  ['1 = 2', '1:1 cannot assign to a number'],
  ['(x) = 1', '1:1 cannot assign to an expression in parentheses'],
  ['(x[0]) = 1', '1:1 cannot assign to an expression in parentheses'],
  ['-a[0] = 1', '1:1 cannot assign to the result of an operator'],
  ['x = y = 5', "1:7 unexpected '=': an assignment has no value, so assignments cannot be chained"],
  [
    'f(a = 1)',
    "1:5 expected ',' or ')' but found '=' (an assignment is a statement and cannot stand inside an expression; to compare, write ==)",
  ],
  ['x\n= 5', "2:1 expected an expression but found '='"],
  ['x += 1', "1:3 there is no operator '+='"],
  ['x++', "1:2 there is no operator '++'"],
  ['x = a ? b : c', "1:11 expected an expression but found ':'"],
  ['x = while (y) { }', "1:5 'while' is a statement and cannot stand inside an expression"],
  ['try { }\ncatch\n(e) { }', "3:1 expected '(' after 'catch' but found '(' on a new line"],
  ['switch (x) { default\n: 1 }', "2:1 expected ':' but found ':' on a new line"],
  [
    'x = {1\n: 2}',
    "2:1 expected ':' after the key of a hash literal but found ':' on a new line (the '{' was opened at 1:5)",
  ],
  ['while x { }', "1:7 expected '(' after 'while' but found 'x'"],
  ['for (x in y) { }', "1:8 expected ';' (for (init; condition; update) { ... }) but found 'in'"],
  ['throw\nx', "1:1 expected an expression after 'throw' on the same line"],
  ['try { }', "1:1 'try' needs a 'catch' or a 'finally'"],
  ['else { }', "1:1 'else' without 'if'"],
  ['if (a) { }; else { }', "1:13 'else' without 'if'"],
  ['case 1: 2', "1:1 'case' outside of 'switch'"],
  ['switch (x) { default: default: }', "1:23 a 'switch' has only one 'default'"],
  ['switch (x) { y }', "1:14 expected 'case', 'default' or '}' but found 'y'"],
  ['class A { x = 1 }', "1:11 a class body holds only methods: expected 'fn' but found 'x'"],
  ['super', "1:6 expected '(' directly after 'super' but found end of file"],
  ['super.m()', '1:6 only super(...) exists; it calls the method of the same name'],
  ['import a from "x"', "1:8 expected '{' but found 'a'"],
  ['import { a } from x', "1:19 expected the place of the module as a string but found 'x'"],
  ['}', "1:1 unexpected '}': no bracket is open here"],
  // several at once, and no cascades
  [
    'a = )\nb = 1\nc = ]\n',
    "1:5 expected an expression but found ')'",
    "3:5 expected an expression but found ']'",
  ],
  [
    'h = {\n a: 1,\n b 2,\n c: 3\n}\nx = *',
    "3:4 expected ':' after the key of a hash literal but found number 2 (the '{' was opened at 1:5)",
    "6:5 expected an expression but found '*'",
  ],
  ['x = [1,\n 2 3,\n 4]\ny', "2:4 expected ',' or ']' but found number 3 (the '[' was opened at 1:5)"],
  [
    'class A {\n x = 1\n fn m() { 1 + }\n fn n() { }\n}\ny',
    "2:2 a class body holds only methods: expected 'fn' but found 'x'",
    "3:15 expected an expression but found '}'",
  ],
  [
    'f = fn() {\n a = *\n b = *\n}\nc = *',
    "2:6 expected an expression but found '*'",
    "3:6 expected an expression but found '*'",
    "5:5 expected an expression but found '*'",
  ],
]

t.test('messages and places', async (t) => {
  for (const [source, ...expected] of MISTAKES) t.same(mistakes(source), expected, JSON.stringify(source))
})

t.test('at most 20 are reported', async (t) => {
  t.equal(mistakes('x = *\n'.repeat(100)).length, 20)
  t.equal(mistakes('$'.repeat(100)).length, 20)
})

t.test('report', async (t) => {
  const text = 'a\n\tx = (1 }\n'
  t.equal(
    formatDiagnostics(parse(text, 'prog.rush').diagnostics, text),
    "Parse errors:\n  line 2:9: expected ')' but found '}' (prog.rush)\n    \tx = (1 }\n    \t       ^\n",
  )
})

t.test('excerpts', async (t) => {
  t.equal(sourceExcerpt('a\r\nbéc\r\n', 2, 3), '    béc\n      ^')
  t.equal(sourceExcerpt('b😀c', 1, 3), '    b😀c\n       ^', 'emoji are two columns wide')
  t.equal(sourceExcerpt('\t中。한カｶx', 1, 7), '    \t中。한カｶx\n    \t         ^', 'so is East Asian text')
  t.equal(sourceExcerpt('e\u0301x', 1, 3), '    e\u0301x\n     ^', 'accents take no column')
  t.equal(sourceExcerpt('a\u202Eb', 1, 3), '    a\uFFFDb\n      ^', 'nothing turns the line around')
  t.equal(sourceExcerpt('\uFEFFab', 1, 2), '    ab\n     ^')
  t.equal(
    sourceExcerpt('a\u001Bb', 1, 3),
    '    a\uFFFDb\n      ^',
    'no control characters reach the terminal',
  )
  t.equal(sourceExcerpt('a', 7, 9), '    \n    ^', 'a place outside of the text')
  const long = `${'a'.repeat(500)}X${'b'.repeat(500)}`
  const [line = '', caret = ''] = sourceExcerpt(long, 1, 501).split('\n')
  t.equal(line[caret.indexOf('^')], 'X')
  t.ok(line.length < 120, 'long lines are cut')
})
