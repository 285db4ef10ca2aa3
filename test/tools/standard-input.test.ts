/** `rush-run -`, programs that are executable files, and what stands behind the program on the command line. */
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { splitNotice } from '../support/modes.js'
import { runTool, toolPath } from './run-tool.js'

t.setTimeout(120_000)

const top = mkdtempSync(join(tmpdir(), 'rush-test-'))
t.teardown(() => rmSync(top, { recursive: true, force: true }))
const sub = join(top, 'sub')
mkdirSync(sub)
writeFileSync(join(top, 'm.rush'), 'export v = "top"\n')
writeFileSync(join(sub, 'm.rush'), 'export v = "sub"\n')

const MODES = [[], ['-bytecode'], ['-jit'], ['-jit', '-hot-threshold=1']]

function run(
  words: readonly string[],
  input: string | Uint8Array,
  cwd = top,
): [number | null, string, string] {
  const { code, stdout, stderr } = runTool('rush-run', words, input, { cwd })
  return [code, stdout, splitNotice(stderr).stderr]
}

t.test('a program from standard input imports from the working directory', async (t) => {
  const program = 'import { v } from "./m"\nimport { abs } from "std/math"\nprint(v, abs(-1))\nnothing()\n'
  const errors = [
    'RuntimeError: identifier not found: nothing',
    '  in <stdin>, line 4:1',
    '    nothing()',
    '    ^',
    '',
  ]
  for (const mode of MODES) {
    t.same(run([...mode, '-'], program), [1, 'top 1\n', errors.join('\n')], mode.join(' '))
    t.same(run([...mode, '-'], program, sub), [1, 'sub 1\n', errors.join('\n')], mode.join(' '))
  }
})

t.test('mistakes in a program from standard input', async (t) => {
  for (const mode of MODES) {
    t.match(run([...mode, '-'], 'x = 1\nx = (1\n'), [
      1,
      '',
      /^Parse errors:\n {2}line 2:\d+: .*\(<stdin>\)\n/,
    ])
    t.same(run([...mode, '-'], Buffer.from('x = "\xff"', 'latin1')), [
      1,
      '',
      '<stdin>: not valid UTF-8 at byte 5\n',
    ])
    t.same(run([...mode, '-'], ''), [0, '', ''])
  }
})

t.test('a file whose name is a dash', async (t) => {
  writeFileSync(join(top, '-'), 'print("file")\n')
  t.same(run(['./-'], 'print("standard input")'), [0, 'file\n', ''])
  t.same(run(['-'], 'print("standard input")'), [0, 'standard input\n', ''])
})

t.test('through pipes', async (t) => {
  const node = JSON.stringify(process.execPath)
  const tools = ['rush-parse', 'rush-compile', 'rush-vm'].map((name) => `${node} ${toolPath(name)}`)
  const script = `${tools.join(' | ')}; echo 'print("run")' | ${node} ${toolPath('rush-run')} -`
  const { stdout, stderr } = spawnSync('bash', ['-c', script], {
    cwd: sub,
    input: 'import { v } from "./m"\nprint(v)\n',
  })
  t.equal(stderr.toString(), '')
  t.equal(stdout.toString(), 'sub\nrun\n')
})

t.test('words behind the program are ignored', async (t) => {
  writeFileSync(join(top, 'words.rush'), 'print("ran")\n')
  for (const mode of MODES) {
    for (const file of ['words.rush', '-']) {
      const words = [...mode, file, '-nope', '--', '-jit', '-bytecode', '-clear-cache', 'none.rush', '']
      t.same(run(words, 'print("ran")'), [0, 'ran\n', ''], words.join(' '))
    }
  }
  t.same(run(['--', 'words.rush', '-nope'], ''), [0, 'ran\n', ''])
})

t.test('a working directory that was removed', async (t) => {
  const script = 'mkdir gone; cd gone; rmdir ../gone; exec "$0" "$@"'
  const program = `try { import { v } from "./m" } catch (e) { print(e.message) }
import { abs } from "std/math"
print(abs(-1))
`
  for (const mode of MODES) {
    const words = ['-c', script, process.execPath, toolPath('rush-run'), ...mode, '-']
    const { status, stdout, stderr } = spawnSync('bash', words, { cwd: top, input: program })
    t.same(
      [status, stdout.toString(), splitNotice(stderr.toString()).stderr],
      [
        0,
        'failed to import module ./m: failed to read module m.rush: open m.rush: no such file or directory\n1\n',
        '',
      ],
    )
  }
})

t.test('an executable file, with the commands installed elsewhere', async (t) => {
  const root = fileURLToPath(new URL('../../../', import.meta.url))
  const prefix = join(top, 'prefix')
  const make = (target: string) =>
    spawnSync('make', ['-s', '-C', root, target, `PREFIX=${prefix}`], { encoding: 'utf8' })
  const installed = make('install')
  t.match(installed.stdout, /^Installed in .*\/prefix\/bin: rush-parse rush-compile/)
  const bin = join(prefix, 'bin')
  // What is there are links; the tools must find their own files behind them.
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` }
  const script = join(sub, 'hello')
  const text = 'import { v } from "./m"\nprint(v)\nnothing()\n'
  for (const flags of ['', ' -bytecode', ' -jit']) {
    // Linux hands over everything behind the interpreter as one word; env -S splits it.
    const line = flags === '' ? '#!/usr/bin/env rush-run' : `#!/usr/bin/env -S rush-run${flags}`
    writeFileSync(script, `${line}\n${text}`)
    chmodSync(script, 0o755)
    const { status, stdout, stderr } = spawnSync('../sub/hello', ['-word', 'more'], { cwd: sub, env })
    t.equal(status, 1, flags)
    t.equal(stdout.toString(), 'sub\n')
    t.equal(
      splitNotice(stderr.toString()).stderr,
      'RuntimeError: identifier not found: nothing\n  in ../sub/hello, line 4:1\n    nothing()\n    ^\n',
    )
  }
  const pipe = 'rush-parse hello | rush-compile | rush-vm'
  writeFileSync(script, '#!/usr/bin/env rush-run\nprint("piped")\n')
  t.equal(spawnSync('bash', ['-c', pipe], { cwd: sub, env }).stdout.toString(), 'piped\n')
  t.equal(make('uninstall').status, 0)
  t.equal(spawnSync(join(bin, 'rush-run')).error?.message.includes('ENOENT'), true)
})

t.test('a first line for the system is a comment everywhere', async (t) => {
  const program = '#!/usr/bin/env rush-run\nprint(1)\nx = (\n'
  t.match(run(['-'], program)[2], /^Parse errors:\n {2}line 3:/)
  writeFileSync(join(top, 'with-line.rush'), '#!/usr/bin/env rush-run\nexport w = 1')
  t.same(run(['-'], '\ufeff#!/usr/bin/env rush-run\nimport { w } from "./with-line"\nprint(w)'), [
    0,
    '1\n',
    '',
  ])
})
