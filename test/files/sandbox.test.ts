/** What `SandboxedFiles` lets through, also when entries change while a name is followed. */
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import {
  closeFile,
  type FileAccess,
  O_APPEND,
  O_CREAT,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  readFile as readLimited,
  readRest,
} from '../../lib/files/access.js'
import { AccessRefused, canAllowFolders, SandboxError, SandboxedFiles } from '../../lib/files/sandbox.js'

/** None of the files here is large. */
function readFile(name: string, files: FileAccess): Buffer {
  return readLimited(name, files, 100, () => {
    throw new Error('too large')
  })
}

const here = canAllowFolders() ? {} : { skip: 'no /proc/self/fd' }

interface Place {
  top: string
  inside: SandboxedFiles
}

/**
 * `in` may be read and written, `read` only read, `write` only written; `out` may neither. Each has the file
 * `file` with its own name in it.
 */
function place(): Place {
  const top = fs.realpathSync(fs.mkdtempSync(join(tmpdir(), 'rush-sandbox-')))
  t.teardown(() => fs.rmSync(top, { recursive: true }))
  for (const name of ['in', 'read', 'write', 'out']) {
    fs.mkdirSync(join(top, name))
    fs.writeFileSync(join(top, name, 'file'), name)
  }
  const inside = new SandboxedFiles([
    { name: join(top, 'in'), purpose: 'read' },
    { name: join(top, 'in'), purpose: 'write' },
    { name: join(top, 'read'), purpose: 'read' },
    { name: join(top, 'write'), purpose: 'write' },
  ])
  return { top, inside }
}

type Operation = (files: FileAccess, name: string) => unknown

/** Everything that can be done. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  read: (files, name) => readFile(name, files).toString(),
  write: (files, name) => closeFile(files.open(name, O_RDWR | O_CREAT | O_TRUNC)),
  append: (files, name) => closeFile(files.open(name, O_WRONLY | O_CREAT | O_APPEND)),
  change: (files, name) => closeFile(files.open(name, O_RDWR)),
  status: (files, name) => files.status(name, 'read').size,
  statusToWrite: (files, name) => files.status(name, 'write').size,
  entries: (files, name) => files.entries(name, 'read').map(String).sort(),
  makeFolder: (files, name) => files.makeFolder(name),
  remove: (files, name) => files.remove(name),
}

/** What comes of it: a value, the name of the class of the error, or its code. */
function outcome(action: () => unknown): unknown {
  try {
    return action()
  } catch (error) {
    if (error instanceof AccessRefused) return 'refused'
    return (error as NodeJS.ErrnoException).code ?? error
  }
}

t.test('what lies elsewhere is refused, whether it exists or not, however it is named', here, async (t) => {
  const { top, inside } = place()
  const link = (name: string, target: string): void => fs.symlinkSync(target, join(top, 'in', name))
  link('file-link', '../out/file')
  link('folder-link', '../out')
  link('absolute-link', join(top, 'out'))
  link('dangling', '../out/none')
  link('two-steps', 'folder-link/file')
  link('root', '/')
  link('up', '..')
  link('around', '../out/../in/file')
  link('through-proc', '/proc/self/cwd')
  const descriptor = fs.openSync(join(top, 'out'), 'r')
  t.teardown(() => fs.closeSync(descriptor))
  const names = [
    ...['out', 'out/', 'out/file', 'out/none', 'out/none/none', '', 'in/../out/file', 'in/../../x', 'int'],
    ...['in/file-link', 'in/folder-link/', 'in/folder-link/file', 'in/folder-link/none', 'in/two-steps'],
    ...['in/absolute-link/file', 'in/dangling', 'in/dangling/', 'in/root/etc/passwd', 'in/up/out/file'],
    ...['in/around', 'in/through-proc/file', 'in/up'],
  ].map((name) => join(top, name))
  names.push(
    '/',
    '/etc/passwd',
    '/none',
    '//etc//passwd',
    `/proc/self/fd/${descriptor}/file`,
    '/proc/self/root',
  )
  names.push('/proc/self/cwd/x', '/dev/stdin', 'x', '.', '..')
  for (const name of names) {
    for (const [what, operation] of Object.entries(OPERATIONS)) {
      // Links themselves lie inside: they can be removed, and no folder can be made in their place.
      if (/in\/[a-z-]+\/?$/.test(name) && (what === 'remove' || what === 'makeFolder')) continue
      t.equal(
        outcome(() => operation(inside, name)),
        'refused',
        `${what} ${name}`,
      )
    }
  }
  for (const name of ['file-link', 'dangling', 'folder-link']) {
    t.equal(
      outcome(() => inside.makeFolder(join(top, 'in', name))),
      'EEXIST',
    )
    t.equal(
      outcome(() => inside.remove(join(top, 'in', `${name}/`))),
      'ENOTDIR',
    )
    t.equal(
      outcome(() => inside.remove(join(top, 'in', name))),
      undefined,
    )
  }
  t.same(fs.readdirSync(join(top, 'out')), ['file'])
  t.equal(fs.readFileSync(join(top, 'out/file'), 'utf8'), 'out')
})

t.test('inside, names and links mean what they mean without a sandbox', here, async (t) => {
  const { top, inside } = place()
  const folder = join(top, 'in')
  fs.mkdirSync(join(folder, 'deep/er'), { recursive: true })
  fs.symlinkSync('../../file', join(folder, 'deep/er/back'))
  fs.symlinkSync('deep/er/../er/', join(folder, 'short'))
  fs.symlinkSync(join(top, 'in/file'), join(folder, 'absolute'))
  fs.symlinkSync('../read/file', join(folder, 'other'))
  fs.symlinkSync('../read', join(folder, 'read'))
  fs.symlinkSync('new', join(folder, 'to-new'))
  fs.symlinkSync('loop', join(folder, 'loop'))
  const read = (name: string): unknown => outcome(() => readFile(join(folder, name), inside).toString())
  for (const name of ['file', './/file', 'deep/er/back', 'short/back', 'absolute', 'deep/../file']) {
    t.equal(read(name), 'in', name)
  }
  t.equal(read('other'), 'read')
  t.equal(read('read/file'), 'read')
  t.equal(read('loop'), 'ELOOP')
  t.equal(read('none'), 'ENOENT')
  t.equal(read('none/none'), 'ENOENT')
  t.equal(read('file/x'), 'ENOTDIR')
  t.equal(read('file/'), 'ENOTDIR')
  t.equal(read('x'.repeat(300)), 'ENAMETOOLONG')
  t.equal(read('nul\0'), 'ERR_INVALID_ARG_VALUE')
  t.equal(
    outcome(() => inside.status('', 'read')),
    'ENOENT',
  )
  t.equal(
    outcome(() => inside.open(join(folder, 'fresh/'), O_WRONLY | O_CREAT)),
    'EISDIR',
  )
  t.same(OPERATIONS.entries?.(inside, `${folder}/short/`), ['back'])
  OPERATIONS.write?.(inside, join(folder, 'to-new'))
  t.ok(fs.lstatSync(join(folder, 'new')).isFile(), 'written through a link')
  t.equal(
    outcome(() => inside.remove(folder)),
    'refused',
    'its entry is outside',
  )
  t.equal(
    outcome(() => inside.remove(`${folder}/deep/.`)),
    'EINVAL',
  )
  process.chdir(join(folder, 'deep'))
  t.equal(readFile('er/back', inside).toString(), 'in', 'from the working directory')
  t.equal(readFile('../file', inside).toString(), 'in')
  t.equal(inside.workingFolder(), join(folder, 'deep'))
  process.chdir(top)
  t.equal(readFile('read/file', inside).toString(), 'read', 'also if that is outside')
  t.equal(
    outcome(() => inside.workingFolder()),
    'refused',
    'whose name is nobody’s business',
  )
  process.chdir('/')
})

t.test('reading and writing are allowed one by one', here, async (t) => {
  const { top, inside } = place()
  const fileOf = (folder: string): string => join(top, folder, 'file')
  for (const what of ['write', 'append', 'change', 'makeFolder', 'remove', 'statusToWrite']) {
    t.equal(
      outcome(() => OPERATIONS[what]?.(inside, fileOf('read'))),
      'refused',
      what,
    )
  }
  for (const what of ['read', 'change', 'status', 'entries']) {
    t.equal(
      outcome(() => OPERATIONS[what]?.(inside, fileOf('write'))),
      'refused',
      what,
    )
  }
  t.equal(
    outcome(() => OPERATIONS.append?.(inside, fileOf('write'))),
    undefined,
  )
  const written = inside.open(fileOf('write'), O_RDWR | O_CREAT | O_TRUNC)
  t.equal(fs.writeSync(written, 'new'), 3)
  t.equal(
    outcome(() => readRest(written, 100, () => t.fail() as never)),
    'EBADF',
    'only to write',
  )
  fs.closeSync(written)
  const both = inside.open(fileOf('in'), O_RDWR)
  t.equal(readRest(both, 100, () => t.fail() as never).toString(), 'in')
  fs.closeSync(both)
})

t.test('a folder that is allowed stays the one that it was', here, async (t) => {
  const { top, inside } = place()
  fs.symlinkSync(join(top, 'in'), join(top, 'alias'))
  const alias = new SandboxedFiles([{ name: join(top, 'alias'), purpose: 'read' }])
  t.equal(readFile(join(top, 'alias/file'), alias).toString(), 'in', 'a link given')
  t.equal(readFile(join(top, 'in/file'), alias).toString(), 'in', 'and what it leads to')
  fs.renameSync(join(top, 'in'), join(top, 'was'))
  fs.symlinkSync('out', join(top, 'in'))
  t.equal(readFile(join(top, 'in/file'), inside).toString(), 'in')
  t.throws(() => new SandboxedFiles([{ name: join(top, 'none'), purpose: 'read' }]), SandboxError)
  t.throws(() => new SandboxedFiles([{ name: join(top, 'out/file'), purpose: 'write' }]), {
    message: /^-allow-write=.*: not a directory$/,
  })
})

/** Does `change` right after the system was first asked about an entry `name`. */
function afterLook(name: string, change: () => void, action: () => unknown): unknown {
  const original = fs.readlinkSync
  let done = false
  const changing = (...args: Parameters<typeof original>): unknown => {
    try {
      return original(...args)
    } finally {
      if (!done && String(args[0]).endsWith(`/${name}`)) {
        done = true
        change()
      }
    }
  }
  fs.readlinkSync = changing as typeof original
  syncBuiltinESMExports()
  try {
    return outcome(action)
  } finally {
    fs.readlinkSync = original
    syncBuiltinESMExports()
    t.ok(done)
  }
}

t.test('an entry that becomes a link while it is used leads nowhere', here, async (t) => {
  for (const [what, operation] of Object.entries(OPERATIONS)) {
    for (const last of [true, false]) {
      const { top, inside } = place()
      const folder = join(top, 'in')
      fs.mkdirSync(join(folder, 'sub'))
      fs.writeFileSync(join(folder, 'sub/file'), 'sub')
      const [victim, target] = last ? ['sub/file', '../../out/file'] : ['sub', '../out']
      const swap = (): void => {
        fs.renameSync(join(folder, victim), join(folder, 'moved'))
        fs.symlinkSync(target, join(folder, victim))
      }
      // What does not follow a link in the end does not ask for one there either.
      const looks = !last || !['makeFolder', 'remove'].includes(what)
      const act = (): unknown => operation(inside, join(folder, 'sub/file'))
      if (looks)
        t.match(afterLook(last ? 'file' : 'sub', swap, act), /^(?:refused|ENOTDIR)$/, `${what} ${victim}`)
      else {
        swap()
        outcome(act)
      }
      t.same(fs.readdirSync(join(top, 'out')), ['file'], what)
      t.equal(fs.readFileSync(join(top, 'out/file'), 'utf8'), 'out', what)
    }
  }
})

t.test('no descriptor is left open', here, async (t) => {
  const { top, inside } = place()
  const open = (): number => fs.readdirSync('/proc/self/fd').length
  const before = open()
  fs.mkdirSync(join(top, 'in/a/b'), { recursive: true })
  fs.symlinkSync('../../..', join(top, 'in/a/b/up'))
  for (const operation of Object.values(OPERATIONS)) {
    for (const name of ['in/a/b/none', 'in/a/b/up/out', 'out', 'in/a/b/../b', 'in/a/b/up/read/file']) {
      outcome(() => operation(inside, join(top, name)))
    }
  }
  t.equal(open(), before)
  t.equal(outcome(() => inside.open(join(top, 'read/file'), O_RDONLY | 0)) !== 'refused', true)
})
