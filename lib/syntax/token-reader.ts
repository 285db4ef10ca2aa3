/**
 * What every part of the parser stands on: the cursor over the tokens, brackets and their nesting
 * limit, reporting, and finding the way back after a mistake.
 */
import type { Identifier, Point, Position } from './ast.js'
import { type Diagnostic, diagnosticAt, MAX_DIAGNOSTICS } from './diagnostics.js'
import type { LexerResult } from './lexer.js'
import { describeToken, reservedWord, type Token, type TokenKind } from './tokens.js'

/**
 * Brackets may be nested this deep. All recursion of the parser passes through a bracket (operator
 * chains, postfix chains and `else if` are loops), so this bounds its use of the JavaScript stack.
 */
export const MAX_NESTING = 200

/**
 * Thrown to leave the statement in which a mistake was found; already reported. It is one object for
 * all mistakes, because recording a stack for each of thousands takes seconds.
 */
export const SYNTAX_FAILURE = new Error('syntax error')

/** Thrown to stop parsing altogether; already reported. */
export class ParsingStopped extends Error {}

type Opening = '(' | '[' | '{'
const CLOSING_OF = { '(': ')', '[': ']', '{': '}' } as const

export class TokenReader {
  /** Mistakes found by the parser, at most one per line. */
  readonly diagnostics: Diagnostic[] = []
  /** The brackets around the cursor, outermost first. */
  protected readonly open: Token[] = []
  /** The `(` of the `for` head being read: newlines directly inside it mean nothing. */
  protected forHead: Token | null = null
  protected readonly tokens: readonly Token[]
  protected index = 0
  /** The token at the cursor. */
  protected token: Token
  /** End of the token before the cursor. */
  protected lastEnd: Point = { line: 1, column: 1, offset: 0 }
  private readonly linesWithErrors = new Set<number>()
  private readonly unterminated: boolean

  constructor(
    lexed: LexerResult,
    protected readonly file: string,
  ) {
    this.tokens = lexed.tokens
    this.token = this.tokenAt(0)
    this.unterminated = lexed.unterminated
    for (const { line } of lexed.diagnostics) this.linesWithErrors.add(line)
  }

  protected tokenAt(index: number): Token {
    // The list is never empty: past the end one keeps reading the `end of file` token.
    return this.tokens[Math.min(index, this.tokens.length - 1)] as Token
  }

  protected get next(): Token {
    return this.tokenAt(this.index + 1)
  }

  /** Moves behind the current token and returns it. */
  protected advance(): Token {
    const { token } = this
    this.lastEnd = token.end
    this.token = this.tokenAt(++this.index)
    return token
  }

  /** The token's kind, for tests behind a call that moves the cursor (which TypeScript cannot see). */
  protected at(kind: TokenKind): boolean {
    return this.token.kind === kind
  }

  /** Whether the current token continues the line before it, where a newline would end the statement. */
  protected get onSameLine(): boolean {
    return this.token.newlines === 0 || this.insideForHead
  }

  /** Where to report the current token; the end of file, behind the last token rather than below it. */
  protected get errorPoint(): Point {
    return this.token.kind === 'end of file' ? this.lastEnd : this.token.start
  }

  protected get insideForHead(): boolean {
    return this.forHead !== null && this.open[this.open.length - 1] === this.forHead
  }

  protected accept(kind: TokenKind): boolean {
    if (this.token.kind !== kind) return false
    this.advance()
    return true
  }

  protected expect(kind: TokenKind, hint = ''): Token {
    if (this.token.kind !== kind) this.failExpecting(`'${kind}'${hint}`)
    return this.advance()
  }

  /** A name where none of the reserved words can stand; `role` says what it is for. */
  protected expectName(role: string): Identifier {
    if (this.token.kind !== 'identifier') this.failExpecting(role)
    return this.identifierAtCursor()
  }

  /** Makes an identifier of the current token, whatever its kind. */
  protected identifierAtCursor(): Identifier {
    const { text, start, end } = this.advance()
    return { type: 'Identifier', name: text, position: { start, end } }
  }

  /** Passes an opening bracket. */
  protected openBracket(kind: Opening): Token {
    const token = this.expect(kind)
    if (this.open.length >= MAX_NESTING) this.stop(token.start, `nesting too deep (limit ${MAX_NESTING})`)
    this.open.push(token)
    return token
  }

  /** Passes the bracket that closes the innermost open one; newlines before it mean nothing. */
  protected closeBracket(also = ''): Token {
    const opener = this.open[this.open.length - 1] as Token
    const closing = CLOSING_OF[opener.kind as Opening]
    if (this.token.kind !== closing) this.failUnclosed(`${also}'${closing}'`)
    this.open.pop()
    return this.advance()
  }

  /** Reports that `expected` is missing inside the innermost open bracket. */
  protected failUnclosed(expected: string): never {
    const opener = this.open[this.open.length - 1] as Token
    const place = `${opener.start.line}:${opener.start.column}`
    if (this.token.kind === 'end of file') {
      this.fail(this.errorPoint, `unclosed '${opener.kind}' opened at ${place}`)
    }
    const far = opener.start.line !== this.token.start.line
    this.failExpecting(expected, far ? ` (the '${opener.kind}' was opened at ${place})` : '')
  }

  protected failExpecting(expected: string, note = ''): never {
    const { token } = this
    let hint = note
    if (token.kind === '=' && hint === '') {
      hint = ' (an assignment is a statement and cannot stand inside an expression; to compare, write ==)'
    } else if (reservedWord(token.kind) !== undefined && expected.endsWith('name')) {
      hint = ' (reserved words cannot be names)'
    }
    const late = token.newlines > 0 && expected.includes(`'${token.kind}'`) ? ' on a new line' : ''
    this.fail(this.errorPoint, `expected ${expected} but found ${describeToken(token)}${late}${hint}`)
  }

  /** Reports a mistake and leaves the current statement. */
  protected fail(point: Point, message: string): never {
    this.report(point, message)
    throw SYNTAX_FAILURE
  }

  /** Reports a mistake and ends parsing. */
  protected stop(point: Point, message: string): never {
    this.report(point, message)
    throw new ParsingStopped(message)
  }

  /** Further mistakes on a line, and at the end of a text that a string has swallowed, are cascades. */
  protected report(point: Point, message: string): void {
    if (this.linesWithErrors.has(point.line)) return
    if (this.unterminated && this.token.kind === 'end of file') return
    this.linesWithErrors.add(point.line)
    this.diagnostics.push(diagnosticAt(this.file, point, message))
    if (this.diagnostics.length >= MAX_DIAGNOSTICS) throw new ParsingStopped(message)
  }

  protected get hasErrors(): boolean {
    return this.linesWithErrors.size > 0
  }

  /**
   * Goes on behind a mistake in a statement that began at token `start` with `level` brackets open:
   * to a `;`, to the `}` of the surrounding block, or to the beginning of a line, but not inside
   * braces that the broken statement has opened.
   */
  protected synchronize(start: number, level: number): void {
    let braces = this.open.slice(level).filter((token) => token.kind === '{').length
    this.open.length = level
    while (this.token.kind !== 'end of file') {
      const { kind, newlines } = this.token
      if (braces === 0) {
        if (kind === ';' || kind === '}') return
        if (newlines > 0 && this.index > start) return
      }
      if (kind === '{') braces++
      else if (kind === '}') braces--
      this.advance()
    }
  }

  /** The position from `start` to the end of the token before the cursor. */
  protected from(start: Point): Position {
    return { start, end: this.lastEnd }
  }
}
