/** A session at a terminal: banner, prompt, line editing, history, completion and Ctrl-C. */
import { createInterface, type Interface } from 'node:readline'
import type { Mode, RunOptions } from '../run/options.js'
import { History, MAX_HISTORY } from './history.js'
import { ProgramThread } from './program-thread.js'

export const PROMPT = '\u26e4 '

const MODE_NAMES: Readonly<Record<Mode, string>> = {
  interpreter: 'Tree-Walking Mode',
  bytecode: 'Bytecode Mode',
  jit: 'JIT Mode',
}

export function banner(mode: Mode): string {
  return `Rush Interactive REPL (${MODE_NAMES[mode]})\nType ':help' for help, ':quit' to exit\n`
}

/** Talks with whoever sits at the terminal until they leave. */
export async function talk(mode: Mode, options: RunOptions): Promise<void> {
  options.output.write(banner(mode))
  options.output.flush()
  const program = new ProgramThread(mode, options)
  await program.ready()
  await new Terminal(program).run()
}

class Terminal {
  private readonly history = new History(process.env.HOME)
  private readonly readline: Interface
  /** Lines that were pasted together: they wait for those before them. */
  private readonly lines: string[] = []
  private running = false
  private leave: () => void = () => {}
  private fail: (error: unknown) => void = () => {}

  constructor(private readonly program: ProgramThread) {
    this.readline = createInterface({
      input: process.stdin,
      output: process.stdout,
      terminal: true,
      prompt: PROMPT,
      history: this.history.lines().reverse(),
      historySize: MAX_HISTORY,
      completer: (line: string, done: (error: null, result: [string[], string]) => void) => {
        program
          .complete(line)
          .then(({ candidates, word }) => done(null, [candidates, word]))
          .catch((error: unknown) => this.fail(error))
      },
    })
  }

  async run(): Promise<void> {
    const { readline } = this
    const left = new Promise<void>((resolve, reject) => {
      this.leave = resolve
      this.fail = reject
      this.program.failed.catch(reject)
    })
    readline.on('line', (line) => this.entered(line))
    readline.on('close', () => this.leave())
    readline.on('SIGINT', () => this.clearLine())
    // While a program runs, the terminal sends the signal itself.
    process.on('SIGINT', () => (this.running ? this.interrupt() : this.clearLine()))
    readline.prompt()
    try {
      await left
    } finally {
      readline.close()
    }
  }

  private entered(line: string): void {
    this.history.add(line)
    this.lines.push(line)
    if (this.running) return
    this.running = true
    // What was pasted together with the line comes first.
    setImmediate(() => this.answerLines().catch((error: unknown) => this.fail(error)))
  }

  /** The program has the terminal for itself, with its own line editing and signals, while it runs. */
  private async answerLines(): Promise<void> {
    const { readline, lines, program } = this
    readline.pause()
    // The beginning of a line stays for the next prompt.
    if (readline.line !== '') process.stdout.write('\n')
    process.stdin.setRawMode(false)
    for (let line = lines.shift(); line !== undefined; line = lines.shift()) {
      if ((await program.line(line)) === 'quit') return this.leave()
    }
    process.stdin.setRawMode(true)
    this.running = false
    readline.resume()
    readline.prompt(true)
  }

  private interrupt(): void {
    // Behind the ^C that the terminal shows.
    process.stdout.write('\n')
    this.lines.length = 0
    this.program.interrupt()
  }

  private clearLine(): void {
    const { readline } = this
    readline.write(null, { ctrl: true, name: 'e' })
    readline.write(null, { ctrl: true, name: 'u' })
    process.stdout.write('^C\n')
    this.program.cancel()
    readline.prompt()
  }
}
