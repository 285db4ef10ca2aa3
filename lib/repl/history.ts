/** The lines entered at the prompt, kept between sessions in a file of the home folder. */
import { readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../files/reasons.js'
import { replaceFile } from '../files/replace.js'

const FILE = '.rush_history'
/** Nobody else shall read it. */
const FILE_MODE = 0o600

export const MAX_HISTORY = 1000

export class History {
  /** Null if there is no home folder. */
  private readonly file: string | null

  constructor(home: string | undefined) {
    this.file = home ? join(home, FILE) : null
  }

  /** Oldest first. What cannot be read is no history. */
  lines(): string[] {
    if (this.file === null) return []
    try {
      return readFileSync(this.file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .slice(-MAX_HISTORY)
    } catch (error) {
      if (systemCode(error) === null) throw error
      return []
    }
  }

  /**
   * Adds a line. The file is read anew each time, since other sessions add to it as well. A file that cannot
   * be written is no reason to bother anybody.
   */
  add(line: string): void {
    if (this.file === null || line.trim() === '') return
    const lines = this.lines()
    if (lines[lines.length - 1] === line) return
    const text = [...lines, line].slice(-MAX_HISTORY).join('\n')
    try {
      replaceFile(this.target(this.file), Buffer.from(`${text}\n`), FILE_MODE)
    } catch (error) {
      if (systemCode(error) === null) throw error
    }
  }

  /** A symbolic link stays one. */
  private target(file: string): string {
    try {
      return realpathSync(file)
    } catch (error) {
      if (systemCode(error) === null) throw error
      return file
    }
  }
}
