/** Native code of programs with modules, as listing, IR, object and ELF file. */
import t from 'tap'
import type { BytecodeProgram } from '../../lib/bytecode/program.js'
import { moduleHashes } from '../../lib/bytecode/program.js'
import { readDocument } from '../../lib/formats/read.js'
import { writeDocument } from '../../lib/formats/write.js'
import { compileObject, printIr, printListing, writeElf } from '../../lib/jit/index.js'
import { codeOf } from '../../lib/jit/object-code.js'
import { gnuAssemble, skipGnu } from '../asm/tools.js'
import { inFolder, writeFiles } from '../cache/tools.js'
import { profileOf, programOf, run, withFile } from './tools.js'

const MAIN = `import { area } from "./parts/shapes"
fn local(a) {
  a + 1 # of main
}
print(local(area(2, 3)))
`
const SHAPES = `# The first line of the module is not that of the program.

import { twice } from "./more"
export area = fn(w, h) {
  w * h # of shapes
}
class Box { fn size() {
  twice(@n) # of Box
} }
`
const MORE = `fn local(x) { x * 2 }


export twice = fn(n) {
  local(n) # of more
}
`

const program: BytecodeProgram = inFolder(() => {
  writeFiles('.', { 'parts/shapes.rush': SHAPES, 'parts/more.rush': MORE })
  return programOf(MAIN, 'main.rush')
})
const TEXTS: Readonly<Record<string, string>> = {
  'main.rush': MAIN,
  'parts/shapes.rush': SHAPES,
  'parts/more.rush': MORE,
}

/** Parts of a listing by the title of their function. */
function partsOf(listing: string): Map<string, string> {
  const parts = listing.split(/^\/\/ function /m).slice(1)
  return new Map(parts.map((part) => [(part.split('\n')[0] as string).replace(/: .*/, ''), part]))
}

t.test('functions say which file they are in, and show its lines', async (t) => {
  const parts = partsOf(printListing(compileObject(program)))
  t.same(
    [...parts.keys()],
    [
      '0 <main>()',
      '1 local(a)',
      '2 <module parts/shapes.rush>() in parts/shapes.rush',
      '3 area(w, h) in parts/shapes.rush',
      '4 Box.size(self) in parts/shapes.rush',
      '5 <module parts/more.rush>() in parts/more.rush',
      '6 local(x) in parts/more.rush',
      '7 twice(n) in parts/more.rush',
    ],
  )
  for (const [title, part] of parts) {
    const lines = (TEXTS[title.split(' in ')[1] ?? 'main.rush'] as string).split('\n')
    const shown = [...part.matchAll(/^ {2}\/\/ (\d+) \|(.*)$/gm)]
    t.ok(shown.length > 0, title)
    for (const [, number, text] of shown) t.equal(text, ` ${lines[Number(number) - 1]}`.trimEnd(), title)
  }
  t.match(parts.get('4 Box.size(self) in parts/shapes.rush'), /\/\/ 8 \| {3}twice\(@n\) # of Box\n/)
  t.match(parts.get('7 twice(n) in parts/more.rush'), /\/\/ 5 \| {3}local\(n\) # of more\n/)
})

t.test('functions of the same name are told apart', async (t) => {
  const listing = printListing(compileObject(program), { only: 'local' })
  t.same([...partsOf(listing).keys()], ['1 local(a)', '6 local(x) in parts/more.rush'])
  t.match(listing, /^local\$1:$/m)
  t.match(listing, /^local\$6:$/m)
  t.notMatch(listing, /^local:$/m)
})

t.test('IR', async (t) => {
  const titles = [...printIr(program).matchAll(/^; function (.*):/gm)].map(([, title]) => title)
  t.equal(titles.length, program.functions.length)
  t.match(titles, ['0 <main>()', '1 local(a)', '2 <module parts/shapes.rush>() in parts/shapes.rush'])
})

t.test('object documents', async (t) => {
  for (const profile of [null, profileOf(program, 'INTEGER')]) {
    const object = compileObject(program, { profile })
    t.same(
      object.functions.map(({ name }) => name),
      program.functions.map(({ name }) => name),
    )
    for (const encoding of ['msgpack', 'json'] as const) {
      const back = readDocument(writeDocument(object, encoding), 'rush-object', 'test.ro')
      t.equal(printListing(back), printListing(object), encoding)
    }
  }
})

t.test('GNU tools understand listing and ELF file', { skip: skipGnu }, async (t) => {
  const object = compileObject(program)
  t.same(gnuAssemble([printListing(object)]), Buffer.concat(object.functions.map(codeOf)))
  withFile('code.o', writeElf(object), (path) => {
    const symbols = [...run('aarch64-linux-gnu-nm', '-n', path).matchAll(/ T (.*)$/gm)].map(
      ([, name]) => name,
    )
    t.same(symbols, [
      'main',
      'local$1',
      'module_parts_shapes.rush',
      'area',
      'Box.size',
      'module_parts_more.rush',
      'local$6',
      'twice',
    ])
  })
})

t.test('a profile belongs to a program with these very modules', async (t) => {
  const profile = profileOf(program, 'INTEGER')
  t.equal(profile.moduleHashes.length, 2)
  t.not(printListing(compileObject(program, { profile })), printListing(compileObject(program)))
  const changed = inFolder(() => {
    writeFiles('.', { 'parts/shapes.rush': SHAPES, 'parts/more.rush': `${MORE}# changed` })
    return programOf(MAIN, 'main.rush')
  })
  const missing = inFolder(() => {
    writeFiles('.', { 'parts/shapes.rush': SHAPES })
    return programOf(MAIN, 'main.rush')
  })
  t.equal(moduleHashes(missing).length, 1)
  for (const other of [changed, missing]) {
    t.throws(() => compileObject(other, { profile }), {
      name: 'DocumentError',
      message: 'main.rush: the profile belongs to another program: the hashes of its modules differ',
    })
  }
})
