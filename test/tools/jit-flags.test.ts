/** Flags that show or restrict what the JIT does. */
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { GRAPH_PASSES, PASS_NAMES } from '../../lib/jit/pass-names.js'
import { hostTarget } from '../../lib/jit/target.js'
import type { JitReport } from '../../lib/jit/tier/report.js'
import { PerfMap } from '../../lib/native/perf-map.js'
import { runTool, type ToolResult } from './run-tool.js'

/** Many processes, on a machine shared with others. */
t.setTimeout(240_000)

const native = hostTarget() === null ? { skip: 'no native code for this CPU' } : {}

const cwd = mkdtempSync(join(tmpdir(), 'rush-test-'))
t.teardown(() => rmSync(cwd, { recursive: true, force: true }))

const run = (...words: string[]): ToolResult => runTool('rush-run', words, '', { cwd })

/** Runs `p.rush` with this text. */
function runText(text: string, ...flags: string[]): ToolResult {
  writeFileSync(join(cwd, 'p.rush'), text)
  return run(...flags, 'p.rush')
}

function report(text: string, ...flags: string[]): JitReport {
  const { stderr } = runText(text, '-jit', '-jit-stats=json', ...flags)
  return JSON.parse(stderr.trimEnd().split('\n').at(-1) as string) as JitReport
}

/** Loops stay as they are, so that only calls count. */
const NO_LOOPS = '-osr-threshold=100000'

/** `add` is compiled for integers, then fails ten times, and is compiled again. */
const CHANGES = `fn add(a, b) {
  return a + b
}
fn hot(n) { s = 0; for (i = 0; i < n; i = i + 1) { s = add(s, i) }; return s }
for (j = 0; j < 110; j = j + 1) { x = hot(2) }
for (j = 0; j < 30; j = j + 1) { x = add("a", "b") }
print(x)
`

t.test('a loop knows the types of all variables of the file that it uses', native, async (t) => {
  const found = report(`step = fn(x) { return x + 1 }
n = 0
text = "a"
for (i = 0; i < 2000; i = i + 1) { n = step(n); if (text == "b") { n = 0 } }
print(n)`)
  t.equal(found.deoptimizations, 0)
  t.equal(found.compilations.again, 0)
})

t.test('code that meets something new is compiled once for all that is new', native, async (t) => {
  const found = report(
    `f = fn(a) { return [a[0] + a[0], a[1] - a[1], a[2] * a[2], a[3] % a[3] < a[3]] }
for (j = 0; j < 150; j = j + 1) { x = f([1, 2, 3, 4]) }
for (j = 0; j < 150; j = j + 1) { x = f(["1", 2.0, 3.0, 4.0]) }
print(x)`,
    NO_LOOPS,
  )
  t.match(found.functions, [{ function: 'f', versions: 2 }])
  t.equal(found.deoptimizations, 10)
})

t.test('-jit-stats=json', native, async (t) => {
  const { stdout, stderr, code } = runText(CHANGES, '-jit', '--jit-stats=json', NO_LOOPS)
  t.same([code, stdout], [0, 'ab\n'])
  t.equal(stderr.trimEnd().split('\n').length, 1, 'one line')
  const found = JSON.parse(stderr) as JitReport
  t.equal(found.target, hostTarget()?.name)
  t.same(found.compilations, { attempted: 3, succeeded: 3, refused: 0, again: 1, loops: 0 })
  t.equal(found.deoptimizations, 10)
  t.same(found.exits, {
    total: 10,
    byReason: { otherArgument: 10 },
    byFunction: [{ function: 'add', file: 'p.rush', count: 10 }],
    sites: [{ function: 'add', file: 'p.rush', line: 2, reason: 'otherArgument', count: 10 }],
  })
  t.ok(found.hits > 0 && found.compileMilliseconds > 0)
  t.same(
    found.functions.map(({ function: name, line, loop, versions }) => [name, line, loop, versions]),
    [
      ['add', 2, null, 2],
      ['hot', 4, null, 1],
    ],
  )
  t.equal(
    found.codeBytes,
    found.functions.reduce((sum, { bytes }) => sum + bytes, 0),
  )
  t.ok(found.codeBytesInstalled > 0)
  t.same([found.refusals, found.givenUp, found.evictions, found.fromObject], [[], [], 0, 0])
})

t.test('what native code asks of the VM is counted', native, async (t) => {
  // No native code reads JSON.
  const made = report('fn f() { return JSON.parse("1") }\nfor (i = 0; i < 400; i = i + 1) { f() }')
  const total = Object.values(made.yields.byOpcode).reduce((sum, count) => sum + count, 0)
  t.equal(made.yields.total, total)
  t.equal(made.yields.byOpcode.CallMethod, 301, 'the 100th call is the first native one')
  const calls = report(
    'fn g() { return 1 }\nfn f() { return g() }\nfor (i = 0; i < 250; i = i + 1) { f() }',
    '-jit-only=f',
  )
  t.equal(calls.vmCalls, 151, 'g is never native')
  const cells = report(
    'fn f(i) { return [i, i, i] }\na = []\nfor (i = 0; i < 20000; i = i + 1) { a = push(a, f(i)) }',
  )
  t.ok(cells.refills > 0)
})

t.test('loops, refusals and what was given up', native, async (t) => {
  const loop = report('s = 0\nfor (i = 0; i < 5000; i = i + 1) {\n  s = s + i\n}')
  t.equal(loop.compilations.loops, 1)
  t.same([loop.functions[0]?.function, loop.functions[0]?.loop], ['<main>', 2])
  const limited = report(CHANGES, '-max-compiled-functions=1', NO_LOOPS)
  // `add` is compiled twice, and counts once.
  t.same(limited.compilations, { attempted: 3, succeeded: 2, refused: 1, again: 1, loops: 0 })
  t.same(
    limited.refusals.map(({ function: name, reason, message }) => [name, reason, message]),
    [['hot', 'limit', 'limit of compiled functions reached']],
  )
  t.same(limited.givenUp, limited.refusals)
  t.ok(limited.misses > 0)
})

t.test('-jit-stats=text tells the same to people, also of a failed run', native, async (t) => {
  const { stderr, code } = runText(`${CHANGES}throw "end"`, '-jit', NO_LOOPS, '-jit-stats=text')
  t.equal(code, 1)
  t.match(stderr, /^ {2}Compilations: 3 attempted, 3 succeeded, 0 refused; 1 again, 0 of loops$/m)
  t.match(stderr, /^ {2}Exits: 10\n {4}add, p\.rush:2: otherArgument: 10$/m)
  t.match(stderr, /^ {4}add, p\.rush:2: 2 times, \d+ bytes, \d+ IR instructions, [\d.]+ ms$/m)
})

t.test('without native code the report is empty', async (t) => {
  const { stderr } = runText(CHANGES, '-jit', NO_LOOPS, '-jit-stats=json', '-no-exec-memory')
  const found = JSON.parse(stderr.split('\n')[1] as string) as JitReport
  t.same([found.target, found.compilations.attempted, found.functions], [null, 0, []])
})

t.test('-jit-trace-exits has a line for each exit', native, async (t) => {
  const { stderr } = runText(CHANGES, '-jit', NO_LOOPS, '-jit-trace-exits')
  const line = (times: string): string =>
    `[exit] add, p.rush:2: argument is of another type (otherArgument), ${times}`
  const expected = Array.from({ length: 10 }, (_, i) => line(i === 0 ? 'once' : `${i + 1} times`))
  t.same(stderr.trimEnd().split('\n'), expected)
})

t.test('-jit-only and -jit-deny', native, async (t) => {
  const compiled = (...flags: string[]): string[] =>
    report(CHANGES, NO_LOOPS, ...flags)
      .functions.map((entry) => entry.function)
      .sort()
  t.same(compiled(), ['add', 'hot'])
  t.same(compiled('-jit-only=hot'), ['hot'])
  t.same(compiled('-jit-only=hot', '--jit-only', 'add'), ['add', 'hot'])
  t.same(compiled('-jit-deny=hot'), ['add'])
  t.same(compiled('-jit-only=hot', '-jit-deny=hot'), [])
  const { refusals, compilations } = report(CHANGES, NO_LOOPS, '-jit-deny=hot')
  t.same(
    refusals.map(({ function: name, reason }) => [name, reason]),
    [['hot', 'denied']],
  )
  t.equal(compilations.refused, 0, 'not even attempted')
})

t.test('unknown functions are errors', async (t) => {
  for (const flag of ['-jit-only', '-jit-deny']) {
    const { code, stdout, stderr } = runText(CHANGES, '-jit', NO_LOOPS, `${flag}=nope`)
    t.same([code, stdout, stderr], [1, '', 'p.rush: there is no function "nope"\n'])
  }
})

t.test('-jit-disable-pass', native, async (t) => {
  const bad = runText('1', '-jit', '-jit-disable-pass=inline')
  t.equal(bad.code, 2)
  t.equal(
    bad.stderr.split('\n')[0],
    `invalid value "inline" for flag -jit-disable-pass: must be one of ${PASS_NAMES.join(', ')}`,
  )
  const stages = GRAPH_PASSES.map((pass) => `ir:${pass}`)
  for (const pass of GRAPH_PASSES) {
    const { stderr } = runText(
      CHANGES,
      '-jit',
      NO_LOOPS,
      `-jit-disable-pass=${pass}`,
      `-dump=${stages.join()}`,
    )
    for (const other of GRAPH_PASSES) t.equal(stderr.includes(`, after ${other}\n`), other !== pass, pass)
  }
})

t.test('no pass is needed for a right result', native, async (t) => {
  const folder = join(process.cwd(), 'test', 'programs')
  const sets = [...PASS_NAMES.map((pass) => [pass]), [...PASS_NAMES]]
  for (const program of ['float-guards', 'search-trees']) {
    const expected = readFileSync(join(folder, `${program}.out`), 'utf8')
    for (const passes of sets) {
      const flags = passes.map((pass) => `-jit-disable-pass=${pass}`)
      const { stdout, stderr } = runTool(
        'rush-run',
        ['-jit', '-hot-threshold=5', '-osr-threshold=5', ...flags, `${program}.rush`],
        '',
        { cwd: folder, env: { ...process.env, RUSH_VERIFY: '1' } },
      )
      t.same([stdout, stderr], [expected, ''], `${program} without ${passes.join(', ')}`)
    }
  }
})

t.test('-dump shows what is compiled, when it is', native, async (t) => {
  const { stderr } = runText(CHANGES, '-jit', NO_LOOPS, '-dump=ir,ir:number-values,asm', '-dump-function=add')
  const stages = [...stderr.matchAll(/^[;#/]+ function \d+ (\S+)\(.*?\): 2 locals, 2 operands(.*)$/gm)]
  const once = [', as built', ', after number-values', ', after number-values', '']
  t.same(
    stages.map(([, name, stage]) => [name, stage]),
    [...once, ...once].map((stage) => ['add', stage]),
    'two versions',
  )
  t.match(stderr, /argument integer/, 'with the feedback of the run')
  t.match(stderr, /reloc \S+ stub:/)
  const loop = runText('for (i = 0; i < 5000; i = i + 1) { 1 }', '-jit', '-dump=asm').stderr
  t.match(loop, / from the loop at line 1\n/)
})

t.test('-dump refuses unknown passes', async (t) => {
  const { code, stderr } = run('-dump=ir:inline', 'none.rush')
  t.equal(code, 2)
  t.match(
    stderr,
    /^invalid value "ir:inline" for flag -dump: unknown stage "ir:inline": must be of ast, bytecode, ir, ir:/,
  )
})

t.test('-perf-map tells where code lies', native, async (t) => {
  const { stdout, pid } = runText(CHANGES, '-jit', NO_LOOPS, '-perf-map')
  const file = `/tmp/perf-${pid}.map`
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  rmSync(file)
  t.equal(stdout, 'ab\n')
  const entries = lines.map((line) => /^([0-9a-f]+) ([0-9a-f]+) rush:(.*)$/.exec(line) ?? [])
  t.same(
    entries.map(([, , , name]) => name),
    ['stubs', 'signal handler', 'add', 'hot', 'add'],
  )
  const ends = entries.map(([, start, size]) => BigInt(`0x${start}`) + BigInt(`0x${size}`))
  t.ok((ends[1] as bigint) <= BigInt(`0x${entries[2]?.[1]}`), 'one behind the other')
})

t.test('a perf map does not follow links', async (t) => {
  const [file, link] = [join(cwd, 'victim'), join(cwd, 'perf.map')]
  writeFileSync(file, 'precious\n')
  symlinkSync(file, link)
  t.throws(() => new PerfMap(link), { code: 'ELOOP' })
  t.equal(readFileSync(file, 'utf8'), 'precious\n')
  const map = new PerfMap(file)
  map.add(0x1000n, 16, 'a\nb')
  map.close()
  t.equal(readFileSync(file, 'utf8'), 'precious\n1000 10 rush:a?b\n')
})

t.test('flags about native code need -jit', async (t) => {
  const flags = ['jit-stats=json', 'jit-trace-exits', 'jit-only=f', 'jit-deny=f', 'perf-map']
  for (const flag of [...flags, `jit-disable-pass=${PASS_NAMES[0]}`]) {
    for (const words of [[], ['-bytecode']]) {
      const { code, stderr } = run(...words, `-${flag}`, 'none.rush')
      t.equal(code, 2, flag)
      t.equal(stderr.split('\n')[0], `flag -${flag.split('=')[0]} needs -jit`)
    }
    t.equal(runTool('rush-vm', [`-${flag}`, 'none.rbc'], '', { cwd }).code, 2)
  }
  t.match(run('-jit-stats=xml', 'none.rush').stderr, /^invalid value "xml" for flag -jit-stats: /)
})

t.test('a line for each compilation at the debug level', native, async (t) => {
  const { stderr } = runText(
    `${CHANGES}for (i = 0; i < 3000; i = i + 1) { 1 }`,
    '-jit',
    '-log-level=debug',
    '-hot-threshold=100',
  )
  const lines = stderr.split('\n').flatMap((line) => {
    const made = /JIT compilation succeeded for function (.*), \d+ bytes, \d+ IR instructions, [\d.]+ ms$/
    return made.exec(line)?.[1] ?? []
  })
  t.same(lines, [
    'add: hot call',
    'hot: OSR of the loop at line 4',
    'hot: hot call',
    'add: hot call, version 2',
    '<main>: OSR of the loop at line 8',
  ])
})
