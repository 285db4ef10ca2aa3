import t from 'tap'
import { createError } from '../../lib/heap/objects.js'
import { internString, newString } from '../../lib/heap/strings.js'
import { createClass, instantiate } from '../../lib/runtime/classes.js'
import { toText } from '../../lib/runtime/format.js'
import {
  BINARY_OPERATORS,
  type BinaryOperator,
  negate,
  not,
  strictEqual,
  valuesEqual,
} from '../../lib/runtime/operators.js'
import { getProperty } from '../../lib/runtime/properties.js'
import { typeName } from '../../lib/runtime/types.js'
import { Bench, Fn, Slot, type Value } from './tools.js'

const operator = (symbol: string): BinaryOperator =>
  BINARY_OPERATORS.find((row) => row.symbol === symbol) as BinaryOperator

const EDGES = [
  0n,
  1n,
  -1n,
  2n,
  3n,
  -7n,
  255n,
  2n ** 31n - 1n,
  2n ** 31n,
  -(2n ** 31n),
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 32n + 1n,
  -(2n ** 32n),
  2n ** 52n + 1n,
  2n ** 53n,
  2n ** 53n + 1n,
  -(2n ** 53n) - 1n,
  2n ** 62n,
  2n ** 63n - 1n,
  2n ** 63n - 2n,
  -(2n ** 63n),
  -(2n ** 63n) + 1n,
  0x123456789abcdefn,
  -0x123456789abcdefn,
]

t.test('int64 arithmetic and comparison on all pairs of edge values', async (t) => {
  const { heap, rt } = new Bench()
  const [a, b, dst] = [rt.pushTemporary(), rt.pushTemporary(), rt.pushTemporary()] as const
  const wrap = (v: bigint): bigint => BigInt.asIntN(64, v)
  const reference: Record<string, (x: bigint, y: bigint) => bigint | boolean> = {
    '+': (x, y) => wrap(x + y),
    '-': (x, y) => wrap(x - y),
    '*': (x, y) => wrap(x * y),
    '%': (x, y) => wrap(x % y),
    '<': (x, y) => x < y,
    '>': (x, y) => x > y,
    '<=': (x, y) => x <= y,
    '>=': (x, y) => x >= y,
    '==': (x, y) => x === y,
    '!=': (x, y) => x !== y,
  }
  for (const [symbol, expected] of Object.entries(reference)) {
    const { apply } = operator(symbol)
    let wrong = 0
    for (const x of EDGES) {
      for (const y of EDGES) {
        if (symbol === '%' && y === 0n) continue
        // The destination may be one of the operands.
        for (const target of [dst, a, b]) {
          heap.setBigInteger(a, x)
          heap.setBigInteger(b, y)
          apply(rt, target, a, b)
          const got = toText(rt, target)
          if (got !== String(expected(x, y)) && ++wrong < 5) t.fail(`${x} ${symbol} ${y} = ${got}`)
        }
      }
    }
    t.equal(wrong, 0, symbol)
  }
  for (const x of EDGES) {
    heap.setBigInteger(a, x)
    negate(rt, a, a)
    t.equal(heap.bigIntegerOf(a), wrap(-x))
  }
})

t.test('division and mixed numbers', async (t) => {
  const bench = new Bench()
  const run = (symbol: string, x: Value, y: Value): string =>
    bench.result((dst) => operator(symbol).apply(bench.rt, dst, bench.slot(x), bench.slot(y)))
  const rows: [Value, string, Value, string][] = [
    [10n, '/', 2n, '5'],
    [7n, '/', 2n, '3.5'],
    [2500000n, '/', 2n, '1.25e+06'],
    [-(2n ** 63n), '/', -1n, '9.223372036854776e+18'],
    [-(2n ** 63n), '%', -1n, '0'],
    [1n, '/', 0n, 'RuntimeError: division by zero'],
    [1.5, '/', -0, 'RuntimeError: division by zero'],
    [0n, '/', 0.0, 'RuntimeError: division by zero'],
    [5n, '%', 0n, 'RuntimeError: modulo by zero'],
    [5.5, '%', 0.0, 'RuntimeError: modulo by zero'],
    [-7n, '%', 3n, '-1'],
    [7n, '%', -3n, '1'],
    [-7.5, '%', 2n, '-1.5'],
    [7.5, '%', -2.0, '1.5'],
    [1n, '+', 0.5, '1.5'],
    [0.1, '+', 0.2, '0.30000000000000004'],
    [2n ** 63n - 1n, '+', 1.0, '9.223372036854776e+18'],
    [0.0, '*', -1n, '-0'],
    [1n, '==', 1.0, 'true'],
    [2n ** 53n + 1n, '==', 2 ** 53, 'true'],
    [Number.NaN, '==', Number.NaN, 'false'],
    [Number.NaN, '<', 1n, 'false'],
    [Number.NaN, '>=', 1n, 'false'],
    [1n, '<', 1.5, 'true'],
    [1n, '+', 'a', '1a'],
    ['a', '+', null, 'anull'],
    ['', '+', [1n, 'b'], '[1, b]'],
    ['x', '+', new Map<Value, Value>([['k', 2.0]]), 'x{k: 2}'],
    [5n, '==', '5', 'true'],
    ['true', '==', true, 'true'],
    [null, '==', 'null', 'true'],
    ['[1, 2]', '==', [1n, 2n], 'true'],
    ['10', '<', 9n, 'true'],
    [[2n], '>', '[1', 'true'],
    ['Z', '<', 'a', 'true'],
    ['10', '<', '9', 'true'],
    ['ab', '<', 'abc', 'true'],
    ['\uffff', '<', '\u{10000}', 'true'],
    ['a', '-', 'b', 'RuntimeError: unknown operator: -'],
    ['a', '*', 3n, 'RuntimeError: unknown operator: *'],
    [null, '/', 'a', 'RuntimeError: unknown operator: /'],
    [null, '%', 0n, 'RuntimeError: unknown operator: NULL % INTEGER'],
  ]
  for (const [x, symbol, y, expected] of rows) t.equal(run(symbol, x, y), expected)
})

t.test('all pairs of types: what works, and the error where nothing does', async (t) => {
  const bench = new Bench()
  const { heap, rt } = bench
  const classSlot = rt.pushTemporary()
  createClass(rt, classSlot, internString(heap, 'K'), 0, [])
  const instance = rt.pushTemporary()
  instantiate(rt, instance, heap.referenceOf(classSlot))
  const error = rt.pushTemporary()
  createError(heap, error, internString(heap, 'Error'), newString(heap, 'm'))
  const builtin = rt.pushTemporary()
  heap.setBuiltin(builtin, 0)
  const bound = rt.pushTemporary()
  getProperty(rt, bound, bench.slot('abc'), 'upper')
  const values: Value[] = [
    1n,
    1.5,
    'text',
    true,
    null,
    [1n],
    new Map(),
    new Fn(0, () => {}),
    ...[classSlot, instance, error, builtin, bound].map((s) => new Slot(s)),
  ]
  const slots = values.map((value) => bench.slot(value))
  const types = slots.map((slot) => typeName(rt, slot))
  t.same(types, [
    'INTEGER',
    'FLOAT',
    'STRING',
    'BOOLEAN',
    'NULL',
    'ARRAY',
    'HASH',
    'FUNCTION',
    'CLASS',
    'INSTANCE',
    'ERROR',
    'BUILTIN',
    'STRING_METHOD',
  ])
  const numeric = (type: string): boolean => type === 'INTEGER' || type === 'FLOAT'
  for (const { symbol, apply } of BINARY_OPERATORS) {
    for (const [i, a] of slots.entries()) {
      for (const [j, b] of slots.entries()) {
        const [left, right] = [types[i] as string, types[j] as string]
        const string = left === 'STRING' || right === 'STRING'
        const got = bench.result((dst) => apply(rt, dst, a, b))
        const error = `RuntimeError: unknown operator: ${left} ${symbol} ${right}`
        const where = `${left} ${symbol} ${right}: ${got}`
        if (symbol === '==' || symbol === '!=') {
          // All samples have different texts, so only the same slot is equal.
          if (got !== String((i === j) === (symbol === '=='))) t.fail(where)
        } else if (numeric(left) && numeric(right)) {
          if (got.startsWith('RuntimeError')) t.fail(where)
        } else if (string && symbol === '+') {
          if (got !== toText(rt, a) + toText(rt, b)) t.fail(where)
        } else if (string && '-*/%'.includes(symbol)) {
          if (got !== `RuntimeError: unknown operator: ${symbol}`) t.fail(where)
        } else if (string) {
          const [x, y] = [toText(rt, a), toText(rt, b)]
          const order = { '<': x < y, '>': x > y, '<=': x <= y, '>=': x >= y }[symbol]
          if (got !== String(order)) t.fail(where)
        } else if (got !== error) t.fail(`${where} instead of ${error}`)
      }
    }
  }
  for (const [i, a] of slots.entries()) {
    const got = bench.result((dst) => negate(rt, dst, a))
    const type = types[i] as string
    t.equal(got, numeric(type) ? `-${toText(rt, a)}` : `RuntimeError: unknown operator: -${type}`)
    t.equal(
      bench.result((dst) => not(rt, dst, a)),
      String(type === 'NULL'),
    )
  }
})

t.test('equality: identity of objects, strictness of switch', async (t) => {
  const bench = new Bench()
  const { rt } = bench
  const list = bench.slot([1n])
  const pairs: [Value, Value, boolean, boolean][] = [
    [1n, 1n, true, true],
    [1n, 1.0, true, false],
    ['1', 1n, true, false],
    ['a', 'a', true, true],
    [true, true, true, true],
    [false, null, false, false],
    [1n, true, false, false],
    [null, null, true, true],
    [null, 0n, false, false],
    [0, -0, true, true],
    [Number.NaN, Number.NaN, false, false],
    [[1n], [1n], false, false],
    [new Slot(list), new Slot(list), true, true],
  ]
  for (const [a, b, equal, strict] of pairs) {
    const [x, y] = [bench.slot(a), bench.slot(b)]
    t.equal(valuesEqual(rt, x, y), equal, `${bench.text(a)} == ${bench.text(b)}`)
    t.equal(valuesEqual(rt, y, x), equal)
    t.equal(strictEqual(rt, x, y), strict, `${bench.text(a)} is ${bench.text(b)}`)
  }
})

t.test('integer arithmetic allocates nothing', async (t) => {
  const { heap, rt } = new Bench()
  const [a, b] = [rt.pushTemporary(), rt.pushTemporary()] as const
  const { apply } = operator('+')
  heap.setInteger(a, 0)
  heap.setInteger(b, 3)
  for (let i = 0; i < 100_000; i++) apply(rt, a, a, b)
  const before = process.memoryUsage().heapUsed
  const allocated = heap.stats.allocatedBytes
  for (let i = 0; i < 1_000_000; i++) apply(rt, a, a, b)
  t.ok(process.memoryUsage().heapUsed - before < 4 << 20)
  t.equal(heap.bigIntegerOf(a), 3_300_000n)
  t.equal(heap.stats.allocatedBytes, allocated)
})
