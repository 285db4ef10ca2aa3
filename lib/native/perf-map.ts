/**
 * The map file of Linux perf: where in memory the code of which function is. perf reads it when it reports,
 * so code that was thrown out stays in it.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs'

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants

export class PerfMap {
  private readonly descriptor: number

  /** @throws Error of the system if the file cannot be opened; links are not followed */
  constructor(file: string) {
    this.descriptor = openSync(file, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, 0o644)
  }

  /** Node may write lines of its own to the same file, so each line is written at once. */
  add(address: bigint, bytes: number, name: string): void {
    const text = name.replace(/\p{Cc}/gu, '?')
    writeSync(this.descriptor, `${address.toString(16)} ${bytes.toString(16)} rush:${text}\n`)
  }

  close(): void {
    closeSync(this.descriptor)
  }
}
