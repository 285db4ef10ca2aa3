/**
 * Every member of the values that have to do with files, and what a sandbox without folders does to it. That
 * nothing else touches files is what `test/support/check-layers.ts` checks: there is no way but `Runtime.files`.
 */
import t from 'tap'
import { SandboxedFiles } from '../../lib/files/sandbox.js'
import { failRuntime, MESSAGES } from '../../lib/runtime/errors.js'
import { Bench, Slot } from './tools.js'

/** What a member is refused: as the message says it; null if it touches no files. */
const MEMBERS: Readonly<Record<string, Readonly<Record<string, 'reading' | 'writing' | null>>>> = {
  file: {
    path: null,
    is_open: null,
    open: 'reading',
    // Of an open file only, which there cannot be.
    read: null,
    write: null,
    close: null,
    'exists?': 'reading',
    size: 'reading',
    delete: 'writing',
  },
  directory: { path: null, create: 'writing', list: 'reading', 'exists?': 'reading', delete: 'writing' },
  path: { value: null, join: null, basename: null, dirname: null, clean: null, absolute: 'reading' },
}

for (const [maker, members] of Object.entries(MEMBERS)) {
  t.test(`${maker}: nothing of the file system can be reached in a sandbox`, async (t) => {
    const bench = new Bench()
    const { rt } = bench
    rt.files = new SandboxedFiles([], (purpose, name) =>
      failRuntime(rt, MESSAGES.accessRefused(purpose, name)),
    )
    const receiver = rt.pushTemporary()
    bench.make(receiver, maker, 'package.json')
    const value = new Slot(receiver)
    const table = rt.hosts.typeAt(receiver)?.members
    const known = [...(table?.properties.keys() ?? []), ...(table?.methods.keys() ?? [])]
    t.same(known.sort(), Object.keys(members).sort(), 'no member is forgotten')
    for (const [member, refused] of Object.entries(members)) {
      const method = table?.methods.get(member)
      const args = Array.from({ length: method?.arity[0] ?? 0 }, () => 'x')
      const result =
        method === undefined ? bench.property(value, member) : bench.method(value, member, ...args)
      if (refused === null) t.notMatch(result, /access refused/, member)
      else
        t.match(result, new RegExp(`^RuntimeError: access refused: ${refused} (package\\.json|\\.) `), member)
    }
  })
}

t.test('modes of open', async (t) => {
  const bench = new Bench()
  const { rt } = bench
  rt.files = new SandboxedFiles([], (purpose, name) => failRuntime(rt, MESSAGES.accessRefused(purpose, name)))
  const receiver = rt.pushTemporary()
  bench.make(receiver, 'file', 'package.json')
  for (const mode of ['w', 'a', 'r+', 'w+', 'a+']) {
    const result = bench.method(new Slot(receiver), 'open', mode)
    t.equal(
      result,
      'RuntimeError: access refused: writing package.json is not allowed (see -allow-write)',
      mode,
    )
  }
})
