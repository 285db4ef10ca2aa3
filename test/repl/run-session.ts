/**
 * Plays sessions from transcripts: lines with `> ` in front are input, the others are what comes back.
 *
 * usage: node run-session.js MODE TRANSCRIPT..., in the folder that imports count from
 */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Conversation } from '../../lib/repl/conversation.js'
import { Session } from '../../lib/repl/session.js'
import { defaultRunOptions, type Mode, type RunOptions } from '../../lib/run/options.js'

const INPUT = '> '

/** The transcript as it would be of this mode. */
export async function play(
  transcript: string,
  mode: Mode,
  settings: Partial<RunOptions> = {},
): Promise<string> {
  let played = ''
  const write = (text: string): void => {
    played += text
  }
  const output = { write, flush: () => {} }
  const options = { ...defaultRunOptions(output), errors: { write }, ...settings }
  const session = await Session.open(mode, options, false)
  const conversation = new Conversation(session, output, options.errors)
  for (const line of transcript.split('\n')) {
    if (!line.startsWith(INPUT)) continue
    played += `${line}\n`
    if ((await conversation.line(line.slice(INPUT.length))) === 'quit') break
  }
  conversation.end()
  session.close()
  return played
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [mode, ...files] = process.argv.slice(2)
  for (const file of files) {
    // From the second call on functions run natively.
    process.stdout.write(await play(readFileSync(file, 'utf8'), mode as Mode, { hotThreshold: 1 }))
  }
}
