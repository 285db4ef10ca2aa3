/** From places to files: the table of system.md 9.2. */
import { join, resolve } from 'node:path'
import t from 'tap'
import { type ModuleFile, resolvePlace } from '../../lib/modules/places.js'

t.test('places that are not standard modules', async (t) => {
  const rows: readonly (readonly [place: string, importer: string, name: string])[] = [
    ['./a', 'x/main.rush', 'x/a.rush'],
    ['../a', 'x/main.rush', 'a.rush'],
    ['../../a', 'x/main.rush', '../a.rush'],
    ['a', 'x/main.rush', 'x/a.rush'],
    ['y/a', 'x/main.rush', 'x/y/a.rush'],
    ['./a', '/far/main.rush', '/far/a.rush'],
    ['/near/a', '/far/main.rush', '/near/a.rush'],
    ['./a', 'main.rush', 'a.rush'],
    ['./a', '', 'a.rush'],
    ['../a', '', '../a.rush'],
    ['a.rush', 'x/main.rush', 'x/a.rush'],
    ['a.rush.rush', 'main.rush', 'a.rush.rush'],
    ['a.rushes', 'main.rush', 'a.rushes.rush'],
    ['a.RUSH', 'main.rush', 'a.RUSH.rush'],
    ['./x/../a', 'main.rush', 'a.rush'],
    ['', 'x/main.rush', 'x/.rush'],
    ['.', 'x/main.rush', 'x/..rush'],
    ['./std/math', 'x/main.rush', 'x/std/math.rush'],
    ['/std/math', 'x/main.rush', '/std/math.rush'],
    ['standard', 'x/main.rush', 'x/standard.rush'],
  ]
  for (const [place, importer, name] of rows)
    t.same(resolvePlace(place, importer), { name, path: resolve(name) }, `${place} in ${importer}`)
})

/** What stands behind `std/` in the modules of Rush. */
const STANDARD = /\/lib\/std\/[a-z]+\.rush$/

t.test('standard modules are part of Rush', async (t) => {
  for (const name of ['math', 'string', 'array']) {
    for (const place of [`std/${name}`, `std/${name}.rush`]) {
      const file = resolvePlace(place, '/far/away.rush')
      t.equal(file?.name, `std/${name}.rush`, place)
      t.match(file?.path, STANDARD, place)
    }
  }
})

t.test('what is no standard module', async (t) => {
  for (const name of ['collections', 'Math', '', 'math/pi', '../std/math', '../modules/places', 'math\0'])
    t.equal(resolvePlace(`std/${name}`, 'main.rush'), null, name)
})

t.test('a std folder in the working directory wins, file by file', async (t) => {
  const folder = t.testdir({
    std: { 'math.rush': '', 'own.rush': '', deep: { 'er.rush': '' } },
    x: { std: { 'string.rush': '' } },
  })
  const before = process.cwd()
  t.teardown(() => process.chdir(before))
  process.chdir(folder)
  const own = (name: string): ModuleFile => ({ name, path: join(process.cwd(), name) })
  t.same(resolvePlace('std/math', 'x/main.rush'), own('std/math.rush'))
  t.same(resolvePlace('std/own', '/far/away.rush'), own('std/own.rush'))
  t.same(resolvePlace('std/deep/er', 'x/main.rush'), own('std/deep/er.rush'))
  t.match(resolvePlace('std/string', 'x/main.rush')?.path, STANDARD, 'not the folder of the importing file')
})
