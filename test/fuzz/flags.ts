/** Flags of the command lines of fuzzers and of the soak test. */
import { type ParseArgsConfig, parseArgs } from 'node:util'

/** A mistake in the command line, which says what is wrong. */
export class UsageError extends Error {}

type Options = NonNullable<ParseArgsConfig['options']>

export function parseFlags<const T extends Options>(args: string[], options: T) {
  try {
    return parseArgs({ args, options, strict: true }).values
  } catch (error) {
    throw new UsageError((error as Error).message)
  }
}

export function numberFlag(name: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new UsageError(`--${name} wants a number, got ${text}`)
  return Number(text)
}

/** The seed that was asked for, or one from the clock. */
export function seedFlag(text: string | undefined): number {
  return text === undefined ? Date.now() % 1_000_000_000 : numberFlag('seed', text)
}

/** How many there may be at most, by default as many as time allows. */
export function countFlag(text: string | undefined): number {
  return text === undefined ? Number.POSITIVE_INFINITY : numberFlag('count', text)
}

/** Runs a tool; of mistakes in its command line it tells, with the usage. */
export async function runTool(usage: string, main: () => void | Promise<void>): Promise<void> {
  try {
    await main()
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`${error.message}\n${usage}`)
    process.exitCode = 2
  }
}
