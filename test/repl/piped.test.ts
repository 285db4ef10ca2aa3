/** `rush-run` without a file and without a terminal, as a process. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { runTool, withFolder } from '../tools/run-tool.js'

const MODES = [[], ['-bytecode'], ['-jit']]
const NOTICE = /^rush: .*; running in the bytecode VM\n/

t.test('values on standard output, errors on standard error, no banner, no prompt', async (t) => {
  const input = '1 + 2\nx = 5\nprint("out")\n1 / 0\n1 +\n"last"'
  for (const mode of MODES) {
    const { stdout, stderr, code } = runTool('rush-run', mode, input)
    t.equal(stdout, '3\nout\nlast\n', mode.join())
    const errors =
      'Error: RuntimeError: division by zero\nParse errors:\n  line 1:4: expected an expression but found end of file\n'
    t.equal(stderr.replace(NOTICE, ''), errors, mode.join())
    t.equal(code, 0)
  }
})

t.test('the end of the input', async (t) => {
  const cases: [string, string, string][] = [
    ['', '', ''],
    [':quit\n1', 'Goodbye!\n', ''],
    ['1\n:quit', '1\nGoodbye!\n', ''],
    ['f = fn() {\n 1', '', 'Parse errors:\n  line 2:3: unclosed'],
    ['"open\n', '', 'Parse errors:\n  line 1:1: unterminated string'],
    ['1\r\n2\r\n', '1\n2\n', ''],
  ]
  for (const [input, output, error] of cases) {
    const { stdout, stderr, code } = runTool('rush-run', [], input)
    t.equal(stdout, output, JSON.stringify(input))
    t.ok(stderr.startsWith(error) && (error !== '' || stderr === ''), stderr)
    t.equal(code, 0)
  }
})

t.test('lines of any length, inputs of any number of lines', async (t) => {
  const text = 'a'.repeat(300_000)
  t.equal(runTool('rush-run', [], `x = "${text}"\nx.length\n`).stdout, '300000\n')
  const lines = Array.from({ length: 20_000 }, (_, i) => `  "line ${i}",`).join('\n')
  t.equal(runTool('rush-run', ['-bytecode'], `x = [\n${lines}\n0]\nx.length\n`).stdout, '20001\n')
  t.equal(
    runTool('rush-run', [], `x = "\n${lines.replaceAll('"', '')}"\nx.length > 200000\n`).stdout,
    'true\n',
  )
})

t.test('a line that is no text is left out', async (t) => {
  const { stdout, stderr } = runTool('rush-run', [], Buffer.from('1\n"\xff"\n2\n', 'latin1'))
  t.equal(stdout, '1\n2\n')
  t.equal(stderr, 'Error reading input: not valid UTF-8\n')
})

t.test('imports count from the working directory', async (t) => {
  withFolder((folder) => {
    writeFileSync(join(folder, 'mine.rush'), 'print("runs")\nexport x = 1\n')
    const input = 'import { x } from "./mine"\nimport { x } from "mine"\nx\n'
    for (const mode of MODES) t.equal(runTool('rush-run', mode, input, { cwd: folder }).stdout, 'runs\n1\n')
  })
})

t.test('flags: limits count, the log level does not, both modes are an error', async (t) => {
  const deep = 'f = fn(n) { if (n == 0) { return 0 }; f(n - 1) }\nf(50)\n'
  t.equal(runTool('rush-run', ['-max-depth=20'], deep).stderr, 'Error: RuntimeError: stack overflow\n')
  const full = 'x = []; while (true) { x = push(x, "some text") }\nx = null\n"goes on"\n'
  const small = runTool('rush-run', ['-bytecode', '-max-heap=2000000'], full)
  t.equal(small.stderr, 'Error: RuntimeError: out of memory\n')
  t.equal(small.stdout, 'goes on\n')
  const logged = runTool('rush-run', ['-bytecode', '-log-level=bogus'], '1\n')
  t.same([logged.code, logged.stdout, logged.stderr], [0, '1\n', ''])
  const both = runTool('rush-run', ['-bytecode', '-jit'], '1\n')
  t.equal(both.code, 1)
  t.match(both.stderr, /^Error: Cannot specify multiple execution modes/)
})

t.test('too many variables are an error, and the session goes on', async (t) => {
  // A heap of 1 MiB has room for 8192 of them.
  const names = Array.from({ length: 9000 }, (_, i) => `v${i} = ${i % 10}`).join('; ')
  for (const mode of [[], ['-bytecode']]) {
    const { stdout, stderr } = runTool('rush-run', [...mode, '-max-heap=1048576'], `${names}\nx = 1\nx\n`)
    t.equal(stderr, 'Error: RuntimeError: too many variables at file level (limit 8192)\n')
    t.equal(stdout, '1\n')
  }
})

t.test(':stats and :asm in all modes', async (t) => {
  const input = 'fn add(a, b) { a + b }\nadd(1, 2)\n:stats\n:asm add\n'
  for (const mode of MODES) {
    const { stdout } = runTool('rush-run', mode, input)
    t.match(stdout, /^3\nMode: (interpreter|bytecode|jit)\nVariables: 1\nFunctions: 3\n/)
    t.match(stdout, /\nHeap: \d+ KiB in use\nAllocated: \d+ KiB\nCollections: \d+\nLeft by the last/)
    t.match(stdout, /\n\/\/ function 1 add\(a, b\): 2 locals, 2 operands\nadd:\n(.*\n)* {2}ret /)
    t.equal(/\nJIT Statistics:\n {2}Compilations attempted: 0\n/.test(stdout), mode.includes('-jit'))
    t.equal(/\nCalls of functions: \d+\n/.test(stdout), mode.includes('-bytecode'))
  }
})
