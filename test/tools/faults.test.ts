/** Disks that are full, folders that are none, files that are broken, clocks that jump: what the tools make of it. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { FULL } from '../support/full.js'
import { splitNotice } from '../support/modes.js'
import { toolPath } from './run-tool.js'

t.setTimeout(240_000)

const NODE = process.execPath
const MODES = [[], ['-bytecode'], ['-jit']] as const

type Ended = [code: number | null, stdout: string, stderr: string]

interface Place {
  cwd?: string
  env?: NodeJS.ProcessEnv
  uid?: number
  gid?: number
}

/** Runs a line of bash, in which $RUN and the like are the tools. */
function bash(line: string, place: Place = {}): Ended {
  const tools = { RUN: 'rush-run', VM: 'rush-vm', COMPILE: 'rush-compile', PARSE: 'rush-parse' }
  const names = Object.entries(tools).map(([name, tool]) => [name, `${NODE} ${toolPath(tool)}`])
  const env = { ...process.env, ...place.env, ...Object.fromEntries(names) }
  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', line], {
    encoding: 'utf8',
    ...place,
    env,
  })
  return [status, stdout, splitNotice(stderr).stderr]
}

function folder(t: Test): string {
  const made = mkdtempSync(join(tmpdir(), 'rush-faults-'))
  t.teardown(() => rmSync(made, { recursive: true, force: true }))
  return made
}

// --- full disks ---

const NO_SPACE = 'no space left on device'

t.test('a device that is full', async (t) => {
  const cwd = folder(t)
  writeFileSync(join(cwd, 'p.rush'), 'print(1)\nprint(2)\nprint(3)\n')
  const output: Ended = [1, '', `Error writing standard output: ${NO_SPACE}\n`]
  for (const mode of MODES) t.same(bash(`$RUN ${mode.join(' ')} p.rush > /dev/full`, { cwd }), output)
  t.same(bash('$PARSE p.rush > /dev/full', { cwd }), output)
  const file = `Error writing file /dev/full: write /dev/full: ${NO_SPACE}\n`
  t.same(bash('$COMPILE -o /dev/full p.rush', { cwd }), [1, '', file])
  t.same(bash('$RUN -bytecode -profile-out=/dev/full p.rush', { cwd }), [1, '1\n2\n3\n', file])
  // Nobody hears of errors, but the exit code tells.
  writeFileSync(join(cwd, 'fails.rush'), 'print(1)\nthrow "x"\n')
  t.same(bash('$RUN fails.rush 2> /dev/full', { cwd }), [1, '1\n', ''])
})

/** A small file system of memory; only who may mount one can try it. */
const MOUNTED = 'unshare -rm bash -c'
const mayMount = spawnSync('bash', ['-c', `${MOUNTED} "mount -t tmpfs tmpfs /mnt"`]).status === 0

t.test('a disk that is full', mayMount ? {} : { skip: 'no right to mount a disk' }, async (t) => {
  const cwd = folder(t)
  writeFileSync(join(cwd, 'p.rush'), `${'f = fn(x) { x + 1 }\n'.repeat(2000)}print(f(1))\n`)
  const inside = (line: string): Ended =>
    bash(`${MOUNTED} 'mount -t tmpfs -o size=64k tmpfs /mnt && ${line}'`, { cwd })
  const [code, stdout, stderr] = inside(
    'HOME=/mnt $RUN -cache -bytecode p.rush; ls -A /mnt/.rush_cache | wc -l',
  )
  t.same([code, stdout], [0, '2\n0\n'], 'the program runs; no part of the entry is left')
  t.match(
    stderr,
    new RegExp(`^Warning: failed to save to cache: failed to write cache file: .*: ${NO_SPACE}\\n$`),
  )
  const compiled = inside(
    'echo old > /mnt/p.rbc; $COMPILE -o /mnt/p.rbc p.rush; echo $?; cat /mnt/p.rbc; ls -A /mnt',
  )
  t.same(compiled[1], '1\nold\np.rbc\n', 'the old file stays')
  t.match(compiled[2], new RegExp(`^Error writing file /mnt/p.rbc: .*: ${NO_SPACE}\\n$`))
  const readOnly = inside(
    'mkdir /mnt/.rush_cache && mount -o remount,ro /mnt && HOME=/mnt $RUN -cache -bytecode p.rush',
  )
  t.same(readOnly.slice(0, 2), [0, '2\n'])
  t.match(readOnly[2], /^Warning: failed to save to cache: .*: read-only file system\n$/)
})

// --- the cache ---

t.test('a file where the folder of the cache should be, a folder where an entry should be', async (t) => {
  const cwd = folder(t)
  const env = { HOME: cwd }
  const cache = join(cwd, '.rush_cache')
  writeFileSync(join(cwd, 'p.rush'), 'print(1)\n')
  writeFileSync(cache, 'not a folder')
  const exists = `failed to create cache directory: mkdir ${cache}: file exists\n`
  const warning = `Warning: failed to save to cache: failed to get cache file path: ${exists}`
  t.same(bash('$RUN -cache -bytecode p.rush', { cwd, env }), [0, '1\n', warning])
  t.same(bash('$RUN -cache-stats', { cwd, env }), [1, '', `Error getting cache stats: ${exists}`])
  rmSync(cache)
  t.same(bash('$RUN -cache -bytecode p.rush', { cwd, env }), [0, '1\n', ''])
  const [entry = ''] = readdirSync(cache)
  rmSync(join(cache, entry))
  mkdirSync(join(cache, entry, 'inside'), { recursive: true })
  const [code, stdout, stderr] = bash('$RUN -cache -bytecode p.rush', { cwd, env })
  t.same([code, stdout], [0, '1\n'])
  t.match(stderr, /^Warning: failed to save to cache: failed to write cache file: rename [^\n]*\n$/)
  t.same(readdirSync(cache), [entry])
  t.equal(bash('$RUN -clear-cache', { cwd, env })[1], 'Cache cleared successfully\n')
})

t.test('many processes with one entry, which is removed now and then', async (t) => {
  const cwd = folder(t)
  writeFileSync(join(cwd, 'p.rush'), `${'f = fn(x) { x + 1 }\n'.repeat(1000)}print(f(1))\n`)
  const start = async (...flags: string[]): Promise<Ended> => {
    const words = [toolPath('rush-run'), ...flags]
    const child = spawn(NODE, words, { cwd, env: { ...process.env, HOME: cwd } })
    const texts = ['', '']
    for (const [i, stream] of [child.stdout, child.stderr].entries()) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        texts[i] += text
      })
    }
    const [code] = (await once(child, 'close')) as [number | null]
    return [code, texts[0] as string, texts[1] as string]
  }
  for (let round = 0; round < (FULL ? 10 : 1); round++) {
    const runs = Array.from({ length: 8 }, (_, i) =>
      i % 4 === 3 ? start('-clear-cache') : start('-cache', '-bytecode', 'p.rush'),
    )
    for (const [i, [code, stdout, stderr]] of (await Promise.all(runs)).entries()) {
      if (i % 4 === 3) t.same([code, stdout, stderr], [0, 'Cache cleared successfully\n', ''])
      else {
        t.same([code, stdout], [0, '2\n'])
        // Its folder may have gone under it.
        t.match(stderr, /^(Warning: failed to save to cache: [^\n]*: no such file or directory\n)?$/)
      }
    }
  }
  t.same(bash('$RUN -cache -bytecode p.rush', { cwd, env: { HOME: cwd } }), [0, '2\n', ''])
  t.match(readdirSync(join(cwd, '.rush_cache')), [/\.rushc$/], 'nothing else is there')
})

// --- broken programs ---

t.test('programs that are no files, or not text, or cut off', async (t) => {
  const cwd = folder(t)
  mkdirSync(join(cwd, 'folder.rush'))
  const texts: Readonly<Record<string, string | Uint8Array>> = {
    'empty.rush': '',
    'zero.rush': 'a = 1\nb\0 = 2\n',
    'text.rush': 'print("a\0b".length)\n',
    'bytes.rush': Buffer.from([0x70, 0x20, 0x3d, 0x20, 0x22, 0xc3, 0x28, 0x22]),
    'binary.rush': Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]),
    'secret.rush': 'print(1)\n',
    'empty.rbc': '',
    'whole.rush': 'f = fn(x) { x + 1 }\nprint(f(1))\n',
  }
  for (const [name, text] of Object.entries(texts)) writeFileSync(join(cwd, name), text)
  chmodSync(cwd, 0o755)
  chmodSync(join(cwd, 'secret.rush'), 0)
  const read = (name: string, what: string): RegExp => new RegExp(`^Error reading file ${name}: ${what}\\n$`)
  const expected: readonly (readonly [string, number, string, RegExp])[] = [
    ['folder.rush', 1, '', read('folder.rush', 'read folder.rush: is a directory')],
    ['none.rush', 1, '', read('none.rush', 'open none.rush: no such file or directory')],
    ['empty.rush/x', 1, '', read('empty.rush/x', 'open empty.rush/x: not a directory')],
    ['loop.rush', 1, '', read('loop.rush', 'open loop.rush: too many levels of symbolic links')],
    ['empty.rush', 0, '', /^$/],
    ['text.rush', 0, '3\n', /^$/],
    ['zero.rush', 1, '', /^Parse errors:\n {2}line 2:2: unexpected character U\+0000 /],
    ['bytes.rush', 1, '', /^bytes\.rush: not valid UTF-8 at byte 5\n$/],
    ['binary.rush', 1, '', /^Parse errors:\n {2}line 1:1: unexpected character U\+007F /],
    ['empty.rbc', 1, '', /^empty\.rbc: empty, expected a rush-bytecode document\n$/],
    ['/dev/null', 0, '', /^$/],
  ]
  bash('ln -s loop.rush loop.rush; $COMPILE -o whole.rbc whole.rush', { cwd })
  for (const [name, code, stdout, stderr] of expected)
    t.match(bash(`$RUN ${name}`, { cwd }), [code, stdout, stderr], name)
  // The superuser may read everything, so somebody else tries.
  const user = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {}
  t.match(bash('$RUN secret.rush', { cwd, ...user }), [
    1,
    '',
    read('secret.rush', 'open secret.rush: permission denied'),
  ])
  // Cut anywhere, bytecode is refused before any of it runs.
  t.same(bash('$RUN whole.rbc', { cwd }), [0, '2\n', ''])
  const sizes = FULL ? [1, 2, 7, 50, 100, 200, 300, 400] : [1, 100, 300]
  for (const size of sizes)
    t.match(bash(`head -c ${size} whole.rbc > cut.rbc; $RUN -jit cut.rbc`, { cwd }), [
      1,
      '',
      /^cut\.rbc: damaged msgpack: [^\n]+\n$/,
    ])
})

t.test('a program that comes through a pipe, whole or not, or goes away while it is read', async (t) => {
  const cwd = folder(t)
  bash('mkfifo pipe', { cwd })
  t.same(bash('(printf "print("; sleep 0.2; echo "7)") > pipe & $RUN pipe', { cwd }), [0, '7\n', ''])
  t.match(bash('printf "print(" > pipe & $RUN pipe', { cwd }), [1, '', /^Parse errors:\n {2}line 1:7: /])
  // Removed between its halves: what was opened is read to its end.
  const line = '(printf "print("; rm pipe; sleep 0.2; echo "8)") > pipe & $RUN -jit pipe'
  t.same(bash(line, { cwd }), [0, '8\n', ''])
  // Imports are files like others.
  writeFileSync(join(cwd, 'p.rush'), 'import { a } from "./m"\nprint(a)\n')
  mkdirSync(join(cwd, 'm.rush'))
  t.match(bash('$RUN p.rush', { cwd }), [1, '', /m\.rush: read [^\n]*m\.rush: is a directory\n/])
})

// --- clocks ---

/** Each look at the clock shows a time an hour before the last one; counters go on as they should. */
const BACKWARDS = `
const RealDate = Date
let shift = 0
const now = () => RealDate.now() - (shift += 3600_000)
globalThis.Date = class extends RealDate {
  constructor(...words) { if (words.length === 0) super(now()); else super(...words) }
  static now() { return now() }
}
`

t.test('a clock that is set back again and again', async (t) => {
  const cwd = folder(t)
  const env = { HOME: cwd }
  writeFileSync(join(cwd, 'back.cjs'), BACKWARDS)
  writeFileSync(
    join(cwd, 'p.rush'),
    'f = fn(x) { x * 2 }\ns = 0\nfor (i = 0; i < 3000; i = i + 1) { s = s + f(i)\n print(i) }\nprint(s)\n',
  )
  const lines = `${Array.from({ length: 3000 }, (_, i) => `${i}\n`).join('')}8997000\n`
  const tool = toolPath('rush-run')
  const run = (flags: string): Ended => bash(`${NODE} -r ./back.cjs ${tool} ${flags} p.rush`, { cwd, env })
  for (const mode of MODES) t.same(run(mode.join(' ')), [0, lines, ''])
  // An entry of the cache from the future is as good as any.
  t.same(bash('$RUN -cache -bytecode p.rush', { cwd, env }), [0, lines, ''])
  for (const flags of ['-bytecode', '-jit']) {
    const [code, , stderr] = run(`-cache -log-level=info ${flags}`)
    t.equal(code, 0)
    t.match(stderr, /INFO: Using cached bytecode\n/)
    t.notMatch(stderr, /-\d[\d.]*(ns|µs|ms|s)\b/, 'no time is negative')
  }
  // Nor does a compilation take an hour: its limit is one of time that passes.
  const [, , stderr] = run('-jit -jit-stats=json')
  const made = stderr.split('\n').find((line) => line.startsWith('{'))
  if (made === undefined) return
  const { target, compilations, compileMilliseconds } = JSON.parse(made) as {
    target: string | null
    compilations: { refused: number; succeeded: number }
    compileMilliseconds: number
  }
  if (target === null) return
  t.ok(compilations.refused === 0 && compilations.succeeded > 0)
  t.ok(compileMilliseconds > 0 && compileMilliseconds < 60_000)
})

t.test('the time of a program follows the clock', async (t) => {
  const cwd = folder(t)
  writeFileSync(join(cwd, 'back.cjs'), BACKWARDS)
  writeFileSync(
    join(cwd, 'p.rush'),
    'a = Time.now()\nb = Time.now()\nprint(b.is_before?(a), a.difference(b).total_seconds() >= 3500)\n',
  )
  t.same(bash(`${NODE} -r ./back.cjs ${toolPath('rush-run')} p.rush`, { cwd }), [0, 'true true\n', ''])
})
