/** Where TZ names a file instead of a zone: of such a zone Node knows only one offset, no summer time. */
import { realpathSync } from 'node:fs'

/** The part of the file's name that is the name of the zone. */
const ZONE_FILE = /\/zoneinfo\/(?:posix\/|right\/)?(.+)$/

/** Puts `Europe/Berlin` in the place of `/usr/share/zoneinfo/Europe/Berlin`, or of a link to it, in TZ. */
export function adoptZoneFile(): void {
  const file = process.env.TZ?.replace(/^:/, '')
  if (file === undefined || !file.startsWith('/')) return
  const name = ZONE_FILE.exec(realName(file))?.[1]
  if (name !== undefined) process.env.TZ = name
}

function realName(file: string): string {
  try {
    return realpathSync(file)
  } catch {
    // Not there: then the system takes it for UTC, and so do we.
    return ''
  }
}
