/** What is too large, too deep or too long ends in a message, whatever the tool and the tier. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { compile } from '../../lib/bytecode/index.js'
import { loadProgram } from '../../lib/modules/load.js'
import { isBuiltin } from '../../lib/runtime/builtins/registry.js'
import { parse } from '../../lib/syntax/index.js'
import { FULL } from '../support/full.js'
import { runTool, type ToolResult, toolPath } from './run-tool.js'

t.setTimeout(240_000)
const cwd = mkdtempSync(join(tmpdir(), 'rush-test-'))
t.teardown(() => rmSync(cwd, { recursive: true, force: true }))
const write = (name: string, text: string | Uint8Array): void => writeFileSync(join(cwd, name), text)
const run = (tool: string, words: readonly string[], input: string | Uint8Array = ''): ToolResult =>
  runTool(tool, words, input, { cwd })
/** Without the notice that native code cannot run here. */
const errorsOf = ({ stderr }: ToolResult): string => stderr.replace(/^rush: .*\n/, '')

const TIERS = [[], ['-bytecode'], ['-jit', '-hot-threshold=1', '-osr-threshold=1']]

const DEEP = 'nesting too deep'
const LONG = 'expression too long'

/** Programs that nest `n` deep, or are `n` long, and what is said of them; '' = they work. */
const FORMS: Readonly<Record<string, readonly [text: (n: number) => string, message: string]>> = {
  parentheses: [(n) => `x = ${'('.repeat(n)}1${')'.repeat(n)}`, DEEP],
  arrays: [(n) => `x = ${'['.repeat(n)}1${']'.repeat(n)}`, DEEP],
  hashes: [(n) => `x = ${'{1:'.repeat(n)}1${'}'.repeat(n)}`, DEEP],
  blocks: [(n) => 'if (true) {'.repeat(n) + '}'.repeat(n), DEEP],
  loops: [(n) => 'while (true) {'.repeat(n) + '}'.repeat(n), DEEP],
  tries: [(n) => 'try {'.repeat(n) + '} catch (e) { }'.repeat(n), DEEP],
  functions: [(n) => `x = ${'fn() {'.repeat(n)}1${'}'.repeat(n)}`, DEEP],
  classes: [(n) => 'class A { fn f() {'.repeat(n) + '}}'.repeat(n), DEEP],
  arguments: [(n) => `x = ${'f('.repeat(n)}1${')'.repeat(n)}`, DEEP],
  unclosed: [(n) => '('.repeat(n), DEEP],
  signs: [(n) => `x = ${'-'.repeat(n)}1`, LONG],
  negations: [(n) => `x = ${'!'.repeat(n)}1`, LONG],
  branches: [(n) => `if (false) { 1 }${' else if (false) { 1 }'.repeat(n)}`, LONG],
  calls: [(n) => `x = f${'()'.repeat(n)}`, LONG],
  indices: [(n) => `x = f${'[0]'.repeat(n)}`, LONG],
  members: [(n) => `x = f${'.a'.repeat(n)}`, LONG],
  sums: [(n) => `x = 1${'+1'.repeat(n)}`, LONG],
  conditions: [(n) => `x = true${'&&true'.repeat(n)}`, LONG],
  digits: [(n) => `x = ${'1'.repeat(n)}`, 'is too large'],
  parameters: [
    (n) => `x = fn(${Array.from({ length: n }, (_, i) => `a${i}`)}) { }`,
    'slots for variables and intermediate values',
  ],
  locals: [
    (n) => `x = fn() { ${Array.from({ length: n }, (_, i) => `v${i} = 1`).join('; ')} }`,
    'slots for variables and intermediate values',
  ],
  fields: [
    (n) => `class A { fn m() { ${Array.from({ length: n }, (_, i) => `@f${i} = 1`).join('; ')} } }`,
    '',
  ],
  elements: [(n) => `x = [${'1,'.repeat(n)}]`, ''],
  lines: [(n) => 'x = 1\n'.repeat(n), ''],
  text: [(n) => `x = "${'a'.repeat(n)}"`, ''],
  decimals: [(n) => `x = 1.${'1'.repeat(n)}`, ''],
}

t.test('programs that nest deeply or are long', async (t) => {
  for (const count of FULL ? [100_000, 1_000_000] : [10_000]) {
    for (const [name, [make, message]] of Object.entries(FORMS)) {
      const text = make(count)
      let { diagnostics } = parse(text, 'test.rush')
      if (diagnostics.length === 0 && !message.startsWith(LONG)) {
        diagnostics = compile(loadProgram(text, 'test.rush').document, isBuiltin).diagnostics
      }
      const [first] = diagnostics
      if (message === '') t.equal(first, undefined, `${count} ${name}`)
      else {
        t.match(first?.message, message, `${count} ${name}`)
        t.ok((first?.line ?? 0) > 0 && (first?.column ?? 0) > 0)
      }
    }
  }
})

t.test('they end every tool with a line and a column', async (t) => {
  write('deep.rush', `x = ${'[\n'.repeat(100_000)}`)
  const tools = [['rush-parse'], ['rush-compile'], ...TIERS.map((tier) => ['rush-run', ...tier])]
  for (const [tool, ...flags] of tools) {
    const result = run(tool as string, [...flags, 'deep.rush'])
    t.match(
      errorsOf(result),
      /^Parse errors:\n {2}line 201:1: nesting too deep \(limit 200\) \(deep\.rush\)\n/,
    )
    t.equal(result.code, 1)
  }
})

t.test('documents that nest deeply are refused', async (t) => {
  const depth = 100_000
  const json = `{"format":"FORMAT","version":2,"program":${'['.repeat(depth)}${']'.repeat(depth)}}`
  const msgpack = Buffer.alloc(depth, 0x91)
  for (const [tool, format] of [
    ['rush-compile', 'rush-ast'],
    ['rush-vm', 'rush-bytecode'],
    ['rush-jit-asm', 'rush-bytecode'],
  ] as const) {
    for (const bytes of [json.replace('FORMAT', format), msgpack]) {
      const { code, stdout, stderr } = run(tool, [], bytes)
      t.match(stderr, /^<stdin>: (?:damaged msgpack: nested too deeply|not a valid rush-).*\n$/, tool)
      t.same([code, stdout], [1, ''])
    }
  }
})

t.test('inputs that are too large are not even read to their end', async (t) => {
  write('long.rush', 'x = 1\n'.repeat(20))
  const message = (flag: string, name = 'long.rush'): string =>
    `Error reading file ${name}: larger than 100 bytes (see -${flag})\n`
  for (const tool of ['rush-parse', 'rush-compile', 'rush-run']) {
    const { code, stdout, stderr } = run(tool, ['-max-source=100', 'long.rush'])
    t.same([code, stdout, stderr], [1, '', message('max-source')], tool)
    t.equal(run(tool, ['-max-source=120', 'long.rush']).code, 0, tool)
  }
  for (const tool of ['rush-compile', 'rush-vm', 'rush-jit-asm']) {
    const { code, stderr } = run(tool, ['-max-document=100', '/dev/zero'])
    t.same([code, stderr], [1, message('max-document', '/dev/zero')], tool)
  }
  t.equal(run('rush-compile', ['-o', 'long.rbc', 'long.rush']).code, 0)
  const document = run('rush-run', ['-max-source=1', '-max-document=100', 'long.rbc'])
  t.equal(document.stderr, message('max-document', 'long.rbc'))
  t.equal(run('rush-run', ['-max-source=1', 'long.rbc']).code, 0)
})

t.test('modules count, too; one that is too large cannot be imported', async (t) => {
  write('small.rush', 'export a = 1')
  write('large.rush', `export b = "${'x'.repeat(500)}"`)
  write('main.rush', 'import { a } from "./small"\nprint(a)\nimport { b } from "./large"\nprint(len(b))')
  for (const tier of TIERS) {
    const { code, stdout, stderr } = run('rush-run', [...tier, '-max-source=400', 'main.rush'])
    t.equal(stdout, '1\n')
    t.match(
      stderr,
      /failed to import module \.\/large: .*the program and its modules are too large \(see -max-source\)\n/,
    )
    t.equal(code, 1)
  }
  t.equal(run('rush-run', ['main.rush']).stdout, '1\n500\n')
})

/** Each way to use up the heap, or what a value has outside of it. */
const HUNGRY = `
hungry = [
  fn() { s = "x"; while (true) { s = s + s } },
  fn() { s = "é"; while (true) { s = s + s } },
  fn() { a = []; while (true) { a = push(a, a) } },
  fn() { h = {}; i = 0; while (true) { h[i] = [i]; i = i + 1 } },
  fn() { a = [1]; while (true) { a = a.map(fn(x) { x }); a = [a, a, a, a] } },
  fn() { s = "x"; for (i = 0; i < 12; i = i + 1) { s = s + s }; s.replace("x", s) },
  fn() { s = "x"; while (true) { s = [s, s].map(fn(x) { x + x })[0] } },
  fn() { a = []; s = "x"; for (i = 0; i < 12; i = i + 1) { s = s + s }; while (true) { a = push(a, path(s + len(a))) } },
  fn() { a = []; while (true) { a = push(a, Regexp("a{100}" + len(a))) } }
]
for (i = 0; i < len(hungry); i = i + 1) {
  f = hungry[i]
  try { f() } catch (RuntimeError e) { print(i, e.message) }
}
a = []
for (i = 0; i < 10000; i = i + 1) { a = push(a, i) }
print(len(a))
`

t.test('want of memory is an error of the program, which goes on with what is free again', async (t) => {
  write('hungry.rush', HUNGRY)
  const lines = Array.from({ length: 9 }, (_, i) => `${i} out of memory\n`).join('')
  for (const tier of TIERS) {
    const result = run('rush-run', [...tier, '-max-heap=4194304', 'hungry.rush'])
    t.equal(result.stdout, `${lines}10000\n`, tier[0])
    t.same([errorsOf(result), result.code], ['', 0])
  }
})

/** Ways to make strings of `n` bytes and arrays of `n` elements, for `n` at and above the limit. */
const LONG_VALUES = `
limit = 65536; part = 32768
twice = fn(s, n) { while (len(s) * 2 <= n) { s = s + s } s }
text = fn(n) { s = twice("x", n); s + s.substr(0, n - len(s)) }
half = text(part)
list = fn(n) { a = []; for (i = 0; i < n; i = i + 1) { a = push(a, i) } a }
pairs = fn(n) { h = {}; for (i = 0; i < n; i = i + 1) { h[i] = i } h }
full = list(limit)
strings = [
  fn(n) { len(text(n)) },
  fn(n) { s = ""; for (i = 0; i < n; i = i + 1) { s = s + "y" } len(s) },
  fn(n) { s = half + half.substr(0, n - part - 1) + "u"; len(s) },
  fn(n) { len((half.substr(0, part - 1) + "u").replace("u", text(n - part + 1))) },
  fn(n) { len(JSON.stringify(half + text(n - part - 2))) },
  fn(n) { len(to_string([half, text(n - part - 4)])) },
  fn(n) { len("é" + text(n - 1)) },
  fn(n) { len("日" + text(part - 1 + (n - limit))) * 2 }
]
arrays = [
  fn(n) { len(list(n)) },
  fn(n) { a = full; for (i = limit; i < n; i = i + 1) { a = push(a, i) } len(a) },
  fn(n) { h = pairs(n); len(h.keys) },
  fn(n) { h = pairs(n); len(h.values) },
  fn(n) { a = list(limit - 1); len(push(push(a, 1).slice(0, limit - 1), 2)) + n - limit + len(list(n)) - n }
]
run = fn(ways, all) {
  for (i = 0; i < len(all); i = i + 1) {
    f = all[i]
    for (more = 0; more < 3; more = more + 2) {
      try { print(ways, i, more, f(limit + more)) } catch (RuntimeError e) { print(ways, i, more, e.message) }
    }
  }
}
for (round = 0; round < 2; round = round + 1) { run(0, strings); run(1, arrays) }
`

t.test('strings and arrays have a longest length, however they are made', async (t) => {
  write('long.rush', LONG_VALUES)
  const results = TIERS.map((tier) =>
    run('rush-run', [...tier, '-max-string=65536', '-max-array=65536', 'long.rush']),
  )
  t.equal(errorsOf(results[0] as ToolResult), '')
  const lines = (results[0]?.stdout ?? '').trimEnd().split('\n')
  t.equal(lines.length, 2 * 2 * (8 + 5))
  for (const line of lines) {
    const [ways, i, more] = line.split(' ')
    const message =
      ways === '0' ? 'string too long (limit 65536 bytes)' : 'array too long (limit 65536 elements)'
    t.equal(line, `${ways} ${i} ${more} ${more === '0' ? 65536 : message}`)
  }
  for (const { stdout, code } of results) t.same([stdout, code], [results[0]?.stdout, 0])
})

t.test('JSON nests as deep as a flag says', async (t) => {
  write(
    'json.rush',
    `deep = fn(n) { a = 1; for (i = 0; i < n; i = i + 1) { a = (if (i % 2 == 0) { [a] } else { {"k": a} }) } a }
    for (n = 40; n < 42; n = n + 1) {
      try { print(len(JSON.stringify(deep(n)))) } catch (e) { print(e.message) }
      text = "1"
      for (i = 0; i < n; i = i + 1) { text = "[" + text + "]" }
      try { print(JSON.stringify(JSON.parse(text)) == text) } catch (e) { print(e.message) }
      for (inner = 0; inner < 2; inner = inner + 1) {
        empty = ["[]", "{}"][inner]
        for (i = 1; i < n; i = i + 1) { empty = "[" + empty + "]" }
        try { print(JSON.stringify(JSON.parse(empty)) == empty) } catch (e) { print(e.message) }
      }
    }`,
  )
  for (const tier of TIERS) {
    const { stdout, code } = run('rush-run', [...tier, '-max-json-depth=40', 'json.rush'])
    const limit = 'nested too deeply (limit 40)'
    const refused = `invalid JSON: ${limit}\n`.repeat(3)
    t.equal(stdout, `161\ntrue\ntrue\ntrue\nerror stringifying value: ${limit}\n${refused}`)
    t.equal(code, 0)
  }
})

const NESTED = FULL ? 100_000 : 5_000
const DEEP_VALUES = `
n = ${NESTED}
make = fn() { a = 1; for (i = 0; i < n; i = i + 1) { a = [a] }; a }
hash = fn() { h = 1; for (i = 0; i < n; i = i + 1) { h = {"k": h} }; h }
a = make(); b = make(); h = hash(); g = hash()
print(a == b, h == g, a == [a], [a].index_of(b))
print(len(to_string(a)), len(to_string(h)))
j = JSON.stringify(a)
print(len(j), JSON.stringify(JSON.parse(j)) == j, len(JSON.stringify(h)))
for (i = 0; i < 2 * n; i = i + 1) { [i] }
try { throw a } catch (e) { print(len(e.message)) }
c = null
f = fn(x) { fn() { x } }
class N { fn initialize(x) { @x = x } }
for (i = 0; i < n; i = i + 1) { c = f(c) }
for (i = 0; i < n; i = i + 1) { c = N.new(c) }
for (i = 0; i < 2 * n; i = i + 1) { [i] }
x = [1]; x[0] = x
print(x == x, to_string(x))
try { JSON.stringify(x) } catch (e) { print(e.message) }
r = fn(n) { 1 + r(n + 1) }
try { r(0) } catch (e) { print(e.message) }
`

t.test('values may nest as deep as they like', async (t) => {
  write('values.rush', DEEP_VALUES)
  const [first, ...others] = TIERS.map((tier) => run('rush-run', [...tier, 'values.rush']))
  const n = NESTED
  const sizes = `${2 * n + 1} ${5 * n + 1}\n${2 * n + 1} true ${6 * n + 1}\n${2 * n + 1}\n`
  t.match(first?.stdout, `false false false -1\n${sizes}true `)
  t.match(first?.stdout, /cyclic structure\nstack overflow\n$/)
  t.equal(first?.code, 0)
  for (const { stdout, code } of others) t.same([stdout, code], [first?.stdout, 0])
})

t.test('when nobody reads the output, every tool ends without a word', async (t) => {
  write('loud.rush', 'for (i = 0; i < 1000000; i = i + 1) { print("line", i) }')
  write('large.rush', Array.from({ length: 700 }, (_, i) => `fn f${i}(a, b) { a * b + ${i} }`).join('\n'))
  t.equal(run('rush-compile', ['-o', 'loud.rbc', 'loud.rush']).code, 0)
  t.equal(run('rush-compile', ['-o', 'large.rbc', 'large.rush']).code, 0)
  const commands = [
    ...(FULL ? TIERS : TIERS.slice(1, 2)).map((tier) => ['rush-run', ...tier, 'loud.rush']),
    ['rush-vm', 'loud.rbc'],
    ['rush-parse', 'large.rush'],
    ['rush-compile', '-format=text', 'large.rush'],
    ['rush-jit-asm', '-emit=ir', 'large.rbc'],
  ]
  for (const [tool, ...words] of commands) {
    const line = `("$0" "$@"; echo $? >&2) | head -c 1`
    const { stderr } = spawnSync('sh', ['-c', line, process.execPath, toolPath(tool as string), ...words], {
      cwd,
      encoding: 'utf8',
    })
    t.equal(stderr.replace(/^rush: .*\n/, ''), '141\n', `${tool} ${words.join(' ')}`)
  }
})
