/** The folder of the cache: `.rush_cache` in the user's home folder. */
import { mkdirSync, readdirSync, rmSync, type Stats, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { systemMessage } from '../files/reasons.js'
import { sha256 } from '../files/sha256.js'

const FOLDER = '.rush_cache'
const ENDING = '.rushc'
const FOLDER_MODE = 0o755
/** Bytes of the hash that names a file. */
const NAME_BYTES = 8
/** Others may add files to a folder while it is being removed. */
const REMOVAL_RETRIES = 5

/** Why something could not be done with the cache. */
export class CacheError extends Error {
  override name = 'CacheError'
}

/** @throws CacheError if there is no home folder */
function cacheFolder(): string {
  const home = process.env.HOME
  if (!home) throw new CacheError('failed to get home directory: $HOME is not defined')
  return join(home, FOLDER)
}

/** @throws CacheError */
function makeCacheFolder(): string {
  const folder = cacheFolder()
  try {
    makeFolder(folder)
  } catch (error) {
    throw new CacheError(`failed to create cache directory: ${systemMessage(error, folder)}`)
  }
  return folder
}

/**
 * Makes a folder, and those above it, that does not exist yet. Node's `recursive` tries for ever where a folder exists
 * in which none can be made, as `/proc` says that of itself.
 */
function makeFolder(folder: string): void {
  if (statusOf(folder)?.isDirectory()) return
  const above = dirname(folder)
  if (above !== folder && statusOf(above) === null) makeFolder(above)
  try {
    mkdirSync(folder, FOLDER_MODE)
  } catch (error) {
    // Another process may have been sooner.
    if (!statusOf(folder)?.isDirectory()) throw error
  }
}

function nameOf(key: string): string {
  return `${sha256(key).slice(0, 2 * NAME_BYTES)}${ENDING}`
}

/**
 * The file for the program that the command line calls `key`.
 *
 * @throws CacheError
 */
export function entryFile(key: string): string {
  return join(cacheFolder(), nameOf(key))
}

/** The same, in a folder that exists; @throws CacheError */
export function newEntryFile(key: string): string {
  return join(makeCacheFolder(), nameOf(key))
}

export interface CacheStatistics {
  files: number
  bytes: number
}

/** Makes the folder if there is none. @throws CacheError */
export function cacheStatistics(): CacheStatistics {
  const folder = makeCacheFolder()
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (error) {
    throw new CacheError(`failed to read cache directory: ${systemMessage(error, folder)}`)
  }
  const sizes = names
    .filter((name) => name.endsWith(ENDING))
    .map((name) => statusOf(join(folder, name)))
    .flatMap((status) => (status?.isFile() ? [status.size] : []))
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) }
}

/** Null if the file has gone in the meantime. */
function statusOf(file: string): Stats | null {
  try {
    return statSync(file)
  } catch {
    return null
  }
}

/** Removes the folder and all that is in it. @throws CacheError */
export function clearCache(): void {
  const folder = cacheFolder()
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: REMOVAL_RETRIES })
  } catch (error) {
    throw new CacheError(systemMessage(error, folder))
  }
}
