/** `rush-run` without a file at a terminal. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { hostTarget } from '../../lib/jit/target.js'
import { findArm64 } from '../support/arm64.js'
import { toolPath } from '../tools/run-tool.js'
import { delay, missingTerminal, PseudoTerminal } from './pseudo-terminal.js'

const CTRL_C = '\x03'
const CTRL_D = '\x04'
const CTRL_U = '\x15'
const TAB = '\t'
const UP = '\x1b[A'
const PROMPT = /⛤ $/
const EMULATED_PATIENCE = 120_000

const skip = missingTerminal()
t.setTimeout(0)
const home = mkdtempSync(join(tmpdir(), 'rush-test-'))
t.teardown(() => rmSync(home, { recursive: true, force: true }))

/** Starts a session and waits for its first prompt. */
async function start(flags: readonly string[] = []): Promise<{ terminal: PseudoTerminal; banner: string }> {
  const command = [process.execPath, toolPath('rush-run'), ...flags]
  const terminal = new PseudoTerminal(command, { HOME: home })
  t.teardown(() => terminal.kill())
  return { terminal, banner: await terminal.until(PROMPT) }
}

t.test('banner, prompt, values, the end', { skip }, async (t) => {
  const banners: [string[], string][] = [
    [[], 'Tree-Walking Mode'],
    [['-bytecode'], 'Bytecode Mode'],
  ]
  for (const [flags, name] of banners) {
    const { terminal, banner } = await start(flags)
    t.equal(banner, `Rush Interactive REPL (${name})\nType ':help' for help, ':quit' to exit\n⛤ `)
    t.equal(await terminal.enter('1 + 2', PROMPT), '1 + 2\n3\n⛤ ')
    t.equal(await terminal.enter('x = 5', PROMPT), 'x = 5\n⛤ ')
    t.equal(await terminal.enter('x / 0', PROMPT), 'x / 0\nError: RuntimeError: division by zero\n⛤ ')
    t.equal(await terminal.enter('if (x == 5) {', PROMPT), 'if (x == 5) {\n⛤ ')
    t.equal(await terminal.enter('"five" }', PROMPT), '"five" }\nfive\n⛤ ')
    t.equal(await terminal.enter('', PROMPT), '\n⛤ ')
    terminal.type(':quit\r')
    t.same(await terminal.end(), { code: 0, shown: ':quit\nGoodbye!\n' })
  }
  const { terminal } = await start()
  terminal.type(CTRL_D)
  t.equal((await terminal.end()).code, 0, 'Ctrl-D')
})

t.test('Ctrl-C at the prompt clears the line and what came before it', { skip }, async (t) => {
  const { terminal } = await start()
  await terminal.enter('f(', PROMPT)
  terminal.type('garbage')
  await terminal.until(/garbage$/)
  terminal.type(CTRL_C)
  await terminal.until(/\^C\n⛤ $/)
  t.equal(await terminal.enter('3 * 4', PROMPT), '3 * 4\n12\n⛤ ')
  terminal.type(CTRL_D)
  await terminal.end()
})

/** Programs that never end, with what they are called. */
const ENDLESS: [string, string][] = [
  ['loop', 'while (true) { n = n + 1 }'],
  ['caught', 'try { while (true) { n = n + 1 } } catch (e) { "caught" } finally { n = -1 }'],
  ['calls', 'fib(100)'],
  ['callbacks', 'while (true) { [1, 2].map(fn(x) { n = n + x }) }'],
]

async function interruptAll(t: Test, terminal: PseudoTerminal, wait: number): Promise<void> {
  await terminal.enter('n = 0; fn fib(x) { if (x < 2) { return x }; fib(x - 1) + fib(x - 2) }', PROMPT)
  t.match(await terminal.enter('fib(15)', PROMPT), /\n610\n/)
  for (const [name, program] of ENDLESS) {
    terminal.type(`${program}\r`)
    await delay(wait)
    terminal.type(CTRL_C)
    t.match(await terminal.until(PROMPT), /\^C\ninterrupted\n⛤ $/, name)
    t.match(await terminal.enter('[n > 0, fib(15)]', PROMPT), /\n\[true, 610\]\n/, `behind ${name}`)
  }
}

t.test('Ctrl-C ends what runs, and the session goes on', { skip }, async (t) => {
  for (const flags of [[], ['-bytecode']]) {
    const { terminal } = await start(flags)
    await interruptAll(t, terminal, 400)
    terminal.type(CTRL_D)
    t.equal((await terminal.end()).code, 0)
  }
})

/** A loop in a function that is native when it is called. */
const SPIN = 'fn spin(x) { i = 0; while (i < x) { i = i + 1 }; i }'

/** @param wait until a loop is in native code for certain, in milliseconds */
async function interruptNative(t: Test, terminal: PseudoTerminal, wait: number): Promise<void> {
  await terminal.enter(SPIN, PROMPT)
  await terminal.enter('for (k = 0; k < 20; k = k + 1) { spin(10) }', PROMPT)
  terminal.type('spin(1000000000000)\r')
  await delay(wait)
  terminal.type(CTRL_C)
  t.match(await terminal.until(PROMPT), /\^C\ninterrupted\n⛤ $/, 'a native loop')
  t.match(await terminal.enter('spin(1000)', PROMPT), /\n1000\n/)
  const statistics = await terminal.enter(':stats', PROMPT)
  const hits = Number(/JIT hits: (\d+)/.exec(statistics)?.[1])
  t.ok(hits >= 10, `native code ran: ${hits} calls`)
  t.match(statistics, /Functions with native code: [1-9]/)
  terminal.type(CTRL_D)
  t.equal((await terminal.end()).code, 0)
}

const JIT = ['-jit', '-hot-threshold=3']

t.test(
  'Ctrl-C in native code',
  { skip: skip || (hostTarget() === null && 'no native code here') },
  async (t) => {
    const { terminal } = await start(JIT)
    await interruptAll(t, terminal, 500)
    await interruptNative(t, terminal, 500)
  },
)

t.test('Ctrl-C in ARM64 code under emulation', { skip }, async (t) => {
  const { command, reason } = findArm64()
  if (command === null) return t.pass('native code', { skip: reason })
  if (process.arch === 'arm64') return t.pass('not emulated here: see above')
  const words = [...command, toolPath('rush-run'), ...JIT]
  const terminal = new PseudoTerminal(words, { HOME: home }, EMULATED_PATIENCE)
  t.teardown(() => terminal.kill())
  t.match(await terminal.until(PROMPT), /^Rush Interactive REPL \(JIT Mode\)\n/)
  await interruptNative(t, terminal, 2500)
})

t.test('history of this session and of the one before', { skip }, async (t) => {
  const first = (await start()).terminal
  await first.enter('"first session"', PROMPT)
  await first.enter('40 + 2', PROMPT)
  await first.typeKeys(UP)
  await first.until(/40 \+ 2$/)
  t.match(await first.enter('0', PROMPT), /\n60\n⛤ $/)
  first.type(CTRL_D)
  await first.end()
  const file = join(home, '.rush_history')
  t.match(readFileSync(file, 'utf8'), /"first session"\n40 \+ 2\n40 \+ 20\n$/)
  t.equal(statSync(file).mode & 0o777, 0o600)
  const second = (await start()).terminal
  await second.typeKeys(UP)
  await second.until(/40 \+ 20$/)
  await second.typeKeys(UP)
  await second.until(/40 \+ 2$/)
  second.type(CTRL_U + CTRL_D)
  await second.end()
})

t.test('completion', { skip }, async (t) => {
  const { terminal } = await start(['-bytecode'])
  await terminal.enter('kangaroo = [1]', PROMPT)
  await terminal.typeKeys(`kan${TAB}`)
  await terminal.until(/kangaroo$/)
  await terminal.typeKeys(`.leng${TAB}`)
  await terminal.until(/length$/)
  t.match(await terminal.enter('', PROMPT), /\n1\n/)
  await terminal.typeKeys(`kangaroo.in${TAB}${TAB}`)
  t.match(await terminal.until(/index_of[\s\S]*⛤ kangaroo\.in$/), /includes\?/)
  await terminal.typeKeys(`${CTRL_U}:by${TAB}`)
  await terminal.until(/:bytecode$/)
  terminal.type(CTRL_U + CTRL_D)
  await terminal.end()
})

t.test('pasted lines run one after the other', { skip }, async (t) => {
  const { terminal } = await start()
  terminal.type('fn square(x) {\r\tx * x\r}\rsquare(12)\rsquare(2')
  await terminal.until(/\n144\n⛤ square\(2$/)
  t.match(await terminal.enter('0)', PROMPT), /\n400\n⛤ $/)
  terminal.type(CTRL_D)
  await terminal.end()
})
