/**
 * JSON reading. `JSON.parse` does the work; only when it refuses a text is the text read a second
 * time by a small checker that finds the place, because V8's own messages change between versions
 * and often name no place.
 */

/** Where and why a text is not JSON. */
export interface JsonProblem {
  message: string
  /** 1-based. */
  line: number
  /** 1-based, in code points. */
  column: number
}

/** The value of a JSON text, or the problem with it. */
export function parseJson(text: string): { value: unknown } | { problem: JsonProblem } {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    const checker = new Checker(text)
    const message = checker.check() ?? 'too large'
    const before = text.slice(0, checker.offset).split('\n')
    const column = [...(before[before.length - 1] as string)].length + 1
    return { problem: { message, line: before.length, column } }
  }
}

const BLANK = /[ \t\n\r]*/y
const SCALAR = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y

/** Reads a text without recursion, so that nesting may be as deep as it likes; stops at `offset`. */
class Checker {
  offset = 0
  /** The closing bracket of every open one. */
  private readonly closers: string[] = []

  constructor(private readonly text: string) {}

  /** The first problem, or null. */
  check(): string | null {
    for (;;) {
      const problem = this.value() ?? this.behindValue()
      if (problem !== null) return problem === DONE ? null : problem
    }
  }

  /** A value, or the opening brackets of lists and objects and the value or key behind them. */
  private value(): string | null {
    for (;;) {
      this.skip(BLANK)
      const character = this.text[this.offset]
      if (character === '"') return this.string()
      if (character !== '[' && character !== '{') return this.skip(SCALAR) ? null : this.unexpected('a value')
      const closer = character === '[' ? ']' : '}'
      this.closers.push(closer)
      this.offset++
      this.skip(BLANK)
      if (this.text[this.offset] === closer) return null
      const problem = character === '{' ? this.key() : null
      if (problem !== null) return problem
    }
  }

  /** Closing brackets, and the comma in front of the next value; DONE at the end of the text. */
  private behindValue(): string | null {
    for (;;) {
      this.skip(BLANK)
      const closer = this.closers[this.closers.length - 1]
      if (closer === undefined) return this.offset < this.text.length ? this.unexpected('the end') : DONE
      const character = this.text[this.offset]
      if (character !== closer && character !== ',') return this.unexpected(`"," or "${closer}"`)
      this.offset++
      if (character === closer) this.closers.pop()
      else return closer === '}' ? this.key() : null
    }
  }

  /** A field name and its colon. */
  private key(): string | null {
    this.skip(BLANK)
    if (this.text[this.offset] !== '"') return this.unexpected('a field name in double quotes')
    const problem = this.string()
    if (problem !== null) return problem
    this.skip(BLANK)
    if (this.text[this.offset] !== ':') return this.unexpected('":"')
    this.offset++
    return null
  }

  private string(): string | null {
    for (this.offset++; this.offset < this.text.length; ) {
      const unit = this.text.charCodeAt(this.offset)
      if (unit < 0x20) return 'control character in a string'
      if (unit === 0x5c) {
        if (!this.skip(ESCAPE)) return 'bad escape in a string'
      } else {
        this.offset++
        if (unit === 0x22) return null
      }
    }
    return 'unexpected end inside a string'
  }

  private skip(pattern: RegExp): boolean {
    pattern.lastIndex = this.offset
    if (!pattern.test(this.text)) return false
    this.offset = pattern.lastIndex
    return true
  }

  private unexpected(expected: string): string {
    const code = this.text.codePointAt(this.offset)
    if (code === undefined) return `unexpected end, expected ${expected}`
    return `unexpected ${JSON.stringify(String.fromCodePoint(code))}, expected ${expected}`
  }
}

const DONE = 'done'
