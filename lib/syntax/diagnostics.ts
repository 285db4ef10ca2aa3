/**
 * Messages about a source text, and the excerpts with a caret that are shown below them.
 */
import type { Point } from './ast.js'
import { isControl, printable } from './printable.js'

/** One mistake in a source text. */
export interface Diagnostic {
  file: string
  /** 1-based. */
  line: number
  /** 1-based, in code points. */
  column: number
  message: string
}

/** At most so many mistakes are reported in one run. */
export const MAX_DIAGNOSTICS = 20

/** Characters of a message, and of a file's name. */
const MAX_MESSAGE = 1000
/** Excerpts show at most about so many characters of a line. */
const EXCERPT_WIDTH = 100
const INDENT = '    '

/** Makes the message `message` for a place in `file`. */
export function diagnosticAt(file: string, point: Point, message: string): Diagnostic {
  return { file, line: point.line, column: point.column, message }
}

/**
 * The report of a text that cannot be parsed, as written to standard error; ends with a newline.
 *
 * @param text of the program, or what gives the text of a file of it
 */
export function formatDiagnostics(
  diagnostics: readonly Diagnostic[],
  text: string | ((file: string) => string),
): string {
  let report = 'Parse errors:\n'
  for (const { file, line, column, message } of diagnostics) {
    const what = `${printable(message, MAX_MESSAGE)} (${printable(file, MAX_MESSAGE)})`
    report += `  line ${line}:${column}: ${what}\n${sourceExcerpt(typeof text === 'string' ? text : text(file), line, column)}\n`
  }
  return report
}

/**
 * The source line `line` and below it a caret under `column` (both 1-based): two lines, indented,
 * without a newline at the end. Tabs stay so that the caret lines up; of a very long line only the
 * surroundings of the caret are shown.
 */
export function sourceExcerpt(text: string, line: number, column: number): string {
  const characters = lineCharacters(text, line)
  const caret = Math.max(0, Math.min(column - 1, characters.length))
  let from = 0
  let to = characters.length
  if (characters.length > EXCERPT_WIDTH) {
    from = Math.max(0, Math.min(caret - EXCERPT_WIDTH / 2, characters.length - EXCERPT_WIDTH))
    to = from + EXCERPT_WIDTH
  }
  const before = from > 0 ? '...' : ''
  const after = to < characters.length ? '...' : ''
  const shown = characters.slice(from, to).join('')
  const padding = characters.slice(from, caret).map(blankOf)
  return `${INDENT}${before}${shown}${after}\n${INDENT}${' '.repeat(before.length)}${padding.join('')}^`
}

/** Characters that terminals draw two columns wide: East Asian scripts, their punctuation, emoji. */
const WIDE =
  /[\p{Script=Han}\p{Script=Hangul}\p{Script=Hiragana}\p{Script=Katakana}\p{Emoji_Presentation}\u3000-\u303e\uff01-\uff60\uffe0-\uffe6]/u
/** Among them by script, but narrow by design. */
const HALF_WIDTH = /[\uff61-\uffdc]/

/** What takes as much room in a line as the character. */
function blankOf(character: string): string {
  if (character === '\t') return '\t'
  if (/\p{M}/u.test(character)) return ''
  return WIDE.test(character) && !HALF_WIDTH.test(character) ? '  ' : ' '
}

/** The code points of a line, with control characters made harmless for a terminal. */
function lineCharacters(text: string, line: number): string[] {
  // The lexer counts columns from behind a byte order mark.
  let start = text.startsWith('\uFEFF') ? 1 : 0
  for (let current = 1; current < line; current++) {
    const newline = text.indexOf('\n', start)
    if (newline < 0) return []
    start = newline + 1
  }
  const newline = text.indexOf('\n', start)
  const content = text.slice(start, newline < 0 ? text.length : newline).replace(/\r+$/, '')
  return Array.from(content, (character) =>
    character !== '\t' && isControl(character) ? '\uFFFD' : character,
  )
}

/** How a message names a character that may not be printable: `'é'` or `U+0007`. */
export function describeCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const printable = code < 0x7f ? code > 0x20 : /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character)
  return printable ? `'${character}'` : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`
}
