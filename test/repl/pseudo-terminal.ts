/** A tool at a pseudo terminal, for tests: `script` of util-linux makes it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'

const ENTER = '\r'
/** For one answer. */
const PATIENCE = 30_000

/** Why there are no pseudo terminals here, or ''. */
export function missingTerminal(): string {
  const { stdout } = spawnSync('script', ['--version'])
  return stdout?.toString().includes('util-linux')
    ? ''
    : 'no pseudo terminal: script of util-linux is missing'
}

export class PseudoTerminal {
  private readonly child: ChildProcess
  /** What was shown since the last `until`. */
  private shown = ''
  private notify: () => void = () => {}
  /** The exit code, once the tool has ended. */
  private code: number | null = null

  /** @param command words without blanks or quotes */
  constructor(
    command: readonly string[],
    env: NodeJS.ProcessEnv,
    private readonly patience = PATIENCE,
  ) {
    const line = `exec ${command.join(' ')}`
    this.child = spawn('script', ['-qefc', line, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm', ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.shown += text
      this.notify()
    })
    this.child.on('close', (code) => {
      this.code = code ?? -1
      this.notify()
    })
  }

  type(text: string): void {
    this.child.stdin?.write(text)
  }

  /** One after the other, as people type: what comes in one piece counts as pasted. */
  async typeKeys(text: string): Promise<void> {
    for (const key of text) {
      this.type(key)
      await delay(30)
    }
  }

  /** Types a line and waits for what comes behind it. */
  async enter(line: string, expected: RegExp): Promise<string> {
    this.type(line + ENTER)
    return this.until(expected)
  }

  /** Waits until the text shown since the last call matches; returns it without escape sequences. */
  async until(expected: RegExp): Promise<string> {
    const end = Date.now() + this.patience
    for (;;) {
      const text = plain(this.shown)
      if (expected.test(text)) {
        this.shown = ''
        return text
      }
      if (this.code !== null || Date.now() > end) {
        const reason = this.code === null ? 'too late' : `ended with ${this.code}`
        throw new Error(`waiting for ${expected}: ${reason} after ${JSON.stringify(text.slice(-500))}`)
      }
      await this.news(end - Date.now())
    }
  }

  /** The exit code of the tool, and what it showed before its end. */
  async end(): Promise<{ code: number; shown: string }> {
    const end = Date.now() + this.patience
    while (this.code === null && Date.now() < end) await this.news(end - Date.now())
    if (this.code === null) throw new Error('does not end')
    return { code: this.code, shown: plain(this.shown) }
  }

  kill(): void {
    this.child.kill()
  }

  private news(time: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.max(1, time))
      this.notify = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}

export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}

function plain(text: string): string {
  return text
    .replace(new RegExp(`${String.fromCharCode(27)}\\[[0-9;?]*[A-Za-z]`, 'g'), '')
    .replaceAll('\r', '')
}
