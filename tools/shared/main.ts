/** What surrounds every tool: turns whatever happens into a message and an exit code. */
import { type ToolSpec, UsageError, usageText } from './flags.js'
import { OutputClosed, writeError } from './io.js'

/** Exit codes of all tools. */
export const EXIT = {
  success: 0,
  /** A program or document that cannot be read, is invalid, or ended in an uncaught error. */
  failure: 1,
  usage: 2,
  /** A mistake of ours. */
  internal: 70,
  /** What a shell shows for a program that a closed pipe ended. */
  outputClosed: 141,
} as const

/** Errors whose message is written for people; by name, since their classes are loaded only when needed. */
const EXPECTED = new Set([
  'DocumentError',
  'FileError',
  'VerifyError',
  'BytecodeTextError',
  'RushError',
  'MemoryRefused',
  'CodeLost',
])

/** A tool: from the words of the command line to the exit code. */
export type Command = (words: readonly string[]) => Promise<number>

/** The tool that does `action`; errors are reported and become exit codes. */
export function command(
  tool: ToolSpec,
  action: (words: readonly string[]) => number | Promise<number>,
): Command {
  return async (words) => {
    try {
      return await action(words)
    } catch (error) {
      return report(tool, error)
    }
  }
}

/** A program that does not even fit in, so that no run has begun which could say so. */
const TOO_LARGE = 'RuntimeError: out of memory\n'

function report(tool: ToolSpec, error: unknown): number {
  if (error instanceof OutputClosed) return EXIT.outputClosed
  if (error instanceof UsageError) {
    writeError(`${error.message ? `${error.message}\n` : ''}${usageText(tool)}`)
    return error.exitCode
  }
  if (error instanceof Error && error.name === 'HeapExhausted') {
    writeError(TOO_LARGE)
    return EXIT.failure
  }
  const message = error instanceof Error ? error.message : String(error)
  if (error instanceof Error && EXPECTED.has(error.name)) {
    writeError(`${message.trimEnd()}\n`)
    return EXIT.failure
  }
  writeError(`internal error: ${message} (this is a bug in Rush)\n`)
  if (process.env.RUSH_DEBUG && error instanceof Error) writeError(`${error.stack}\n`)
  return EXIT.internal
}
