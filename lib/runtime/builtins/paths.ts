/** `path(text)`: work on names alone, nothing is looked up on disk (system.md section 4). */
import { Tag } from '../../heap/layout.js'
import { setString, toJsString } from '../../heap/strings.js'
import { failRuntime, MESSAGES } from '../errors.js'
import type { HostType } from '../hosts.js'
import { type Method, memberTable } from '../members.js'
import type { Runtime } from '../runtime.js'
import { withMethods } from '../types.js'
import { requireTag } from './arguments.js'
import { attempt } from './files-system.js'
import type { Builtin } from './registry.js'

/** The shortest name for the same place. */
export function cleanPath(path: string): string {
  const rooted = path.startsWith('/')
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    const last = parts[parts.length - 1]
    if (part !== '..') parts.push(part)
    else if (last !== undefined && last !== '..') parts.pop()
    else if (!rooted) parts.push(part)
  }
  if (rooted) return `/${parts.join('/')}`
  return parts.length === 0 ? '.' : parts.join('/')
}

/** Both names glued together; the second never counts as absolute. */
export function joinPaths(first: string, second: string): string {
  if (first === '' && second === '') return ''
  return cleanPath(first === '' ? second : second === '' ? first : `${first}/${second}`)
}

export function basename(path: string): string {
  if (path === '') return '.'
  let end = path.length
  while (end > 0 && path[end - 1] === '/') end--
  return end === 0 ? '/' : path.slice(path.lastIndexOf('/', end - 1) + 1, end)
}

export function dirname(path: string): string {
  return cleanPath(path.slice(0, path.lastIndexOf('/') + 1))
}

function absolutePath(rt: Runtime, path: string): string {
  if (path.startsWith('/')) return cleanPath(path)
  const here = { task: 'make an absolute path of', name: path, operation: 'getwd', path: '.' }
  return joinPaths(
    attempt(rt, here, () => rt.files.workingFolder()),
    path,
  )
}

/** The body of a path is its text. */
function textOf(rt: Runtime, receiver: number): string {
  return rt.hosts.bodyAt(receiver) as string
}

function stringMethod(work: (path: string) => string): Method {
  return {
    arity: [0, 0],
    call: (rt, receiver, _args, _argc, dst) => setString(rt.heap, dst, work(textOf(rt, receiver))),
  }
}

function pathMethod(work: (rt: Runtime, path: string) => string): Method {
  return {
    arity: [0, 0],
    call: (rt, receiver, _args, _argc, dst) => rt.hosts.create(dst, PATH, work(rt, textOf(rt, receiver))),
  }
}

const PATH: HostType<string> = {
  bytes: (path) => 2 * path.length,
  names: withMethods('PATH', 'path', 'PATH_METHOD', 'PathMethod'),
  text: (_rt, path) => `#<Path:${path}>`,
  members: memberTable(
    { value: (rt, receiver, dst) => setString(rt.heap, dst, textOf(rt, receiver)) },
    {
      join: {
        arity: [1, 1],
        call(rt, receiver, args, _argc, dst) {
          const { heap } = rt
          if (heap.tagOf(args) !== Tag.STRING) {
            failRuntime(rt, MESSAGES.argumentTypeOnly('path join argument', 'STRING'))
          }
          const joined = joinPaths(textOf(rt, receiver), toJsString(heap, heap.referenceOf(args)))
          rt.hosts.create(dst, PATH, joined)
        },
      },
      basename: stringMethod(basename),
      dirname: stringMethod(dirname),
      absolute: pathMethod(absolutePath),
      clean: pathMethod((_rt, path) => cleanPath(path)),
    },
    'path.',
  ),
}

export const PATH_FUNCTIONS: readonly Builtin[] = [
  {
    name: 'path',
    arity: [1, 1],
    call(rt, args, _argc, dst) {
      requireTag(rt, args, Tag.STRING, 'argument to `path`')
      rt.hosts.create(dst, PATH, toJsString(rt.heap, rt.heap.referenceOf(args)))
    },
  },
]
