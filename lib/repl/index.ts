/** `rush-run` without a file: the interactive session (command-line.md section 3). */
import { isatty } from 'node:tty'
import type { Mode, RunOptions } from '../run/options.js'

/** Goes on until the input ends or the user quits. */
export async function runRepl(mode: Mode, options: RunOptions): Promise<void> {
  if (isatty(0) && isatty(1)) {
    const { talk } = await import('./terminal.js')
    return talk(mode, options)
  }
  const { readPiped } = await import('./piped.js')
  return readPiped(mode, options)
}
