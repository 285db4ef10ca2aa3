/** Native code, executed: by this machine if it is an ARM64 one, else under emulation. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { findArm64 } from '../support/arm64.js'

const { command, reason } = findArm64()
const RUSH_RUN = join('dist', 'tools', 'rush-run.js')

interface Run {
  stdout: string
  stderr: string
  status: number | null
}

/** Emulation is slow, and the tests share the machine with others. */
t.setTimeout(240_000)

const folder = mkdtempSync(join(tmpdir(), 'rush-native-'))
t.teardown(() => rmSync(folder, { recursive: true }))

function start(words: readonly string[]): Run {
  const [program, ...rest] = [...(command ?? []), ...words] as [string, ...string[]]
  const { stdout, stderr, status } = spawnSync(program, rest, {
    encoding: 'utf8',
    timeout: 120_000,
    maxBuffer: 1 << 26,
  })
  return { stdout, stderr, status }
}

function run(text: string, ...flags: string[]): Run {
  const file = join(folder, 'program.rush')
  writeFileSync(file, text)
  return start([RUSH_RUN, '-jit', '-log-level=info', ...flags, file])
}

/** A counter of the statistics block. */
function counter(stderr: string, name: string): number {
  return Number(new RegExp(`^  ${name}: (\\d+)$`, 'm').exec(stderr)?.[1] ?? Number.NaN)
}

/** What the VM prints, on this machine's own processor. */
function expected(text: string): string {
  const file = join(folder, 'expected.rush')
  writeFileSync(file, text)
  return spawnSync(process.execPath, [RUSH_RUN, '-bytecode', file], { encoding: 'utf8' }).stdout
}

interface Mappings {
  output: string
  /** Lines of /proc/self/maps while compiled code was installed. */
  mappings: string[]
  /** Functions compiled. */
  compiled: number
}

const options = command === null ? { skip: reason } : {}

t.test('a hot function is compiled and its native code answers calls', options, async (t) => {
  const text = `
fib = fn(n) { if (n < 2) { return n }
  return fib(n - 1) + fib(n - 2) }
print(fib(24))`
  const CALLS = 150_049
  const hitsOf = ({ stdout, stderr, status }: Run): number => {
    t.equal(status, 0)
    t.equal(stdout, '46368\n')
    t.ok(counter(stderr, 'Compilations succeeded') > 0)
    t.equal(counter(stderr, 'Deoptimizations'), 0)
    return counter(stderr, 'JIT hits')
  }
  const all = hitsOf(run(text, '-jit-disable-pass', 'inline-quick-ways'))
  t.ok(all > 0.9 * CALLS && all < CALLS, `${all}`)
  const inlined = hitsOf(run(text))
  t.ok(inlined > 0.4 * CALLS && inlined < 0.6 * CALLS, `${inlined}: the others return where they are called`)
})

t.test('other types than were observed deoptimize and change nothing', options, async (t) => {
  const text = `
add = fn(a, b) { return a + b }
for (i = 0; i < 300; i = i + 1) { add(i, 1) }
print(add(1, 2), add(1.5, 2), add("a", 2), add(9223372036854775807, 1), add(2, "b"), add(0.5, 0.25))
try { add(null, 1) } catch (e) { print(e.type, e.message, e.line) }
for (i = 0; i < 300; i = i + 1) { add(i, 0.5) }
print(add(1, 2), add(1, 2.5))`
  const { stdout, stderr, status } = run(text)
  t.equal(status, 0)
  t.equal(stdout, expected(text))
  t.match(
    stdout,
    /^3 3\.5 a2 -9223372036854775808 2b 0\.75\nRuntimeError unknown operator: NULL \+ INTEGER 2\n/,
  )
  t.ok(counter(stderr, 'Deoptimizations') > 0)
  t.ok(counter(stderr, 'Compilations succeeded') > 1, 'compiled anew without the guard that kept failing')
})

t.test('deep recursion in native code is a catchable error', options, async (t) => {
  const text = `
down = fn(n) { if (n == 0) { return 0 }
  return 1 + down(n - 1) }
for (i = 0; i < 200; i = i + 1) { down(5) }
print(down(20000))
forever = fn(n) { return forever(n + 1) + 1 }
for (i = 0; i < 3; i = i + 1) { try { forever(0) } catch (e) { print(e.type, e.message) } }
print(down(1000))`
  const { stdout, stderr, status } = run(text)
  t.equal(status, 0)
  t.equal(stdout, `20000\n${'RuntimeError stack overflow\n'.repeat(3)}1000\n`)
  t.ok(counter(stderr, 'JIT hits') > 100_000)
})

t.test('a tiny code cache evicts and goes on', options, async (t) => {
  const functions = Array.from({ length: 12 }, (_, i) => `f${i} = fn(x) { return x * ${i} + x % 7 - ${i} }`)
  const calls = functions.map((_, i) => `s = s + f${i}(k)`)
  const text = `${functions.join('\n')}\ns = 0\nfor (k = 0; k < 200; k = k + 1) {\n${calls.join('\n')}\n}\nprint(s)`
  const { stdout, stderr, status } = run(
    text,
    '-max-cache-entries=3',
    '-hot-threshold=20',
    // The loop's own code would have them all in it.
    '-osr-threshold=100000',
    '-log-level=debug',
  )
  t.equal(status, 0)
  t.equal(stdout, expected(text))
  const evictions = stderr.match(/evicted/g)?.length ?? 0
  t.ok(evictions > 10, `${evictions} evictions`)
  t.ok(counter(stderr, 'JIT hits') > 0)
})

t.test('refused executable memory is said once, and the VM runs the program', options, async (t) => {
  const { stdout, stderr, status } = run('print(1)', '-no-exec-memory', '-log-level=none')
  t.equal(status, 0)
  t.equal(stdout, '1\n')
  t.match(stderr, /^rush: the system refuses executable memory; running in the bytecode VM\n$/)
})

// V8 keeps memory that is both for its own code, unless it may not compile.
t.test('no memory is ever writable and executable', options, async (t) => {
  const { stdout, stderr, status } = start(['--jitless', join('dist', 'test', 'native', 'show-mappings.js')])
  t.equal(status, 0, stderr)
  const { output, mappings, compiled } = JSON.parse(stdout) as Mappings
  t.equal(output, '46368\n')
  t.ok(compiled > 0, 'native code is there')
  t.ok(
    mappings.some((line) => / r-xp 0+ 00:00 0 *$/.test(line)),
    'it is executable',
  )
  t.same(
    mappings.filter((line) => / .wx. /.test(line)),
    [],
  )
})
