import t from 'tap'
import { ClosureLayout } from '../../lib/heap/layout.js'
import { fieldAddress } from '../../lib/heap/objects.js'
import { internString, newString } from '../../lib/heap/strings.js'
import {
  addMethod,
  classIn,
  createClass,
  fieldNumber,
  findMethod,
  instanceMethod,
  instantiate,
  superMethod,
} from '../../lib/runtime/classes.js'
import { errorIs, errorParts, fail, needsPlace, placeError, throwValue } from '../../lib/runtime/errors.js'
import { indexGet, indexSet } from '../../lib/runtime/indexing.js'
import { getProperty } from '../../lib/runtime/properties.js'
import { Bench, Fn, Slot, type Value } from './tools.js'

const R = 'RuntimeError: '

t.test('indexing', async (t) => {
  const bench = new Bench()
  const get = (c: Value, i: Value): string =>
    bench.result((dst) => indexGet(bench.rt, dst, bench.slot(c), bench.slot(i)))
  const set = (c: Value, i: Value, v: Value): string =>
    bench.result((dst) => {
      bench.set(dst, c)
      indexSet(bench.rt, dst, bench.slot(i), bench.slot(v))
    })
  const list: Value = [10n, 20n]
  const rows: [string, string][] = [
    [get(list, 1n), '20'],
    [get(list, 1.0), '20'],
    [get(list, -0), '10'],
    [get(list, 2n), 'IndexError: array index 2 out of range [0:2]'],
    [get(list, -1n), 'IndexError: array index -1 out of range [0:2]'],
    [get(list, 2n ** 32n), 'IndexError: array index 4294967296 out of range [0:2]'],
    [get(list, 5.0), 'IndexError: array index 5 out of range [0:2]'],
    [get(list, 1e19), 'IndexError: array index 10000000000000000000 out of range [0:2]'],
    [get(list, 0.5), `${R}array index must be a whole number, got: 0.5`],
    [get(list, 'a'), `${R}index operator not supported: ARRAY`],
    [get('aé😀', 2n), '😀'],
    [get('aé😀', 1n), 'é'],
    [get('', 0n), 'IndexError: string index 0 out of range [0:0]'],
    [get('ab', 0.5), `${R}string index must be a whole number, got: 0.5`],
    [get('ab', null), `${R}index operator not supported: STRING`],
    [get(5n, 0n), `${R}index operator not supported: INTEGER`],
    [get(new Map([['a', 1n]]), 'a'), '1'],
    [get(new Map(), 'a'), 'null'],
    [get(new Map(), []), `${R}unusable as hash key: ARRAY`],
    [set(list, 0n, 'x'), '[x, 20]'],
    [set(list, 1.0, 'x'), '[10, x]'],
    [set(list, 2n, 1n), 'IndexError: array index out of bounds: index 2, length 2'],
    [set(list, 'a', 1n), `${R}array index must be an integer, got STRING`],
    [set(list, 0.5, 1n), `${R}array index must be a whole number, got: 0.5`],
    [set('abc', 0n, 'x'), `${R}string index assignment not supported: strings are immutable`],
    [set(null, 0n, 1n), `${R}index assignment not supported on type: NULL`],
    [set(new Map<Value, Value>([['a', 1n]]), 'b', 2n), '{a: 1, b: 2}'],
    [set(new Map(), null, 2n), `${R}unusable as hash key: NULL`],
  ]
  for (const [got, expected] of rows) t.equal(got, expected)
})

t.test('classes: fields, methods, inheritance, super', async (t) => {
  const bench = new Bench()
  const { heap, rt } = bench
  const name = (text: string): number => internString(heap, text)
  const [baseSlot, subSlot, object] = [0, 1, 2].map(() => rt.pushTemporary()) as [number, number, number]
  const base = createClass(rt, baseSlot, name('Base'), 0, ['a', 'b'])
  const sub = createClass(rt, subSlot, name('Sub'), baseSlot, ['b', 'c'])
  t.same(
    ['a', 'b', 'c', 'd'].map((f) => fieldNumber(rt, base, name(f))),
    [0, 1, -1, -1],
  )
  t.same(
    ['a', 'b', 'c', 'd'].map((f) => fieldNumber(rt, sub, name(f))),
    [0, 1, 2, -1],
  )
  const methods = [0, 1, 2].map(() => heap.referenceOf(bench.slot(new Fn(1, () => {})))) as [
    number,
    number,
    number,
  ]
  addMethod(rt, base, name('go'), methods[0])
  addMethod(rt, sub, name('go'), methods[1])
  t.equal(findMethod(rt, base, name('go')), methods[0])
  t.equal(findMethod(rt, sub, name('go')), methods[1])
  addMethod(rt, sub, name('go'), methods[2])
  t.equal(findMethod(rt, sub, name('go')), methods[2])
  t.equal(heap.getPointer(methods[2] + ClosureLayout.HOME), sub)
  t.equal(superMethod(rt, sub, name('go')), methods[0])
  addMethod(rt, base, name('only'), methods[1])
  t.equal(findMethod(rt, sub, name('only')), methods[1])
  t.equal(findMethod(rt, sub, name('none')), 0)
  instantiate(rt, object, sub)
  for (let i = 0; i < 3; i++) t.equal(bench.text(new Slot(fieldAddress(heap.referenceOf(object), i))), 'null')
  t.equal(instanceMethod(rt, heap.referenceOf(object), name('only')), methods[1])
  const message = (run: () => void): string => bench.result(run)
  t.equal(
    message(() => superMethod(rt, base, name('go'))),
    `${R}super() called but no superclass exists`,
  )
  t.equal(
    message(() => superMethod(rt, sub, name('none'))),
    `${R}super method none not found`,
  )
  t.equal(
    message(() => superMethod(rt, 0, name('go'))),
    `${R}super() can only be used within a method`,
  )
  t.equal(
    message(() => createClass(rt, rt.pushTemporary(), name('X'), bench.slot(5n), [])),
    `${R}super class must be a class, got INTEGER`,
  )
  t.equal(
    message(() => classIn(rt, bench.slot(null))),
    `${R}not a class: NULL`,
  )
  t.equal(bench.property(new Slot(object), 'a'), `${R}undefined method a for class Sub`)
  t.equal(bench.property(new Slot(object), 'go'), '#<BoundMethod:go>')
  t.equal(bench.property(new Slot(baseSlot), 'go'), `${R}property access not supported for type CLASS`)
  heap.collect()
  t.equal(findMethod(rt, sub, name('only')), methods[1], 'a class keeps its methods')
})

t.test('errors: raising, place, properties', async (t) => {
  const bench = new Bench()
  const { heap, rt } = bench
  const error = rt.pushTemporary()
  const property = (key: string): string => bench.result((dst) => getProperty(rt, dst, error, key))
  t.equal(
    bench.result(() => fail(rt, 'IndexError', 'far out')),
    'IndexError: far out',
  )
  heap.copy(error, rt.errorSlot)
  t.same(['type', 'message', 'line', 'column', 'stack'].map(property), [
    'IndexError',
    'far out',
    '0',
    '0',
    '',
  ])
  t.equal(property('code'), `${R}error object has no property 'code'`)
  heap.copy(rt.errorSlot, error)
  t.ok(needsPlace(rt))
  placeError(rt, 0, 3, 7, newString(rt.heap, '  at f (line 3:7)'))
  t.same(['line', 'column', 'stack'].map(property), ['3', '7', '  at f (line 3:7)'])
  t.equal(
    bench.result(() => throwValue(rt, error)),
    'IndexError: far out',
  )
  t.equal(heap.referenceOf(rt.errorSlot), heap.referenceOf(error), 'thrown again it is the same value')
  placeError(rt, 0, 9, 9, newString(rt.heap, 'other'))
  t.same(errorParts(rt, error), {
    type: 'IndexError',
    message: 'far out',
    source: null,
    line: 3,
    column: 7,
    stack: '  at f (line 3:7)',
  })
  t.ok(errorIs(rt, error, 'IndexError'))
  t.notOk(errorIs(rt, error, 'Error'))
  t.equal(
    bench.result(() => throwValue(rt, bench.slot([42n]))),
    'Error: [42]',
  )
  placeError(rt, 0, 1, 1, newString(rt.heap, ''))
  t.notOk(needsPlace(rt), 'an empty stack is a stack')
  t.equal(bench.method(new Slot(error), 'message'), `${R}not a function: STRING`)
})
