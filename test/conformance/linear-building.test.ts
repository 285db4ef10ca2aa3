/**
 * That building arrays, strings and hashes step by step takes linear time (the language has only `push` and
 * `+`, which give new values): seen from the bytes that the heap hands out, never from the clock. Whatever
 * is copied goes to new memory, so copying at each step shows as four times the bytes for twice the steps.
 */
import { join, relative } from 'node:path'
import t from 'tap'
import type { HeapStatistics } from '../../lib/heap/heap.js'
import { hostTarget } from '../../lib/jit/target.js'
import { ModeChecker } from '../support/check-modes.js'
import type { ModeName } from '../support/modes.js'

/** What the loops below use. */
const SETUP = `
shared_list = []
shared_text = ""
class Builder {
  fn initialize() {
    @list = []
    @text = ""
    @table = {}
  }
  fn push_by_function(x) { @list = push(@list, x) }
  fn push_by_method(x) { @list = @list.push(x) }
  fn write(x) { @text = @text + x }
  fn set(key, value) { @table[key] = value }
  fn length() { len(@list) + len(@text) + len(@table) }
}
numbers = fn(n) {
  list = []
  for (i = 0; i < n; i = i + 1) { list = push(list, i) }
  return list
}
down = fn(acc, n) { if (n == 0) { len(acc) } else { down(push(acc, n), n - 1) } }
`

/** What stands before the loop, one step of it, what is built, and by how much each step makes it longer. */
type Loop = readonly [before: string, step: string, built: string, growth: number]

const LOOPS: Readonly<Record<string, Loop>> = {
  'a = push(a, x)': ['a = []', 'a = push(a, i)', 'len(a)', 1],
  'a = a.push(x)': ['a = []', 'a = a.push(i)', 'len(a)', 1],
  'a = push(push(a, x), y)': ['a = []', 'a = push(push(a, i), "y")', 'len(a)', 2],
  'two arrays in turn': ['a = []\nb = []', 'a = push(a, i)\nb = push(b, 0.5)', 'len(a) + len(b)', 2],
  'a variable of the file': ['shared_list = []', 'shared_list = push(shared_list, i)', 'len(shared_list)', 1],
  'a captured variable': ['a = []\nadd = fn(x) { a = push(a, x) }', 'add(i)', 'len(a)', 1],
  '@list = push(@list, x)': ['b = Builder.new()', 'b.push_by_function(i)', 'b.length()', 1],
  '@list = @list.push(x)': ['b = Builder.new()', 'b.push_by_method(i)', 'b.length()', 1],
  't[0] = push(t[0], x)': ['t = [[]]', 't[0] = push(t[0], i)', 'len(t[0])', 1],
  't[0] = t[0].push(x), t made by push': ['t = push([], [])', 't[0] = t[0].push(i)', 'len(t[0])', 1],
  'h["k"] = push(h["k"], x)': ['h = { "k": [] }', 'h["k"] = push(h["k"], i)', 'len(h["k"])', 1],
  'rows of rows': [
    'rows = []',
    'rows = push(rows, [])\nrows[i] = push(rows[i], i)\nrows[i] = push(rows[i], "y")',
    'len(rows) + len(rows[n - 1]) - 2',
    1,
  ],
  'the last element is set after each push': ['a = []', 'a = push(a, null)\na[len(a) - 1] = i', 'len(a)', 1],
  'reduce with push': ['', '', 'len(numbers(n).reduce(fn(acc, x) { push(acc, x) }, []))', 1],
  'an argument of a recursive function': ['', '', 'down([], n)', 1],

  's = s + "x"': ['s = ""', 's = s + "x"', 'len(s)', 1],
  's = s + twenty characters': ['s = ""', 's = s + "some twenty letters."', 'len(s)', 20],
  's = s + number': ['s = ""', 's = s + i % 10', 'len(s)', 1],
  's = s + a + b': ['s = ""', 's = s + "k" + i % 10 + ","', 'len(s)', 3],
  's = s + (a + b)': ['s = ""', 's = s + ("k" + i % 10)', 'len(s)', 2],
  's = s + "é"': ['s = ""', 's = s + "ž"', 'len(s)', 1],
  's = s + "😀x"': ['s = ""', 's = s + "😀x"', 'len(s)', 2],
  'a wide character in the middle': [
    's = ""',
    'if (i == 50) { s = s + "😀" } else { s = s + "x" }',
    'len(s)',
    1,
  ],
  'a text of the file': ['shared_text = ""', 'shared_text = shared_text + "x"', 'len(shared_text)', 1],
  'a captured text': ['s = ""\nadd = fn(x) { s = s + x }', 'add("x")', 'len(s)', 1],
  '@text = @text + x': ['b = Builder.new()', 'b.write("x")', 'b.length()', 1],
  't[0] = t[0] + x': ['t = [""]', 't[0] = t[0] + "x"', 'len(t[0])', 1],
  'h["k"] = h["k"] + x': ['h = { "k": "" }', 'h["k"] = h["k"] + "x"', 'len(h["k"])', 1],
  'reduce with +': ['', '', 'len(numbers(n).reduce(fn(acc, x) { acc + x % 10 }, ""))', 1],

  'h[integer] = v': ['h = {}', 'h[i] = i', 'len(h)', 1],
  'h[text] = v': ['h = {}', 'h["key " + i] = i', 'len(h)', 1],
  'h[float] = v': ['h = {}', 'h[i + 0.5] = i', 'len(h)', 1],
  '@table[k] = v': ['b = Builder.new()', 'b.set(i, "v")', 'b.length()', 1],
  't[0][k] = v': ['t = [{}]', 't[0][i] = i', 'len(t[0])', 1],
  'h[k][k] = v': ['h = { "in": {} }', 'h["in"][i] = i', 'len(h["in"])', 1],
  'hashes in a hash': ['h = {}', 'h[i] = {}\nh[i]["x"] = i', 'len(h)', 1],
}

/**
 * Steps of the shorter run; the longer one has twice as many. Blocks grow by pages at least, so copying at
 * each growth by one page shows with many steps only; under emulation there is time for few.
 */
const STEPS: Readonly<Partial<Record<ModeName, number>>> = {
  interpreter: 5000,
  vm: 5000,
  jitSoon: hostTarget() === null ? 200 : 2000,
}
/** The bytes for twice the steps, in proportion: 2 where all is linear, 4 where each step copies everything. */
const LARGEST_RATIO = 2.6

/** A function per loop, called a few times to be compiled and then for three lines of output. */
function programText(steps: number): string {
  const functions = Object.values(LOOPS).map(
    ([before, step, built]) => `fn(n) {
  ${before}
  for (i = 0; i < n; i = i + 1) {
    ${step}
  }
  return ${built}
}`,
  )
  return `${SETUP}
loops = [${functions.join(', ')}]
for (k = 0; k < len(loops); k = k + 1) {
  loop = loops[k]
  for (call = 0; call < 6; call = call + 1) { loop(4) }
  print(loop(1))
  print(loop(${steps}))
  print(loop(${2 * steps}))
}
`
}

const fileName = (steps: number): string => `steps-${steps}.rush`
const folder = relative(
  '.',
  t.testdir(Object.fromEntries(Object.values(STEPS).map((steps) => [fileName(steps), programText(steps)]))),
)
const checker = new ModeChecker()
t.setTimeout(0)
if (checker.reason !== '') t.pass('native code', { skip: checker.reason })

/** Bytes allocated between a line of output and the one before. */
function allocatedFor(heap: readonly HeapStatistics[], line: number): number {
  const [before, after] = [heap[line - 1], heap[line]] as [HeapStatistics, HeapStatistics]
  return after.allocatedBytes - before.allocatedBytes
}

for (const mode of checker.possible(Object.keys(STEPS) as ModeName[])) {
  const steps = STEPS[mode] as number
  const program = { path: join(folder, fileName(steps)), output: null, error: null }
  const { outcome, heap, crash } = await checker.run(program, mode, true)
  t.equal(outcome?.code, 0, `mode ${mode} ${outcome?.stderr ?? crash}`)
  const lines = outcome?.stdout.split('\n') ?? []
  for (const [index, [name, [, , , growth]]] of Object.entries(LOOPS).entries()) {
    const line = index * 3
    t.same(
      lines.slice(line, line + 3),
      [1, steps, 2 * steps].map((count) => String(count * growth)),
      `${name} in mode ${mode}: what is built`,
    )
    const [once, twice] = [allocatedFor(heap, line + 1), allocatedFor(heap, line + 2)]
    t.ok(twice / once < LARGEST_RATIO, `${name} in mode ${mode}: ${once} bytes, then ${twice}`)
  }
}
checker.stop()
