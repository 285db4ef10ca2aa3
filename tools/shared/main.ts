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
const EXPECTED = new Set(['DocumentError', 'FileError', 'VerifyError', 'BytecodeTextError', 'RushError'])

/** Runs a tool and ends the process with the exit code that it returns. */
export async function runTool(tool: ToolSpec, main: () => number | Promise<number>): Promise<void> {
  let exitCode: number
  try {
    exitCode = await main()
  } catch (error) {
    exitCode = report(tool, error)
  }
  process.exit(exitCode)
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
