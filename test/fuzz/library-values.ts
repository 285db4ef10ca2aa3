/** Constants and short pieces that library programs are made of, and what stands before each. */

export const SORTS = [
  'str',
  'int',
  'float',
  'num',
  'bool',
  'arr',
  'nums',
  'strs',
  'hash',
  'json',
  'regexp',
  'fn',
  'error',
  'object',
  'any',
] as const
export type Sort = (typeof SORTS)[number]

/** Constants. */
export const LEAVES: Readonly<Record<Sort, readonly string[]>> = {
  str: [
    '""',
    '"a"',
    '"abc"',
    '"Hello World"',
    '"né"',
    '"日本語"',
    '"x\u{1F600}y"',
    '" \\t pad \\n"',
    '"10"',
    '"9"',
    '"1,2,,3"',
    '"straße"',
    '"aXbXc"',
    '"true"',
    '"null"',
    '"baaac"',
    '"\\q\\""',
    '"\u00ff\u0100"',
    '"ab\u{10FFFF}"',
    '"$1 $x"',
    '"2"',
    '"1.5"',
    '"[1, 2]"',
    "'single'",
    '"İI"',
    '"\u00a0nb\u2003"',
    '"key"',
  ],
  int: [
    '0',
    '1',
    '2',
    '3',
    '7',
    '10',
    '64',
    '127',
    '128',
    '255',
    '(-1)',
    '(-7)',
    '2147483647',
    '2147483648',
    '9007199254740993',
    '9223372036854775807',
    '(-9223372036854775807 - 1)',
    '(-9223372036854775807)',
    '4611686018427387904',
    '1000000',
  ],
  float: [
    '0.5',
    '1.5',
    '2.0',
    '-0.5',
    '0.1',
    '(-2.5)',
    '0.0',
    '(-0.0)',
    '100000.0',
    '999999.5',
    '1234567.5',
    '0.0001',
    '0.00001',
    '(2.0).pow(63)',
    '(2.0).pow(1024)',
    '(-(2.0).pow(1024))',
    '((-8.0).pow(0.5))',
    '(2.0).pow(53)',
    '9007199254740992.0',
    '(2.0).pow(-1074)',
    '4503599627370497.5',
    '1.7976931348623157',
    '3.0',
  ],
  num: [],
  bool: ['true', 'false'],
  arr: [
    '[]',
    '[1, "a", 2.5, null, true]',
    '[[1, 2], [3]]',
    '["b", "a", "c"]',
    '[1, 1.0, "1", true]',
    '[null]',
    '[{"a": 1}, [2]]',
  ],
  nums: [
    '[]',
    '[3, 1, 2]',
    '[1.5, 2, 0.5]',
    '[10, 9.5, 2, -1]',
    '[9223372036854775807, 1]',
    '[0.1, 0.2, 0.3]',
    '[5]',
    '[0.0, -0.0]',
  ],
  strs: ['["b", "a", "né", "日"]', '["10", "9", "1"]', '[""]', '["a", "A", "ab"]'],
  hash: [
    '{}',
    '{"a": 1, "b": 2}',
    '{1: "x", 1.0: "y", "1": "z", true: "t"}',
    '{"k": [1, 2], "h": {"n": null}}',
    '{"né": 0.5, "日": "w"}',
    '{0: 0, -1: 1, 0.5: 2}',
  ],
  json: [
    'JSON.parse("{\\"a\\": [1, 2.5, null], \\"b\\": {\\"c\\": \\"x\\"}}")',
    'JSON.parse("[1, [2], {\\"k\\": true}]")',
    'JSON.parse("12")',
    'JSON.parse("\\"té\\"")',
    'JSON.parse("{}")',
  ],
  regexp: [
    'Regexp("a+")',
    'Regexp("[a-c]*")',
    'Regexp("(\\\\w)(\\\\w)")',
    'Regexp("")',
    'Regexp("\\\\d+|é")',
    'Regexp("(?i)x")',
    'Regexp("^.|.$")',
    'Regexp("(?P<n>b)|c")',
    'Regexp("\\\\s+")',
  ],
  fn: ['len', 'type', 'to_string', 'builtin_abs', 'print', 'Box'],
  error: [
    'Error("e")',
    'TypeError("t")',
    'ValidationError("v")',
    'IndexError("i")',
    'ArgumentError("a")',
    'RuntimeError("r")',
    'OwnError("o")',
  ],
  object: ['box', 'box2', 'pair'],
  any: ['null', 'null', 'unset', 'Box', 'len', 'JSON', '"abc".upper', '[3, 1].sort', '5.pow', '{"a": 1}.get'],
}

/** Other names in braces. */
export const POOLS: Readonly<Record<string, readonly string[]>> = {
  small: [
    '0',
    '1',
    '2',
    '3',
    '5',
    '(-1)',
    '0',
    '1',
    '2',
    '{int}',
    '1.0',
    '{x}',
    '(len({str}) - 1)',
    '(total % 4)',
  ],
  divisor: ['2', '4', '8', '10', '16', '3', '(-4)', '7', '1024', '0', '4611686018427387904'],
  key: [
    '"a"',
    '"b"',
    '"né"',
    '1',
    '1.0',
    '0.5',
    'true',
    '"1"',
    '{str}',
    '{int}',
    '{num}',
    '(total % 3)',
    '{any}',
    '("k" + total % 3)',
  ],
  char: ['"a"', '"é"', '"日"', '" "', '{str}[0]', '{str}[{small}]', '"\\n"'],
  pred: [
    'fn(e) { e == {any} }',
    'fn(e) { type(e) == "INTEGER" }',
    'fn(e) { total = total + 1; total % 2 == 0 }',
    'fn(e) { return e }',
    'fn(e) { e > {num} }',
    'fn() { true }',
  ],
  fn0: [
    'fn() { {any} }',
    'fn() { throw {any} }',
    'fn() { {num} / 0 }',
    'fn() { [1][{small}] }',
    'fn() { return {any}.nope }',
    'fn() { {any} - {any} }',
  ],
  fn1: [
    'fn(e) { [e, {any}] }',
    'fn(e) { total = total + 1; e }',
    'fn(e) { return e + {any} }',
    'fn(e) { e * 2 }',
    'fn(e) { }',
    'fn(e) { "" + e }',
    'fn(e) { {arr} }',
    'fn(e) { keep[0] = e; keep[total % 3] }',
  ],
  box: ['box', 'box2'],
}

/** What the forms mention. */
export const PRELUDE = `import { abs as std_abs, max as std_max } from "std/math"
import { map as std_map, sort as std_sort } from "std/array"
import { join as std_join, is_whitespace_char? as blank? } from "std/string"
total = 0
keep = [1, "two", 3.5]
class Box {
  fn initialize(v) { @v = v; @n = 0 }
  fn get() { return @v }
  fn add(p) { @n = @n + 1; return @v + p }
  fn bump() { @n = @n + 1; @n }
  fn count(p) { return @n + p }
  fn me() { self }
}
class Pair < Box {
  fn initialize(a, b) { super(a); @w = b }
  fn add(p) { return [super(p), @w] }
  fn get() { @w }
}
box = Box.new(1)
box2 = Box.new("b")
pair = Pair.new(2.5, 3)
classes = [Box, Pair, Box]
apply = fn(f, v) { f(v) }
make = fn(v) { return fn(w) { total = total + 1; v + w } }
caught = fn(f) { try { f() } catch (e) { return e } return Error("none") }
fn pick(v) {
  switch (v) {
    case 1, 2, 3: "few"
    case 0.5: { "half" }
    case "a", "abc", "né": return "text" + v
    case true, null: [v]
    default: type(v)
  }
}
show = fn(v) { substr(to_string(v), 0, 70) + " " + type(v) }
`
