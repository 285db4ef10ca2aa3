/**
 * Values of all types for tests of the operators: how a program writes each, and what the language
 * documents say of it. Values are compared by identity except where they have a `value`.
 */

export interface RushValue {
  /** The expression that gives it, after SETUP. */
  readonly source: string
  /** What `type()` says. */
  readonly type: string
  /** What `print` shows. */
  readonly text: string
  /** What it is, for the types that are compared by value. */
  readonly value?: bigint | number | string | boolean | null
}

/** Statements before the values: what some of them are made of. */
export const SETUP = `
class Shape {
  fn initialize(size) { @size = size }
  fn grow(by) { return @size + by }
}
shape = Shape.new(3)
`

/** The text form of floats (core.md section 5). */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (value === 0) return Object.is(value, -0) ? '-0' : '0'
  const [digits, exponent] = value.toExponential().split('e') as [string, string]
  const power = Number(exponent)
  if (power >= -4 && power <= 5) return String(value)
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

const LOWEST = -(2n ** 63n)

export function integer(value: bigint): RushValue {
  const source = value === LOWEST ? `${value + 1n} - 1` : String(value)
  return { source, type: 'INTEGER', text: String(value), value }
}

export function float(value: number, source = value.toFixed(Number.isInteger(value) ? 1 : 4)): RushValue {
  return { source, type: 'FLOAT', text: floatText(value), value }
}

export function string(value: string): RushValue {
  return { source: JSON.stringify(value), type: 'STRING', text: value, value }
}

export function boolean(value: boolean): RushValue {
  return { source: String(value), type: 'BOOLEAN', text: String(value), value }
}

function object(type: string, source: string, text: string): RushValue {
  return { source, type, text }
}

// In each list the first values fit most operators, so that functions can be trained with them.

export const INTEGERS: readonly RushValue[] = [
  7n,
  -3n,
  2n ** 63n - 1n,
  LOWEST,
  0n,
  2n ** 53n + 1n,
  1n,
  -1n,
  2n ** 32n,
  -(2n ** 31n),
  2n ** 53n,
  2n ** 62n,
].map(integer)

export const FLOATS: readonly RushValue[] = [
  float(2.5),
  float(Number.POSITIVE_INFINITY, '2.pow(1024)'),
  float(2 ** 63),
  float(-0, '-0.0'),
  float(Number.NaN, '(-8).pow(0.5)'),
  float(-0.5),
  float(7),
  float(0),
  float(-(2 ** 63)),
  float(2 ** 53),
  float(Number.NEGATIVE_INFINITY, '0.0 - 2.pow(1024)'),
  float(5e-324, '2.pow(-1074)'),
]

export const STRINGS: readonly RushValue[] = [
  'abc',
  '7',
  '',
  'null',
  'true',
  'NaN',
  '[1, 2]',
  'abcd',
  '\uff5e',
  '😀',
].map(string)

export const BOOLEANS: readonly RushValue[] = [boolean(true), boolean(false)]

export const NULL: RushValue = { source: 'null', type: 'NULL', text: 'null', value: null }

/** One value of each other type, and a second one of some that could be confused with it. */
export const OBJECTS: readonly RushValue[] = [
  object('ARRAY', '[1, 2]', '[1, 2]'),
  object('ARRAY', '[1, 2]', '[1, 2]'),
  object('ARRAY', '[]', '[]'),
  object('HASH', '{"a": 1}', '{a: 1}'),
  object('HASH', '{}', '{}'),
  object('FUNCTION', 'fn(x) { return x + 1 }', 'fn(x) {\n{return (x + 1);}\n}'),
  object('BUILTIN', 'len', 'builtin function'),
  object('BUILTIN', 'type', 'builtin function'),
  object('BUILTIN', 'JSON', 'builtin function'),
  object('CLASS', 'Shape', 'class Shape'),
  object('INSTANCE', 'shape', '#<Shape>'),
  object('INSTANCE', 'Shape.new(3)', '#<Shape>'),
  object('BOUND_METHOD', 'shape.grow', '#<BoundMethod:grow>'),
  object('ERROR', 'TypeError("bad")', 'TypeError: bad'),
  object('ERROR', 'OddError("bad")', 'OddError: bad'),
  object('STRING_METHOD', '"abc".upper', '#<StringMethod:upper on abc>'),
  object('NUMBER_METHOD', '5.pow', '#<NumberMethod:pow on 5>'),
  object('ARRAY_METHOD', '[3, 1].sort', '#<ArrayMethod:sort on [3, 1]>'),
  object('JSON', `JSON.parse('{"a": 1}')`, '#<JSON:{a: 1}>'),
  object('JSON_METHOD', `JSON.parse('[1]').get`, '#<JSONMethod:get on #<JSON:[1]>>'),
  object('REGEXP', 'Regexp("a+")', '/a+/'),
  object('REGEXP_METHOD', 'Regexp("a+").replace', '<replace method on /a+/>'),
  object(
    'TIME',
    'Time.parse("2031-05-06T07:08:09Z")',
    `#<Time:${BigInt(Date.UTC(2031, 4, 6, 7, 8, 9)) * 1_000_000n} in Local>`,
  ),
  object(
    'TIME_METHOD',
    'Time.parse("1970-01-01T00:00:01Z").year',
    '#<TimeMethod:year on #<Time:1000000000 in Local>>',
  ),
  object('DURATION', 'Duration.seconds(-1.5)', '#<Duration:-1500000000ns>'),
  object('TIMEZONE', 'TimeZone.utc()', '#<TimeZone:UTC offset:0>'),
  object('TIME_NAMESPACE', 'Time()', '#<TimeNamespace>'),
  object('FILE', 'file("a/b")', '#<File:a/b (closed)>'),
  object('DIRECTORY', 'directory("d")', '#<Directory:d>'),
  object('PATH', 'path("p")', '#<Path:p>'),
]

export const ALL_VALUES: readonly RushValue[] = [
  ...INTEGERS,
  ...FLOATS,
  ...STRINGS,
  ...BOOLEANS,
  NULL,
  ...OBJECTS,
]
