/** Log lines and statistics (command-line.md sections 4 and 5). */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { formatDuration } from '../../lib/run/log.js'
import { runTool, withFolder } from './run-tool.js'

const ENTRY = /^\[VM\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{6} ([A-Z]+): (.*)$/

interface Logged {
  code: number | null
  stdout: string
  /** Log entries as `LEVEL: text`, other lines as they are; what is measured is replaced by N. */
  lines: string[]
}

function logged(program: string, ...flags: string[]): Logged {
  let result: Logged = { code: null, stdout: '', lines: [] }
  withFolder((cwd) => {
    writeFileSync(join(cwd, 'p.rush'), program)
    const { code, stdout, stderr } = runTool('rush-run', [...flags, 'p.rush'], '', { cwd })
    const lines = stderr.trimEnd().split('\n')
    result = {
      code,
      stdout,
      lines: lines
        .filter((line) => !line.startsWith('rush: native code needs'))
        .map((line) => line.replace(ENTRY, '$1: $2').replace(/(time|second): [1-9][\d.]*(\D*)$/, '$1: N')),
    }
  })
  return result
}

t.test('an info run', async (t) => {
  const { code, stdout, lines } = logged(
    'f = fn(a) { a }\nprint(f(1) + f(2))',
    '-bytecode',
    '-log-level=info',
  )
  t.same([code, stdout], [0, '3\n'])
  t.same(lines, [
    'INFO: Compiling to bytecode...',
    'INFO: VM initialized with 2 constants, 2048 stack size, 65536 globals size',
    'INFO: Starting VM execution',
    'INFO: VM execution completed',
    'INFO: === VM EXECUTION STATS ===',
    'INFO: Execution time: N',
    'INFO: Instructions executed: 18',
    'INFO: Stack operations: 26',
    'INFO: Function calls: 3',
    'INFO: Memory allocations: 2',
    'INFO: Errors encountered: 0',
    'INFO: Instructions per second: N',
  ])
})

t.test('a failed run with -jit', async (t) => {
  const { code, lines } = logged('f = fn(a) { a }\nf(1)\nf(2, 3)', '-jit', '-log-level=INFO')
  t.equal(code, 1)
  t.equal(lines[2], 'INFO: JIT compilation enabled')
  t.equal(lines[4], 'RuntimeError: wrong number of arguments: want=1, got=2')
  const [, ...rest] = lines.slice(
    lines.indexOf('ERROR: Function call failed: wrong number of arguments: want=1, got=2'),
  )
  t.same(rest.slice(0, 2), ['INFO: VM execution completed', 'INFO: === VM EXECUTION STATS ==='])
  t.same(rest.slice(6), [
    'INFO: Memory allocations: 1',
    'INFO: Errors encountered: 1',
    'INFO: Function executions: 1 unique functions',
    'INFO: === JIT STATS ===',
    'INFO: JIT compilations: 0',
    'INFO: JIT hits: 0',
    'INFO: JIT misses: 0',
    'INFO: JIT deoptimizations: 0',
    'INFO: JIT compilation time: 0s',
    'INFO: Instructions per second: N',
    '',
    'JIT Statistics:',
    '  Compilations attempted: 0',
    '  Compilations succeeded: 0',
    '  JIT hits: 0',
    '  JIT misses: 0',
    '  Deoptimizations: 0',
  ])
})

t.test('errors', async (t) => {
  const errors = (program: string): string[] =>
    logged(program, '-bytecode', '-log-level', 'error').lines.filter((line) => line.startsWith('ERROR'))
  t.same(errors('1\n  + null'), ['ERROR: Binary operation failed: unknown operator: INTEGER + NULL'])
  t.same(errors('f = fn(a) { a / 0 }\nf(1)'), ['ERROR: Binary operation failed: division by zero'])
  t.same(errors('throw RuntimeError("division by zero")'), ['ERROR: Function call failed: division by zero'])
  t.same(errors('try { 1 / 0 } catch (e) { }'), [], 'only uncaught ones')
})

t.test('debug entries', async (t) => {
  const program = 'f = fn(a) { if (a > 1) { throw "x" }\n a }\nf(1)\ntry { [2].map(f) } catch (e) { "s" }'
  const { lines } = logged(program, '-bytecode', '-log-level=debug')
  const debug = lines.filter((line) => line.startsWith('DEBUG'))
  t.match(debug.shift(), /^DEBUG: Main function has \d+ instructions$/)
  t.same(
    debug.map((line) => line.slice('DEBUG: '.length).replace(/position \d+/, 'position N')),
    [
      'Calling function with 1 arguments',
      'Pushed frame 1',
      'Executing binary operation: OpGreater',
      'Returning value: 1',
      'Popped frame, returning to frame 0',
      'Popped: 1',
      'Calling function with 1 arguments',
      'Pushed frame 1',
      'Executing binary operation: OpGreater',
      'Loading constant[3]: x',
      'Popped frame, now at frame 0',
      'Loading constant[2]: s',
      'Popped: s',
      'Jumping to position N',
    ],
  )
})

t.test('trace entries', async (t) => {
  const { lines } = logged('f = fn(a) { a }\nf(1.5)', '-bytecode', '-log-level=trace')
  t.same(
    lines
      .filter((line) => line.startsWith('TRACE'))
      .map((line) => line.slice('TRACE: '.length).replace(/0x[0-9a-f]+/, 'N')),
    [
      'IP:0 OP:OpClosure SP:1 Frame:0',
      'Pushed: Closure[N] (SP now 2)',
      'IP:2 OP:OpSetGlobal SP:2 Frame:0',
      'Popped: Closure[N] (SP now 1)',
      'IP:4 OP:OpGetGlobal SP:1 Frame:0',
      'Pushed: Closure[N] (SP now 2)',
      'IP:6 OP:OpConstant SP:2 Frame:0',
      'Pushed: 1.5 (SP now 3)',
      'IP:8 OP:OpCall SP:3 Frame:0',
      'Popped: 1.5 (SP now 2)',
      'Popped: Closure[N] (SP now 1)',
      'IP:0 OP:OpGetLocal SP:3 Frame:1',
      'Pushed: 1.5 (SP now 4)',
      'IP:2 OP:OpReturn SP:4 Frame:1',
      'Popped: 1.5 (SP now 3)',
      'Pushed: 1.5 (SP now 2)',
      'IP:11 OP:OpPop SP:2 Frame:0',
      'Popped: 1.5 (SP now 1)',
      'IP:12 OP:OpNull SP:1 Frame:0',
      'Pushed: null (SP now 2)',
      'IP:13 OP:OpReturn SP:2 Frame:0',
      'Popped: null (SP now 1)',
    ],
  )
})

t.test('the interpreter does not log', async (t) => {
  t.same(logged('print(1)', '-log-level=trace'), { code: 0, stdout: '1\n', lines: [''] })
})

t.test('durations are in the unit that fits', async (t) => {
  const rows: readonly [milliseconds: number, text: string][] = [
    [0, '0s'],
    [0.000812, '812ns'],
    [0.101981, '101.981µs'],
    [1.981927, '1.981927ms'],
    [2500, '2.5s'],
    [63_200, '1m3.2s'],
    [3_600_000, '1h0m0s'],
  ]
  for (const [milliseconds, text] of rows) t.equal(formatDuration(milliseconds), text)
})
