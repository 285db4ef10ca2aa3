/** `directory(name)`: making, listing and removing folders (system.md section 3). */
import type { Purpose } from '../../files/access.js'
import { systemCode } from '../../files/reasons.js'
import { appendElement, createArray } from '../../heap/arrays.js'
import { setString } from '../../heap/strings.js'
import type { HostType } from '../hosts.js'
import { type Method, memberTable } from '../members.js'
import type { Runtime } from '../runtime.js'
import { withMethods } from '../types.js'
import { entryName } from './files.js'
import { type Attempt, attempt, failSystem, systemName, textOfBytes } from './files-system.js'
import type { Builtin } from './registry.js'

/** The body of a directory is its name. */
function nameOf(rt: Runtime, receiver: number): string {
  return rt.hosts.bodyAt(receiver) as string
}

/** Whether there is a folder of this name, or the code of the error that looking for it gave. */
function lookUp(rt: Runtime, name: string, purpose: Purpose): boolean | string {
  try {
    return rt.files.status(systemName(name), purpose).isDirectory()
  } catch (error) {
    const code = systemCode(error)
    if (code === null) throw error
    return code
  }
}

/** The folder around `name`; '' if there is none that could be made. */
function parentOf(name: string): string {
  let end = name.length
  while (end > 0 && name[end - 1] === '/') end--
  return name.slice(0, Math.max(0, name.lastIndexOf('/', end - 1)))
}

function makeFolder(rt: Runtime, path: string): void {
  try {
    rt.files.makeFolder(systemName(path))
  } catch (error) {
    // Somebody else was faster, or `path` ends in a dot.
    if (lookUp(rt, path, 'write') !== true) throw error
  }
}

function create(rt: Runtime, receiver: number, _args: number, _argc: number, dst: number): void {
  const name = nameOf(rt, receiver)
  const making = (path: string): Attempt => ({ task: 'create directory', name, operation: 'mkdir', path })
  const missing: string[] = []
  for (let path = name; path !== '' || missing.length === 0; path = parentOf(path)) {
    const found = lookUp(rt, path, 'write')
    if (found === true) break
    if (found === false) failSystem(rt, making(path), 'ENOTDIR')
    missing.push(path)
  }
  for (const path of missing.reverse()) attempt(rt, making(path), () => makeFolder(rt, path))
  rt.heap.copy(dst, receiver)
}

/** The names of the entries, in the order of their bytes. */
function entriesOf(rt: Runtime, name: string, purpose: Purpose): string[] {
  return rt.files.entries(systemName(name), purpose).sort(Buffer.compare).map(textOfBytes)
}

function list(rt: Runtime, receiver: number, _args: number, _argc: number, dst: number): void {
  const { heap, top } = rt
  const name = nameOf(rt, receiver)
  const opening = { task: 'list directory', name, operation: 'open', path: name }
  const entries = attempt(rt, opening, () => entriesOf(rt, name, 'read'))
  const element = rt.pushTemporary()
  const array = createArray(heap, dst, entries.length)
  for (const entry of entries) {
    setString(heap, element, entry)
    appendElement(heap, array, element)
  }
  rt.top = top
}

function exists(rt: Runtime, receiver: number, _args: number, _argc: number, dst: number): void {
  const name = nameOf(rt, receiver)
  const found = lookUp(rt, name, 'read')
  if (typeof found === 'string' && found !== 'ENOENT' && found !== 'ENOTDIR') {
    failSystem(rt, { task: 'check directory existence for', name, operation: 'stat', path: name }, found)
  }
  rt.heap.setBoolean(dst, found === true)
}

/** Removes one entry if it can go; false if it is a folder that has to be emptied before. */
function removeUnlessFull(rt: Runtime, path: string): boolean {
  try {
    rt.files.remove(systemName(path))
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false
    if (code !== 'ENOENT') throw error
  }
  return true
}

/** Removes `name` and everything below; links are removed, not followed. `removing.path` is kept current. */
function removeTree(rt: Runtime, name: string, removing: Attempt): void {
  const waiting = [name]
  for (let path = waiting.at(-1); path !== undefined; path = waiting.at(-1)) {
    removing.path = path
    if (removeUnlessFull(rt, path)) {
      waiting.pop()
      continue
    }
    const entries = entriesOf(rt, path, 'write')
    // Not empty and yet without entries: then the system's own words are the answer.
    if (entries.length === 0) rt.files.remove(systemName(path))
    for (const entry of entries) waiting.push(`${path}/${entry}`)
  }
}

/** Names that are refused: the folder would lose the ground it stands on. */
const NOT_REMOVABLE = /^\/+$|(^|\/)\.$/

function remove(rt: Runtime, receiver: number, _args: number, _argc: number, dst: number): void {
  const name = nameOf(rt, receiver)
  const removing = { task: 'delete directory', name, operation: 'remove', path: name }
  if (NOT_REMOVABLE.test(name)) failSystem(rt, { ...removing, operation: 'RemoveAll' }, 'EINVAL')
  if (name !== '') attempt(rt, removing, () => removeTree(rt, name, removing))
  rt.heap.setBoolean(dst, true)
}

function method(call: Method['call']): Method {
  return { arity: [0, 0], call }
}

const DIRECTORY: HostType<string> = {
  bytes: (name) => 2 * name.length,
  names: withMethods('DIRECTORY', 'directory', 'DIRECTORY_METHOD', 'DirectoryMethod'),
  text: (_rt, name) => `#<Directory:${name}>`,
  members: memberTable(
    { path: (rt, receiver, dst) => setString(rt.heap, dst, nameOf(rt, receiver)) },
    { create: method(create), list: method(list), 'exists?': method(exists), delete: method(remove) },
    'directory.',
  ),
}

export const DIRECTORY_FUNCTIONS: readonly Builtin[] = [
  {
    name: 'directory',
    arity: [1, 1],
    call: (rt, args, _argc, dst) => rt.hosts.create(dst, DIRECTORY, entryName(rt, args, 'directory')),
  },
]
