/**
 * What is no callback, and callbacks with other numbers of parameters than the method gives them
 * (data-types.md section 1.5): a program and its output.
 */
import { METHODS } from './programs.js'

/** Values that can be called, or not, but that no method takes as a callback. */
const REFUSED: readonly (readonly [source: string, type: string])[] = [
  ['len', 'BUILTIN'],
  ['JSON', 'BUILTIN'],
  ['"abc".upper', 'STRING_METHOD'],
  ['[1].push', 'ARRAY_METHOD'],
  ['Adder', 'CLASS'],
  ['Adder.new().add', 'BOUND_METHOD'],
  ['null', 'NULL'],
  ['5', 'INTEGER'],
]

/** Parameters that callbacks of the methods get, at most. */
const GIVEN: Readonly<Record<string, number>> = {
  map: 1,
  filter: 1,
  reduce: 2,
  find: 1,
  'filter of hashes': 2,
  map_values: 1,
  each: 2,
}

/** The methods of hashes give exactly so many. */
const EXACT: ReadonlySet<string> = new Set(['filter of hashes', 'map_values', 'each'])

/** What comes out of callbacks that return "c": `list` is [1, 2], `table` {a: 1}. */
const RESULTS: Readonly<Record<string, string>> = {
  map: '[c, c]',
  filter: '[1, 2]',
  reduce: 'c',
  find: '1',
  'filter of hashes': '{a: 1}',
  map_values: '{a: c}',
  each: '{a: 1}',
}

const MOST_PARAMETERS = 3

function refusal(name: string, type: string): string {
  const method = name.split(' ')[0]
  const what = name === 'reduce' ? 'first argument to reduce' : `argument to ${method}`
  return `RuntimeError: ${what} must be FUNCTION, got ${type}`
}

function outcomeOf(name: string, parameters: number): string {
  const given = GIVEN[name] as number
  const fits = EXACT.has(name) ? parameters === given : parameters <= given
  return fits
    ? (RESULTS[name] as string)
    : `RuntimeError: wrong number of arguments: want=${parameters}, got=${given}`
}

function callbackWith(parameters: number): string {
  return `fn(${['p', 'q', 'r'].slice(0, parameters).join(', ')}) { "c" }`
}

const COUNTS = Array.from({ length: MOST_PARAMETERS + 1 }, (_, count) => count)

/** The walk is made with callbacks that fit until it is native code, then with each of the others. */
export const REFUSED_PROGRAM = {
  text: `
class Adder { fn add(x) { return x } }
list = [1, 2]
table = { "a": 1 }
refused = [${REFUSED.map(([source]) => source).join(', ')}]
callbacks = [${COUNTS.map(callbackWith).join(', ')}]
walks = [${METHODS.map(
    ({ call }) => `fn(f) { try { return ${call} } catch (e) { return e.type + ": " + e.message } }`,
  ).join(',\n')}]
given = [${METHODS.map(({ name }) => GIVEN[name]).join(', ')}]
for (k = 0; k < len(walks); k = k + 1) {
  walk = walks[k]
  for (warm = 0; warm < 6; warm = warm + 1) { walk(callbacks[given[k]]) }
  for (n = 0; n < len(refused); n = n + 1) { print(walk(refused[n])) }
  for (n = 0; n < len(callbacks); n = n + 1) { print(walk(callbacks[n])) }
  print(list, table)
}
`,
  output: METHODS.flatMap(({ name }) => [
    ...REFUSED.map(([, type]) => refusal(name, type)),
    ...COUNTS.map((count) => outcomeOf(name, count)),
    '[1, 2] {a: 1}',
  ])
    .map((line) => `${line}\n`)
    .join(''),
}
