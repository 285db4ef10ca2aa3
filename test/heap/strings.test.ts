import t from 'tap'
import { Heap } from '../../lib/heap/heap.js'
import {
  charCodeAt,
  compareStrings,
  indexOfString,
  internString,
  matchesAt,
  newCharacter,
  newConcatenation,
  newDecimal,
  newString,
  newSubstring,
  StringBuilder,
  stringHash,
  stringLength,
  stringsEqual,
  stringWidth,
  toJsString,
} from '../../lib/heap/strings.js'

const newHeap = (): Heap => new Heap({ maxHeap: 64 << 20, maxDepth: 100 })

const TEXTS = [
  '',
  'a',
  'abc',
  'ÿ',
  'é\u0000x',
  'Ā',
  'aĀ',
  '中文',
  '😀',
  'a😀é中',
  '\ud800',
  '\udc00x',
  '😀\ud83d',
  'x'.repeat(100),
  'é'.repeat(100),
  '中'.repeat(5000),
  '😀'.repeat(5000),
  '\uffff',
  '\u{10000}',
]

t.test('texts survive the round trip in the smallest width', async (t) => {
  const heap = newHeap()
  for (const text of TEXTS) {
    const string = newString(heap, text)
    const codes = Array.from(text, (c) => c.codePointAt(0) as number)
    t.equal(toJsString(heap, string), text)
    t.equal(stringLength(heap, string), codes.length)
    const highest = Math.max(0, ...codes)
    t.equal(stringWidth(heap, string), highest < 256 ? 1 : highest < 65536 ? 2 : 4)
    for (const i of [0, 1, codes.length - 1])
      if (i >= 0 && i < codes.length) t.equal(charCodeAt(heap, string, i), codes[i])
  }
})

t.test('all pairs: concatenation, equality, order, hash, search', async (t) => {
  const heap = newHeap()
  const codesOf = (text: string): number[] => Array.from(text, (c) => c.codePointAt(0) as number)
  const order = (a: number[], b: number[]): number => {
    const i = a.findIndex((code, k) => code !== b[k])
    return i < 0 ? a.length - b.length : i >= b.length ? 1 : (a[i] as number) - (b[i] as number)
  }
  let wrong = 0
  for (const a of TEXTS) {
    for (const b of TEXTS) {
      const left = newString(heap, a)
      const right = newString(heap, b)
      const joined = newConcatenation(heap, left, right)
      const codes = [...codesOf(a), ...codesOf(b)]
      const check = (condition: boolean, what: string): void => {
        if (!condition) t.fail(`${what} of ${a.slice(0, 9)} and ${b.slice(0, 9)}, ${++wrong}`)
      }
      check(stringLength(heap, joined) === codes.length, 'length')
      check(
        codes.every((code, i) => charCodeAt(heap, joined, i) === code),
        'characters',
      )
      const again = new StringBuilder(heap)
      again.add(left, 0, stringLength(heap, left))
      again.add(right, 0, stringLength(heap, right))
      check(stringsEqual(heap, joined, again.finish()), 'builder')
      check(stringsEqual(heap, left, right) === (a === b), 'equality')
      check(
        Math.sign(compareStrings(heap, left, right)) === Math.sign(order(codesOf(a), codesOf(b))),
        'order',
      )
      if (a === b) check(stringHash(heap, left) === stringHash(heap, right), 'hash')
      check(matchesAt(heap, joined, right, stringLength(heap, left)), 'match')
      const at = indexOfString(heap, joined, right, 0)
      check(at >= 0 && at <= stringLength(heap, left) && matchesAt(heap, joined, right, at), 'search')
      const back = newSubstring(heap, joined, stringLength(heap, left), codes.length)
      check(stringsEqual(heap, back, right), 'substring is as narrow as the text itself')
    }
  }
  t.equal(wrong, 0)
})

t.test('appending at the frontier never shows through', async (t) => {
  const heap = newHeap()
  const base = newConcatenation(heap, newString(heap, 'x'.repeat(70)), newString(heap, 'y'))
  const one = newConcatenation(heap, base, newString(heap, '1'))
  const two = newConcatenation(heap, base, newString(heap, '2'))
  const wide = newConcatenation(heap, one, newString(heap, '中'))
  const oneMore = newConcatenation(heap, one, newString(heap, '3'))
  const text = `${'x'.repeat(70)}y`
  t.equal(heap.getPointer(base + 8), heap.getPointer(one + 8), 'the first append is in place')
  t.not(heap.getPointer(base + 8), heap.getPointer(two + 8), 'the second is not')
  t.same(
    [base, one, two, wide, oneMore].map((s) => toJsString(heap, s)),
    [text, `${text}1`, `${text}2`, `${text}1中`, `${text}13`],
  )
  const wideTwice = newConcatenation(heap, wide, newString(heap, 'é'))
  t.equal(toJsString(heap, wideTwice), `${text}1中é`)
  t.equal(toJsString(heap, newConcatenation(heap, base, base)), text + text)
})

t.test('building a text piece by piece is linear', async (t) => {
  const heap = newHeap()
  const piece = newString(heap, 'ab')
  let string = newString(heap, '')
  for (let i = 0; i < 100_000; i++) string = newConcatenation(heap, string, piece)
  t.equal(stringLength(heap, string), 200_000)
  t.ok(heap.stats.allocatedBytes < 200_000 * 6 + 100_000 * 32)
})

t.test('decimal digits', async (t) => {
  const heap = newHeap()
  for (const n of [0, 9, 10, 99, 100, -1, -10, 999999999, 1000000000, 2147483647, -2147483648]) {
    t.equal(toJsString(heap, newDecimal(heap, n)), String(n))
  }
})

t.test('names are interned, single characters are made once', async (t) => {
  const heap = newHeap()
  const name = internString(heap, 'name')
  t.equal(internString(heap, 'name'), name)
  t.notOk(stringsEqual(heap, name, internString(heap, 'nama')))
  t.ok(stringsEqual(heap, name, newString(heap, 'name')))
  t.equal(newCharacter(heap, 65), newCharacter(heap, 65))
  const first = newCharacter(heap, 233)
  heap.collect()
  t.equal(toJsString(heap, name), 'name')
  t.equal(newCharacter(heap, 233), first)
  t.equal(toJsString(heap, first), 'é')
})

t.test('a string builder with very many pieces', async (t) => {
  const heap = newHeap()
  const text = Array.from({ length: 40_000 }, (_, i) =>
    String.fromCodePoint(0x61 + (i % 26), 0x4e00 + (i % 97)),
  ).join('')
  const string = newString(heap, text)
  const builder = new StringBuilder(heap)
  for (let i = 0; i < 80_000; i++) builder.add(string, i, i + 1)
  t.ok(toJsString(heap, builder.finish()) === text)
})
