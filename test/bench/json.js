// A parser and a printer of JSON: reads a document and writes it again.
const ROUNDS = 800

class Parser {
  constructor(text) {
    this.text = text
    this.at = 0
    this.c = text[0]
  }

  advance() {
    this.at = this.at + 1
    if (this.at < this.text.length) this.c = this.text[this.at]
    else this.c = ''
  }

  skipBlanks() {
    while (this.c === ' ') this.advance()
  }

  word(length, value) {
    for (let i = 0; i < length; i = i + 1) this.advance()
    return value
  }

  number() {
    let sign = 1
    if (this.c === '-') {
      sign = -1
      this.advance()
    }
    let value = 0
    while (this.c >= '0' && this.c <= '9') {
      value = value * 10 + this.c.charCodeAt(0) - 48
      this.advance()
    }
    return sign * value
  }

  string() {
    this.advance()
    let result = ''
    while (this.c !== '"') {
      if (this.c === '\\') this.advance()
      result = result + this.c
      this.advance()
    }
    this.advance()
    return result
  }

  array() {
    const result = []
    this.advance()
    this.skipBlanks()
    while (this.c !== ']') {
      result.push(this.value())
      if (this.c === ',') this.advance()
      this.skipBlanks()
    }
    this.advance()
    return result
  }

  object() {
    const result = new Map()
    this.advance()
    this.skipBlanks()
    while (this.c !== '}') {
      const key = this.string()
      this.skipBlanks()
      this.advance()
      result.set(key, this.value())
      if (this.c === ',') this.advance()
      this.skipBlanks()
    }
    this.advance()
    return result
  }

  value() {
    this.skipBlanks()
    let result = null
    if (this.c === '{') result = this.object()
    else if (this.c === '[') result = this.array()
    else if (this.c === '"') result = this.string()
    else if (this.c === 't') result = this.word(4, true)
    else if (this.c === 'f') result = this.word(5, false)
    else if (this.c === 'n') result = this.word(4, null)
    else result = this.number()
    this.skipBlanks()
    return result
  }
}

function quote(text) {
  let result = '"'
  for (let i = 0; i < text.length; i = i + 1) {
    const c = text[i]
    if (c === '"' || c === '\\') result = result + '\\'
    result = result + c
  }
  return result + '"'
}

function writeArray(a) {
  let result = '['
  for (let i = 0; i < a.length; i = i + 1) {
    if (i > 0) result = result + ', '
    result = result + write(a[i])
  }
  return result + ']'
}

function writeObject(o) {
  let result = '{'
  const keys = [...o.keys()]
  for (let i = 0; i < keys.length; i = i + 1) {
    if (i > 0) result = result + ', '
    result = result + quote(keys[i]) + ': ' + write(o.get(keys[i]))
  }
  return result + '}'
}

function write(value) {
  if (value === null) return 'null'
  if (value === true) return 'true'
  if (value === false) return 'false'
  const kind = typeof value
  if (kind === 'string') return quote(value)
  if (Array.isArray(value)) return writeArray(value)
  if (kind === 'object') return writeObject(value)
  return '' + value
}

function makeDocument(count) {
  let text = '['
  for (let i = 0; i < count; i = i + 1) {
    if (i > 0) text = text + ', '
    text = text + '{"id": ' + i + ', "name": "item \\"' + i * 7 + '\\"", "tags": ["a' + (i % 3) + '", "b", []], '
    text = text + '"size": {"x": ' + i * i + ', "y": -' + (i + 1) + '}, "ok": ' + (i % 2 === 0) + ', "next": null}'
  }
  return text + ']'
}

const source = makeDocument(20)
let checksum = 0
for (let round = 0; round < ROUNDS; round = round + 1) {
  const written = write(new Parser(source).value())
  if (written === source) checksum = checksum + written.length
}
console.log(checksum)
