/** Scope analysis and compilation of programs of several files. */
import t from 'tap'
import { analyseScopes, type BytecodeProgram, compile, verify } from '../../lib/bytecode/index.js'
import { sourceOfFunction } from '../../lib/bytecode/program.js'
import type { ScopeInfo } from '../../lib/bytecode/scopes.js'
import {
  type AstDocument,
  type ImportLink,
  type Module,
  parse,
  placesIn,
  type Source,
} from '../../lib/syntax/index.js'
import { isBuiltin } from './tools.js'

/** The place of a module that cannot be had. */
const ABSENT = 'absent'

/** A program of several files that need not exist: places are names of modules, in their order, or `absent`. */
function programOf(main: string, texts: Readonly<Record<string, string>> = {}): AstDocument {
  const names = [...Object.keys(texts), ABSENT]
  const fileOf = (text: string, name: string) => {
    const { program, diagnostics } = parse(text, `${name}.rush`)
    if (diagnostics.length > 0) throw new Error(diagnostics[0]?.message)
    const source: Source = { file: `${name}.rush`, text, hash: '' }
    const imports: ImportLink[] = placesIn(program).map((place) => ({ place, module: names.indexOf(place) }))
    return { source, program, imports }
  }
  const modules: Module[] = Object.entries(texts).map(([name, text]) => fileOf(text, name))
  modules.push({ file: `${ABSENT}.rush`, error: 'gone' })
  return { format: 'rush-ast', version: 2, ...fileOf(main, 'main'), modules }
}

function analyse(main: string, texts: Readonly<Record<string, string>> = {}): ScopeInfo {
  return analyseScopes(programOf(main, texts), isBuiltin)
}

function compiled(main: string, texts: Readonly<Record<string, string>> = {}): BytecodeProgram {
  const { program, diagnostics } = compile(programOf(main, texts), isBuiltin)
  t.same(diagnostics, [])
  verify(program)
  return program
}

/** What each occurrence of `name` means, file by file: the slot of a global variable, or the kind. */
function meanings(info: ScopeInfo, name: string): (number | string)[] {
  return [...info.references]
    .filter(([node]) => node.type === 'Identifier' && node.name === name)
    .map(([, reference]) => (reference.kind === 'global' ? reference.variable.slot : reference.kind))
}

t.test('files share the numbers of functions and variables', async (t) => {
  const info = analyse('import { f } from "a"\nm = fn() { }', {
    a: 'import { g } from "b"\nexport f = fn() { fn() { } }',
    b: 'y = 1\nexport g = fn() { }',
  })
  t.same(
    info.functions.map(({ name, file }) => [name, file]),
    [
      ['<main>', 0],
      ['m', 0],
      ['<module a.rush>', 1],
      ['f', 1],
      ['<anonymous>', 1],
      ['<module b.rush>', 2],
      ['g', 2],
    ],
  )
  t.same(
    info.globals.map(({ name, slot }) => [name, slot]),
    ['f', 'm', 'g', 'f', 'export f', 'y', 'g', 'export g'].map((name, slot) => [name, slot]),
  )
  t.same(
    info.files.map(({ name, error, globals }) => [name, error, globals.first, globals.end]),
    [
      ['', null, 0, 2],
      ['a.rush', null, 2, 5],
      ['b.rush', null, 5, 8],
      ['absent.rush', 'gone', 0, 0],
    ],
  )
  t.same(
    info.files.map(({ body }) => body?.name ?? null),
    ['<main>', '<module a.rush>', '<module b.rush>', null],
  )
})

t.test('a file sees none of the names of another', async (t) => {
  const info = analyse('x = 1\nprint(x, secret)\nimport { } from "a"', {
    a: 'secret = x\nf = fn() { return [x, secret] }\nimport { } from "b"',
    b: 'x = 2\nf = fn() { x = 3 }',
  })
  // A name that is bound twice in a file is one variable there.
  t.same(meanings(info, 'x'), [0, 0, 'unbound', 'unbound', 3, 3])
  t.same(meanings(info, 'secret'), ['unbound', 1, 1])
})

t.test('a variable hides a builtin in its own file only', async (t) => {
  const info = analyse('type(1)\nimport { } from "a"', { a: 'type = fn(v) { 0 }\ntype(1)' })
  t.same(meanings(info, 'type'), ['builtin', 0, 0])
  t.same(
    info.globals.map(({ builtin }) => builtin),
    [true],
    'holds the function first',
  )
})

t.test('imported names are variables of the scope around the statement', async (t) => {
  const info = analyse(
    'import { a } from "m"\na = 2\nf = fn() { import { a as b, c } from "m"; return fn() { return b } }',
    { m: '' },
  )
  t.same(meanings(info, 'a'), [0, 0])
  t.same(meanings(info, 'b'), ['local', 'upvalue'])
  t.same(meanings(info, 'c'), ['local'])
})

t.test('exports count in the blocks of a module', async (t) => {
  const text = `
    export top = 1
    if (top) { export from_if = 1 } else { export from_else = 1 }
    for (i = 0; i < 1; i = i + 1) { while (false) { export from_loop = 1 } }
    try { export from_try = 1 } catch (e) { export from_catch = 1 } finally { export from_finally = 1 }
    switch (1) { case 1: export from_case = 1 default: export from_default = 1 }
    f = fn() { export from_function = 1 }
    class A { fn m() { export from_method = 1 } }
    x = [if (true) { export from_value = 1 }]
    export late?
    late? = 1`
  const exported = ['top', 'from_if', 'from_else', 'from_loop', 'from_try', 'from_finally', 'from_case']
  exported.push('from_default', 'from_value', 'late?')
  t.same([...(analyse('', { m: text }).files[1]?.exports.keys() ?? [])], exported)
  const main = analyse(text)
  t.equal(main.exportOf.size, 0, 'nothing is exported by the main program')
  t.same([...(main.files[0]?.exports.keys() ?? [])], [])
})

t.test('a name that is exported twice is one export beside the variable', async (t) => {
  const info = analyse('', { m: 'export a = 1\na = 2\nexport a' })
  const variable = info.files[1]?.exports.get('a')
  t.same([...info.exportOf.values()], [variable, variable])
  t.equal(variable?.slot, 1)
  t.same(meanings(info, 'a'), [0, 0, 0])
})

t.test('imports mean files', async (t) => {
  const info = analyse('import { } from "a"\nf = fn() { import { } from "b" }\nimport { } from "absent"', {
    a: 'import { } from "b"\nimport { } from "a"',
    b: '',
  })
  t.same(
    [...info.importOf].map(([node, file]) => [node.source.value, file.name]),
    [
      ['a', 'a.rush'],
      ['b', 'b.rush'],
      ['absent', 'absent.rush'],
      ['b', 'b.rush'],
      ['a', 'a.rush'],
    ],
  )
  t.equal(new Set(info.importOf.values()).size, 3)
  for (const imports of [[], [{ place: 'a', module: 7 }]]) {
    const lost = { ...programOf('import { } from "a"'), imports }
    t.throws(() => analyseScopes(lost, isBuiltin), /import of a leads nowhere/)
  }
})

t.test('modules in bytecode', async (t) => {
  const program = compiled('import { f } from "a"\nm = fn() { }', {
    a: 'import { } from "absent"\nexport f = fn() { }',
    b: 'x = 1',
  })
  t.same(
    program.modules.map((module) =>
      'error' in module ? module : [module.source.file, module.main, module.globals],
    ),
    [
      ['a.rush', 2, { first: 2, end: 4 }],
      ['b.rush', 4, { first: 4, end: 5 }],
      { file: 'absent.rush', error: 'gone' },
    ],
  )
  t.same(
    program.functions.map((_, index) => sourceOfFunction(program, index).file),
    ['main.rush', 'main.rush', 'a.rush', 'a.rush', 'b.rush'],
  )
})

t.test('mistakes of the compiler name the file', async (t) => {
  const many = Array.from({ length: 300 }, () => '0').join(', ')
  const { diagnostics } = compile(programOf('import { } from "a"', { a: `\nprint(${many})` }), isBuiltin)
  t.match(diagnostics, [{ file: 'a.rush', line: 2, message: /too many arguments/ }])
})
