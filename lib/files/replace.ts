import { chmodSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Most of a file's name that its temporary file takes over, which leaves room for what is added. */
const NAME_LENGTH = 200

/**
 * Makes or replaces a file in one step, so that nobody ever sees half of it: neither another process nor,
 * if this one is killed, the next. Throws the errors of node:fs.
 *
 * @param mode permissions of the file; null = the usual ones of a new file
 */
export function replaceFile(file: string, bytes: Uint8Array, mode: number | null = null): void {
  const unique = `${process.pid}-${process.hrtime.bigint().toString(36)}`
  const temporary = join(dirname(file), `.${basename(file).slice(0, NAME_LENGTH)}.${unique}.tmp`)
  try {
    writeFileSync(temporary, bytes, { flag: 'wx', mode: mode ?? 0o666 })
    if (mode !== null) chmodSync(temporary, mode)
    renameSync(temporary, file)
  } catch (error) {
    removeIfThere(temporary)
    throw error
  }
}

function removeIfThere(file: string): void {
  try {
    unlinkSync(file)
  } catch {
    // It was never made, or its folder is gone.
  }
}
