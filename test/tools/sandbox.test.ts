/** The sandbox as its flags make it, in every tier. */
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { canAllowFolders } from '../../lib/files/sandbox.js'
import { runTool, type ToolResult } from './run-tool.js'

const here = canAllowFolders() ? {} : { skip: 'no /proc/self/fd' }

const cwd = realpathSync(mkdtempSync(join(tmpdir(), 'rush-test-')))
t.teardown(() => rmSync(cwd, { recursive: true, force: true }))
for (const folder of ['app/parts', 'data', 'made', 'secret', 'std'])
  mkdirSync(join(cwd, folder), { recursive: true })
const write = (name: string, text: string): void => writeFileSync(join(cwd, name), text)
write('data/in.txt', 'in')
write('data/module.rush', 'export name = "data"')
write('secret/s.txt', 'secret')
write('secret/module.rush', 'export name = "secret"')
write('std/own.rush', 'export name = "own"')
write('app/parts/module.rush', 'import { name as inner } from "../other"\nexport name = "parts " + inner')
write('app/other.rush', 'export name = "other"')
symlinkSync('../secret', join(cwd, 'data/out'))
symlinkSync('../../secret/module.rush', join(cwd, 'app/parts/linked.rush'))

const run = (words: readonly string[], tool = 'rush-run', input: string | Uint8Array = ''): ToolResult =>
  runTool(tool, words, input, { cwd })

const TIERS = [[], ['-bytecode'], ['-jit', '-hot-threshold=1', '-osr-threshold=1']]

write(
  'app/main.rush',
  `import { name as parts } from "./parts/module"
import { abs } from "std/math"
print(parts, abs(-1))
try_it = fn(what, f) {
  try { print(what, f()) } catch (RuntimeError e) { print(what, "!", e.message) }
}
for (i = 0; i < 3; i = i + 1) {
  try_it("read", fn() { file("data/in.txt").open().read() })
  try_it("link", fn() { file("data/out/s.txt").open().read() })
  try_it("there", fn() { file("secret/s.txt").exists?() })
  try_it("not there", fn() { file("secret/none").exists?() })
  try_it("folder", fn() { directory("secret").exists?() })
  try_it("list", fn() { directory("data").list() })
  try_it("list root", fn() { directory("/").list() })
  try_it("write", fn() { file("made/new").open("w").write("abc") })
  try_it("write elsewhere", fn() { file("data/new").open("w") })
  try_it("create", fn() { directory("made/a/b").create().path })
  try_it("delete", fn() { directory("made/a").delete() })
  try_it("delete all", fn() { directory("made").delete() })
  try_it("absolute", fn() { path("x").absolute() })
}
try { import { name } from "../secret/module" } catch (e) { print(e.message) }
try { import { name } from "./parts/linked" } catch (e) { print(e.message) }
try { import { name } from "std/own" } catch (e) { print(e.message) }
import { name } from "../data/module"
print(name)
file("/etc/passwd").open()
`,
)

const refused = (doing: string, name: string): string =>
  `access refused: ${doing} ${name} is not allowed (see -allow-${doing === 'reading' ? 'read' : 'write'})`
const ONCE = `read in
link ! ${refused('reading', 'data/out/s.txt')}
there ! ${refused('reading', 'secret/s.txt')}
not there ! ${refused('reading', 'secret/none')}
folder ! ${refused('reading', 'secret')}
list [in.txt, module.rush, out]
list root ! ${refused('reading', '/')}
write 3
write elsewhere ! ${refused('writing', 'data/new')}
create made/a/b
delete true
delete all ! ${refused('writing', 'made')}
absolute ! ${refused('reading', '.')}
`
const OUTPUT = `parts other 1
${ONCE.repeat(3)}failed to import module ../secret/module: ${refused('reading', join(cwd, 'secret/module.rush'))}
failed to import module ./parts/linked: ${refused('reading', join(cwd, 'app/parts/linked.rush'))}
failed to import module std/own: standard library module not found: std/own
data
`
const FLAGS = ['-allow-read=data', '-allow-write', 'made']

t.test('a program stays in its folders', here, async (t) => {
  for (const tier of TIERS) {
    const { code, stdout, stderr } = run([...tier, ...FLAGS, 'app/main.rush'])
    t.equal(stdout, OUTPUT, tier[0])
    t.match(
      stderr,
      `RuntimeError: ${refused('reading', '/etc/passwd')}\n  in app/main.rush, line 27:25`,
      tier[0],
    )
    t.equal(code, 1)
    t.same(readdirSync(join(cwd, 'made')), ['new'])
  }
  t.same(readdirSync(join(cwd, 'secret')).sort(), ['module.rush', 's.txt'])
})

t.test('-sandbox alone leaves no files but modules', async (t) => {
  write(
    'app/alone.rush',
    'import { name } from "./other"\nprint(name)\nprint(file("app/other.rush").open().read())',
  )
  for (const tier of TIERS) {
    const { code, stdout, stderr } = run([...tier, '-sandbox', 'app/alone.rush'])
    t.equal(stdout, canAllowFolders() ? 'other\n' : '', tier[0])
    t.match(stderr, refused('reading', 'app/other.rush'), tier[0])
    t.equal(code, 1)
  }
})

t.test('bytecode and the interactive mode are sandboxed, too', here, async (t) => {
  const text = 'try { print(file("data/in.txt").open().read()) } catch (e) { print(e.message) }'
  write('app/short.rush', text)
  t.equal(run(['-o', 'short.rbc', 'app/short.rush'], 'rush-compile').code, 0)
  const message = `${refused('reading', 'data/in.txt')}\n`
  for (const tool of ['rush-vm', 'rush-run']) {
    t.equal(run(['-sandbox', 'short.rbc'], tool).stdout, message)
    t.equal(run(['-jit', '-sandbox', 'short.rbc'], tool).stdout, message)
    t.equal(run(['-allow-read=data', 'short.rbc'], tool).stdout, 'in\n')
  }
  t.equal(run(['-sandbox'], 'rush-run', `${text}\n`).stdout, message)
  const imports = 'import { name } from "./data/module"\nprint(name)\n'
  t.match(run(['-sandbox'], 'rush-run', imports).stderr, refused('reading', join(cwd, 'data/module.rush')))
  t.equal(run(['-allow-read=data'], 'rush-run', imports).stdout, 'data\n')
  t.match(
    run(['-sandbox', '-'], 'rush-run', imports).stderr,
    refused('reading', join(cwd, 'data/module.rush')),
  )
})

t.test('what the cache holds is not used in a sandbox', here, async (t) => {
  write('app/cached.rush', 'import { name } from "../secret/module"\nprint(name)')
  const env = { ...process.env, HOME: cwd }
  const words = ['-bytecode', '-cache']
  t.equal(runTool('rush-run', [...words, 'app/cached.rush'], '', { cwd, env }).stdout, 'secret\n')
  const sandboxed = runTool('rush-run', [...words, '-sandbox', 'app/cached.rush'], '', { cwd, env })
  t.match(sandboxed.stderr, refused('reading', join(cwd, 'secret/module.rush')))
  t.equal(runTool('rush-run', [...words, 'app/cached.rush'], '', { cwd, env }).stdout, 'secret\n')
})

t.test('folders that cannot be allowed are refused before the program runs', async (t) => {
  write('app/one.rush', 'print(1)')
  const none = run(['-allow-read=none', 'app/one.rush'])
  t.same([none.code, none.stdout], [1, ''])
  t.match(none.stderr, canAllowFolders() ? /^Error: -allow-read=none: no such file or directory\n$/ : /proc/)
  t.equal(run(['-allow-write=data/in.txt', 'app/one.rush']).code, 1)
})
