/**
 * JSON text -> values (data-types.md section 6.2). Containers that are still open lie on an explicit
 * stack, so nesting is limited by a number (`-max-json-depth`), not by the stack. The messages are those of
 * Rush 13.4 where it has some.
 */
import { appendElement, createArray } from '../../heap/arrays.js'
import { createHash, setStringEntry } from '../../heap/hashes.js'
import { Tag } from '../../heap/layout.js'
import { newString, setString } from '../../heap/strings.js'
import { failRuntime, MESSAGES } from '../errors.js'
import type { Runtime } from '../runtime.js'
import { TextBuilder } from '../text-builder.js'

const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const PLUS = 0x2b
const DOT = 0x2e
const ZERO = 0x30
const NINE = 0x39
const COLON = 0x3a
const OPEN_BRACKET = 0x5b
const BACKSLASH = 0x5c
const CLOSE_BRACKET = 0x5d
const UPPER_E = 0x45
const LOWER_E = 0x65
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d

/** What follows a backslash, but for `u`. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
])

const HALF_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

const MAX_INTEGER = 2n ** 63n - 1n
const MIN_INTEGER = -(2n ** 63n)
/** Digits with sign that an int64 can have; longer ones need not be read as integers. */
const INTEGER_LENGTH = 20
/** Up to this many characters a whole number is exact as a double. */
const SAFE_LENGTH = 15

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE
}

/** A container that is still open. */
interface Open {
  /** ARRAY or HASH address. */
  object: number
  isArray: boolean
  /** In a hash: the STRING that names the next value. */
  name: number
}

class Parser {
  private at = 0
  private readonly open: Open[] = []
  /** The strings of the names seen so far: documents repeat them. */
  private readonly names = new Map<string, number>()

  constructor(
    private readonly rt: Runtime,
    private readonly text: string,
    /** The slot of the value read last. */
    private readonly value: number,
  ) {}

  /** Reads the whole text; its value is then in the slot `value`. */
  document(): void {
    do {
      this.skipSpace()
      if (!this.startValue()) continue
      while (this.endValue()) {
        // The value was the last of its container, which is complete now.
      }
    } while (this.open.length > 0)
    this.skipSpace()
    if (this.at < this.text.length) this.failHere('after top-level value')
  }

  /** Reads a value, or only the beginning of a container that is not empty (then the answer is false). */
  private startValue(): boolean {
    const { heap } = this.rt
    const code = this.text.charCodeAt(this.at)
    switch (code) {
      case OPEN_BRACKET: {
        this.at++
        const object = createArray(heap, this.value, 0)
        return this.enter({ object, isArray: true, name: 0 }, CLOSE_BRACKET)
      }
      case OPEN_BRACE: {
        this.at++
        const object = createHash(heap, this.value, 0)
        return this.enter({ object, isArray: false, name: 0 }, CLOSE_BRACE)
      }
      case QUOTE:
        setString(heap, this.value, this.string())
        return true
      case 0x74:
        this.literal('true')
        heap.setBoolean(this.value, true)
        return true
      case 0x66:
        this.literal('false')
        heap.setBoolean(this.value, false)
        return true
      case 0x6e:
        this.literal('null')
        heap.setNull(this.value)
        return true
      default:
        if (code !== MINUS && !isDigit(code)) this.failHere('looking for beginning of value')
        this.number()
        return true
    }
  }

  private enter(container: Open, close: number): boolean {
    if (this.open.length === this.rt.maxJsonDepth)
      failRuntime(this.rt, MESSAGES.jsonText(MESSAGES.jsonDepth(this.rt.maxJsonDepth)))
    this.skipSpace()
    if (this.text.charCodeAt(this.at) === close) {
      this.at++
      return true
    }
    this.open.push(container)
    if (!container.isArray) this.name(container)
    return false
  }

  /**
   * Puts the value that was read into its container. True: the container ended and is the value now;
   * false: another value follows, or there is no container.
   */
  private endValue(): boolean {
    const { heap } = this.rt
    const container = this.open[this.open.length - 1]
    if (container === undefined) return false
    const { object, isArray } = container
    if (isArray) appendElement(heap, object, this.value)
    else setStringEntry(heap, object, container.name, this.value)
    this.skipSpace()
    const code = this.text.charCodeAt(this.at)
    if (code === COMMA) {
      this.at++
      if (!isArray) {
        this.skipSpace()
        this.name(container)
      }
      return false
    }
    if (code !== (isArray ? CLOSE_BRACKET : CLOSE_BRACE)) {
      this.failHere(isArray ? 'after array element' : 'after object key:value pair')
    }
    this.at++
    heap.setReference(this.value, isArray ? Tag.ARRAY : Tag.HASH, object)
    this.open.pop()
    return true
  }

  /** A member's name and the colon behind it. */
  private name(container: Open): void {
    if (this.text.charCodeAt(this.at) !== QUOTE) this.failHere('looking for beginning of object key string')
    const name = this.string()
    let string = this.names.get(name)
    if (string === undefined) {
      string = newString(this.rt.heap, name)
      this.names.set(name, string)
    }
    container.name = string
    this.skipSpace()
    if (this.text.charCodeAt(this.at) !== COLON) this.failHere('after object key')
    this.at++
  }

  private skipSpace(): void {
    const text = this.text
    for (;;) {
      const code = text.charCodeAt(this.at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
      this.at++
    }
  }

  private literal(word: string): void {
    for (let i = 0; i < word.length; i++, this.at++) {
      if (this.text[this.at] !== word[i]) this.failHere(`in literal ${word} (expecting '${word[i]}')`)
    }
  }

  private string(): string {
    const text = this.text
    let from = ++this.at
    let before: TextBuilder | null = null
    for (;;) {
      const code = text.charCodeAt(this.at)
      if (code === QUOTE) break
      if (code === BACKSLASH) {
        before ??= new TextBuilder()
        before.add(text.slice(from, this.at++))
        before.add(this.escape())
        from = this.at
      } else if (code < 0x20 || this.at >= text.length) this.failHere('in string literal')
      else this.at++
    }
    const rest = text.slice(from, this.at++)
    if (before === null) return rest
    before.add(rest)
    return before.finish().replace(HALF_SURROGATE, '\ufffd')
  }

  private escape(): string {
    const character = this.text[this.at]
    if (character !== 'u') {
      const meaning = ESCAPES.get(character ?? '')
      if (meaning === undefined) this.failHere('in string escape code')
      this.at++
      return meaning
    }
    const first = ++this.at
    for (; this.at < first + 4; this.at++) {
      if (!/[0-9a-fA-F]/.test(this.text[this.at] ?? '')) this.failHere('in \\u hexadecimal character escape')
    }
    return String.fromCharCode(Number.parseInt(this.text.slice(first, this.at), 16))
  }

  private number(): void {
    const text = this.text
    const start = this.at
    if (text.charCodeAt(this.at) === MINUS) this.at++
    if (text.charCodeAt(this.at) === ZERO) this.at++
    else this.digits('in numeric literal')
    let whole = true
    if (text.charCodeAt(this.at) === DOT) {
      whole = false
      this.at++
      this.digits('after decimal point in numeric literal')
    }
    const mark = text.charCodeAt(this.at)
    if (mark === UPPER_E || mark === LOWER_E) {
      whole = false
      this.at++
      const sign = text.charCodeAt(this.at)
      if (sign === PLUS || sign === MINUS) this.at++
      this.digits('in exponent of numeric literal')
    }
    this.setNumber(text.slice(start, this.at), whole)
  }

  private digits(place: string): void {
    if (!isDigit(this.text.charCodeAt(this.at))) this.failHere(place)
    while (isDigit(this.text.charCodeAt(this.at))) this.at++
  }

  /** `whole`: written without fraction and exponent. */
  private setNumber(digits: string, whole: boolean): void {
    const { heap } = this.rt
    if (whole && digits.length > SAFE_LENGTH && digits.length <= INTEGER_LENGTH) {
      const integer = BigInt(digits)
      if (integer >= MIN_INTEGER && integer <= MAX_INTEGER) {
        heap.setBigInteger(this.value, integer)
        return
      }
    }
    const value = Number(digits)
    if (!Number.isFinite(value)) failRuntime(this.rt, MESSAGES.jsonText(`number ${digits} is out of range`))
    // 2^63 itself does not fit.
    if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 63) heap.setInteger(this.value, value)
    else heap.setFloat(this.value, value)
  }

  /** The character at the current place does not belong there. */
  private failHere(place: string): never {
    const code = this.text.codePointAt(this.at)
    if (code === undefined) failRuntime(this.rt, MESSAGES.jsonText('unexpected end of JSON input'))
    const character = String.fromCodePoint(code)
    const shown = character === "'" ? "'\\''" : `'${JSON.stringify(character).slice(1, -1)}'`
    failRuntime(this.rt, MESSAGES.jsonText(`invalid character ${character === '"' ? `'"'` : shown} ${place}`))
  }
}

/** Writes the value of a JSON text to `dst`; raises a RuntimeError if the text is not JSON. */
export function parseJson(rt: Runtime, dst: number, text: string): void {
  const { heap, top } = rt
  const value = rt.pushTemporary()
  new Parser(rt, text, value).document()
  heap.copy(dst, value)
  rt.top = top
}
