import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { readDocument } from '../../lib/formats/read.js'
import { runTool, toolPath, withFolder } from './run-tool.js'

const PROGRAM = 'fn add(a, b) { a + b }\nprint(add(1, 2.5))\n'

t.test('from source text to bytecode through pipes, in every format', async (t) => {
  const direct = withFile(PROGRAM, (file) => runTool('rush-compile', ['-format=text', file]))
  t.equal(direct.code, 0)
  t.match(direct.stdout, /^rush-bytecode 2\n/)
  for (const format of ['json', 'msgpack']) {
    const ast = runTool('rush-parse', [`-format=${format}`], PROGRAM)
    t.equal(ast.code, 0)
    t.equal(readDocument(ast.bytes, 'rush-ast', 'f').source.file, '<stdin>')
    const code = runTool('rush-compile', ['-format', format, '-'], ast.bytes)
    t.equal(code.code, 0)
    t.equal(readDocument(code.bytes, 'rush-bytecode', 'f').source.text, PROGRAM)
  }
})

t.test('bytecode text comes back as the same bytecode', async (t) => {
  const ast = runTool('rush-parse', [], PROGRAM).bytes
  const binary = runTool('rush-compile', [], ast).bytes
  const text = runTool('rush-compile', ['--format=text'], ast).stdout
  t.same(runTool('rush-compile', [], text).bytes, binary)
  t.same(runTool('rush-compile', [], `; a comment\n\n${text}`).bytes, binary)
  const broken = runTool('rush-compile', [], text.replace('OpReturn', 'OpNothing'))
  t.equal(broken.code, 1)
  t.match(broken.stderr, /^<stdin>:\d+:\d+: .*OpNothing/)
  t.equal(broken.stdout, '')
})

t.test('a tree for people', async (t) => {
  const { code, stdout } = runTool('rush-parse', ['-format', 'tree'], PROGRAM)
  t.equal(code, 0)
  t.match(stdout, /^Program/)
})

t.test('programs and documents that are not in order', async (t) => {
  const syntax = runTool('rush-parse', [], 'x = (1\n')
  t.equal(syntax.code, 1)
  t.equal(syntax.stdout, '')
  t.match(syntax.stderr, /^Parse errors:\n {2}line \d+:\d+: /)

  const bytes = runTool('rush-parse', [], Buffer.from('x = "\xff"', 'latin1'))
  t.same([bytes.code, bytes.stdout, bytes.stderr], [1, '', '<stdin>: not valid UTF-8 at byte 5\n'])

  const notAst = runTool('rush-compile', [], '{"format":"rush-ast","version":9}')
  t.same(
    [notAst.code, notAst.stdout, notAst.stderr],
    [1, '', '<stdin>: rush-ast version 9 is not supported (this tool reads version 2)\n'],
  )
  const source = runTool('rush-compile', [], PROGRAM)
  t.equal(source.code, 1)
  t.match(source.stderr, /^<stdin>: cannot be read as JSON: unexpected "f"/)
})

t.test('flags and operands', async (t) => {
  for (const tool of ['rush-parse', 'rush-compile', 'rush-vm', 'rush-run', 'rush-jit-asm']) {
    const unknown = runTool(tool, ['-nope'])
    t.same([unknown.code, unknown.stdout], [2, ''])
    t.ok(unknown.stderr.startsWith(`flag provided but not defined: -nope\nUsage of ${tool}:\n`))
    const help = runTool(tool, ['-help'])
    t.same([help.code, help.stdout], [0, ''])
    t.ok(help.stderr.startsWith(`Usage of ${tool}:\n  -`))
  }
  const late = runTool('rush-parse', ['x.rush', '-format=tree'])
  t.equal(late.code, 2)
  t.match(late.stderr, /^unexpected argument: -format=tree \(flags go in front of the file\)\nUsage/)
})

t.test('files that cannot be read', async (t) => {
  withFolder((cwd) => {
    mkdirSync(join(cwd, 'folder'))
    writeFileSync(join(cwd, 'file'), '')
    const cases: [string, string][] = [
      ['none.rush', 'open none.rush: no such file or directory'],
      ['folder', 'read folder: is a directory'],
      ['file/x', 'open file/x: not a directory'],
    ]
    for (const [index, [name, reason]] of cases.entries()) {
      const tool = ['rush-parse', 'rush-run', 'rush-vm'][index] as string
      const { code, stdout, stderr } = runTool(tool, [name], '', { cwd })
      t.same([code, stdout, stderr], [1, '', `Error reading file ${name}: ${reason}\n`])
    }
  })
})

t.test(
  'no permission',
  { skip: process.getuid?.() === 0 && 'root may read everything: run as another user' },
  async (t) => {
    withFolder((cwd) => {
      writeFileSync(join(cwd, 'x.rush'), 'x = 1')
      chmodSync(join(cwd, 'x.rush'), 0)
      t.equal(
        runTool('rush-parse', ['x.rush'], '', { cwd }).stderr,
        'Error reading file x.rush: open x.rush: permission denied\n',
      )
    })
  },
)

t.test('-o replaces the file in one step, or leaves it alone', async (t) => {
  withFolder((cwd) => {
    const out = join(cwd, 'out.json')
    writeFileSync(out, 'old')
    chmodSync(out, 0o640)
    symlinkSync('out.json', join(cwd, 'link'))
    t.equal(runTool('rush-parse', ['-o', 'out.json'], 'x = (', { cwd }).code, 1)
    t.equal(readFileSync(out, 'utf8'), 'old')
    const { code, stdout } = runTool('rush-parse', ['-o', 'link'], PROGRAM, { cwd })
    t.same([code, stdout], [0, ''])
    t.equal(readDocument(readFileSync(out), 'rush-ast', 'f').source.text, PROGRAM)
    t.equal(statSync(out).mode & 0o777, 0o640)
    t.same(readdirSync(cwd).sort(), ['link', 'out.json'])

    const nowhere = runTool('rush-parse', ['-o', 'no/where'], PROGRAM, { cwd })
    t.same(
      [nowhere.code, nowhere.stderr],
      [1, 'Error writing file no/where: open no/where: no such file or directory\n'],
    )
    t.equal(
      runTool('rush-parse', ['-o', '.'], PROGRAM, { cwd }).stderr,
      'Error writing file .: open .: is a directory\n',
    )
    t.equal(runTool('rush-parse', ['-o', '/dev/null'], PROGRAM, { cwd }).code, 0)
    t.ok(statSync('/dev/null').isCharacterDevice())
    t.match(runTool('rush-parse', ['-o', '-'], PROGRAM, { cwd }).stdout, /rush-ast/)
  })
})

t.test('a reader that goes away ends the tool without a word', async (t) => {
  const lines = 'x = [1, 2, 3]\n'.repeat(3000)
  withFile(lines, (file) => {
    const script = `"$0" "$1" "$2" | head -c 10 >/dev/null; echo "\${PIPESTATUS[0]}"`
    const result = spawnSync('bash', ['-c', script, process.execPath, toolPath('rush-parse'), file])
    t.equal(result.stdout.toString(), '141\n')
    t.equal(result.stderr.toString(), '')
  })
})

t.test(
  'standard output that cannot be written',
  { skip: !existsSync('/dev/full') && 'there is no /dev/full' },
  async (t) => {
    withFile(PROGRAM, (file) => {
      const result = spawnSync('bash', [
        '-c',
        '"$0" "$1" "$2" >/dev/full',
        process.execPath,
        toolPath('rush-parse'),
        file,
      ])
      t.equal(result.status, 1)
      t.equal(result.stderr.toString(), 'Error writing standard output: no space left on device\n')
    })
  },
)

t.test('a pipe in non-blocking mode on both sides', async (t) => {
  // The outer process makes its ends of the pipes non-blocking, feeds slowly and reads late.
  const parent = `
    const { spawn } = require('node:child_process')
    const child = spawn(process.execPath, process.argv.slice(1), { stdio: ['pipe', 'pipe', 'inherit'] })
    const text = 'x = [1, 2, 3]\\n'.repeat(3000)
    child.stdin.write(text.slice(0, 20000))
    setTimeout(() => child.stdin.end(text.slice(20000)), 200)
    let size = 0
    setTimeout(() => child.stdout.on('data', (data) => { size += data.length }), 600)
    child.on('close', (code) => console.log(code, size > 1e6))`
  const result = spawnSync(process.execPath, ['-e', parent, toolPath('rush-parse')])
  t.equal(result.stdout.toString(), '0 true\n')
  t.equal(result.stderr.toString(), '')
})

/** Calls `action` with the name of a file that holds `text`. */
function withFile<T>(text: string, action: (file: string) => T): T {
  let value: T | undefined
  withFolder((folder) => {
    const file = join(folder, 'program.rush')
    writeFileSync(file, text)
    value = action(file)
  })
  return value as T
}
