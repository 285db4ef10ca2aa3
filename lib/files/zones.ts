/** What the system knows of time zones: no files of the program, so no sandbox is asked. */
import { readFileSync } from 'node:fs'

/** Where systems keep the tz database. */
const FOLDERS = ['/usr/share/zoneinfo', '/usr/lib/zoneinfo', '/usr/share/lib/zoneinfo', '/etc/zoneinfo']

/**
 * The file of a zone for each place where there is one.
 *
 * @param name of the tz database, checked: it becomes part of the name of a file
 */
export function* zoneFiles(name: string): Generator<Buffer> {
  for (const folder of FOLDERS) {
    try {
      yield readFileSync(`${folder}/${name}`)
    } catch {
      // Not here.
    }
  }
}

/** The environment variable that says which zone is the local one. */
export function zoneVariable(): string | undefined {
  return process.env.TZ
}
