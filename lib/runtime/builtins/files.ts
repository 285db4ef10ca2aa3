/** `file(name)`: reading and writing files (system.md section 2). */
import {
  closeFile,
  O_APPEND,
  O_CREAT,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
  O_WRONLY,
  readRest,
  writeBytes,
} from '../../files/access.js'
import { systemCode } from '../../files/reasons.js'
import { HeapExhausted } from '../../heap/heap.js'
import { Tag } from '../../heap/layout.js'
import { setString, toJsString } from '../../heap/strings.js'
import { failRuntime, MESSAGES } from '../errors.js'
import type { HostType } from '../hosts.js'
import { type Method, memberTable } from '../members.js'
import type { Runtime } from '../runtime.js'
import { withMethods } from '../types.js'
import { requireTag } from './arguments.js'
import { type Attempt, attempt, bytesOfText, systemName, textOfBytes } from './files-system.js'
import type { Builtin } from './registry.js'

/** What the modes of `open` ask of the system. `w` may read, too. */
const MODES: ReadonlyMap<string, number> = new Map([
  ['r', O_RDONLY],
  ['w', O_RDWR | O_CREAT | O_TRUNC],
  ['a', O_WRONLY | O_CREAT | O_APPEND],
  ['r+', O_RDWR],
  ['w+', O_RDWR | O_CREAT | O_TRUNC],
  ['a+', O_RDWR | O_CREAT | O_APPEND],
])

const CLOSED = -1

interface File {
  readonly name: string
  /** The descriptor, or CLOSED. Reading and writing share its position. */
  descriptor: number
}

function fileOf(rt: Runtime, receiver: number): File {
  return rt.hosts.bodyAt(receiver) as File
}

function requireOpen(rt: Runtime, { name, descriptor }: File): number {
  if (descriptor === CLOSED) failRuntime(rt, MESSAGES.fileNotOpen(name))
  return descriptor
}

function doing(task: string, operation: string, name: string): Attempt {
  return { task, name, operation, path: name }
}

/** Opens with one more try: files that nothing refers to any more may hold all descriptors. */
function openDescriptor(rt: Runtime, name: string, flags: number): number {
  try {
    return rt.files.open(systemName(name), flags)
  } catch (error) {
    const code = systemCode(error)
    if (code !== 'EMFILE' && code !== 'ENFILE') throw error
    rt.heap.collect()
    return rt.files.open(systemName(name), flags)
  }
}

function open(rt: Runtime, receiver: number, args: number, argc: number, dst: number): void {
  const { heap } = rt
  const file = fileOf(rt, receiver)
  const { name } = file
  if (file.descriptor !== CLOSED) failRuntime(rt, MESSAGES.fileAlreadyOpen(name))
  if (argc > 0 && heap.tagOf(args) !== Tag.STRING) {
    failRuntime(rt, MESSAGES.argumentTypeOnly('file mode argument', 'STRING'))
  }
  const mode = argc > 0 ? toJsString(heap, heap.referenceOf(args)) : 'r'
  const flags = MODES.get(mode)
  if (flags === undefined) failRuntime(rt, MESSAGES.fileMode(mode))
  file.descriptor = attempt(rt, doing('open file', 'open', name), () => openDescriptor(rt, name, flags))
  heap.copy(dst, receiver)
}

function tooMany(bytes: number): never {
  throw new HeapExhausted(bytes)
}

function read(rt: Runtime, receiver: number, _args: number, _argc: number, dst: number): void {
  const file = fileOf(rt, receiver)
  const descriptor = requireOpen(rt, file)
  const bytes = attempt(rt, doing('read file', 'read', file.name), () =>
    readRest(descriptor, rt.heap.maxHeap, tooMany),
  )
  setString(rt.heap, dst, textOfBytes(bytes))
}

function write(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  const { heap } = rt
  if (heap.tagOf(args) !== Tag.STRING) {
    failRuntime(rt, MESSAGES.argumentTypeOnly('file content argument', 'STRING'))
  }
  const file = fileOf(rt, receiver)
  const descriptor = requireOpen(rt, file)
  const bytes = bytesOfText(toJsString(heap, heap.referenceOf(args)))
  attempt(rt, doing('write to file', 'write', file.name), () => writeBytes(descriptor, bytes))
  heap.setInteger(dst, bytes.length)
}

/** Whatever the system says of it, the descriptor is gone afterwards. */
function closeDescriptor(file: File): void {
  const { descriptor } = file
  file.descriptor = CLOSED
  closeFile(descriptor)
}

function close(rt: Runtime, receiver: number, _args: number, _argc: number, dst: number): void {
  const file = fileOf(rt, receiver)
  requireOpen(rt, file)
  attempt(rt, doing('close file', 'close', file.name), () => closeDescriptor(file))
  rt.heap.copy(dst, receiver)
}

function exists(rt: Runtime, name: string): boolean {
  try {
    rt.files.status(systemName(name), 'read')
    return true
  } catch (error) {
    if (systemCode(error) === null) throw error
    return false
  }
}

function sizeOnDisk(rt: Runtime, name: string): number | null {
  try {
    return rt.files.status(systemName(name), 'read').size
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null
    throw error
  }
}

function size(rt: Runtime, receiver: number, _args: number, _argc: number, dst: number): void {
  const { name } = fileOf(rt, receiver)
  const bytes = attempt(rt, doing('get file size for', 'stat', name), () => sizeOnDisk(rt, name))
  if (bytes === null) failRuntime(rt, MESSAGES.fileMissing(name))
  rt.heap.setInteger(dst, bytes)
}

function remove(rt: Runtime, receiver: number, _args: number, _argc: number, dst: number): void {
  const file = fileOf(rt, receiver)
  attempt(rt, doing('delete file', 'remove', file.name), () => {
    if (file.descriptor !== CLOSED) closeDescriptor(file)
    rt.files.remove(systemName(file.name))
  })
  rt.heap.setBoolean(dst, true)
}

function method(call: Method['call'], arity: Method['arity'] = [0, 0]): Method {
  return { arity, call }
}

const FILE: HostType<File> = {
  bytes: ({ name }) => 2 * name.length,
  names: withMethods('FILE', 'file', 'FILE_METHOD', 'FileMethod'),
  text: (_rt, { name, descriptor }) => `#<File:${name} (${descriptor === CLOSED ? 'closed' : 'open'})>`,
  release(file) {
    if (file.descriptor === CLOSED) return
    try {
      closeDescriptor(file)
    } catch (error) {
      // Nobody is left whom a failure could concern.
      if (systemCode(error) === null) throw error
    }
  },
  members: memberTable(
    {
      path: (rt, receiver, dst) => setString(rt.heap, dst, fileOf(rt, receiver).name),
      is_open: (rt, receiver, dst) => rt.heap.setBoolean(dst, fileOf(rt, receiver).descriptor !== CLOSED),
    },
    {
      open: method(open, [0, 1]),
      read: method(read),
      write: method(write, [1, 1]),
      close: method(close),
      'exists?': method((rt, receiver, _args, _argc, dst) =>
        rt.heap.setBoolean(dst, exists(rt, fileOf(rt, receiver).name)),
      ),
      size: method(size),
      delete: method(remove),
    },
    'file.',
  ),
}

/** The name given to `file` or `directory`, which must not lead upwards. */
export function entryName(rt: Runtime, args: number, kind: string): string {
  requireTag(rt, args, Tag.STRING, `argument to \`${kind}\``)
  const name = toJsString(rt.heap, rt.heap.referenceOf(args))
  if (name.includes('..')) failRuntime(rt, MESSAGES.pathTraversal(kind))
  return name
}

export const FILE_FUNCTIONS: readonly Builtin[] = [
  {
    name: 'file',
    arity: [1, 1],
    call(rt, args, _argc, dst) {
      const file: File = { name: entryName(rt, args, 'file'), descriptor: CLOSED }
      rt.hosts.create(dst, FILE, file)
    },
  },
]
