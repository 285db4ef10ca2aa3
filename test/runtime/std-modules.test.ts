import t from 'tap'
import { mismatches, type Row } from './expressions.js'

const IMPORTS = `
  import { abs, average, max, min, PI, E, pow, random_int, sum, is_integer? } from "std/math"
  import { contains?, is_whitespace_char?, join, length as characters, ltrim, replace, split, substr, trim, upper } from "std/string"
  import { filter, find, length, map, pop, push, reduce, reverse, slice, sort } from "std/array"`

// biome-ignore format: one row per line
const ROWS: Row[] = [
  ['[PI, E]', '[3.141592653589793, 2.718281828459045]'],
  ['[min == builtin_min, abs == builtin_abs, pow == builtin_pow, is_integer? == builtin_is_integer?, type(sum)]', '[true, true, true, true, BUILTIN]'],
  ['random_int(5, 4)', '! first argument to `builtin_random_int` cannot be greater than second argument'],
  ['[max(3, 2.5), average([1, 2])]', '[3, 1.5]'],
  // The global functions themselves.
  ['[characters == len, length == len, substr == substr, pop([1]), push([1], 2), slice([1, 2], -1, 1)]', '[true, true, true, 1, [1, 2], []]'],
  ['split("a1b", Regexp("1"))', '! second argument to `split` must be STRING, got REGEXP'],
  // All others do what the methods do, with their messages.
  ['[trim(" a "), ltrim(" a"), upper("a"), contains?("ab", "b"), replace("a1", Regexp("[0-9]"), "<$0>")]', '[a, a, A, true, a<1>]'],
  ['contains?("a", 1)', '! argument to contains? must be STRING, got INTEGER'],
  ['trim(5)', '! unknown property trim for integer'],
  ['trim()', '! wrong number of arguments: want=1, got=0'],
  ['join([1, 2.0, null, ["x"]], ", ")', '1, 2, null, [x]'],
  ['join([], ",") == ""', 'true'],
  ['join("abc", ",")', '! argument to join must be ARRAY, got STRING'],
  ['join({}, ",")', '! argument to join must be ARRAY, got HASH'],
  ['join(["a", "b"], 5)', '! unknown property join for integer'],
  ['[" ", "\\t", "\\n", "\\r", "", "  ", "a", 5, null].map(fn(c) { is_whitespace_char?(c) })', '[true, true, true, true, false, false, false, false, false]'],
  ['[map([1, 2], fn(x) { x * 2 }), filter([1, 2], fn(x) { x > 1 }), reduce([1, 2], fn(a, b) { a + b }, 0)]', '[[2, 4], [2], 3]'],
  ['[find([1, 2], fn(x) { x > 1 }), reverse([1, 2]), sort([2, 1])]', '[2, [2, 1], [1, 2]]'],
  ['map([1], len)', '! argument to map must be FUNCTION, got BUILTIN'],
]

t.test('std/math, std/string and std/array', async (t) => {
  t.same(mismatches(ROWS, IMPORTS), [])
})
