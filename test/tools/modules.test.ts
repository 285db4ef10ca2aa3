/** Programs with modules through the tools: every document holds all that the next stage needs. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readDocument } from '../../lib/formats/read.js'
import { writeFiles } from '../cache/tools.js'
import { splitNotice } from '../support/modes.js'
import { runTool, type ToolResult } from './run-tool.js'

t.setTimeout(240_000)

const top = mkdtempSync(join(tmpdir(), 'rush-test-'))
t.teardown(() => rmSync(top, { recursive: true, force: true }))
const sources = join(top, 'sources')
const elsewhere = join(top, 'elsewhere')
mkdirSync(elsewhere)

const FILES = {
  'main.rush': `import { area, Shape } from "./parts/shapes"
import { twice as double } from "./parts/more"
try { import { x } from "./parts/none" } catch (e) { print("none") }
try { import { x } from "./parts/bad" } catch (e) { print("bad") }
for (i = 0; i < 150; i = i + 1) { area(i, 2); double(i) }
print(area(3, 4), double(21), Shape.new(3).size())
area(1, "x")
`,
  'parts/shapes.rush': `import { twice } from "./more"
import { abs } from "std/math"
export area = fn(w, h) {
  abs(w - h)
}
class Shape {
  fn initialize(n) { @n = n }
  fn size() { twice(@n) }
}
export Shape
`,
  'parts/more.rush': 'print("more")\nfn local(x) { x * 2 }\nexport twice = fn(n) { local(n) }\n',
  'parts/bad.rush': 'x = (\n',
}
const OUTPUT = 'more\nnone\nbad\n1 42 6\n'

/** An error inside a module names the module, and shows its text. */
const ERROR = /^RuntimeError: unknown operator: -\n {2}in parts\/shapes\.rush, line 4:9\n {6}abs\(w - h\)\n/

const tool = (cwd: string, name: string, words: readonly string[], input?: Uint8Array): ToolResult =>
  runTool(name, words, input ?? '', { cwd })

/** Does something while the sources are there. */
function withSources<T>(action: () => T): T {
  writeFiles(sources, FILES)
  try {
    return action()
  } finally {
    rmSync(sources, { recursive: true })
  }
}

t.test('every document runs in another folder, with the sources gone', async (t) => {
  const plain = withSources(() => tool(sources, 'rush-run', ['main.rush']))
  t.same([plain.code, plain.stdout], [1, OUTPUT])
  t.match(plain.stderr, ERROR)
  for (const format of ['json', 'msgpack']) {
    const ast = withSources(() => tool(sources, 'rush-parse', [`-format=${format}`, 'main.rush']))
    t.equal(ast.code, 0)
    for (const form of ['json', 'msgpack', 'text']) {
      const bytecode = tool(elsewhere, 'rush-compile', [`-format=${form}`], ast.bytes)
      t.same([bytecode.code, bytecode.stderr], [0, ''])
      for (const mode of [[], ['-jit', '-hot-threshold=2']]) {
        const { code, stdout, stderr } = tool(elsewhere, 'rush-vm', mode, bytecode.bytes)
        const what = `${format}, ${form} ${mode}`
        t.same([code, stdout, splitNotice(stderr).stderr], [1, OUTPUT, plain.stderr], what)
      }
    }
  }
})

t.test('all ways to bytecode give the same bytes', async (t) => {
  const [direct, ast] = withSources(() => [
    tool(sources, 'rush-compile', ['main.rush']).bytes,
    tool(sources, 'rush-parse', ['main.rush']).bytes,
  ])
  t.same(tool(elsewhere, 'rush-compile', [], ast).bytes, direct)
  const text = tool(elsewhere, 'rush-compile', ['-format=text'], ast).bytes
  t.same(tool(elsewhere, 'rush-compile', [], text).bytes, direct)
})

t.test('native code of documents, with the sources gone', async (t) => {
  const bytecode = withSources(() => tool(sources, 'rush-compile', ['main.rush'])).bytes
  writeFileSync(join(elsewhere, 'p.rbc'), bytecode)
  const listing = tool(elsewhere, 'rush-jit-asm', ['p.rbc'])
  t.equal(listing.code, 0)
  t.match(listing.stdout, /^\/\/ function \d+ area\(w, h\) in parts\/shapes\.rush: /m)
  t.match(listing.stdout, /^ {2}\/\/ 4 \| {3}abs\(w - h\)$/m)
  t.equal(tool(elsewhere, 'rush-jit-asm', ['-o', 'p.ro', 'p.rbc']).code, 0)
  t.equal(tool(elsewhere, 'rush-jit-asm', ['p.ro']).stdout, listing.stdout)
  const elf = tool(elsewhere, 'rush-jit-asm', ['-elf', 'p.rbc']).bytes
  t.same(tool(elsewhere, 'rush-jit-asm', ['-elf', 'p.ro']).bytes, elf)
  t.ok(elf.includes('\0module_parts_more.rush\0'))
  t.match(
    tool(elsewhere, 'rush-jit-asm', ['-emit=ir', '-function=twice', 'p.rbc']).stdout,
    /^; function \d+ twice/,
  )
})

t.test('profiles of programs with modules', async (t) => {
  const bytecode = withSources(() => {
    tool(sources, 'rush-run', ['-bytecode', `-profile-out=${join(elsewhere, 'run.json')}`, 'main.rush'])
    return tool(sources, 'rush-compile', ['main.rush']).bytes
  })
  writeFileSync(join(elsewhere, 'p.rbc'), bytecode)
  tool(elsewhere, 'rush-vm', ['-profile-out=vm.json', 'p.rbc'])
  const [run, vm] = ['run.json', 'vm.json'].map((name) => readFileSync(join(elsewhere, name))) as [
    Buffer,
    Buffer,
  ]
  t.same(run, vm)
  const { functions, moduleHashes } = readDocument(run, 'rush-profile', 'run.json')
  t.equal(moduleHashes.length, 3)
  const named = (name: string) => functions.find((fn) => fn.name === name)
  t.same([named('area')?.calls, named('twice')?.calls, named('local')?.calls], [152, 152, 152])
  t.equal(named('<module parts/more.rush>')?.calls, 1, 'a module runs once')
  // The index of a function is that in the whole program, also in another module.
  const called = named('Shape.size')?.sites.find(({ targets }) => targets !== undefined)
  t.same(called?.targets, [named('twice')?.index])

  const words = ['-emit=ir', '-function=local']
  const plain = tool(elsewhere, 'rush-jit-asm', [...words, 'p.rbc']).stdout
  const special = tool(elsewhere, 'rush-jit-asm', [...words, '-profile=run.json', 'p.rbc'])
  t.equal(special.code, 0)
  t.match(special.stdout, 'int.mul')
  t.notMatch(plain, 'int.mul')
})
