/** SIGINT and SIGTERM while a program runs: it ends at once, by that signal, and what it printed is there. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { findArm64 } from '../support/arm64.js'
import { FULL } from '../support/full.js'
import { runTool, toolPath } from './run-tool.js'

t.setTimeout(600_000)

/** Milliseconds from the signal to the end, as the median of all trials. */
const PROMISED = 100
/** Under emulation signals are handled between blocks of translated code, by a process with more to do. */
const PROMISED_EMULATED = 1000
const TRIALS = FULL ? 20 : 3

interface Ended {
  output: string
  errors: string
  code: number | null
  signal: NodeJS.Signals | null
  /** Milliseconds from the signal to the end. */
  time: number
}

/** Starts a command, waits until it has printed `ready` and some time longer, and sends it a signal. */
async function interrupt(
  command: readonly string[],
  signal: NodeJS.Signals,
  { ready = '', wait = 150 },
): Promise<Ended> {
  const [program, ...words] = command as [string, ...string[]]
  const child: ChildProcess = spawn(program, words, { stdio: ['pipe', 'pipe', 'pipe'] })
  let output = ''
  let errors = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors += text
  })
  await new Promise<void>((resolve) => {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text
      if (output.includes(ready)) resolve()
    })
    if (ready === '') setTimeout(resolve, 200)
    child.on('close', () => resolve())
  })
  await new Promise((resolve) => setTimeout(resolve, wait))
  const closed = once(child, 'close')
  const ended = once(child, 'exit')
  const started = performance.now()
  child.kill(signal)
  await ended
  const time = performance.now() - started
  const [code, by] = (await closed) as [number | null, NodeJS.Signals | null]
  return { output, errors, code, signal: by, time }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] as number
}

/** Each prints more than one line at once, of which all but the first are held back, and goes on for ever. */
const PRINTED = 'print("ready")\nprint("é, then")\nfor (i = 0; i < 3; i = i + 1) { print(i) }\n'
const EXPECTED = 'ready\né, then\n0\n1\n2\n'
const ENDLESS: Readonly<Record<string, string>> = {
  'an empty loop': 'while (true) { }',
  'a loop of the program': 'n = 0\nwhile (true) { n = n + 1 }',
  'a loop in a function': 'spin = fn() { n = 0\n while (true) { n = (n + 1) % 1000 } }\nspin()',
  'calls in a loop': 'f = fn(x) { x + 1 }\nn = 0\nwhile (true) { n = f(n) % 77 }',
  recursion: 'fib = fn(n) { if (n < 2) { n } else { fib(n - 1) + fib(n - 2) } }\nfib(90)',
  'a loop that takes memory': 'while (true) { a = [1, "b" + 2, {"c": 3}] }',
  callbacks: 'while (true) { [1, 2, 3].map(fn(x) { x * 2 }) }',
}

const MODES: Readonly<Record<string, readonly string[]>> = {
  interpreter: [],
  VM: ['-bytecode'],
  JIT: ['-jit'],
}

function commandOf(file: string, flags: readonly string[], prefix: readonly string[]): string[] {
  return [...prefix, toolPath('rush-run'), ...flags, file]
}

const times: number[] = []

for (const [mode, flags] of Object.entries(MODES)) {
  t.test(`${mode}: the program ends by the signal, and what it printed is there`, async (t) => {
    const file = join(t.testdir(), 'p.rush')
    for (const [number, [name, text]] of Object.entries(ENDLESS).entries()) {
      // Native code is what differs.
      if (!FULL && mode !== 'JIT' && number % 3 !== 0) continue
      writeFileSync(file, `${PRINTED}${text}\n`)
      const signal = number % 2 === 0 ? 'SIGINT' : 'SIGTERM'
      const ended = await interrupt(commandOf(file, flags, [process.execPath]), signal, { ready: 'ready' })
      t.match(ended, { output: EXPECTED, code: null, signal }, name)
      times.push(ended.time)
    }
  })
}

t.test('it does so within 100 ms, in loops of native code and in native recursion', async (t) => {
  const file = join(t.testdir(), 'p.rush')
  for (let trial = 0; trial < TRIALS; trial++) {
    for (const name of ['a loop in a function', 'recursion']) {
      writeFileSync(file, `${PRINTED}${ENDLESS[name]}\n`)
      const command = commandOf(file, ['-jit'], [process.execPath])
      times.push((await interrupt(command, 'SIGINT', { ready: 'ready' })).time)
    }
  }
  const usual = median(times)
  t.comment(`median of ${times.length}: ${usual.toFixed(1)} ms, longest: ${Math.max(...times).toFixed(1)} ms`)
  t.ok(usual < PROMISED, `${usual} ms`)
})

const emulated = findArm64()
t.test('ARM64 code, too', emulated.command === null ? { skip: emulated.reason } : {}, async (t) => {
  const file = join(t.testdir(), 'p.rush')
  for (const [name, text] of Object.entries(ENDLESS).filter(([name]) => FULL || name === 'recursion')) {
    writeFileSync(file, `${PRINTED}${text}\n`)
    const command = commandOf(file, ['-jit'], emulated.command ?? [])
    const ended = await interrupt(command, 'SIGTERM', { ready: 'ready', wait: 2000 })
    t.match(ended, { output: EXPECTED, signal: 'SIGTERM' }, name)
    t.ok(ended.time < PROMISED_EMULATED, `${ended.time} ms`)
  }
})

for (const [mode, flags] of Object.entries(MODES)) {
  t.test(`${mode}: in the middle of printing, no line is cut, lost or written twice`, async (t) => {
    const file = join(t.testdir(), 'p.rush')
    writeFileSync(file, 'i = 0\nwhile (true) {\n  print("line", i)\n  i = i + 1\n}\n')
    for (let trial = 0; trial < 2; trial++) {
      const command = commandOf(file, flags, [process.execPath])
      const { output, signal } = await interrupt(command, 'SIGTERM', {
        ready: 'line 99\n',
        wait: 10 + trial * 7,
      })
      t.equal(signal, 'SIGTERM')
      const lines = output.split('\n')
      t.equal(lines.pop(), '', 'the last line is complete')
      t.ok(lines.length > 99 && lines.every((line, i) => line === `line ${i}`), 'all lines in order')
    }
  })
}

/** Sends the process a signal just behind a write, before the run can know that it is done. */
const BEHIND_WRITE = `
const fs = require('node:fs')
const { writeSync } = fs
let writes = 0
fs.writeSync = (descriptor, ...rest) => {
  const count = writeSync(descriptor, ...rest)
  if (descriptor === 1 && ++writes === 20) process.kill(process.pid, 'SIGTERM')
  return count
}
`

for (const [name, node] of Object.entries({ native: [process.execPath], emulated: emulated.command })) {
  const skip = node === null ? { skip: emulated.command === null ? emulated.reason : '' } : {}
  t.test(`${name}: a signal between a write and the note that it is done`, skip, async (t) => {
    const hook = t.testdir({ 'hook.cjs': BEHIND_WRITE })
    const file = join(hook, 'p.rush')
    writeFileSync(file, 'i = 0\nwhile (true) {\n  print("line", i)\n  i = i + 1\n}\n')
    const [program, ...words] = commandOf(file, ['-jit'], node ?? []) as [string, ...string[]]
    const env = { ...process.env, NODE_OPTIONS: `--require=${join(hook, 'hook.cjs')}` }
    const { stdout, signal } = spawnSync(program, words, { encoding: 'utf8', env, maxBuffer: 1 << 26 })
    t.equal(signal, 'SIGTERM')
    const lines = stdout.split('\n')
    t.equal(lines.pop(), '', 'the last line is complete')
    t.equal(
      lines.findIndex((line, i) => line !== `line ${i}`),
      -1,
      'no line is written twice',
    )
    t.ok(lines.length > 1000)
  })
}

t.test('nobody reads the output: the process ends all the same', async (t) => {
  const file = join(t.testdir(), 'p.rush')
  writeFileSync(file, 'while (true) { print("much of it, until nothing fits into the pipe any more") }\n')
  for (const flags of Object.values(MODES)) {
    const words = [toolPath('rush-run'), ...flags, file]
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'ignore'] })
    child.stdout.pause()
    await new Promise((resolve) => setTimeout(resolve, 1000))
    const ended = once(child, 'exit')
    child.kill('SIGINT')
    t.same(await ended, [null, 'SIGINT'])
    child.stdout.destroy()
  }
})

t.test('a signal while the program is read from standard input', async (t) => {
  for (const flags of Object.values(MODES)) {
    const command = [process.execPath, toolPath('rush-run'), ...flags, '-']
    t.match(await interrupt(command, 'SIGTERM', {}), {
      code: null,
      signal: 'SIGTERM',
      output: '',
      errors: '',
    })
  }
})

t.test('a shell shows 130 and 143', async (t) => {
  const file = join(t.testdir(), 'p.rush')
  writeFileSync(file, `${PRINTED}while (true) { }\n`)
  for (const [signal, code] of [
    ['INT', 130],
    ['TERM', 143],
  ] as const) {
    const script = `"$@" & sleep 1.5; kill -${signal} $!; wait $!; echo $?`
    const words = ['-c', script, 'bash', process.execPath, toolPath('rush-run'), '-jit', file]
    const child = spawn('bash', words, { stdio: ['ignore', 'pipe', 'ignore'] })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    await once(child, 'close')
    t.equal(output, `${EXPECTED}${code}\n`)
  }
})

t.test('files that are written are whole or not there', async (t) => {
  const folder = t.testdir()
  const source = join(folder, 'big.rush')
  writeFileSync(source, 'f = fn(x) { x + 1 }\n'.repeat(3000))
  const env = { ...process.env, HOME: folder }
  const started = performance.now()
  const whole = runTool('rush-compile', ['-cache', source], '', { env }).bytes
  const usual = performance.now() - started
  const target = join(folder, 'big.rbc')
  const trials = FULL ? 40 : 6
  let kept = 0
  for (let trial = 0; trial < trials; trial++) {
    rmSync(target, { force: true })
    rmSync(join(folder, '.rush_cache'), { recursive: true, force: true })
    const words = [toolPath('rush-compile'), '-cache', '-o', target, source]
    const child = spawn(process.execPath, words, { env, stdio: 'ignore' })
    const ended = once(child, 'exit')
    // About when it writes, at the end.
    const timer = setTimeout(() => child.kill('SIGTERM'), usual * (0.6 + (0.6 * trial) / trials))
    await ended
    clearTimeout(timer)
    if (!existsSync(target)) continue
    kept++
    t.ok(readFileSync(target).equals(whole))
  }
  t.comment(`${kept} were written`)
  // Whatever the cache has now, it is used or made anew: the result is the same.
  const { code, bytes } = runTool('rush-compile', ['-cache', source], '', { env })
  t.equal(code, 0)
  t.ok(bytes.equals(whole))
  const entries = readdirSync(join(folder, '.rush_cache')).filter((name) => name.endsWith('.rushc'))
  t.equal(entries.length, 1)
})
