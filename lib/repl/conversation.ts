/** What happens with the lines of input: they become commands and pieces of program, and are answered. */
import type { ErrorSink, OutputSink } from '../run/options.js'
import { findCommand } from './commands.js'
import { mistakesText } from './mistakes.js'
import { PendingInput } from './pending.js'
import type { Outcome, Session } from './session.js'

/** How it goes on: with a new input, with another line of the same, or not at all. */
export type Reply = 'next' | 'more' | 'quit'

const COMMENT = /^(#|\/\/)/

export class Conversation {
  private readonly pending = new PendingInput()

  constructor(
    private readonly session: Session,
    private readonly output: OutputSink,
    private readonly errors: ErrorSink,
  ) {}

  /**
   * @param text a line without its line break
   * @param run see `Session.run`
   */
  async line(text: string, run = 0): Promise<Reply> {
    if (!this.pending.isEmpty) return this.add(text, run)
    const line = text.trim()
    if (line === '' || COMMENT.test(line)) return 'next'
    // Places of mistakes count from the first character that is none of space.
    return line.startsWith(':') ? this.command(line) : this.add(text.trimStart(), run)
  }

  /** Forgets the lines of an input that is not complete. */
  cancel(): void {
    this.pending.take()
  }

  /** The input has ended: what is not complete is run as it is. */
  end(): void {
    if (!this.pending.isEmpty) this.answer(this.session.run(this.pending.take()))
  }

  private add(line: string, run: number): Reply {
    const text = this.pending.add(line)
    if (text === null) return 'more'
    this.answer(this.session.run(text, run))
    return 'next'
  }

  private async command(line: string): Promise<Reply> {
    const found = findCommand(line)
    if (found === null) {
      this.say(`Unknown command: ${line}\nType ':help' for available commands\n`)
      return 'next'
    }
    const { command, argument } = found
    this.say(await command.run(this.session, argument))
    return command.quits === true ? 'quit' : 'next'
  }

  private say(text: string): void {
    this.output.write(text)
    this.output.flush()
  }

  private answer(outcome: Outcome): void {
    switch (outcome.kind) {
      case 'value':
        return this.say(`${outcome.text}\n`)
      case 'nothing':
        return this.output.flush()
      case 'interrupted':
        return this.say('interrupted\n')
      case 'mistakes':
        return this.complain(mistakesText(outcome.diagnostics))
      case 'error':
        return this.complain(`Error: ${outcome.text}\n`)
    }
  }

  private complain(text: string): void {
    this.output.flush()
    this.errors.write(text)
  }
}
