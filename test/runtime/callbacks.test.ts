import t from 'tap'
import { throwValue } from '../../lib/runtime/errors.js'
import { indexSet } from '../../lib/runtime/indexing.js'
import { add } from '../../lib/runtime/operators.js'
import { Bench, Fn, Slot, type Value } from './tools.js'

const R = 'RuntimeError: '

/** Under stress every callback collects, so values that no slot holds would be poison. */
function benchWithFunctions(): { bench: Bench; double: Fn; odd: Fn; sum: Fn } {
  const bench = new Bench(true)
  const { heap, rt } = bench
  return {
    bench,
    double: new Fn(1, ([x], result) => add(rt, result, x as number, x as number)),
    odd: new Fn(1, ([x], result) => heap.setBoolean(result, heap.integerAsNumber(x as number) % 2 !== 0)),
    sum: new Fn(2, ([x, y], result) => add(rt, result, x as number, y as number)),
  }
}

t.test('arrays: map, filter, reduce, find with a collection in every call', async (t) => {
  const { bench, double, odd, sum } = benchWithFunctions()
  const numbers: Value[] = Array.from({ length: 30 }, (_, i) => BigInt(i))
  t.equal(bench.method(['ab', 1n, 'é'], 'map', double), '[abab, 2, éé]')
  t.equal(bench.method(numbers, 'map', double), bench.text(numbers.map((n) => (n as bigint) * 2n)))
  t.equal(bench.method([1n, 2n, 3n], 'filter', odd), '[1, 3]')
  t.equal(bench.method(['a', 'b', 'c'], 'reduce', sum, '>'), '>abc')
  t.equal(bench.method([], 'reduce', sum, 5n), '5')
  t.equal(bench.method([2n, 3n, 5n], 'find', odd), '3')
  t.equal(bench.method([2n], 'find', odd), 'null')
})

t.test('hashes: filter, map_values, each', async (t) => {
  const { bench, double, sum } = benchWithFunctions()
  const seen: string[] = []
  const note = new Fn(2, ([k, v], result) => {
    seen.push(`${bench.text(new Slot(k as number))}${bench.text(new Slot(v as number))}`)
    bench.set(result, seen.length === 1)
  })
  const hash = new Map<Value, Value>([
    ['a', 'x'],
    ['b', 'y'],
  ])
  t.equal(bench.method(hash, 'filter', note), '{a: x}')
  t.equal(bench.method(hash, 'map_values', double), '{a: xx, b: yy}')
  t.equal(bench.method(hash, 'each', note), '{a: x, b: y}')
  t.same(seen, ['ax', 'by', 'ax', 'by'])
  t.equal(bench.method(hash, 'each', double), `${R}wrong number of arguments: want=1, got=2`)
  t.equal(bench.method(hash, 'map_values', sum), `${R}wrong number of arguments: want=2, got=1`)
})

t.test('the number of parameters, and what is no callback', async (t) => {
  const { bench, sum } = benchWithFunctions()
  const seven = new Fn(0, (_args, result) => bench.heap.setInteger(result, 7))
  t.equal(bench.method([1n, 2n], 'map', seven), '[7, 7]')
  t.equal(bench.method([1n], 'map', sum), `${R}wrong number of arguments: want=2, got=1`)
  t.equal(bench.method([], 'map', sum), '[]')
  t.equal(bench.method([1n], 'map', 1n), `${R}argument to map must be FUNCTION, got INTEGER`)
  t.equal(bench.method([1n], 'reduce', 'x', 1n), `${R}first argument to reduce must be FUNCTION, got STRING`)
})

t.test('errors go through and the stack is as before', async (t) => {
  const { bench } = benchWithFunctions()
  const fails = new Fn(1, ([x]) => throwValue(bench.rt, x as number))
  const top = bench.rt.top
  t.equal(bench.method(['boom'], 'map', fails), 'Error: boom')
  t.equal(bench.rt.top, top)
})

t.test('elements replaced during the walk are seen; growing hashes are not followed', async (t) => {
  const { bench } = benchWithFunctions()
  const { heap, rt } = bench
  const list = bench.slot([1n, 2n, 3n])
  const shift = new Fn(1, ([x], result) => {
    const [index, value] = [bench.slot(2n), bench.slot(9n)]
    indexSet(rt, list, index, value)
    heap.copy(result, x as number)
  })
  t.equal(bench.method(new Slot(list), 'map', shift), '[1, 2, 9]')
  const hash = bench.slot(new Map([['a', 1n]]))
  let calls = 0
  const grow = new Fn(2, (_args, result) => {
    const [key, value] = [bench.slot(`new${calls++}`), bench.slot(0n)]
    indexSet(rt, hash, key, value)
    heap.setNull(result)
  })
  bench.method(new Slot(hash), 'each', grow)
  t.equal(bench.text(new Slot(hash)), '{a: 1, new0: 0}')
})
