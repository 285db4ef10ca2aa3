/** The cache flags of rush-run and rush-compile, as a user meets them. */
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { readDocument } from '../../lib/formats/read.js'
import { writeDocument } from '../../lib/formats/write.js'
import { entryOfMain, forge, inFolder, KEY, originOf, saveMain } from '../cache/tools.js'
import { splitNotice } from '../support/modes.js'
import { runTool, type ToolResult, toolPath } from './run-tool.js'

// The machine may be busy, and each run starts a process.
t.setTimeout(240_000)

/** A working folder with programs and a home folder, and the tools started there. */
class Place {
  readonly cwd = mkdtempSync(join(tmpdir(), 'rush-test-'))
  readonly home = join(this.cwd, 'home')
  readonly env: NodeJS.ProcessEnv = { ...process.env, HOME: this.home }

  constructor() {
    mkdirSync(this.home)
    this.write('one.rush', 'import { b } from "./m"\nprint(b)\n')
    this.write('m.rush', 'export b = 1\n')
    this.write('bad.rush', 'x = (\n')
    this.write('fails.rush', 'print(1)\nnothing()\n')
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.cwd, name), text)
  }

  tool(name: string, words: readonly string[], input: string | Uint8Array = ''): ToolResult {
    return runTool(name, words, input, { cwd: this.cwd, env: this.env })
  }

  /** Exit code, output, errors without the notice that there is no native code here. */
  run(...words: string[]): [number | null, string, string] {
    const { code, stdout, stderr } = this.tool('rush-run', words)
    return [code, stdout, splitNotice(stderr).stderr]
  }

  /** Names in the cache folder. */
  entries(): string[] {
    return readdirSync(join(this.home, '.rush_cache')).sort()
  }

  remove(): void {
    rmSync(this.cwd, { recursive: true, force: true })
  }
}

function place(t: Test): Place {
  const made = new Place()
  t.teardown(() => made.remove())
  return made
}

const NO_HOME = 'failed to get home directory: $HOME is not defined'

t.test('statistics and clearing', async (t) => {
  const p = place(t)
  t.same(p.run('-cache-stats'), [0, 'Cache statistics:\n  Files: 0\n  Total size: 0 bytes (0.00 KB)\n', ''])
  t.same(p.entries(), [])
  t.same(p.run('-cache', '-bytecode', 'one.rush'), [0, '1\n', ''])
  const [name] = p.entries() as [string]
  const { length } = readFileSync(join(p.home, '.rush_cache', name))
  const size = `${length} bytes (${(length / 1024).toFixed(2)} KB)`
  for (const tool of ['rush-run', 'rush-compile']) {
    const { code, stdout, stderr } = p.tool(tool, ['-cache-stats'])
    t.same([code, stdout, stderr], [0, `Cache statistics:\n  Files: 1\n  Total size: ${size}\n`, ''])
  }
  for (const tool of ['rush-run', 'rush-run', 'rush-compile']) {
    const { code, stdout, stderr } = p.tool(tool, ['-clear-cache'])
    t.same([code, stdout, stderr], [0, 'Cache cleared successfully\n', ''])
    t.throws(() => p.entries(), { code: 'ENOENT' })
  }
})

t.test('order of work', async (t) => {
  const p = place(t)
  const wrong = ['-jit', '-bytecode', '-log-level=bogus', 'none.rush']
  t.same(p.run('-cache-stats', '-clear-cache', ...wrong), [0, 'Cache cleared successfully\n', ''])
  t.match(p.run('-cache-stats', ...wrong), [0, /^Cache statistics:\n/, ''])
  t.equal(p.run('-clear-cache', '-nope')[0], 2)
  t.equal(p.run('-clear-cache=maybe')[0], 2)
  t.equal(p.tool('rush-compile', ['-clear-cache', 'none.rush']).stdout, 'Cache cleared successfully\n')
  t.match(p.run('-clear-cache=false', '-cache-stats=false', 'one.rush'), [0, '1\n', ''])
})

t.test('without a home folder', async (t) => {
  const p = place(t)
  delete p.env.HOME
  t.same(p.run('-cache-stats'), [1, '', `Error getting cache stats: ${NO_HOME}\n`])
  t.same(p.run('-clear-cache'), [1, '', `Error clearing cache: ${NO_HOME}\n`])
  const warning = `Warning: failed to save to cache: failed to get cache file path: ${NO_HOME}\n`
  t.same(p.run('-cache', '-bytecode', 'one.rush'), [0, '1\n', warning])
  t.same(p.run('-cache', '-jit', 'one.rush'), [0, '1\n', warning])
  t.equal(p.run('-cache', '-bytecode', 'fails.rush')[0], 1)
  t.same(p.run('-cache', 'one.rush'), [0, '1\n', ''])
  const compiled = p.tool('rush-compile', ['-cache', '-format=text', 'one.rush'])
  t.match([compiled.code, compiled.stdout, compiled.stderr], [0, /^rush-bytecode/, warning])
})

t.test('the log says where the bytecode comes from; one entry serves both modes', async (t) => {
  const p = place(t)
  const first = (...words: string[]): string => p.run('-log-level=info', ...words)[2].split('\n')[0] as string
  t.match(first('-bytecode', 'one.rush'), / INFO: Compiling to bytecode\.\.\.$/)
  t.match(first('-bytecode', '-cache', 'one.rush'), / INFO: Compiling to bytecode\.\.\.$/)
  t.match(first('-bytecode', '-cache', 'one.rush'), / INFO: Using cached bytecode$/)
  t.match(first('-jit', '-cache', 'one.rush'), / INFO: Using cached bytecode$/)
  t.match(first('-jit', 'one.rush'), / INFO: Compiling to bytecode\.\.\.$/)
  t.match(first('-jit', '-cache', './one.rush'), / INFO: Compiling to bytecode\.\.\.$/)
  t.match(first('-bytecode', '-cache', 'bad.rush'), / INFO: Compiling to bytecode\.\.\.$/)
  t.equal(p.entries().length, 2)
  p.write('m.rush', 'export b = 2\n')
  t.match(first('-bytecode', '-cache', 'one.rush'), / INFO: Compiling to bytecode\.\.\.$/)
  t.same(p.run('-bytecode', '-cache', 'one.rush'), [0, '2\n', ''])
})

t.test('the interpreter ignores the cache', async (t) => {
  const p = place(t)
  t.same(p.run('-cache', 'one.rush'), [0, '1\n', ''])
  t.throws(() => p.entries(), { code: 'ENOENT' })
})

t.test('errors and dumps are the same with and without the cache', async (t) => {
  const p = place(t)
  const plain = p.run('-bytecode', 'fails.rush')
  t.match(plain, [1, '1\n', /^RuntimeError: identifier not found: nothing\n {2}in fails\.rush, line 2:1\n/])
  for (const time of [1, 2]) t.same(p.run('-bytecode', '-cache', 'fails.rush'), plain, `time ${time}`)
  for (const stage of ['ast', 'bytecode', 'ir', 'asm']) {
    const dump = ['-bytecode', `-dump=${stage}`, 'one.rush']
    t.same(p.run('-cache', ...dump), p.run(...dump), stage)
  }
  const profile = (...words: string[]): string => {
    p.run('-bytecode', '-profile-out=p.json', ...words, 'one.rush')
    return readFileSync(join(p.cwd, 'p.json'), 'utf8')
  }
  t.equal(profile('-cache'), profile())
})

t.test('what runs is the entry: nothing is parsed, nothing is compiled', async (t) => {
  inFolder((cwd) => {
    writeFileSync(KEY, 'print("from the cache")\n')
    const program = saveMain()
    const { entry } = entryOfMain()
    // Bytecode for a text that no parser takes: whoever parses it fails.
    const text = 'x = (\n'
    writeFileSync(KEY, text)
    const origin = originOf(text)
    const forged = { ...program, source: { file: KEY, text }, sourceHash: origin.sourceHash }
    forge({ ...entry, program: writeDocument(forged, 'msgpack') }, origin)
    const options = { cwd, env: process.env }
    for (const mode of ['-bytecode', '-jit']) {
      t.equal(runTool('rush-run', [mode, '-cache', KEY], '', options).stdout, 'from the cache\n')
      t.match(runTool('rush-run', [mode, KEY], '', options).stderr, /^Parse errors:/)
    }
    const compiled = runTool('rush-compile', ['-cache', KEY], '', options)
    t.same(readDocument(compiled.bytes, 'rush-bytecode', KEY), forged)
  })
})

t.test('rush-compile and rush-run share entries', async (t) => {
  const p = place(t)
  const plain = p.tool('rush-compile', ['one.rush']).bytes
  t.same(p.tool('rush-compile', ['-cache', 'one.rush']).bytes, plain)
  t.equal(p.entries().length, 1)
  t.match(p.run('-bytecode', '-cache', '-log-level=info', 'one.rush')[2], /INFO: Using cached bytecode\n/)
  t.same(p.tool('rush-compile', ['-cache', 'one.rush']).bytes, plain)
  // What is no program that this tool found on disk has no place in the cache.
  const ast = p.tool('rush-parse', ['one.rush']).bytes
  t.same(p.tool('rush-compile', ['-cache'], ast).bytes, plain)
  t.equal(p.tool('rush-compile', ['-cache', 'bad.rush']).code, 1)
  t.equal(p.entries().length, 1)
})

t.test('a program from standard input', async (t) => {
  const p = place(t)
  const run = (text: string): ToolResult => p.tool('rush-run', ['-bytecode', '-cache', '-'], text)
  t.equal(run('print(1)').stdout, '1\n')
  t.equal(run('print(1)').stdout, '1\n')
  t.equal(run('print(2)').stdout, '2\n')
  t.equal(p.entries().length, 1)
})

/** A user who may not write everywhere: the superuser steps down. */
const USER = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}

t.test('folders that may not be written, files that cannot', async (t) => {
  const p = place(t)
  chmodSync(p.cwd, 0o755)
  const folder = join(p.home, '.rush_cache')
  const entry = 'fdec86b559b016ab.rushc'
  const run = (words: string, prefix = ''): [number | null, string, string] => {
    const script = `${prefix} exec "$0" "$1" ${words}`
    const parameters = ['-c', script, process.execPath, toolPath('rush-run')]
    const { status, stdout, stderr } = spawnSync('bash', parameters, { cwd: p.cwd, env: p.env, ...USER })
    return [status, stdout.toString(), stderr.toString()]
  }
  const failed = (reason: string): string => `Warning: failed to save to cache: ${reason}\n`
  const program = '-bytecode -cache one.rush'
  const missing = `failed to create cache directory: mkdir ${folder}: permission denied`
  chmodSync(p.home, 0o555)
  t.same(run(program), [0, '1\n', failed(`failed to get cache file path: ${missing}`)])
  t.same(run('-cache-stats'), [1, '', `Error getting cache stats: ${missing}\n`])
  t.same(run('-clear-cache'), [0, 'Cache cleared successfully\n', ''])

  mkdirSync(folder)
  chmodSync(folder, 0o555)
  const file = join(folder, entry)
  t.same(run(program), [0, '1\n', failed(`failed to write cache file: open ${file}: permission denied`)])
  t.match(run('-clear-cache'), [1, '', /^Error clearing cache: [a-z]+ .*\.rush_cache: permission denied\n$/])

  chmodSync(folder, 0o777)
  const limited = run(program, 'ulimit -f 1;')
  t.same(limited, [0, '1\n', failed(`failed to write cache file: write ${file}: file too large`)])
  t.same(p.entries(), [], 'nothing is left behind')
  t.same(run(program), [0, '1\n', ''])
  t.same(p.entries(), [entry])
})

t.test('several processes at once', async (t) => {
  const p = place(t)
  // Large enough to be written in more than one piece.
  p.write('big.rush', `${'fn f(x) { x + 1 }\n'.repeat(1500)}print(f(1))\n`)
  const start = (): Promise<{ code: number | null; output: string }> =>
    new Promise((resolve) => {
      const words = [toolPath('rush-run'), '-bytecode', '-cache', 'big.rush']
      const child = spawn(process.execPath, words, { cwd: p.cwd, env: p.env })
      let output = ''
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding('utf8').on('data', (text: string) => {
          output += text
        })
      }
      child.on('close', (code) => resolve({ code, output }))
    })
  const results = await Promise.all(Array.from({ length: 5 }, start))
  for (const result of results) t.same(result, { code: 0, output: '2\n' })
  t.equal(p.entries().length, 1, 'no temporary files are left')
  t.match(p.run('-bytecode', '-cache', '-log-level=info', 'big.rush')[2], /INFO: Using cached bytecode\n/)
})
