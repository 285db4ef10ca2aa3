/** Reading a line-oriented text with exact messages: the lexical part of the bytecode text form. */

import { printable } from '../syntax/printable.js'

/** Characters. */
const MAX_MESSAGE = 2000

/** A mistake in the text form of bytecode. */
export class BytecodeTextError extends Error {
  constructor(
    readonly problem: string,
    readonly file: string,
    /** 1-based; columns count UTF-16 code units. */
    readonly line: number,
    readonly column: number,
  ) {
    super(printable(`${file}:${line}:${column}: ${problem}`, MAX_MESSAGE))
    this.name = 'BytecodeTextError'
  }
}

/** Lines that are not empty, one after the other. */
export class TextLines {
  private readonly lines: string[]
  private index = 0

  constructor(
    text: string,
    private readonly file: string,
  ) {
    this.lines = text.split('\n')
    this.skip()
  }

  /** Whether no line is left. */
  get done(): boolean {
    return this.index >= this.lines.length
  }

  /** @param expected what to name in the message if the text ends here */
  next(expected: string): TextLine {
    const line = this.lines[this.index]
    const number = Math.min(this.index, this.lines.length - 1) + 1
    if (line === undefined) {
      const column = (this.lines[number - 1] ?? '').length + 1
      throw new BytecodeTextError(`expected ${expected}, the text ends`, this.file, number, column)
    }
    this.index++
    this.skip()
    return new TextLine(line, this.file, number)
  }

  private skip(): void {
    while (!this.done && /^\s*(;|$)/.test(this.lines[this.index] as string)) this.index++
  }
}

/** White space, then a string in JSON's spelling or anything up to white space, quote or comment. */
const TOKEN = /\s*("[^"\\]*(?:\\.[^"\\]*)*"|[^\s";]+|"?)/y

/** The items of one line. Each method reads one item and fails if there is another. */
export class TextLine {
  /** The next item is the last. */
  endsAfterNext = false
  private token = ''
  private column = 1
  private offset = 0

  constructor(
    private readonly text: string,
    private readonly file: string,
    private readonly number: number,
  ) {
    this.advance()
  }

  private advance(): void {
    TOKEN.lastIndex = this.offset
    this.token = TOKEN.exec(this.text)?.[1] ?? ''
    this.offset = TOKEN.lastIndex
    this.column = this.offset - this.token.length + 1
  }

  private fail(problem: string): never {
    throw new BytecodeTextError(problem, this.file, this.number, this.column)
  }

  private expected(what: string): never {
    this.fail(`expected ${what}, got ${this.token === '' ? 'the end of the line' : this.token}`)
  }

  private take<T>(value: T): T {
    this.advance()
    if (this.endsAfterNext) this.end()
    return value
  }

  /** Nothing but a comment may follow. */
  end(): void {
    if (this.token !== '') this.expected('the end of the line')
  }

  atWord(word: string): boolean {
    return this.token === word
  }

  word(word: string): void {
    if (this.token !== word) this.expected(`"${word}"`)
    this.advance()
  }

  oneOf<T extends string>(words: readonly T[]): T {
    const word = words.find((candidate) => candidate === this.token)
    if (word === undefined) this.expected(words.map((candidate) => `"${candidate}"`).join(' or '))
    return this.take(word)
  }

  mapped<T>(values: ReadonlyMap<string, T>, what: string): T {
    const value = values.get(this.token)
    if (value === undefined) this.expected(`an ${what}`)
    return this.take(value)
  }

  atString(): boolean {
    return this.token.startsWith('"')
  }

  string(): string {
    if (!this.atString()) this.expected('a string')
    let value: unknown
    try {
      value = JSON.parse(this.token)
    } catch {
      this.fail('this string is not well-formed')
    }
    return this.take(value as string)
  }

  /** All the strings that follow. */
  strings(): string[] {
    const list: string[] = []
    while (this.atString()) list.push(this.string())
    return list
  }

  integer(): number {
    const value = Number(this.token)
    if (!/^-?[0-9]+$/.test(this.token) || !Number.isSafeInteger(value)) this.expected('an integer')
    return this.take(value)
  }

  /** A whole number from 0. */
  count(): number {
    if (this.token.startsWith('-')) this.expected('a number from 0')
    return this.integer()
  }

  /** The number `value` and no other. */
  exactly(value: number, what: string): void {
    if (!/^[0-9]+$/.test(this.token) || Number(this.token) !== value) this.expected(`${what} ${value}`)
    this.advance()
  }

  float(): number {
    if (!/^-?([0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?|Infinity)$|^NaN$/.test(this.token)) this.expected('a number')
    return this.take(Number(this.token))
  }

  /** `@line:column`, or null if something else comes. */
  place(): { line: number; column: number } | null {
    if (!this.token.startsWith('@')) return null
    const match = /^@([0-9]+):([0-9]+)$/.exec(this.token)
    if (match === null) this.expected('@line:column')
    return this.take({ line: Number(match?.[1]), column: Number(match?.[2]) })
  }
}
