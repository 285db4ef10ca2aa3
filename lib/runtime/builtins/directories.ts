/** `directory(name)`: making, listing and removing folders (system.md section 3). */
import * as fs from 'node:fs'
import { appendElement, createArray } from '../../heap/arrays.js'
import { setString } from '../../heap/strings.js'
import type { HostType } from '../hosts.js'
import { type Method, memberTable } from '../members.js'
import type { Runtime } from '../runtime.js'
import { withMethods } from '../types.js'
import { entryName, removeEntry } from './files.js'
import { type Attempt, attempt, setTextOfBytes, systemCode, systemName } from './files-system.js'
import type { Builtin } from './registry.js'

/** The body of a directory is its name. */
function nameOf(rt: Runtime, receiver: number): string {
  return rt.hosts.bodyAt(receiver) as string
}

function isFolder(name: string): boolean {
  return fs.statSync(systemName(name)).isDirectory()
}

/** The folder around `name`, or '' if there is nothing to make before it. */
function parentOf(name: string): string {
  let end = name.length
  while (end > 0 && name[end - 1] === '/') end--
  return name.slice(0, Math.max(0, name.lastIndexOf('/', end - 1)))
}

/** The folders that are missing on the way to `name`, outermost first. */
function missingFolders(name: string, step: Attempt): string[] {
  const missing: string[] = []
  for (let path = name; path !== '' || missing.length === 0; path = parentOf(path)) {
    try {
      if (isFolder(path)) break
      step.path = path
      throw Object.assign(new Error(path), { code: 'ENOTDIR', errno: 0 })
    } catch (error) {
      const code = systemCode(error)
      if (code === null || step.path === path) throw error
      missing.unshift(path)
    }
  }
  return missing
}
