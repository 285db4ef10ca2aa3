/**
 * What the modules of a program depend on, so that a later run can tell without parsing anything
 * whether loading them again would give the same. Loads no parser.
 */
import { isSpecialFile } from '../files/special.js'
import { resolvePlace } from './places.js'
import { readSource, stateOf } from './source-files.js'

export interface Dependencies {
  /** Where the place in each import statement led; `path` is null if it led nowhere. */
  places: { importer: string; place: string; path: string | null }[]
  /** What was found in each file, whether it could be read or not: see `stateOf`. */
  files: { path: string; state: string }[]
}

/** Whether every place still leads to the same file, and every file still holds the same. */
export function areUnchanged({ places, files }: Dependencies): boolean {
  return (
    places.every(({ importer, place, path }) => (resolvePlace(place, importer)?.path ?? null) === path) &&
    // What comes out of a pipe comes out once: it is for the program that is run, not to be looked at before.
    files.every(({ path, state }) => !isSpecialFile(path) && stateOf(readSource(path)) === state)
  )
}
