import t from 'tap'
import { appendElement, arrayFromSlots, createArray } from '../../lib/heap/arrays.js'
import { setEntry } from '../../lib/heap/hashes.js'
import { internString } from '../../lib/heap/strings.js'
import { addMethod, createClass, instantiate } from '../../lib/runtime/classes.js'
import { formatFloat, toStringValue, toText } from '../../lib/runtime/format.js'
import type { HostType } from '../../lib/runtime/hosts.js'
import { memberTable } from '../../lib/runtime/members.js'
import { callMethodValue, getProperty } from '../../lib/runtime/properties.js'
import { Bench, Fn, Slot } from './tools.js'

t.test('floats', async (t) => {
  const table: [number, string][] = [
    [4, '4'],
    [2.5, '2.5'],
    [-0.5, '-0.5'],
    [100000, '100000'],
    [999999.5, '999999.5'],
    [999999, '999999'],
    [0.0001, '0.0001'],
    [0.00012345, '0.00012345'],
    [0.00001, '1e-05'],
    [0.000099999, '9.9999e-05'],
    [1000000, '1e+06'],
    [1234567, '1.234567e+06'],
    [1234567.5, '1.2345675e+06'],
    [-1e6, '-1e+06'],
    [1e21, '1e+21'],
    [1e-100, '1e-100'],
    [1e-7, '1e-07'],
    [1.5e300, '1.5e+300'],
    [2 ** 63, '9.223372036854776e+18'],
    [0, '0'],
    [-0, '-0'],
    [Number.POSITIVE_INFINITY, '+Inf'],
    [Number.NEGATIVE_INFINITY, '-Inf'],
    [Number.NaN, 'NaN'],
    [0.1 + 0.2, '0.30000000000000004'],
    [5e-324, '5e-324'],
    [Number.MAX_VALUE, '1.7976931348623157e+308'],
    [123456.789, '123456.789'],
    [999999.9999999999, '999999.9999999999'],
  ]
  for (const [value, text] of table) t.equal(formatFloat(value), text)
})

t.test('integers, containers, themselves inside themselves', async (t) => {
  const bench = new Bench()
  const { heap, rt } = bench
  t.equal(bench.text([1n, 'a', [2.5, true], null, new Map()]), '[1, a, [2.5, true], null, {}]')
  t.equal(
    bench.text(
      new Map([
        ['a', 1n],
        [2n as unknown as string, 9007199254740993n],
      ]),
    ),
    '{a: 1, 2: 9007199254740993}',
  )
  t.equal(bench.text(-(2n ** 63n)), '-9223372036854775808')
  t.equal(bench.text([]), '[]')
  const list = bench.slot([1n])
  appendElement(heap, heap.referenceOf(list), list)
  const hash = bench.slot(new Map([['name', 'loop']]))
  setEntry(heap, heap.referenceOf(hash), bench.slot('self'), hash)
  setEntry(heap, heap.referenceOf(hash), bench.slot('list'), list)
  t.equal(toText(rt, list), '[1, [...]]')
  t.equal(toText(rt, hash), '{name: loop, self: {...}, list: [1, [...]]}')
  const twice = bench.slot([new Slot(list), new Slot(list)])
  t.equal(toText(rt, twice), '[[1, [...]], [1, [...]]]', 'twice is no cycle')
  const dst = rt.pushTemporary()
  toStringValue(rt, dst, hash)
  t.equal(bench.string(dst), '{name: loop, self: {...}, list: [1, [...]]}')
})

t.test('nesting to any depth', async (t) => {
  const bench = new Bench()
  const slot = bench.rt.pushTemporary()
  createArray(bench.heap, slot, 0)
  for (let i = 0; i < 100_000; i++) arrayFromSlots(bench.heap, slot, slot, 1)
  t.equal(toText(bench.rt, slot), '['.repeat(100_001) + ']'.repeat(100_001))
})

t.test('objects, functions, errors, methods', async (t) => {
  const bench = new Bench()
  const { heap, rt } = bench
  const [cls, object, method, dst] = [0, 1, 2, 3].map(() => rt.pushTemporary()) as [
    number,
    number,
    number,
    number,
  ]
  createClass(rt, cls, internString(heap, 'Point'), 0, ['x'])
  const fn = bench.slot(new Fn(1, () => {}))
  addMethod(rt, heap.referenceOf(cls), internString(heap, 'move'), heap.referenceOf(fn))
  instantiate(rt, object, heap.referenceOf(cls))
  getProperty(rt, method, object, 'move')
  t.same(
    [cls, object, method, fn].map((s) => toText(rt, s)),
    ['class Point', '#<Point>', '#<BoundMethod:move>', 'fn 0'],
  )
  t.equal(bench.call('Error', 'bad'), 'Error: bad')
  t.equal(bench.property('abc', 'upper'), '#<StringMethod:upper on abc>')
  t.equal(bench.property(5n, 'pow'), '#<NumberMethod:pow on 5>')
  t.equal(bench.property([3n, [1n]], 'sort'), '#<ArrayMethod:sort on [3, [1]]>')
  t.equal(bench.property(new Map([['a', 1n]]), 'get'), '#<HashMethod:get on {a: 1}>')
  const list = bench.slot([1n])
  getProperty(rt, dst, list, 'push')
  appendElement(heap, heap.referenceOf(list), dst)
  t.equal(toText(rt, dst), '#<ArrayMethod:push on [1, #<ArrayMethod:push on [...]>]>')
  const value = bench.slot(7n)
  t.equal(
    bench.result((to) => callMethodValue(rt, to, heap.referenceOf(dst), value, 1)).endsWith(', 7]'),
    true,
  )
  heap.setBuiltin(dst, 3)
  t.equal(toText(rt, dst), 'builtin function')
})

t.test('host values: text, members, release', async (t) => {
  const bench = new Bench(true)
  const { heap, rt } = bench
  const released: string[] = []
  const type: HostType<{ pattern: string }> = {
    names: {
      type: 'REGEXP',
      kind: 'Regexp',
      methodType: 'REGEXP_METHOD',
      methodText: (n) => [`<${n} method on `, '>'],
    },
    members: memberTable(
      { pattern: (rt, _receiver, dst) => rt.heap.setInteger(dst, 5) },
      { 'matches?': { arity: [1, 1], call: (rt, _r, _a, _n, dst) => rt.heap.setBoolean(dst, true) } },
      're.',
    ),
    text: (_rt, body) => `/${body.pattern}/`,
    release: (body) => released.push(body.pattern),
  }
  const slot = rt.pushTemporary()
  rt.hosts.create(slot, type, { pattern: 'a+' })
  t.equal(toText(rt, slot), '/a+/')
  t.equal(bench.call('type', new Slot(slot)), 'REGEXP')
  t.equal(bench.property(new Slot(slot), 'matches?'), '<matches? method on /a+/>')
  t.equal(bench.method(new Slot(slot), 'matches?', 'x'), 'true')
  t.equal(
    bench.method(new Slot(slot), 'matches?'),
    'RuntimeError: wrong number of arguments for re.matches?: want=1, got=0',
  )
  t.equal(bench.method(new Slot(slot), 'pattern'), 'RuntimeError: not a function: INTEGER')
  t.equal(bench.property(new Slot(slot), 'nope'), 'RuntimeError: unknown property nope for Regexp')
  heap.collect()
  t.same(released, [])
  heap.setNull(slot)
  rt.top = slot + 16
  heap.collect()
  t.same(released, ['a+'])
})
