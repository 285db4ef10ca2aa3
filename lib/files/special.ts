import { fstatSync, statSync } from 'node:fs'

/** Whether reading `path` may wait for ever, or may take away what another reader should get: pipes, devices. */
export function isSpecialFile(path: string): boolean {
  try {
    const status = statSync(path)
    return !status.isFile() && !status.isDirectory()
  } catch {
    // Reading it will fail as well, and say why.
    return false
  }
}

/** Of Linux: /dev/null and the like. */
const MEMORY_DEVICES = 1

/** Whether somebody may be looking at what is written to this descriptor: a terminal, probably. */
export function isTerminal(descriptor: number): boolean {
  try {
    const status = fstatSync(descriptor)
    return status.isCharacterDevice() && status.rdev >> 8 !== MEMORY_DEVICES
  } catch {
    // It is closed. Writing will say so.
    return false
  }
}
