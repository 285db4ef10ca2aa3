/** Syntax errors as the REPL shows them (command-line.md section 3). */
import type { Diagnostic } from '../syntax/index.js'

export function mistakesText(diagnostics: readonly Diagnostic[]): string {
  const lines = diagnostics.map(({ line, column, message }) => `  line ${line}:${column}: ${message}`)
  return `Parse errors:\n${lines.join('\n')}\n`
}
