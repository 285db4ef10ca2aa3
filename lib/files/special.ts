import { statSync } from 'node:fs'

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
