/** Input that goes on over several lines: while brackets are open, or a string lacks its end. */
import { openEnd } from '../syntax/index.js'

export class PendingInput {
  private readonly lines: string[] = []
  /** Open brackets of the lines before `unfinished`. */
  private brackets = 0
  /** The lines since a string was begun that has not ended. */
  private unfinished: string[] = []

  get isEmpty(): boolean {
    return this.lines.length === 0
  }

  /** Takes a line; returns the whole input if it is complete with it, else null. */
  add(line: string): string | null {
    this.lines.push(line)
    this.unfinished.push(line)
    // Tokens other than strings end with their line, so no line is read twice but for those.
    if (this.unfinished.length > 1 && !/["']/.test(line)) return null
    const { brackets, unterminated } = openEnd(this.unfinished.join('\n'))
    if (unterminated) return null
    this.unfinished = []
    this.brackets += brackets
    return this.brackets > 0 ? null : this.take()
  }

  /** Whatever is there, complete or not. */
  take(): string {
    const text = this.lines.join('\n')
    this.lines.length = 0
    this.unfinished = []
    this.brackets = 0
    return text
  }
}
