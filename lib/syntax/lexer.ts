/**
 * Splits a source text into tokens (core.md section 1). Newlines are not tokens of their own: each
 * token knows how many of them stand before it, which is all the rules of section 2 ask for.
 */
import type { Point } from './ast.js'
import { type Diagnostic, describeCharacter, diagnosticAt } from './diagnostics.js'
import { punctuationMark, reservedWord, type Token, type TokenKind } from './tokens.js'

export interface LexerResult {
  /** Ends with one `end of file` token. */
  tokens: Token[]
  diagnostics: Diagnostic[]
  /** A string without its closing quote has swallowed the rest of the text. */
  unterminated: boolean
}

const LARGEST_INTEGER = 9223372036854775807n
const NEWLINE = 0x0a
const BACKSLASH = 0x5c
const BYTE_ORDER_MARK = 0xfeff

/** What stands behind the backslash, and what it means; anything else keeps its backslash. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['t', '\t'],
  ['r', '\r'],
  ['\\', '\\'],
  ['"', '"'],
  ["'", "'"],
])

const HINTS: ReadonlyMap<string, string> = new Map([
  ['&', " (the operator is '&&')"],
  ['|', " (the operator is '||')"],
])

/** Splits `text` into tokens; never throws. */
export function tokenize(text: string, file: string): LexerResult {
  return new Lexer(text, file).run()
}

class Lexer {
  private readonly tokens: Token[] = []
  private readonly diagnostics: Diagnostic[] = []
  private unterminated = false
  private offset = 0
  private line = 1
  /** Offset at which the line begins, moved on by one for every character made of two units. */
  private lineStart = 0
  private newlines = 0

  constructor(
    private readonly text: string,
    private readonly file: string,
  ) {}

  run(): LexerResult {
    const { text } = this
    if (text.charCodeAt(0) === BYTE_ORDER_MARK) this.lineStart = this.offset = 1
    while (this.offset < text.length) {
      const code = text.charCodeAt(this.offset)
      if (code === 0x20 || code === 0x09 || code === 0x0d) this.offset++
      else if (code === NEWLINE) {
        this.passNewline()
        this.newlines++
      } else if (code === 0x23 || (code === 0x2f && text.charCodeAt(this.offset + 1) === 0x2f)) {
        this.skipComment()
      } else if (isLetter(code)) this.word()
      else if (isDigit(code)) this.number()
      else if (code === 0x22 || code === 0x27) this.string(code)
      else if (code === 0x40) this.instanceVariable()
      else this.punctuation()
    }
    this.push('end of file', this.point(), '')
    markHashLiterals(this.tokens)
    return { tokens: this.tokens, diagnostics: this.diagnostics, unterminated: this.unterminated }
  }

  private point(): Point {
    return { line: this.line, column: this.offset - this.lineStart + 1, offset: this.offset }
  }

  private push(kind: TokenKind, start: Point, text: string, value: string | number = text): void {
    const { newlines } = this
    this.tokens.push({ kind, text, value, start, end: this.point(), newlines, opensHash: false })
    this.newlines = 0
  }

  private passNewline(): void {
    this.offset++
    this.line++
    this.lineStart = this.offset
  }

  /** Passes one character other than a newline, which may be two units long. */
  private passCharacter(): void {
    const code = this.text.charCodeAt(this.offset)
    if (code >= 0xd800 && code < 0xdc00) {
      const next = this.text.charCodeAt(this.offset + 1)
      if (next >= 0xdc00 && next < 0xe000) {
        this.offset++
        this.lineStart++
      }
    }
    this.offset++
  }

  private skipComment(): void {
    // Columns behind a comment do not matter: only a newline or the end of the file follows. The
    // end-of-file token needs a right column, though, so the characters are counted.
    const { text } = this
    while (this.offset < text.length && text.charCodeAt(this.offset) !== NEWLINE) this.passCharacter()
  }

  private word(): void {
    const start = this.point()
    const text = this.wordText()
    this.push(reservedWord(text) ?? 'identifier', start, text)
  }

  private wordText(): string {
    const from = this.offset
    while (isLetterOrDigit(this.text.charCodeAt(this.offset))) this.offset++
    return this.text.slice(from, this.offset)
  }

  private instanceVariable(): void {
    const start = this.point()
    this.offset++
    if (!isLetter(this.text.charCodeAt(this.offset))) {
      this.diagnostics.push(diagnosticAt(this.file, start, "expected a name directly after '@'"))
      return
    }
    const name = this.wordText()
    if (reservedWord(name) !== undefined) {
      const message = `'@${name}' is not allowed: '${name}' is a reserved word`
      this.diagnostics.push(diagnosticAt(this.file, start, message))
    }
    this.push('instance variable', start, name)
  }

  private number(): void {
    const { text } = this
    const start = this.point()
    const passDigits = () => {
      while (isDigit(text.charCodeAt(this.offset))) this.offset++
    }
    passDigits()
    let kind: 'integer' | 'float' = 'integer'
    if (text[this.offset] === '.' && isDigit(text.charCodeAt(this.offset + 1))) {
      kind = 'float'
      this.offset++
      passDigits()
    }
    const malformed = isLetter(text.charCodeAt(this.offset))
    if (malformed) this.wordText()
    const spelling = text.slice(start.offset, this.offset)
    if (malformed) this.fail(start, `invalid number '${shorten(spelling)}'`)
    this.push(kind, start, spelling, malformed ? 0 : this.numberValue(kind, spelling, start))
  }

  private numberValue(kind: 'integer' | 'float', spelling: string, start: Point): string | number {
    if (kind === 'float') {
      const value = Number(spelling)
      if (Number.isFinite(value)) return value
      this.fail(start, `number ${shorten(spelling)} is too large for a float`)
      return 0
    }
    const digits = spelling.replace(/^0+(?=\d)/, '')
    if (digits.length < 16) return Number(digits)
    if (digits.length > 19 || BigInt(digits) > LARGEST_INTEGER) {
      this.fail(start, `integer ${shorten(spelling)} is too large (at most ${LARGEST_INTEGER})`)
      return 0
    }
    const value = Number(digits)
    return Number.isSafeInteger(value) ? value : digits
  }

  private string(quote: number): void {
    const { text } = this
    const start = this.point()
    this.offset++
    let value = ''
    let from = this.offset
    for (;;) {
      if (this.offset >= text.length) {
        this.unterminated = true
        this.fail(start, `unterminated string: the closing ${String.fromCharCode(quote)} is missing`)
        break
      }
      const code = text.charCodeAt(this.offset)
      if (code === quote) break
      if (code === NEWLINE) this.passNewline()
      else if (code === BACKSLASH) {
        const meaning = ESCAPES.get(text[this.offset + 1] ?? '')
        if (meaning === undefined) this.offset++
        else {
          value += text.slice(from, this.offset) + meaning
          this.offset += 2
          from = this.offset
        }
      } else this.passCharacter()
    }
    const end = Math.min(this.offset, text.length)
    value += text.slice(from, end)
    this.offset = Math.min(end + 1, text.length)
    this.push('string', start, text.slice(start.offset + 1, end), value)
  }

  private punctuation(): void {
    const { text, offset } = this
    const start = this.point()
    const kind = punctuationMark(text.slice(offset, offset + 2)) ?? punctuationMark(text[offset] ?? '')
    if (kind === undefined) {
      this.passCharacter()
      const character = text.slice(offset, this.offset)
      this.fail(start, `unexpected character ${describeCharacter(character)}${HINTS.get(character) ?? ''}`)
      return
    }
    this.offset += kind.length
    this.push(kind, start, kind)
  }

  private fail(point: Point, message: string): void {
    this.diagnostics.push(diagnosticAt(this.file, point, message))
  }
}

/** `?` counts as a letter. */
function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f || code === 0x3f
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

function isLetterOrDigit(code: number): boolean {
  return isLetter(code) || isDigit(code)
}

function shorten(spelling: string): string {
  return spelling.length > 40 ? `${spelling.slice(0, 40)}...` : spelling
}

/** Tokens that no expression contains outside its own brackets: a `{` that meets one first is a block. */
const BLOCK_ONLY: ReadonlySet<TokenKind> = new Set<TokenKind>([
  ';',
  '=',
  'return',
  'throw',
  'break',
  'continue',
  'while',
  'for',
  'switch',
  'try',
  'class',
  'import',
  'export',
  'case',
])

const CLOSING: ReadonlyMap<TokenKind, TokenKind> = new Map<TokenKind, TokenKind>([
  [')', '('],
  [']', '['],
  ['}', '{'],
])

/**
 * Marks every `{` with a `:` directly inside it. A block cannot have one (a clause's `:` stands in
 * the braces of its `switch`), and a hash literal cannot be without, so this decides between the
 * two readings of `{ expression :` in one pass and without trying to parse either.
 */
function markHashLiterals(tokens: Token[]): void {
  const open: { token: Token; decided: boolean }[] = []
  let braces = 0
  for (const token of tokens) {
    const { kind } = token
    if (kind === '{' || kind === '(' || kind === '[') {
      open.push({ token, decided: kind !== '{' })
      if (kind === '{') braces++
      continue
    }
    if (kind === '}') {
      // Brackets inside the braces that were never closed are dropped.
      if (braces > 0) {
        while (open.pop()?.token.kind !== '{');
        braces--
      }
      continue
    }
    if (kind === ')' || kind === ']') {
      if (open[open.length - 1]?.token.kind === CLOSING.get(kind)) open.pop()
      continue
    }
    const top = open[open.length - 1]
    if (top === undefined || top.decided) continue
    if (kind === ':') {
      top.token.opensHash = true
      top.decided = true
    } else if (BLOCK_ONLY.has(kind)) top.decided = true
  }
}

/** What is still open at the end of a text. */
export interface OpenEnd {
  /** Opening brackets minus closing ones. */
  brackets: number
  /** A string lacks its closing quote. */
  unterminated: boolean
}

export function openEnd(text: string): OpenEnd {
  const { tokens, unterminated } = tokenize(text, '')
  let brackets = 0
  for (const { kind } of tokens) {
    if (kind === '{' || kind === '(' || kind === '[') brackets++
    else if (CLOSING.has(kind)) brackets--
  }
  return { brackets, unterminated }
}

/**
 * How many brackets are still open at the end of `text`; more than 0 means that an interactive
 * reader should go on reading lines. An unterminated string counts as open.
 */
export function openBrackets(text: string): number {
  const { brackets, unterminated } = openEnd(text)
  return brackets + (unterminated ? 1 : 0)
}
