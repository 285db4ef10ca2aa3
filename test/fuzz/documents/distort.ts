/** Changes to what a document says: sound in form, wrong (or merely different) in what it means. */
import type { Random } from '../random.js'
import { Fields, Raw } from './encode.js'

/** A place in a document: a container and the name or index of one thing in it. */
interface Place {
  container: Record<string, unknown> | unknown[]
  key: string | number
}

function valueAt({ container, key }: Place): unknown {
  return (container as Record<string | number, unknown>)[key]
}

function put({ container, key }: Place, value: unknown): void {
  // Defined, not assigned: the name may be __proto__.
  Object.defineProperty(container, key, { value, writable: true, enumerable: true, configurable: true })
}

function isContainer(value: unknown): value is Place['container'] {
  const plain = typeof value === 'object' && value !== null
  return plain && !(value instanceof Raw || value instanceof Fields || value instanceof Uint8Array)
}

/** All places below `value`. */
function placesIn(value: unknown): Place[] {
  const places: Place[] = []
  const open = [value]
  for (let container = open.pop(); container !== undefined; container = open.pop()) {
    if (!isContainer(container)) continue
    for (const name of Object.keys(container)) {
      const place = { container, key: Array.isArray(container) ? Number(name) : name }
      places.push(place)
      open.push(valueAt(place))
    }
  }
  return places
}

const NUMBERS: readonly number[] = [
  ...[-1, -0, 0, 1, 2, 3, 7, 255, 256, 1024, 1025, 2000, 2001, 4096, 65535, 65536, 1 << 24],
  ...[2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 52, 2 ** 53 - 1, 2 ** 53, -(2 ** 53), 2 ** 63, 2 ** 64],
  ...[0.5, -0.5, 1e21, 1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN],
]

const TEXTS: readonly string[] = [
  ...[
    '',
    ' ',
    'x',
    'self',
    'print',
    'length',
    'new',
    'initialize',
    '__proto__',
    'constructor',
    'export x',
    '<main>',
  ],
  ...[
    'a\nb',
    '\u0000',
    '\u001b[31m',
    '\u009b31m',
    '\ud800',
    '\udc00x',
    '\u202e',
    '\ufeff',
    '😀',
    'null',
    '-1',
    '1e5',
  ],
  ...[
    '9223372036854775807',
    '9223372036854775808',
    '-9223372036854775808',
    '99999999999999999999',
    'x'.repeat(5000),
  ],
  ...['function', 'local', 'upvalue', 'INTEGER', 'FLOAT', 'STRING', 'ARRAY', 'INSTANCE', 'HASH', 'FUNCTION'],
]

const utf8 = (text: string): Uint8Array => Buffer.from(text)
const bytes = (...list: number[]): Uint8Array => Uint8Array.from(list)

/** What no writer of documents writes, in JSON and in msgpack. */
const STRANGE: readonly Raw[] = [
  new Raw('NaN', bytes(0xcb, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0)),
  new Raw('1e999', bytes(0xcb, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0)),
  new Raw('123456789012345678901234567890', bytes(0xcf, 255, 255, 255, 255, 255, 255, 255, 255)),
  new Raw('-9223372036854775808', bytes(0xd3, 0x80, 0, 0, 0, 0, 0, 0, 0)),
  new Raw('0x10', bytes(0xd4, 1, 0)),
  new Raw('01', bytes(0xd6, 0xff, 0, 0, 0, 0)),
  new Raw('"\\ud800"', bytes(0xa3, 0xed, 0xa0, 0x80)),
  new Raw('"\u0001"', bytes(0xa1, 0xff)),
  new Raw('"\\x41"', bytes(0xa2, 0xc3, 0x28)),
  new Raw('', bytes()),
  new Raw('[', bytes(0xdd, 0xff, 0xff, 0xff, 0xff)),
  new Raw('{"a":1,}', bytes(0xdf, 0x7f, 0xff, 0xff, 0xff)),
  new Raw('"', bytes(0xdb, 0xff, 0xff, 0xff, 0xff)),
  new Raw('//x\n1', bytes(0xc7, 8, 0xff, 0, 0, 0, 0, 0, 0, 0, 0)),
  new Raw('undefined', bytes(0xc1)),
  new Raw("'a'", bytes(0x81, 0x01, 0x02)),
  new Raw('{"__proto__":{"type":"integer"}}', bytes(0x81, 0xa9, ...utf8('__proto__'), 0x80)),
  new Raw('1.0', bytes(0xcb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0)),
  new Raw('1e0', bytes(0xd3, 0, 0, 0, 0, 0, 0, 0, 1)),
]

const NAMES: readonly string[] = [
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  'length',
  '',
  'x',
  'type',
]

function deep(random: Random): Raw {
  const levels = random.pick([50, 900, 4000, 6000, 20_000])
  if (random.chance(0.5)) {
    return new Raw(
      '['.repeat(levels) + ']'.repeat(levels),
      Buffer.concat([Buffer.alloc(levels, 0x91), bytes(0xc0)]),
    )
  }
  const one = Buffer.concat([bytes(0x81, 0xa1), utf8('a')])
  const packed = Buffer.concat([...Array.from({ length: levels }, () => one), bytes(0xc0)])
  return new Raw(`${'{"a":'.repeat(levels)}null${'}'.repeat(levels)}`, packed)
}

/** Whether two values could stand in each other's place. */
function alike(a: unknown, b: unknown): boolean {
  if (!isContainer(a) || !isContainer(b)) return typeof a === typeof b && !isContainer(a) && !isContainer(b)
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b)
  return Object.keys(a)[0] === Object.keys(b)[0]
}

type Distortion = (place: Place, random: Random, places: readonly Place[]) => void

const replaceByAlike: Distortion = (place, random, places) => {
  const value = valueAt(place)
  for (let tries = 0; tries < 20; tries++) {
    const other = valueAt(random.pick(places))
    if (other === value || !alike(value, other)) continue
    return put(place, structuredClone(other))
  }
}

/** More often than once: what is likely to be let pass. */
const DISTORTIONS: readonly Distortion[] = [
  replaceByAlike,
  replaceByAlike,
  replaceByAlike,
  (place, random, places) => put(place, structuredClone(valueAt(random.pick(places)))),
  (place, random) => {
    const value = valueAt(place)
    if (typeof value === 'number')
      put(place, random.chance(0.5) ? value + random.pick([-1, 1, 2]) : random.pick(NUMBERS))
    else if (typeof value === 'boolean') put(place, !value)
    else put(place, random.pick(TEXTS))
  },
  (place, random) => put(place, random.pick(NUMBERS)),
  (place, random) => put(place, random.pick(TEXTS)),
  (place, random) => put(place, random.pick(STRANGE)),
  (place, random) => put(place, random.pick([null, true, false, [], {}, [[]], new Uint8Array([1, 2])])),
  (place, random) => put(place, deep(random)),
  // Leaving out, or twice.
  ({ container, key }, random) => {
    if (!Array.isArray(container)) delete container[key as string]
    else if (random.chance(0.5)) container.splice(Number(key), 1)
    else container.splice(Number(key), 0, structuredClone(container[Number(key)]))
  },
  // Swapping neighbours.
  ({ container, key }, random) => {
    const keys = Object.keys(container)
    const other = { container, key: random.pick(keys) }
    const here = { container, key }
    const value = valueAt(here)
    put(here, valueAt(other))
    put(other, value)
  },
  // Another name, a field too many, a field twice.
  (place, random) => {
    const { container, key } = place
    if (Array.isArray(container)) return
    const value = container[key as string]
    delete container[key as string]
    put({ container, key: random.chance(0.5) ? `${key}s` : random.pick(NAMES) }, value)
  },
  ({ container }, random) => {
    if (Array.isArray(container)) container.length = random.below(container.length + 1)
    else put({ container, key: random.pick(NAMES) }, random.pick([1, 'x', {}, []]))
  },
  (place, random, places) => {
    const value = valueAt(place)
    if (!isContainer(value) || Array.isArray(value)) return
    const fields = Object.entries(value)
    const [name = 'x', first] = fields[random.below(Math.max(1, fields.length))] ?? []
    put(
      place,
      new Fields([
        ...fields,
        [name, random.chance(0.5) ? first : structuredClone(valueAt(random.pick(places)))],
      ]),
    )
  },
  // Very many of the same, up to half a megabyte or so.
  (place, random) => {
    const value = valueAt(place)
    if (!Array.isArray(value) || value.length === 0) return
    const items = value.slice(0, 4)
    const most = Math.floor(2_000_000 / JSON.stringify(items).length)
    const length = Math.min(most, random.pick([100, 300, 3000]))
    put(
      place,
      Array.from({ length }, (_, index) => items[index % items.length]),
    )
  },
]

/** Changes one to three things in a copy of `document`. */
export function distort(document: unknown, random: Random): unknown {
  const copy = structuredClone(document)
  for (let count = random.pick([1, 1, 1, 2, 3]); count > 0; count--) {
    const places = placesIn(copy)
    if (places.length === 0) break
    random.pick(DISTORTIONS)(random.pick(places), random, places)
  }
  return copy
}
