/** `-timeout` in every tier. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { runTool, type ToolResult } from './run-tool.js'

const cwd = mkdtempSync(join(tmpdir(), 'rush-test-'))
t.teardown(() => rmSync(cwd, { recursive: true, force: true }))
const write = (name: string, text: string): void => writeFileSync(join(cwd, name), text)
const run = (words: readonly string[], tool = 'rush-run'): ToolResult => runTool(tool, words, '', { cwd })
/** Without the notice that native code cannot run here. */
const errorsOf = ({ stderr }: ToolResult): string => stderr.replace(/^rush: .*\n/, '')

const TIERS = [[], ['-bytecode'], ['-jit', '-hot-threshold=1', '-osr-threshold=1']]

/** What runs for ever, and where it stands when its time is over: lines of the program. */
const ENDLESS: readonly (readonly [text: string, lines: string])[] = [
  ['while (true) { }', '4'],
  ['f = fn(n) { if (n == 0) { return 0 }; f(n - 1); return f(n - 1) }\n    f(1000)', '4'],
  ['[1, 2].map(fn(x) { for (;;) { x = x + 1 } })', '4'],
  // Functions that pass each other arguments in registers poll nowhere.
  [
    'f = fn(n) { if (n == 0) { return 0 }; g(n - 1); return g(n - 1) }\n    g = fn(n) { if (n == 0) { return 0 }; f(n - 1); return f(n - 1) }\n    f(1000)',
    '[45]',
  ],
]

t.test('the program ends, and neither catch nor finally keeps it', async (t) => {
  for (const [index, [text, line]] of ENDLESS.entries()) {
    write(
      'endless.rush',
      `print("begins")
try {
  try {
    ${text}
  } catch (e) { print("caught") }
} finally {
  print("finally")
  while (true) { }
}
`,
    )
    // The first in every tier, each of the others in one.
    for (const tier of index === 0 ? TIERS : [TIERS[index] ?? ['-jit']]) {
      const result = run([...tier, '-timeout=0.3', 'endless.rush'])
      t.equal(result.stdout, 'begins\n')
      t.match(
        errorsOf(result),
        new RegExp(`^execution timed out after 0.3 s\n  in endless.rush, line ${line}:`),
      )
      t.equal(result.code, 1)
    }
  }
  t.equal(run(['-o', 'endless.rbc', 'endless.rush'], 'rush-compile').code, 0)
  t.match(
    errorsOf(run(['-jit', '-timeout=0.3', 'endless.rbc'], 'rush-vm')),
    /^execution timed out after 0.3 s\n/,
  )
})

t.test('who is in time notices nothing', async (t) => {
  write(
    'short.rush',
    'a = []\nfor (i = 0; i < 20000; i = i + 1) { a = push(a, [i]) }\nprint(len(a))\nthrow "up"',
  )
  for (const tier of TIERS) {
    const plain = run([...tier, 'short.rush'])
    const { pid, ...timed } = run([...tier, '-timeout=30', 'short.rush'])
    t.match(plain, timed)
    t.equal(timed.stdout, '20000\n')
  }
})

t.test('a call that never comes to an end is ended with the process', async (t) => {
  execFileSync('mkfifo', [join(cwd, 'fifo')])
  write('waiting.rush', 'file("fifo").open()')
  const { code, stderr } = run(['-timeout=0.1', 'waiting.rush'])
  t.equal(stderr, 'execution timed out after 0.1 s\n')
  t.equal(code, 1)
})

t.test('loading counts, too', async (t) => {
  write('long.rush', `x = [${'1,'.repeat(1 << 20)}]`)
  const { code, stderr } = run(['-timeout=0.2', 'long.rush'])
  t.same([code, stderr], [1, 'execution timed out after 0.2 s\n'])
})

t.test('the interactive mode has no limit', async (t) => {
  const { code, stderr } = run(['-timeout=1'])
  t.equal(code, 2)
  t.match(stderr, /^flag -timeout needs a program\n/)
})
