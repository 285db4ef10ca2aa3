/** What the conformance programs do not reach: jumps out of expressions, limits, memory, hand-over. */
import t from 'tap'
import type { Interpreter } from '../../lib/interpreter/interpreter.js'
import { failRuntime } from '../../lib/runtime/errors.js'
import type { Runtime } from '../../lib/runtime/runtime.js'
import { MAX_NESTING } from '../../lib/syntax/index.js'
import { type RunOptions, runProgram } from './run-program.js'

/** As deep as the parser allows, but for the function around it. */
const NESTING = MAX_NESTING - 10

/** The output, and the uncaught error as its last line. */
function run(text: string, options?: RunOptions): string {
  const { output, error, messages } = runProgram(text, options)
  if (messages.length > 0) return messages.join('\n')
  return error === null
    ? output
    : `${output}${error.type}: ${error.message} (${error.line}:${error.column})\n`
}

t.test('jumps leave half-evaluated expressions', async (t) => {
  const text = `
f = fn(n) {
  s = [0]
  for (i = 0; i < 5; i = i + 1) {
    s = push(s, 10 + if (i == n) { continue } else { if (i == n + 2) { break } else { i } })
  }
  return [s, {"k": if (n == 1) { return "left" } else { n }}]
}
print(f(0), f(1), f(9))`
  t.equal(run(text), '[[0, 11], {k: 0}] left [[0, 10, 11, 12, 13, 14], {k: 9}]\n')
})

t.test('jumps in the head of a loop belong to the loop', async (t) => {
  const text = `
n = 0
while (if (n == 3) { break } else { n < 10 }) { n = n + 1 }
print(n)
m = 0
for (i = 0; if (i == 2) { continue } else { i < 4 }; i = i + if (i == 2) { 2 } else { 1 }) { m = m + 1 }
print(i, m)
for (i = 0; true; i = if (i > 2) { break } else { i + 1 }) { }
print(i)`
  t.equal(run(text), '3\n4 2\n3\n')
})

t.test('a return that a finalizer cancels leaves nothing behind', async (t) => {
  const text = `
f = fn() { 1 + if (true) { while (true) { try { return 70 } finally { break } }
  5 } }
g = fn() {
  try { return 1 } finally {
    while (true) { try { return 2 } finally { break } }
    for (i = 0; i < 2; i = i + 1) { try { return 3 } finally { continue } }
    try { try { return 4 } finally { throw "x" } } catch (e) { }
  }
}
h = fn() { try { throw "a" } catch (e) { return e.message } finally { try { throw "b" } catch (e) { } } }
print(f(), g(), h())`
  t.equal(run(text), '6 1 a\n')
})

t.test('an error that waits for a finalizer survives errors caught inside it', async (t) => {
  const text = `
try {
  try { 1 / 0 } finally { try { [][1] } catch (e) { print(e.type) } }
} catch (e) { print(e.message, e.line, e.column) }`
  t.equal(run(text), 'IndexError\ndivision by zero 3 11\n')
})

t.test('values of statements', async (t) => {
  const text = `
print(fn() { x = 5 }(), fn() { try { 1 } finally { 2 } }(), fn() { try { throw 1 } catch (e) { 3 } finally { 4 } }())
print(fn() { while (false) { } }(), fn() { switch (1) { case 1: 7 } }(), fn() { switch (1) { case 1: break } }())
print(fn() { if (false) { 1 } }(), fn() { { 1 2 } }(), fn() { }(), fn() { class C { } }(), fn() { [0][0] = 9 }())`
  t.equal(run(text), '5 1 3\nnull 7 null\nnull 2 null class C 9\n')
})

t.test('each run of a catch clause has its own variables', async (t) => {
  const text = `
fs = []
for (i = 0; i < 3; i = i + 1) {
  try { throw to_string(i) } catch (e) { own = e.message + "!"
    fs = push(fs, fn() { own = own + "?"
      return e.message + own }) }
}
print(fs[0](), fs[1](), fs[2](), fs[0]())`
  t.equal(run(text), '00!? 11!? 22!? 00!??\n')
})

t.test('stray jumps fail where they are executed', async (t) => {
  const text = `
f = fn() { try { break } catch (e) { print(e.message, e.line) } finally { print("done") } }
f()
switch (1) { case 1: continue }`
  t.equal(
    run(text),
    'break statement not in loop 2\ndone\nRuntimeError: continue statement not in loop (4:22)\n',
  )
})

t.test('places of errors', async (t) => {
  const places: [string, string][] = [
    ['x = 1 +\n  nope', 'identifier not found: nope (2:3)'],
    ['print(1, [2] - 3)', 'unknown operator: ARRAY - INTEGER (1:14)'],
    ['[1][0][2]', 'index operator not supported: INTEGER (1:7)'],
    ['h = {}\nh[[]] = 1', 'unusable as hash key: ARRAY (2:2)'],
    ['x = {1: 2,\n [3]: 4}', 'unusable as hash key: ARRAY (1:5)'],
    ['f = fn(a) { a }\n  f(1, 2)', 'wrong number of arguments: want=1, got=2 (2:4)'],
    ['x = 5\nx.y', 'unknown property y for integer (2:3)'],
    ['class A < x { }\nx = 1', 'identifier not found: x (1:11)'],
    ['x = 1\nclass A < x { }', 'super class must be a class, got INTEGER (2:11)'],
    ['fn f() { @a }\nf()', 'instance variable @a used outside of object context (1:10)'],
    ['fn f() { @a = 1 }\nf()', 'instance variable @a used outside of object context (1:10)'],
    ['super(print("arguments first"))', 'super() can only be used within a method (1:6)'],
    ['class A { fn m() { super() } }\nA.new().m()', 'super() called but no superclass exists (1:25)'],
    ['export q', 'cannot export undefined variable: q (1:1)'],
    [
      'class A { fn initialize(a) { } }\nA.new()',
      'wrong number of arguments for initialize: want=1, got=0 (2:6)',
    ],
    ['-"a"', 'unknown operator: -STRING (1:1)'],
  ]
  for (const [text, error] of places)
    t.equal(run(text).replace('arguments first\n', ''), `RuntimeError: ${error}\n`)
})

t.test('the stack of an error that passes a builtin and a constructor', async (t) => {
  const text = `
class A { fn initialize(x) { [x].map(fn(y) { fail(y) }) } }
fn fail(x) { throw x }
try { A.new("no") } catch (e) { print(e.stack) }`
  t.equal(run(text), '  at fail (line 2:50)\n  at map (line 2:37)\n  at initialize (line 4:12)\n')
})

t.test('a bound method called with the wrong number of arguments', async (t) => {
  const text =
    'class A { fn m(a) { @a = a\n return self } fn a() { @a } }\nm = A.new().m\nprint(m(3).a())\nm()'
  t.equal(run(text), '3\nRuntimeError: wrong number of arguments: want=1, got=0 (5:2)\n')
})

t.test('running out of depth is an error like others', async (t) => {
  const text =
    'd = 0\nf = fn() { d = d + 1\n f() }\ntry { f() } catch (e) { print(e.type, e.message, d, e.line) }\nprint(1)'
  t.equal(run(text, { heap: { maxDepth: 30 } }), 'RuntimeError stack overflow 29 3\n1\n')
})

t.test('large frames cost more depth', async (t) => {
  const names = Array.from({ length: 200 }, (_, i) => `v${i} = ${i}`).join('\n')
  const text = `d = 0\nf = fn() { d = d + 1\n${names}\n f() }\ntry { f() } catch (e) { print(e.message, d) }`
  t.equal(run(text, { heap: { maxDepth: 30 } }), 'stack overflow 7\n')
})

t.test('running out of memory is an error like others', async (t) => {
  const text = `
s = "0123456789abcdef"
f = fn() { while (true) { s = s + s } }
try { f() } catch (e) { print(e.type, e.message, e.line) }
s = ""
print(len(s + "ok"))`
  t.equal(run(text), 'RuntimeError out of memory 3\n2\n')
})

t.test('running out of memory that the program holds on to is an error like others', async (t) => {
  const text = `
kept = []
grow = fn() { while (true) { kept = [kept, kept, "x" + 1, 2, 3] } }
twice = fn() { grow() }
for (i = 0; i < 3; i = i + 1) {
  try { twice() } catch (e) { print(e, e.type, e.line, e.column) }
}
try { nosuch } catch (e) { print(e.message) }
kept = []
print(len("o" + "k"))
try { twice() } finally { print("finally") }`
  const out = 'RuntimeError: out of memory RuntimeError 3'
  for (const handOverHeight of [undefined, 0]) {
    const { output, error } = runProgram(text, { handOverHeight, heap: { maxHeap: 2 << 20 } })
    const lines = output.split('\n')
    t.same(
      lines.slice(0, 3).map((line) => line.slice(0, out.length)),
      [out, out, out],
    )
    t.match(lines[3], /^(identifier not found: nosuch|out of memory)$/)
    t.same(lines.slice(4), ['2', 'finally', ''])
    t.same([error?.type, error?.message, error?.line], ['RuntimeError', 'out of memory', 3])
  }
})

t.test('calls of built-in functions and methods let garbage go, also where nothing loops', async (t) => {
  const text = `
s = "0123456789abcdef"
${'s = s + s\n'.repeat(12)}
a = split(s, "")
flip = a.reverse
${'b = a.reverse()\nb = slice(a, 0, 65536)\nb = flip()\n'.repeat(8)}
print(b.length)`
  t.equal(run(text), '65536\n')
})

t.test('the same answers when every safepoint collects', async (t) => {
  const text = `
class P { fn initialize(a, b) { @a = a
    @b = [a + b, {a: b}] } fn show() { return to_string(@a) + to_string(@b) } }
make = fn(s) { k = s + "k"
  return fn(t) { k = k + t
    return [k, P.new(k, t).show()] } }
g = make("x" + 1)
out = []
for (i = 0; i < 20; i = i + 1) {
  out = push(out, ["a" + i, g("b" + i), [i].map(fn(x) { return "m" + x })[0]])
  try { throw "e" + i } catch (e) { out = push(out, e.message + out[len(out) - 1][2]) }
}
print(out)`
  const plain = runProgram(text)
  const stressed = runProgram(text, { heap: { stress: true } })
  t.equal(stressed.output, plain.output)
  t.match(plain.output, /xx1k|x1kb0/)
  t.ok(stressed.rt.heap.stats.collections > 100)
})

t.test('what is not supported is said before anything runs', async (t) => {
  const many = Array.from({ length: 256 }, () => '1').join(', ')
  t.equal(run(`print(${many})`), '1:6 too many arguments: 256 (limit 255)')
})

/** A tier that answers every call with 42, or fails. */
function answering(calls: number[], fails: boolean): (rt: Runtime) => Pick<Interpreter, 'call'> {
  return (rt) => ({
    call: (callee, argc) => {
      calls.push(argc)
      if (fails) failRuntime(rt, 'from below')
      rt.heap.setInteger(callee, 42)
    },
  })
}

t.test('deep calls are handed over', async (t) => {
  const text = `
f = fn(n, m) { return 1 + f(n + 1, m) }
print(f(0, 0) > 60)
print([1].map(fn(x) { return f(x, x) })[0] > 60)`
  const calls: number[] = []
  t.equal(run(text, { handOver: answering(calls, false) }), 'true\ntrue\n')
  t.same(calls, [2, 2])
})

t.test('an error of a call that was handed over goes on here', async (t) => {
  const text = `
f = fn(n) { return f(n + 1) }
try { f(0) } catch (e) { print(e.message, e.line, e.column) }
print(2 + 3)`
  t.equal(run(text, { handOver: answering([], true) }), 'from below 2 21\n5\n')
})

t.test('recursion inside a deeply nested expression does not exhaust the JavaScript stack', async (t) => {
  for (const [open, close] of [
    ['1 + (', ')'],
    ['[', ']'],
    ['{1: ', '}'],
    ['if (true) { ', ' }'],
    ['try { ', ' } finally { }'],
  ]) {
    const text = `f = fn(n) { ${open?.repeat(NESTING)}f(n + 1)${close?.repeat(NESTING)} }\nf(0)\nprint("done")`
    t.equal(run(text, { handOver: answering([], false) }), 'done\n', open)
  }
})
