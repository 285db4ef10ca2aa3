/** From the place in an import statement to the file that it means (system.md section 9.2). */
import { dirname, isAbsolute, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ALL_FILES, type FileAccess } from '../files/access.js'

const ENDING = '.rush'
const STANDARD = 'std/'

/** Where the standard modules are, beside the compiled code of this file. */
const STANDARD_FOLDER = fileURLToPath(new URL('../std/', import.meta.url))
/** Names of standard modules; nothing else may select a file in their folder. */
const STANDARD_NAME = /^[a-z_]+$/

export interface ModuleFile {
  /** What messages and listings call it; for standard modules `std/NAME.rush`, wherever they lie. */
  name: string
  /** Absolute: the file that is read. Two places are one module if they lead to the same path. */
  path: string
  /** Part of Rush, and no file of anybody's. */
  standard?: true
}

/**
 * @param importer the importing file as messages call it; `''` counts from the working directory
 * @param files what may be looked at
 * @returns null if there is no such standard module
 */
export function resolvePlace(place: string, importer: string, files = ALL_FILES): ModuleFile | null {
  const file = place.endsWith(ENDING) ? place : `${place}${ENDING}`
  if (place.startsWith(STANDARD)) return resolveStandard(file, files)
  const name = isAbsolute(file) ? file : join(dirname(importer), file)
  return { name, path: absolutePath(name) }
}

/** A `std` folder in the working directory wins, unless the sandbox hides it. */
function resolveStandard(file: string, files: FileAccess): ModuleFile | null {
  const own = absolutePath(file)
  if (isThere(own, files)) return { name: file, path: own }
  const name = file.slice(STANDARD.length, -ENDING.length)
  const path = join(STANDARD_FOLDER, `${name}${ENDING}`)
  return STANDARD_NAME.test(name) && isThere(path, ALL_FILES) ? { name: file, path, standard: true } : null
}

/** What must not be looked at is not there. */
function isThere(path: string, files: FileAccess): boolean {
  try {
    files.status(path, 'read')
    return true
  } catch {
    return false
  }
}

/** A working directory that was removed has no path, and nothing can be found in it either. */
function absolutePath(name: string): string {
  try {
    return resolve(name)
  } catch {
    return name
  }
}
