import t from 'tap'
import { setStringEntry } from '../../lib/heap/hashes.js'
import { jsonData } from '../../lib/heap/objects.js'
import { newString } from '../../lib/heap/strings.js'
import { builtinIndex, callBuiltin } from '../../lib/runtime/builtins/registry.js'
import { callMethod, getProperty } from '../../lib/runtime/properties.js'
import { Bench, Slot, type Value } from './tools.js'

const R = 'RuntimeError: '
const BAD = `${R}invalid JSON: `

/** The document of a text. */
function document(bench: Bench, text: string): Slot {
  const slot = bench.slot(null)
  callBuiltin(bench.rt, builtinIndex('json_parse'), bench.slot(text), 1, slot)
  return new Slot(slot)
}

/** The data of the document of a text. */
function data(bench: Bench, text: string): Slot {
  return new Slot(jsonData(bench.heap.referenceOf(document(bench, text).address)))
}

/** `receiver.name(values)` as a value. */
function answer(bench: Bench, receiver: Slot, name: string, ...values: Value[]): Slot {
  const slot = bench.slot(null)
  const args = bench.slots([receiver, ...values])
  callMethod(bench.rt, slot, args, name, args + 16, values.length)
  return new Slot(slot)
}

t.test('numbers keep all their digits', async (t) => {
  const bench = new Bench()
  const rows: readonly (readonly [text: string, type: string, shown: string])[] = [
    ['0', 'INTEGER', '0'],
    ['-0', 'INTEGER', '0'],
    ['-0.0', 'INTEGER', '0'],
    ['999999999999999', 'INTEGER', '999999999999999'],
    ['9007199254740993', 'INTEGER', '9007199254740993'],
    ['9223372036854775807', 'INTEGER', '9223372036854775807'],
    ['-9223372036854775808', 'INTEGER', '-9223372036854775808'],
    ['9223372036854775808', 'FLOAT', '9.223372036854776e+18'],
    // As a double it is -2^63, which is whole and fits.
    ['-9223372036854775809', 'INTEGER', '-9223372036854775808'],
    ['1e3', 'INTEGER', '1000'],
    ['4.0', 'INTEGER', '4'],
    ['1E+2', 'INTEGER', '100'],
    ['9.3e18', 'FLOAT', '9.3e+18'],
    ['-1.5e-7', 'FLOAT', '-1.5e-07'],
    ['1e-999', 'INTEGER', '0'],
  ]
  for (const [text, type, shown] of rows) {
    const value = data(bench, text)
    t.equal(bench.call('type', value), type, text)
    t.equal(bench.text(value), shown, text)
  }
  t.equal(bench.call('json_parse', '-1e999'), `${BAD}number -1e999 is out of range`)
  t.equal(bench.call('json_parse', '9'.repeat(400)), `${BAD}number ${'9'.repeat(400)} is out of range`)
})

t.test('texts with escapes', async (t) => {
  const bench = new Bench()
  const rows: readonly (readonly [json: string, text: string])[] = [
    ['"\\b\\f\\n\\r\\t\\/\\\\\\""', '\b\f\n\r\t/\\"'],
    ['"\\u0041\\u00e9\\u65E5"', 'Aé日'],
    ['"\\ud83d\\ude00"', '😀'],
    ['"\\ud83d"', '\ufffd'],
    ['"\\ude00\\ud83d"', '\ufffd\ufffd'],
    ['"\\ud83d\\ud83d\\ude00"', '\ufffd😀'],
    ['"\\ud800\\u0041"', '\ufffdA'],
    ['"a😀\\n"', 'a😀\n'],
    ['"\u007f\u2028"', '\u007f\u2028'],
  ]
  for (const [i, [json, text]] of rows.entries()) {
    t.equal(bench.string(data(bench, json).address), text, `row ${i}`)
  }
})

t.test('what is no JSON', async (t) => {
  const bench = new Bench()
  const rows: readonly (readonly [text: string, reason: string])[] = [
    ['', 'unexpected end of JSON input'],
    ['{"a":', 'unexpected end of JSON input'],
    ['"open', 'unexpected end of JSON input'],
    ['"\\u00', 'unexpected end of JSON input'],
    ['-', 'unexpected end of JSON input'],
    ['[1,]', "invalid character ']' looking for beginning of value"],
    ['{a: 1}', "invalid character 'a' looking for beginning of object key string"],
    ['{"a": 1,}', "invalid character '}' looking for beginning of object key string"],
    ['{"a" 1}', "invalid character '1' after object key"],
    ['{"a": 1 "b"}', `invalid character '"' after object key:value pair`],
    ['[1}', "invalid character '}' after array element"],
    ['1 2', "invalid character '2' after top-level value"],
    ['01', "invalid character '1' after top-level value"],
    ['nul ', "invalid character ' ' in literal null (expecting 'l')"],
    ["'x'", "invalid character '\\'' looking for beginning of value"],
    ['"a\nb"', "invalid character '\\n' in string literal"],
    ['"\\x"', "invalid character 'x' in string escape code"],
    ['"\\u00g0"', "invalid character 'g' in \\u hexadecimal character escape"],
    ['1.e', "invalid character 'e' after decimal point in numeric literal"],
    ['1e+', 'unexpected end of JSON input'],
    ['1ex', "invalid character 'x' in exponent of numeric literal"],
    ['-a', "invalid character 'a' in numeric literal"],
    ['\u00a01', "invalid character '\u00a0' looking for beginning of value"],
    ['😀', "invalid character '😀' looking for beginning of value"],
  ]
  for (const [text, reason] of rows) t.equal(bench.call('json_parse', text), BAD + reason, text)
})

t.test('members keep their order; repeated names keep their first place', async (t) => {
  const bench = new Bench()
  const names = Array.from({ length: 30 }, (_, i) => `"k${(i * 7) % 30}": ${i}`)
  const value = data(bench, `{${names.join(',')}, "k7": -1, "": 0}`)
  const expected = names.map((name) => name.replaceAll('"', '')).join(', ')
  t.equal(bench.text(value), `{${expected.replace('k7: 1,', 'k7: -1,')}, : 0}`)
})

t.test('nesting costs no stack', async (t) => {
  const bench = new Bench()
  const depth = 100_000
  const deep = document(bench, `${'[{"a":'.repeat(depth)}null${'}]'.repeat(depth)}`)
  t.equal(bench.method(deep, 'compact').length, depth * 8 + 4)
  t.equal(bench.text(deep).length, depth * 7 + 4 + '#<JSON:>'.length)
  const object = document(bench, `${'{"a":'.repeat(depth)}{"l":1}${'}'.repeat(depth)}`)
  const other = document(bench, `${'{"a":'.repeat(depth)}{"r":2}${'}'.repeat(depth)}`)
  const merged = answer(bench, object, 'merge', other)
  t.match(bench.method(merged, 'compact'), /\{"a":\{"l":1,"r":2\}\}/)
  t.equal(bench.method(merged, 'path', `${'a.'.repeat(depth)}r`), '2')
})

t.test('writing', async (t) => {
  const bench = new Bench()
  const rows: readonly (readonly [value: Value, json: string])[] = [
    [null, 'null'],
    [-9007199254740993n, '-9007199254740993'],
    [-0, '-0'],
    [1e21, '1e+21'],
    [123456789012345680000, '123456789012345680000'],
    [1e-7, '1e-7'],
    [0.000001, '0.000001'],
    ['\b\f\u001f\u007f<&>\u2028é/', '"\\u0008\\u000c\\u001f\u007f\\u003c\\u0026\\u003e\\u2028é/"'],
    [['a"\\\n\r\t', []], '["a\\"\\\\\\n\\r\\t",[]]'],
    [new Map<Value, Value>(), '{}'],
    // U+FF5E sorts before U+1F600 by code point, behind it by UTF-16 unit.
    [
      new Map<Value, Value>([
        ['😀', 1n],
        ['\uff5e', 2n],
        ['', 3n],
        ['"', 4n],
      ]),
      '{"":3,"\\"":4,"\uff5e":2,"😀":1}',
    ],
  ]
  for (const [value, json] of rows) t.equal(bench.call('json_stringify', value), json, json)
  const failure = `${R}error stringifying value: `
  t.equal(bench.call('json_stringify', Number.NaN), `${failure}unsupported value for JSON: NaN`)
  t.equal(bench.call('json_stringify', [-Infinity]), `${failure}unsupported value for JSON: -Inf`)
  const badKey = new Map<Value, Value>([
    ['a', 1n],
    [true, 2n],
  ])
  t.equal(bench.call('json_stringify', badKey), `${failure}JSON object keys must be strings, got BOOLEAN`)
  t.equal(
    bench.method(document(bench, '[{"a":[],"b":{"c":1}},2]'), 'pretty', '\t'),
    '[\n\t{\n\t\t"a": [],\n\t\t"b": {\n\t\t\t"c": 1\n\t\t}\n\t},\n\t2\n]',
  )
})

t.test('cycles: an error in JSON, a cycle when merged; values met twice are none', async (t) => {
  const bench = new Bench()
  const array = new Slot(bench.slot([]))
  t.equal(bench.call('json_stringify', [array, array]), '[[],[]]')

  const cyclic = document(bench, '{"n": 0}')
  const inside = new Slot(jsonData(bench.heap.referenceOf(cyclic.address)))
  const withSelf = answer(bench, cyclic, 'set', 'self', inside)
  // `set` copies, so this is not a cycle yet.
  setStringEntry(
    bench.heap,
    bench.heap.referenceOf(inside.address),
    newString(bench.heap, 'self'),
    cyclic.address,
  )
  t.equal(bench.text(cyclic), '#<JSON:{n: 0, self: #<JSON:{...}>}>')
  for (const [method, task] of [
    ['compact', 'failed to compact JSON'],
    ['pretty', 'failed to format JSON'],
  ] as const) {
    t.equal(bench.method(withSelf, method), `${R}${task}: cyclic structure`)
  }
  const merged = answer(bench, cyclic, 'merge', cyclic)
  t.equal(bench.text(merged), '#<JSON:{n: 0, self: {...}}>')
  t.equal(bench.method(cyclic, 'path', 'self.self.self.n'), '0')
})

t.test('a document keeps its data alive, and a method value its document', async (t) => {
  const bench = new Bench(true)
  const { heap, rt } = bench
  const method = bench.slot(null)
  const top = rt.top
  const doc = document(bench, '{"list": ["kept", [1, 2]], "n": 1}')
  getProperty(rt, method, doc.address, 'compact')
  rt.top = top
  for (let i = 0; i < 3; i++) heap.collect()
  t.equal(bench.text(new Slot(method)), '#<JSONMethod:compact on #<JSON:{list: [kept, [1, 2]], n: 1}>>')
  const before = heap.stats.liveBytes
  heap.setNull(method)
  heap.collect()
  t.ok(heap.stats.liveBytes < before, 'and no longer than needed')
})

t.test('get, has?, set, path: what is found where', async (t) => {
  const bench = new Bench()
  const hash = document(bench, '{"1": "text", "a": {"b": [10, {"c": null}]}}')
  const array = document(bench, '[5, [6]]')
  const scalar = document(bench, '"text"')
  const rows: readonly (readonly [receiver: Slot, name: string, args: Value[], answer: string])[] = [
    [hash, 'get', [1n], 'null'],
    [hash, 'get', [[]], 'null'],
    [hash, 'get', ['a'], '#<JSON:{b: [10, {c: null}]}>'],
    [array, 'get', [1.0], 'null'],
    [array, 'get', [1n << 32n], 'null'],
    [array, 'get', [1n], '#<JSON:[6]>'],
    [scalar, 'get', [0n], `${R}cannot get property from non-object/array JSON value`],
    [hash, 'has?', [[]], 'false'],
    [array, 'has?', [-1n], 'false'],
    [array, 'has?', [1n], 'true'],
    [scalar, 'has?', [0n], 'false'],
    [array, 'set', [0.0, 1n], `${R}invalid array index for JSON set`],
    [array, 'set', [0n, array], '#<JSON:[[5, [6]], [6]]>'],
    [hash, 'set', [null, 1n], `${R}unusable as hash key: NULL`],
    [scalar, 'set', ['a', 1n], `${R}cannot set property on non-object/array JSON value`],
    [hash, 'path', ['a.b.1.c'], 'null'],
    [hash, 'path', ['.a..b.0.'], '10'],
    [hash, 'path', ['1'], 'text'],
    [hash, 'path', ['1.length'], 'null'],
    [array, 'path', ['99999999999999999999'], 'null'],
    [array, 'path', ['٠'], 'null'],
    [scalar, 'path', [''], 'text'],
    [scalar, 'path', [1n], `${R}path argument must be STRING`],
    [scalar, 'length', [], '4'],
    [array, 'merge', [array], `${R}can only merge JSON objects (hashes)`],
    [array, 'keys', [1n], `${R}wrong number of arguments for json.keys: want=0, got=1`],
    [array, 'pretty', ['', ''], `${R}wrong number of arguments for json.pretty: want=0 or 1, got=2`],
    [array, 'type', [], `${R}not a function: STRING`],
    [array, 'nothing', [], `${R}unknown property nothing for JSON`],
  ]
  for (const [receiver, name, args, expected] of rows) {
    t.equal(bench.method(receiver, name, ...args), expected, `${name} ${args.map((arg) => bench.text(arg))}`)
  }
  t.equal(bench.text(array), '#<JSON:[5, [6]]>', 'never changed')
})
