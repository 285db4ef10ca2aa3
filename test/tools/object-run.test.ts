/** From a profile to specialised code to a run that begins with it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readDocument } from '../../lib/formats/read.js'
import { writeDocument } from '../../lib/formats/write.js'
import { ABI_VERSION, type ObjectDocument } from '../../lib/jit/object.js'
import { hostTarget } from '../../lib/jit/target.js'
import type { JitReport } from '../../lib/jit/tier/report.js'
import { runTool, type ToolResult } from './run-tool.js'

const host = hostTarget()?.name
const native = host === undefined ? { skip: 'no native code for this CPU' } : {}

/** Many processes, on a machine shared with others. */
t.setTimeout(240_000)

const cwd = mkdtempSync(join(tmpdir(), 'rush-test-'))
t.teardown(() => rmSync(cwd, { recursive: true, force: true }))
const path = (name: string): string => join(cwd, name)
const tool = (name: string, ...words: string[]): ToolResult => runTool(name, words, '', { cwd })

const PROGRAM = `fn add(a, b) { return a + b }
fn sum(n) { s = 0; for (i = 0; i < n; i = i + 1) { s = add(s, i) }; return s }
print(sum(20), len([1, 2]))
`
writeFileSync(path('p.rush'), PROGRAM)
writeFileSync(path('other.rush'), 'print(1)\n')
for (const name of ['p', 'other']) tool('rush-compile', '-o', `${name}.rbc`, `${name}.rush`)
tool('rush-run', '-profile-out=p.json', 'p.rush')
const flags = host === undefined ? [] : [`-target=${host}`]
tool('rush-jit-asm', ...flags, '-profile=p.json', '-o', 'p.ro', 'p.rbc')

function report({ stderr }: ToolResult): JitReport {
  return JSON.parse(stderr.trimEnd().split('\n').at(-1) as string) as JitReport
}

t.test('a profile without a mode is that of the virtual machine', async (t) => {
  const profile = readDocument(readFileSync(path('p.json')), 'rush-profile', 'p.json')
  const add = profile.functions.find(({ name }) => name === 'add')
  t.equal(add?.calls, 20)
  t.same(
    add?.sites.map(({ types }) => types),
    [[['INTEGER'], ['INTEGER']]],
  )
  const main = profile.functions[0]
  t.same(
    main?.sites.flatMap(({ builtins = [] }) => builtins),
    ['len', 'print'],
  )
})

t.test('the code is specialised for the profile', native, async (t) => {
  const general = tool('rush-jit-asm', '-emit=ir', 'p.rbc').stdout
  const special = tool('rush-jit-asm', '-emit=ir', '-profile=p.json', 'p.rbc').stdout
  t.notMatch(general, /int\.add v\d+ v\d+\n {2}return/)
  t.match(special, /int\.add v\d+ v\d+\n {2}return/)
})

t.test('a run begins with the code of an object document', native, async (t) => {
  for (const words of [
    ['rush-run', 'p.rbc'],
    ['rush-run', 'p.rush'],
    ['rush-vm', 'p.rbc'],
  ] as const) {
    const done = tool(words[0], '-object=p.ro', '-jit-stats=json', words[1])
    t.same([done.code, done.stdout], [0, '190 2\n'], words.join(' '))
    const { fromObject, compilations, hits, misses, vmCalls, deoptimizations } = report(done)
    t.equal(fromObject, 3)
    t.equal(compilations.attempted, 0)
    // The body of the program and its only call of sum; those of add may have been inlined.
    t.ok(hits >= 2)
    t.same([misses, vmCalls, deoptimizations], [0, 0, 0])
  }
  writeFileSync(path('p.ro.json'), tool('rush-jit-asm', '-emit=object', '-format=json', 'p.ro').bytes)
  t.equal(tool('rush-run', '--object', 'p.ro.json', 'p.rbc').stdout, '190 2\n')
})

t.test('restrictions hold for code from documents, too', native, async (t) => {
  const count = (...words: string[]): number =>
    report(tool('rush-run', '-object=p.ro', '-jit-stats=json', ...words, 'p.rbc')).fromObject
  t.equal(count('-jit-deny=add'), 2)
  t.equal(count('-jit-only=add'), 1)
  t.equal(count('-max-cache-entries=2'), 3, 'each came, one was evicted again')
  const lines = tool('rush-run', '-object=p.ro', '-log-level=debug', 'p.rbc').stderr
  t.match(lines, /DEBUG: JIT code of add: \d+ bytes from the object document\n/)
})

t.test('code that does not fit the run is replaced by code that does', native, async (t) => {
  // What it adds depends on a file that was not there when the profile was made.
  writeFileSync(
    path('shift.rush'),
    'fn add(a, b) { return a + b }\nx = 1\nif (file("floats").exists?()) { x = 0.5 }\n' +
      's = 0\nfor (i = 0; i < 300; i = i + 1) { s = add(x, i) }\nprint(s)\n',
  )
  tool('rush-compile', '-o', 'shift.rbc', 'shift.rush')
  t.equal(tool('rush-run', '-profile-out=shift.json', 'shift.rbc').stdout, '300\n')
  tool('rush-jit-asm', ...flags, '-profile=shift.json', '-o', 'shift.ro', 'shift.rbc')
  writeFileSync(path('floats'), '')
  const done = tool('rush-run', '-object=shift.ro', '-jit-stats=json', 'shift.rbc')
  t.equal(done.stdout, '299.5\n')
  const { functions, exits } = report(done)
  t.equal(exits.sites.find((site) => site.function === 'add')?.count, 10)
  t.match(functions, [{ function: 'add', versions: 1 }])
})

t.test('code that leaves much to the VM is replaced, too', native, async (t) => {
  // A profile names no classes.
  writeFileSync(
    path('class.rush'),
    'class P { fn initialize(x) { @x = x } fn get() { return @x } }\n' +
      'fn work(p) { s = 0; for (i = 0; i < 50; i = i + 1) { s = s + p.get() }; return s }\n' +
      'p = P.new(3)\nt = 0\nfor (j = 0; j < 200; j = j + 1) { t = t + work(p) }\nprint(t)\n',
  )
  tool('rush-compile', '-o', 'class.rbc', 'class.rush')
  tool('rush-run', '-profile-out=class.json', 'class.rbc')
  tool('rush-jit-asm', ...flags, '-profile=class.json', '-o', 'class.ro', 'class.rbc')
  const done = tool('rush-run', '-object=class.ro', '-jit-stats=json', 'class.rbc')
  t.equal(done.stdout, '30000\n')
  const { functions, yields } = report(done)
  t.ok(functions.some((entry) => entry.function === 'P.get'))
  t.ok(yields.total < 3000, `${yields.total} of 20000 instructions`)
})

/** `p.ro` with one thing changed. */
function changed(name: string, change: (object: ObjectDocument) => void): string {
  const object = readDocument(readFileSync(path('p.ro')), 'rush-object', 'p.ro')
  change(object)
  writeFileSync(path(name), writeDocument(object, 'msgpack'))
  return name
}

t.test('what is made for something else is refused before anything runs', native, async (t) => {
  const other = host === 'x64' ? 'arm64' : 'x64'
  tool('rush-jit-asm', `-target=${other}`, '-o', 'cpu.ro', 'p.rbc')
  const anew = `: make it anew with rush-jit-asm -target ${host}\n`
  const cases: [string, string, string | RegExp][] = [
    ['cpu.ro', 'p.rbc', `cpu.ro: this is code for ${other}, and this machine is ${host}${anew}`],
    [
      'p.ro',
      'other.rbc',
      /^p\.ro: made from other bytecode than that of other\.rush: its hash is \w{64}, not \w{64}\n$/,
    ],
    [
      changed('abi.ro', (object) => {
        object.abi = 1
      }),
      'p.rbc',
      `abi.ro: made for ABI 1, and this Rush has ABI ${ABI_VERSION}${anew}`,
    ],
    [
      changed('layout.ro', (object) => {
        object.layout = object.bytecodeHash
      }),
      'p.rbc',
      `layout.ro: made by a Rush with another layout of memory${anew}`,
    ],
    [
      changed('hash.ro', (object) => {
        object.bytecodeHash = object.layout
      }),
      'p.rbc',
      'hash.ro: not a valid rush-object document: its hashes are not those of its program\n',
    ],
  ]
  for (const [object, program, message] of cases) {
    for (const command of ['rush-run', 'rush-vm']) {
      const { code, stdout, stderr } = tool(command, `-object=${object}`, program)
      t.same([code, stdout], [1, ''], object)
      if (typeof message === 'string') t.equal(stderr, message)
      else t.match(stderr, message)
    }
  }
})

t.test('documents that cannot be read', async (t) => {
  const whole = readFileSync(path('p.ro'))
  writeFileSync(path('half.ro'), whole.subarray(0, whole.length / 2))
  writeFileSync(path('empty.ro'), '')
  const cases: [string, RegExp][] = [
    ['none.ro', /^Error reading file none\.ro: open none\.ro: no such file or directory\n$/],
    ['half.ro', /^half\.ro: damaged msgpack: .*\n$/],
    ['empty.ro', /^empty\.ro: empty, expected a rush-object document\n$/],
    ['p.rbc', /^p\.rbc: this is a rush-bytecode document, expected a rush-object document\n$/],
    ['p.rush', /^p\.rush: cannot be read as JSON: .*\n$/],
  ]
  for (const [object, message] of cases) {
    const { code, stdout, stderr } = tool('rush-run', `-object=${object}`, 'p.rbc')
    t.same([code, stdout], [1, ''], object)
    t.match(stderr, message)
  }
})

t.test('flags that contradict each other', async (t) => {
  const first = (...words: string[]): [number | null, string | undefined] => {
    const { code, stderr } = tool('rush-run', ...words)
    return [code, stderr.split('\n')[0]]
  }
  t.same(first('-object=p.ro', '-bytecode', 'p.rbc'), [2, 'flag -object needs -jit, not -bytecode'])
  t.same(first('-object=p.ro'), [2, 'flag -object needs a program'])
  t.same(first('-profile-out=x.json'), [2, 'flag -profile-out needs a program'])
})

t.test('without native code the program runs in the VM', async (t) => {
  const { code, stdout, stderr } = tool('rush-run', '-object=p.ro', '-no-exec-memory', 'p.rbc')
  t.same([code, stdout], [0, '190 2\n'])
  t.match(stderr, /; running in the bytecode VM\n$/)
})

t.test('rush-run takes bytecode in all its forms', async (t) => {
  writeFileSync(path('json'), tool('rush-compile', '-format=json', 'p.rush').bytes)
  writeFileSync(path('text'), tool('rush-compile', '-format=text', 'p.rush').bytes)
  writeFileSync(path('msgpack'), readFileSync(path('p.rbc')))
  for (const file of ['json', 'text', 'msgpack', 'p.rbc']) {
    for (const mode of [[], ['-bytecode'], ['-jit']])
      t.equal(tool('rush-run', ...mode, file).stdout, '190 2\n', `${file} ${mode}`)
  }
  writeFileSync(path('bad.rbc'), 'print(1)')
  const { code, stderr } = tool('rush-run', 'bad.rbc')
  t.equal(code, 1)
  t.match(stderr, /^bad\.rbc: cannot be read as JSON/)
})
