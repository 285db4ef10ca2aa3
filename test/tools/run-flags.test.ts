import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { runTool } from './run-tool.js'

const cwd = mkdtempSync(join(tmpdir(), 'rush-test-'))
t.teardown(() => rmSync(cwd, { recursive: true, force: true }))
writeFileSync(join(cwd, 'one.rush'), 'x = 1')
const run = (...words: string[]): [number | null, string, string] => {
  const { code, stdout, stderr } = runTool('rush-run', words, '', { cwd })
  return [code, stdout, stderr]
}
const CONFLICT = 'Error: Cannot specify multiple execution modes (-jit, -bytecode)\n'
const LEVEL =
  'Invalid log level: invalid log level: bogus (valid levels: none, error, warn, info, debug, trace)\n'
const MISSING = 'Error reading file none.rush: open none.rush: no such file or directory\n'

t.test('conflicts, missing files and bad levels are reported in this order', async (t) => {
  t.same(run('-jit', '-bytecode', '-log-level=bogus', 'none.rush'), [1, '', CONFLICT])
  t.same(run('-jit', '-bytecode'), [1, '', CONFLICT])
  t.same(run('-log-level=bogus', 'none.rush'), [1, '', MISSING])
  t.same(run('-log-level=bogus', 'one.rush'), [1, '', LEVEL])
  t.equal(run('-jit=maybe', '-bytecode', 'none.rush')[0], 2)
})

t.test('stacks that leave no room for objects are refused', async (t) => {
  const [code, , stderr] = run('-max-depth=500001', 'one.rush')
  t.equal(code, 2)
  t.match(stderr, /^invalid value "500001" for flag -max-depth: must be at most 500000\n/)
  t.same(run('-max-depth=500000', '-max-heap=2147483648', 'one.rush'), [0, '', ''])
})

t.test('stages to dump are checked with the flags', async (t) => {
  const [code, , stderr] = run('-dump=ast,asn', 'none.rush')
  t.equal(code, 2)
  t.match(
    stderr,
    /^invalid value "ast,asn" for flag -dump: unknown stage "asn": must be of ast, .*\nUsage of rush-run:/,
  )
  t.same(run('-dump=ast,bytecode,ir,asm', 'none.rush'), [1, '', MISSING])
})

t.test('stages are dumped on standard error', async (t) => {
  const [code, stdout, stderr] = run('-bytecode', '-dump=ast,bytecode,ir,asm', 'one.rush')
  t.same([code, stdout], [0, ''])
  t.match(stderr, /^Program 1:1/m)
  t.match(stderr, /^rush-bytecode 2$/m)
  t.match(stderr, /^b0\(\):/m)
  t.match(stderr, /^ {2}ret /m)
})

t.test('rush-vm refuses what is no bytecode', async (t) => {
  const source = runTool('rush-vm', ['one.rush'], '', { cwd })
  t.same([source.code, source.stdout], [1, ''])
  t.match(source.stderr, /^one.rush: cannot be read as JSON/)
  const ast = runTool('rush-vm', [], runTool('rush-parse', ['one.rush'], '', { cwd }).bytes)
  t.same(
    [ast.code, ast.stdout, ast.stderr],
    [1, '', '<stdin>: this is a rush-ast document, expected a rush-bytecode document\n'],
  )
})

t.test('bytecode that would do harm is refused by the verifier', async (t) => {
  const json = runTool('rush-compile', ['-format=json', 'one.rush'], '', { cwd }).stdout
  const document = JSON.parse(json)
  document.functions[0].code[0] = 9999
  const { code, stdout, stderr } = runTool('rush-vm', [], JSON.stringify(document))
  t.same([code, stdout], [1, ''])
  t.match(stderr, /^<stdin>: invalid bytecode: .*\n$/)
})

t.test('bytecode that calls for a built-in function of another Rush', async (t) => {
  const ast = runTool('rush-parse', [], 'print(1)').bytes
  const document = JSON.parse(runTool('rush-compile', ['-format=json'], ast).stdout)
  document.builtins = ['launch']
  for (const tool of ['rush-vm', 'rush-jit-asm']) {
    const { code, stdout, stderr } = runTool(tool, [], JSON.stringify(document))
    t.same(
      [code, stdout, stderr],
      [1, '', '<stdin>: invalid bytecode: builtin 0: unknown function "launch"\n'],
      tool,
    )
  }
})
