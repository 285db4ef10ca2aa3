import t from 'tap'
import {
  BUILTINS,
  builtinIndex,
  callBuiltin,
  errorConstructor,
  isErrorConstructorName,
  unboundName,
} from '../../lib/runtime/builtins/registry.js'
import { strictEqual } from '../../lib/runtime/operators.js'
import { callMethod } from '../../lib/runtime/properties.js'
import { Bench, Slot, type Value } from './tools.js'

const M = (...pairs: [Value, Value][]): Map<Value, Value> => new Map(pairs)
const R = 'RuntimeError: '

/** receiver, method, arguments, result */
type Row = [Value, string, Value[], string]

/** The rows whose result is another one. */
function mismatches(rows: Row[]): string[] {
  const bench = new Bench()
  return rows.flatMap(([receiver, name, args, expected]) => {
    const got = bench.method(receiver, name, ...args)
    return got === expected ? [] : [`${bench.text(receiver)}.${name}: ${got} instead of ${expected}`]
  })
}

t.test('every name of the language has a function, once', async (t) => {
  const names =
    'print puts len type to_string ord chr substr split push pop slice Error ValidationError TypeError IndexError ArgumentError RuntimeError array_to_hash builtin_abs builtin_floor builtin_ceil builtin_round builtin_sqrt builtin_pow builtin_min builtin_max builtin_random builtin_random_int builtin_sum builtin_average builtin_is_number? builtin_is_integer? builtin_hash_keys builtin_hash_values builtin_hash_has_key builtin_hash_get builtin_hash_set builtin_hash_delete builtin_hash_merge'
  for (const name of names.split(' ')) t.ok(builtinIndex(name) >= 0, name)
  t.equal(new Set(BUILTINS.map((builtin) => builtin.name)).size, BUILTINS.length)
  t.equal(builtinIndex('nothing'), -1)
})

t.test('number of arguments', async (t) => {
  const bench = new Bench()
  t.equal(bench.call('len'), `${R}wrong number of arguments. got=0, want=1`)
  t.equal(bench.call('substr', 'a', 0n), `${R}wrong number of arguments. got=2, want=3`)
  t.equal(bench.call('builtin_hash_get', M()), `${R}wrong number of arguments. got=1, want=2 or 3`)
  t.equal(bench.call('builtin_min'), `${R}wrong number of arguments. got=0, want at least 1`)
  t.equal(bench.call('Error', 'a', 'b'), `${R}wrong number of arguments. got=2, want=1`)
  t.equal(bench.method('a', 'trim', 1n), `${R}wrong number of arguments for trim: want=0, got=1`)
  t.equal(bench.method(M(), 'get'), `${R}wrong number of arguments for get: want=1 or 2, got=0`)
})

t.test('core functions', async (t) => {
  const bench = new Bench()
  const rows: [string, Value[], string][] = [
    ['len', ['aé😀'], '3'],
    ['len', [[1n, 2n]], '2'],
    ['len', [M(['a', 1n])], '1'],
    ['len', [5n], `${R}argument to \`len\` not supported, got INTEGER`],
    ['type', [null], 'NULL'],
    ['to_string', [[1n, 2.0]], '[1, 2]'],
    ['ord', ['é'], '233'],
    ['ord', ['😀'], '128512'],
    ['ord', [''], `${R}argument to \`ord\` must be a single character, got length 0`],
    ['ord', [7n], `${R}argument to \`ord\` must be STRING, got INTEGER`],
    ['chr', [65n], 'A'],
    ['chr', [128n], `${R}argument to \`chr\` must be between 0 and 127, got 128`],
    ['chr', [-(2n ** 62n)], `${R}argument to \`chr\` must be between 0 and 127, got -4611686018427387904`],
    ['chr', ['A'], `${R}argument to \`chr\` must be INTEGER, got STRING`],
    ['Error', ['m'], 'Error: m'],
    ['Error', [5n], `${R}argument to Error constructor must be STRING, got INTEGER`],
    ['push', [[1n], 2n], '[1, 2]'],
    ['push', [1n, 2n], `${R}argument to \`push\` must be ARRAY, got INTEGER`],
    ['pop', [[1n, 2n]], '2'],
    ['pop', [[]], 'IndexError: pop from empty array'],
    ['slice', [[1n, 2n, 3n], 1n, 9n], '[2, 3]'],
    ['slice', [[1n], -1n, 1n], '[]'],
    ['slice', [[1n, 2n], 1n, 1n], '[]'],
    ['slice', [[1n], 2n ** 62n, 2n ** 63n - 1n], '[]'],
    ['slice', [[1n], 0n, 1.5], `${R}third argument to \`slice\` must be INTEGER, got FLOAT`],
    [
      'array_to_hash',
      [
        [
          ['a', 1n],
          ['b', 2n, 9n],
          ['a', 3n],
        ],
      ],
      '{a: 3, b: 2}',
    ],
    ['array_to_hash', [[1n]], `${R}array elements must be arrays of [key, value] pairs, got INTEGER`],
    ['array_to_hash', [[['x']]], `${R}each pair must have at least 2 elements (key and value), got 1`],
    ['array_to_hash', [[[null, 1n]]], `${R}unusable as hash key: NULL`],
    ['substr', ['hello', 1n, 3n], 'ell'],
    ['substr', ['hello', 3n, 2n ** 63n - 1n], 'lo'],
    ['substr', ['hello', 0n, -1n], ''],
    ['substr', ['hello', -1n, 2n], ''],
    ['substr', ['a😀é', 1n, 1n], '😀'],
    ['substr', ['a', 0.0, 1n], `${R}second argument to \`substr\` must be INTEGER, got FLOAT`],
    ['split', ['a,,b', ','], '[a, , b]'],
    ['split', ['', ','], '[]'],
    ['split', ['', ''], '[]'],
    ['split', ['aé😀', ''], '[a, é, 😀]'],
    ['split', ['a', 1n], `${R}second argument to \`split\` must be STRING, got INTEGER`],
  ]
  for (const [name, args, expected] of rows)
    t.equal(bench.call(name, ...args), expected, `${name} ${args.map((a) => bench.text(a))}`)
  bench.call('print', 'a', [1n], null)
  bench.call('puts')
  t.equal(bench.output, 'a [1] null\n\n')
})

t.test('strings', async (t) => {
  const rows: Row[] = [
    [' \u00a0\u3000a b\u0085\n', 'trim', [], 'a b'],
    ['\ufeffa\u200b', 'trim', [], '\ufeffa\u200b'],
    [' \t\u00a0a ', 'ltrim', [], '\u00a0a '],
    ['a\u00a0 \r\n', 'rtrim', [], 'a\u00a0'],
    ['straße ﬁ ÿ ᾀ', 'upper', [], 'STRAßE ﬁ Ÿ ᾈ'],
    ['ΟΔΟΣ İ ẞ', 'lower', [], 'οδοσ i ß'],
    ['µ𐐨', 'upper', [], 'Μ𐐀'],
    ['abc', 'contains?', [''], 'true'],
    ['abc', 'contains?', ['bc'], 'true'],
    ['abc', 'contains?', ['bd'], 'false'],
    ['aéb中', 'contains?', ['b中'], 'true'],
    ['abc', 'contains?', ['中'], 'false'],
    ['abc', 'contains?', [1n], `${R}argument to contains? must be STRING, got INTEGER`],
    ['abc', 'starts_with?', ['ab'], 'true'],
    ['abc', 'starts_with?', ['b'], 'false'],
    ['a', 'starts_with?', ['ab'], 'false'],
    ['abc', 'ends_with?', ['bc'], 'true'],
    ['abc', 'ends_with?', [''], 'true'],
    ['bc', 'ends_with?', ['abc'], 'false'],
    ['aaa', 'replace', ['aa', '$1'], '$1a'],
    ['abc', 'replace', ['', '-'], '-a-b-c-'],
    ['', 'replace', ['', '-'], '-'],
    ['a-b-c', 'replace', ['-', '中'], 'a中b中c'],
    ['a中b', 'replace', ['中', ''], 'ab'],
    ['abc', 'replace', ['x', 'y'], 'abc'],
    ['a', 'replace', [1n, 2n], `${R}second argument to replace must be STRING, got INTEGER`],
    ['a', 'replace', [1n, 'b'], `${R}first argument to replace must be STRING or REGEXP, got INTEGER`],
    ['hello', 'substr', [1n, 3n], 'ell'],
    ['hello', 'substr', [5n, 1n], ''],
    ['a', 'substr', ['0', 1n], `${R}arguments to substr must be INTEGER, got STRING, INTEGER`],
    ['a--b--', 'split', ['--'], '[a, b, ]'],
    ['a', 'split', [1n], `${R}argument to split must be STRING or REGEXP, got INTEGER`],
    [', ', 'join', [[1n, 2.0, 'x', '中']], '1, 2, x, 中'],
    ['-', 'join', [[]], ''],
    ['a', 'join', ['a'], `${R}argument to join must be ARRAY, got STRING`],
    ['abc', 'length', [], `${R}not a function: INTEGER`],
    ['abc', 'nothing', [], `${R}unknown property nothing for string`],
  ]
  t.same(mismatches(rows), [])
  const bench = new Bench()
  t.equal(bench.property('aé😀', 'length'), '3')
  t.equal(bench.property('', 'empty'), 'true')
  t.equal(bench.property(true, 'x'), `${R}property access not supported for type BOOLEAN`)
  const narrowed = bench.rt.pushTemporary()
  const args = bench.slots(['a中b', '中', ''])
  callMethod(bench.rt, narrowed, args, 'replace', args + 16, 2)
  t.ok(
    strictEqual(bench.rt, narrowed, bench.slot('ab')),
    'what a replacement made narrower equals other narrow texts',
  )
  const parts = bench.slots(['', ','])
  callMethod(bench.rt, narrowed, parts, 'split', parts + 16, 1)
  t.equal(bench.property(new Slot(narrowed), 'length'), '1', 'the empty text has one part')
})

t.test('arrays', async (t) => {
  const nan = Number.NaN
  const rows: Row[] = [
    [[1n, 'a', null], 'index_of', [null], '2'],
    [[1.0], 'index_of', [1n], '-1'],
    [[1n], 'includes?', ['1'], 'false'],
    [[nan], 'includes?', [nan], 'false'],
    [[true], 'includes?', [true], 'true'],
    [[[]], 'includes?', [[]], 'false'],
    [[1n, 2n, 3n], 'reverse', [], '[3, 2, 1]'],
    [[], 'reverse', [], '[]'],
    [[3n, -1n, 2n ** 40n, 0n], 'sort', [], '[-1, 0, 3, 1099511627776]'],
    [[10n, 9.5, 2n], 'sort', [], '[2, 9.5, 10]'],
    [['b', 'a', 'Z', 'é', '中', '😀', '\uffff'], 'sort', [], '[Z, a, b, é, 中, \uffff, 😀]'],
    [[true, [1n], [10n], false, null], 'sort', [], '[[10], [1], false, null, true]'],
    [['9', 10n], 'sort', [], '[10, 9]'],
    [[1n, 1.0, 1n, 0.5], 'sort', [], '[0.5, 1, 1, 1]'],
    [[], 'sort', [], '[]'],
    [[1n], 'push', [[2n]], '[1, [2]]'],
    [[1n, 2n], 'pop', [], '2'],
    [[], 'pop', [], `${R}cannot pop from empty array`],
    [[1n, 2n, 3n], 'slice', [-5n, 2n], '[1, 2]'],
    [[1n, 2n, 3n], 'slice', [1n, 99n], '[2, 3]'],
    [[1n], 'slice', [0n, -1n], '[]'],
    [[1n], 'slice', ['0', 1n], `${R}arguments to slice must be INTEGER, got STRING, INTEGER`],
    [[1n], 'each', [], `${R}unknown property each for array`],
    [[1n], 'empty', [], `${R}not a function: BOOLEAN`],
  ]
  t.same(mismatches(rows), [])
})

t.test('numbers', async (t) => {
  const rows: Row[] = [
    [-5n, 'abs', [], '5'],
    [-(2n ** 63n), 'abs', [], '-9223372036854775808'],
    [-2.5, 'abs', [], '2.5'],
    [2.5, 'round', [], '3'],
    [-2.5, 'round', [], '-3'],
    [0.49999999999999994, 'round', [], '0'],
    [-0.4, 'round', [], '-0'],
    [2.5, 'floor', [], '2'],
    [-0.5, 'ceil', [], '-0'],
    [7n, 'floor', [], '7'],
    [Number.NaN, 'round', [], 'NaN'],
    [-Number.POSITIVE_INFINITY, 'round', [], '-Inf'],
    [16n, 'sqrt', [], '4'],
    [-4n, 'sqrt', [], `${R}sqrt of negative number`],
    [Number.NaN, 'sqrt', [], 'NaN'],
    [2n, 'pow', [10n], '1024'],
    [2n, 'pow', [62n], '4611686018427387904'],
    [2n, 'pow', [63n], '9.223372036854776e+18'],
    [-2n, 'pow', [63n], '-9223372036854775808'],
    [1n, 'pow', [-3n], '1'],
    [2n, 'pow', [-1n], '0.5'],
    [0n, 'pow', [-1n], '+Inf'],
    [0n, 'pow', [0n], '1'],
    [-8n, 'pow', [0.5], 'NaN'],
    [1n, 'pow', [Number.NaN], '1'],
    [-1n, 'pow', [Number.POSITIVE_INFINITY], '1'],
    [4n, 'pow', ['2'], `${R}exponent to pow must be number, got STRING`],
    [4n, 'length', [], `${R}unknown property length for integer`],
    [4.5, 'length', [], `${R}unknown property length for float`],
  ]
  t.same(mismatches(rows), [])
  const bench = new Bench()
  const functions: [string, Value[], string, string?][] = [
    ['builtin_abs', [-2n], '2', 'INTEGER'],
    ['builtin_floor', [2.7], '2', 'INTEGER'],
    ['builtin_round', [-2.5], '-3', 'INTEGER'],
    ['builtin_ceil', [2 ** 70], '1.1805916207174113e+21', 'FLOAT'],
    ['builtin_floor', [Number.NaN], 'NaN', 'FLOAT'],
    ['builtin_floor', [2 ** 63], '9.223372036854776e+18', 'FLOAT'],
    ['builtin_floor', [-(2 ** 63)], '-9223372036854775808', 'INTEGER'],
    ['builtin_sqrt', [9n], '3', 'FLOAT'],
    ['builtin_sqrt', [-4n], `${R}argument to \`builtin_sqrt\` cannot be negative, got -4.000000`],
    [
      'builtin_sqrt',
      [-1e21],
      `${R}argument to \`builtin_sqrt\` cannot be negative, got -1000000000000000000000.000000`,
    ],
    ['builtin_pow', [2n, 3n], '8', 'FLOAT'],
    ['builtin_pow', [2n, '2'], `${R}second argument to \`builtin_pow\` must be INTEGER or FLOAT, got STRING`],
    ['builtin_min', [1n, 2.5], '1', 'INTEGER'],
    ['builtin_min', [2.5, 1n], '1', 'FLOAT'],
    ['builtin_min', [5n, 2.5, 1n], '1', 'FLOAT'],
    ['builtin_min', [2n ** 62n + 1n, 2n ** 62n], '4611686018427387904', 'INTEGER'],
    ['builtin_max', [1n, 2n], '2', 'INTEGER'],
    ['builtin_max', [3n, 2.5], '3', 'FLOAT'],
    ['builtin_max', [[1n]], `${R}arguments to \`builtin_max\` must be INTEGER or FLOAT, got ARRAY`],
    ['builtin_sum', [[]], '0', 'INTEGER'],
    ['builtin_sum', [[1n, 2n]], '3', 'INTEGER'],
    ['builtin_sum', [[1n, 2.0]], '3', 'FLOAT'],
    ['builtin_sum', [[2n ** 63n - 1n, 1n]], '9.223372036854776e+18', 'FLOAT'],
    [
      'builtin_sum',
      [[1n, '2']],
      `${R}array elements for \`builtin_sum\` must be INTEGER or FLOAT, got STRING`,
    ],
    ['builtin_average', [[1n, 2n]], '1.5', 'FLOAT'],
    ['builtin_average', [[]], `${R}cannot calculate average of empty array`],
    ['builtin_random_int', [5n, 5n], '5', 'INTEGER'],
    [
      'builtin_random_int',
      [2n, 1n],
      `${R}first argument to \`builtin_random_int\` cannot be greater than second argument`,
    ],
    ['builtin_is_number?', ['1'], 'false'],
    ['builtin_is_integer?', [1.0], 'false'],
    ['builtin_is_number?', [1.0], 'true'],
  ]
  for (const [name, args, expected, type] of functions) {
    const dst = bench.rt.pushTemporary()
    const got = bench.result(() => {
      const slots = bench.slots(args)
      callBuiltin(bench.rt, builtinIndex(name), slots, args.length, dst)
    })
    t.equal(
      got === 'null' ? bench.text(new Slot(dst)) : got,
      expected,
      `${name} ${args.map((a) => bench.text(a))}`,
    )
    if (type !== undefined) t.equal(bench.call('type', new Slot(dst)), type)
  }
  const seen = new Set<string>()
  for (let i = 0; i < 200; i++) seen.add(bench.call('builtin_random_int', -1n, 1n))
  t.same([...seen].sort(), ['-1', '0', '1'])
  let negative = 0
  for (let i = 0; i < 100; i++)
    if (BigInt(bench.call('builtin_random_int', -(2n ** 63n), 2n ** 63n - 1n)) < 0n) negative++
  t.ok(negative > 20 && negative < 80, 'the whole range')
})

t.test('hashes', async (t) => {
  const h = M(['a', 1n], [2n, 'x'], [true, null])
  const rows: Row[] = [
    [h, 'has_key?', ['a'], 'true'],
    [h, 'has_key?', ['2'], 'false'],
    [h, 'has_key?', [[]], `${R}unusable as hash key: ARRAY`],
    [h, 'has_value?', [null], 'true'],
    [h, 'has_value?', [1.0], 'false'],
    [h, 'get', [true, 5n], 'null'],
    [h, 'get', ['z', 5n], '5'],
    [h, 'get', ['z'], 'null'],
    [h, 'set', ['a', 9n], '{a: 9, 2: x, true: null}'],
    [h, 'set', ['b', 9n], '{a: 1, 2: x, true: null, b: 9}'],
    [h, 'delete', [2n], '{a: 1, true: null}'],
    [h, 'delete', ['none'], '{a: 1, 2: x, true: null}'],
    [h, 'merge', [M([2n, 'y'], ['c', 3n])], '{a: 1, 2: y, true: null, c: 3}'],
    [h, 'merge', [[]], `${R}argument to merge must be HASH, got ARRAY`],
    [h, 'select_keys', [[2n, 'a', 2n, 'z']], '{2: x, a: 1}'],
    [h, 'reject_keys', [['2', 'a']], '{2: x, true: null}'],
    [h, 'reject_keys', [[null]], `${R}unusable as hash key: NULL`],
    [h, 'select_keys', ['a'], `${R}argument to select_keys must be ARRAY, got STRING`],
    [M(['a', 1n], ['b', 2n], ['c', 1n]), 'invert', [], '{1: c, 2: b}'],
    [h, 'invert', [], `${R}unusable as hash key: NULL`],
    [h, 'to_array', [], '[[a, 1], [2, x], [true, null]]'],
    [h, 'a', [], `${R}unknown property a for hash`],
    [h, 'keys', [], `${R}not a function: ARRAY`],
  ]
  t.same(mismatches(rows), [])
  const bench = new Bench()
  t.equal(bench.property(h, 'keys'), '[a, 2, true]')
  t.equal(bench.property(h, 'values'), '[1, x, null]')
  t.equal(bench.property(h, 'size'), '3')
  t.equal(bench.property(M(), 'empty'), 'true')
  t.equal(bench.call('builtin_hash_get', h, 'q', 4n), '4')
  t.equal(bench.call('builtin_hash_delete', h, 'a'), '{2: x, true: null}')
  t.equal(bench.call('builtin_hash_set', h, null, 1n), `${R}unusable as hash key: NULL`)
  t.equal(
    bench.call('builtin_hash_merge', h, 1n),
    `${R}second argument to \`builtin_hash_merge\` must be HASH, got INTEGER`,
  )
  t.equal(
    bench.call('builtin_hash_values', 'x'),
    `${R}argument to \`builtin_hash_values\` must be HASH, got STRING`,
  )
  const original = bench.slot(h)
  bench.method(new Slot(original), 'set', 'new', 1n)
  t.equal(bench.text(new Slot(original)), '{a: 1, 2: x, true: null}')
})

t.test('constructors of made-up errors', async (t) => {
  const bench = new Bench()
  const { rt, heap } = bench
  const [a, b] = [rt.pushTemporary(), rt.pushTemporary()] as const
  errorConstructor(rt, a, 'DatabaseError')
  errorConstructor(rt, b, 'DatabaseError')
  t.equal(heap.referenceOf(a), heap.referenceOf(b))
  const message = bench.slot('lost')
  t.equal(
    bench.result((dst) => callBuiltin(rt, heap.referenceOf(a), message, 1, dst)),
    'DatabaseError: lost',
  )
  bench.set(message, 1n)
  t.equal(
    bench.result((dst) => callBuiltin(rt, heap.referenceOf(a), message, 1, dst)),
    `${R}argument to DatabaseError constructor must be STRING, got INTEGER`,
  )
  t.same(['AError', 'Error', 'dbError', 'DbErrors', 'A_1Error'].map(isErrorConstructorName), [
    true,
    false,
    false,
    false,
    true,
  ])
  t.equal(
    bench.result((dst) => unboundName(rt, dst, 'nowhere')),
    `${R}identifier not found: nowhere`,
  )
})
