/** The sandbox of a run (`lib/files/sandbox.ts`), as the flags ask for it. */
import { dirname, resolve } from 'node:path'
import { ALL_FILES, type FileAccess } from '../files/access.js'
import { type AllowedFolder, canAllowFolders, SandboxError, SandboxedFiles } from '../files/sandbox.js'
import { FileError } from '../files/streams.js'
import { failRuntime, MESSAGES } from '../runtime/errors.js'
import type { Runtime } from '../runtime/runtime.js'
import type { RunOptions } from './options.js'

type SandboxOptions = Pick<RunOptions, 'sandbox' | 'allowRead' | 'allowWrite'>

export function isSandboxed({ sandbox, allowRead, allowWrite }: SandboxOptions): boolean {
  return sandbox || allowRead.length > 0 || allowWrite.length > 0
}

/** What the program itself may use. */
export function programFiles(rt: Runtime, options: SandboxOptions): FileAccess {
  if (!isSandboxed(options)) return ALL_FILES
  const { allowRead, allowWrite } = options
  const allowed: AllowedFolder[] = [
    ...allowRead.map((name) => ({ name, purpose: 'read' }) as const),
    ...allowWrite.map((name) => ({ name, purpose: 'write' }) as const),
  ]
  return open(
    () =>
      new SandboxedFiles(allowed, (purpose, name) => failRuntime(rt, MESSAGES.accessRefused(purpose, name))),
  )
}

/**
 * Where its modules may come from: what it may read, and its own folder.
 *
 * @param file the program's name; null if it is in no file
 */
export function moduleFiles(file: string | null, options: SandboxOptions): FileAccess {
  if (!isSandboxed(options)) return ALL_FILES
  const folders = [...options.allowRead]
  if (file !== null && canAllowFolders()) folders.push(dirname(resolve(file)))
  return open(() => new SandboxedFiles(folders.map((name) => ({ name, purpose: 'read' }))))
}

/** @throws FileError */
function open(make: () => FileAccess): FileAccess {
  try {
    return make()
  } catch (error) {
    if (error instanceof SandboxError) throw new FileError(`Error: ${error.message}`)
    throw error
  }
}
