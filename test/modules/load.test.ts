/** What the parser stage makes of a program's imports. */
import { createHash } from 'node:crypto'
import { chmodSync, readFileSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { type LoadResult, loadProgram, STANDARD_INPUT, textOfFile } from '../../lib/modules/load.js'
import type { AstDocument, ImportLink } from '../../lib/syntax/index.js'

/** A user without rights. */
const NOBODY = 65534

type Folder = { [name: string]: string | Buffer | Folder }

/** Loads `main.rush` of a new folder; messages in the result name the folder `DIR`. */
function load(t: Test, files: Folder): LoadResult & { folder: string } {
  const folder = t.testdir(files as Record<string, string>)
  return { ...loadFile(join(folder, 'main.rush')), folder }
}

function loadFile(file: string): LoadResult {
  return loadProgram(readFileSync(file, 'utf8'), file)
}

/** Per module its file, below the folder, and where its imports lead; or why it cannot be had. */
function modulesOf(document: AstDocument, folder: string): string[] {
  return document.modules.map((module) => {
    if ('error' in module) return module.error.replaceAll(folder, 'DIR')
    return [module.source.file.replace(`${folder}/`, ''), ...linksOf(module.imports)].join(' ')
  })
}

function linksOf(imports: readonly ImportLink[]): string[] {
  return imports.map(({ place, module }) => `${place}:${module}`)
}

t.test('a program without imports', async (t) => {
  const { document } = load(t, { 'main.rush': 'x = 1' })
  t.same(document.imports, [])
  t.same(document.modules, [])
})

t.test('modules are numbered depth first, each before what it imports', async (t) => {
  const { document, folder } = load(t, {
    'main.rush': 'import { } from "./a"\nimport { } from "./d"\nimport { } from "./b"',
    'a.rush': 'import { } from "./b"\nimport { } from "./c"',
    'b.rush': 'x = 1',
    'c.rush': '',
    'd.rush': '',
  })
  t.same(linksOf(document.imports), ['./a:0', './d:3', './b:1'])
  t.same(modulesOf(document, folder), ['a.rush ./b:1 ./c:2', 'b.rush', 'c.rush', 'd.rush'])
  t.equal(textOfFile(document, join(folder, 'b.rush')), 'x = 1')
  t.equal(textOfFile(document, join(folder, 'main.rush')), document.source.text)
  const [, b] = document.modules
  t.match(b, { source: { hash: createHash('sha256').update('x = 1').digest('hex') } })
})

t.test('imports are found wherever a statement may stand', async (t) => {
  const { document } = load(t, {
    'main.rush': `
      f = fn() { import { } from "./1" }
      class A { fn m() { x = [fn() { import { } from "./2" }] } }
      if (true) { import { } from "./3" } else { import { } from "./4" }
      for (i = 0; i < 1; i = i + 1) { while (false) { import { } from "./5" } }
      try { import { } from "./6" } catch (e) { import { } from "./7" } finally { import { } from "./8" }
      switch (1) { case 1: import { } from "./9" default: import { } from "./10" }
      f(fn() { import { } from "./11" })
      import { } from "./1"`,
  })
  t.same(
    document.imports.map(({ place }) => place),
    Array.from({ length: 11 }, (_, index) => `./${index + 1}`),
  )
})

t.test('a file is one module, however it is spelled', async (t) => {
  const folder = t.testdir({ 'a.rush': '', x: { 'b.rush': 'import { } from "../a"' } })
  const places = [
    './a',
    'a',
    'a.rush',
    './a.rush',
    './x/../a',
    `${folder}/a`,
    `${folder}/x/..//a.rush`,
    'x/b',
  ]
  const text = places.map((place) => `import { } from "${place}"`).join('\n')
  const { document } = loadProgram(text, join(folder, 'main.rush'))
  t.same(linksOf(document.imports), [...places.slice(0, -1).map((place) => `${place}:0`), 'x/b:1'])
  t.same(modulesOf(document, folder), ['a.rush', 'x/b.rush ../a:0'])
})

t.test('a diamond is loaded once', async (t) => {
  const { document, folder } = load(t, {
    'main.rush': 'import { } from "./left"\nimport { } from "./right"',
    'left.rush': 'import { } from "./base"',
    'right.rush': 'import { } from "./base"',
    'base.rush': '',
  })
  t.same(linksOf(document.imports), ['./left:0', './right:2'])
  t.same(modulesOf(document, folder), ['left.rush ./base:1', 'base.rush', 'right.rush ./base:1'])
})

t.test('circles end', async (t) => {
  const { document, folder } = load(t, {
    'main.rush': 'import { } from "./a"\nimport { } from "./self"',
    'a.rush': 'import { } from "./b"',
    'b.rush': 'import { } from "./a"\nimport { } from "./main"',
    'self.rush': 'import { } from "./self"',
  })
  t.same(linksOf(document.imports), ['./a:0', './self:3'])
  t.same(modulesOf(document, folder), [
    'a.rush ./b:1',
    'b.rush ./a:0 ./main:2',
    'main.rush ./a:0 ./self:3',
    'self.rush ./self:3',
  ])
})

t.test('a chain of 300 modules', async (t) => {
  const files: Folder = { 'main.rush': 'import { } from "./m0"', 'm299.rush': 'x = 1' }
  for (let i = 0; i < 299; i++) files[`m${i}.rush`] = `import { } from "./m${i + 1}"`
  const { document, folder } = load(t, files)
  const expected = Array.from({ length: 299 }, (_, i) => `m${i}.rush ./m${i + 1}:${i + 1}`)
  t.same(modulesOf(document, folder), [...expected, 'm299.rush'])
})

t.test('modules that cannot be had are part of the document', async (t) => {
  const { document, folder } = load(t, {
    'main.rush': [
      'absent',
      'folder',
      'plain/inner',
      'latin',
      'mistakes',
      'std/absent',
      '../absent',
      './absent.rush',
    ]
      .map((place) => `import { } from "${place}"`)
      .join('\n'),
    'folder.rush': {},
    'plain.rush': '',
    plain: '',
    'latin.rush': Buffer.from('x = "\xe9"', 'latin1'),
    'mistakes.rush': 'x = )\ny = )\n',
  })
  t.same(
    linksOf(document.imports).map((link) => link.split(':')[1]),
    ['0', '1', '2', '3', '4', '5', '6', '0'],
  )
  const mistakes = modulesOf(document, folder)
  const above = join(folder, '..', 'absent.rush')
  t.same(mistakes.with(4, ''), [
    'failed to read module DIR/absent.rush: open DIR/absent.rush: no such file or directory',
    'failed to read module DIR/folder.rush: read DIR/folder.rush: is a directory',
    'failed to read module DIR/plain/inner.rush: open DIR/plain/inner.rush: not a directory',
    'failed to read module DIR/latin.rush: not valid UTF-8 at byte 5',
    '',
    'standard library module not found: std/absent',
    `failed to read module ${above}: open ${above}: no such file or directory`,
  ])
  t.match(mistakes[4], /^parse errors in module DIR\/mistakes\.rush: \[line 1:5: .+ line 2:5: .+\]$/)
})

/** Why the only module of a program cannot be had. */
function errorOf(folder: string, place: string): string | undefined {
  const { document } = loadProgram(`import { } from "${place}"`, join(folder, 'main.rush'))
  return modulesOf(document, folder)[0]
}

t.test('what else the system says', async (t) => {
  const folder = t.testdir({})
  symlinkSync('endless.rush', join(folder, 'endless.rush'))
  t.match(errorOf(folder, 'endless'), /open DIR\/endless\.rush: too many levels of symbolic links$/)
  t.match(errorOf(folder, 'x'.repeat(300)), /: file name too long$/)
  t.match(errorOf(folder, 'a\0b'), /: invalid argument$/)
})

t.test('files that may not be read', async (t) => {
  const folder = t.testdir({ 'secret.rush': '' })
  chmodSync(join(folder, 'secret.rush'), 0)
  // Root may read everything.
  const root = process.geteuid?.() === 0
  if (root) process.seteuid?.(NOBODY)
  const error = errorOf(folder, 'secret')
  if (root) process.seteuid?.(0)
  t.match(error, /open DIR\/secret\.rush: permission denied$/)
})

t.test('mistakes in the main program: nothing is loaded', async (t) => {
  const { document, diagnostics } = load(t, { 'main.rush': 'import { } from "./a"\nx = (', 'a.rush': '' })
  t.equal(diagnostics.length, 1)
  t.same(document.imports, [])
  t.same(document.modules, [])
})

t.test('imports of a program from standard input count from the working directory', async (t) => {
  const folder = t.testdir({ 'a.rush': 'x = 1' })
  const before = process.cwd()
  t.teardown(() => process.chdir(before))
  process.chdir(folder)
  const { document } = loadProgram('import { } from "./a"', STANDARD_INPUT)
  t.match(document.modules, [{ source: { file: 'a.rush', text: 'x = 1' } }])
})
