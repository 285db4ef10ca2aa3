/**
 * msgpack. Reading has two steps: a scan over the bytes that finds every damage and its place and
 * knows no recursion, then msgpackr, which therefore only ever sees sound input (on its own it
 * would allocate whatever an array header claims, and recurse as deep as the input says).
 *
 * Only what JSON can say is allowed, plus bytes: no extension types, and all map keys are strings.
 */
import { isUtf8 } from 'node:buffer'
import { createRequire } from 'node:module'

type Msgpackr = typeof import('msgpackr')

let loaded: Msgpackr | undefined

/** msgpackr, loaded when it is first needed and without its native part, which costs more than it saves. */
function msgpackr(): Msgpackr {
  if (!loaded) {
    const before = process.env.MSGPACKR_NATIVE_ACCELERATION_DISABLED
    process.env.MSGPACKR_NATIVE_ACCELERATION_DISABLED = 'true'
    loaded = createRequire(import.meta.url)('msgpackr') as Msgpackr
    if (before === undefined) delete process.env.MSGPACKR_NATIVE_ACCELERATION_DISABLED
    else process.env.MSGPACKR_NATIVE_ACCELERATION_DISABLED = before
  }
  return loaded
}

/** msgpackr's typings know neither `skipValues` nor `int64AsType: 'auto'`. */
const PACKING = { useRecords: false, variableMapSize: true, skipValues: [undefined] }
const UNPACKING = { useRecords: false, mapsAsObjects: true, int64AsType: 'auto' as 'number' }

/** The msgpack form of a document: plain maps in the order of the fields. */
export function packMsgpack(value: unknown): Uint8Array {
  const { Packr } = msgpackr()
  const packr = new Packr(PACKING)
  try {
    return packr.pack(value)
  } catch (error) {
    // msgpackr recurses, and syntax trees may be deeper than the stack of JavaScript.
    if (error instanceof RangeError) return packDeep(value, (part) => packr.pack(part))
    throw error
  }
}

/** Containers of at most this height are left to msgpackr. */
const SHALLOW = 100

/** The same bytes as `packMsgpack`, made without recursion: the tall containers here, the rest by `pack`. */
function packDeep(document: unknown, pack: (value: unknown) => Uint8Array): Uint8Array {
  const heights = heightsOf(document)
  const chunks: Uint8Array[] = []
  const rest: unknown[] = [document]
  while (rest.length > 0) {
    const value = rest.pop()
    if ((heights.get(value) ?? 0) <= SHALLOW) {
      chunks.push(Uint8Array.from(pack(value)))
    } else if (Array.isArray(value)) {
      chunks.push(containerHead(value.length, 0x90, 0xdc))
      for (let index = value.length - 1; index >= 0; index--) rest.push(value[index])
    } else {
      const fields = Object.entries(value as object).filter(([, field]) => field !== undefined)
      chunks.push(containerHead(fields.length, 0x80, 0xde))
      for (const [name, field] of fields.reverse()) rest.push(field, name)
    }
  }
  return Buffer.concat(chunks)
}

/** The head of a list or map: `short` for fewer than 16 entries, else `long` with 16 or 32 bits of length. */
function containerHead(length: number, short: number, long: number): Uint8Array {
  if (length < 16) return Uint8Array.of(short | length)
  if (length < 0x10000) return Uint8Array.of(long, length >> 8, length & 0xff)
  return Uint8Array.of(long + 1, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff)
}

/** How many levels of containers each container has below it, itself included. */
function heightsOf(document: unknown): Map<unknown, number> {
  const containers = [document]
  // Parents stand in front of their children, so going backwards meets the children first.
  for (const container of containers) for (const child of containersIn(container)) containers.push(child)
  const heights = new Map<unknown, number>()
  for (const container of containers.reverse()) {
    let height = 0
    for (const child of containersIn(container)) height = Math.max(height, heights.get(child) as number)
    heights.set(container, height + 1)
  }
  return heights
}

function containersIn(value: unknown): object[] {
  return Object.values(value as object).filter(
    (child) => typeof child === 'object' && child !== null && !(child instanceof Uint8Array),
  ) as object[]
}

/** The value of msgpack bytes that `findMsgpackDamage` found sound. */
export function unpackMsgpack(bytes: Uint8Array): unknown {
  const { Unpackr } = msgpackr()
  return new Unpackr(UNPACKING).unpack(bytes)
}

/** Deeper nesting than this is damage: no document comes near it. */
export const MAX_NESTING = 5000

enum Kind {
  Value,
  Text,
  Bytes,
  List,
  Map,
}

/**
 * First byte 0xc0 to 0xdf: what it begins, the width of the length field behind it, and the bytes
 * of a fixed-size value. Absent ones are not allowed.
 */
const HEADS: Readonly<Record<number, { kind: Kind; width: number; size?: number }>> = {
  192: { kind: Kind.Value, width: 0 },
  194: { kind: Kind.Value, width: 0 },
  195: { kind: Kind.Value, width: 0 },
  196: { kind: Kind.Bytes, width: 1 },
  197: { kind: Kind.Bytes, width: 2 },
  198: { kind: Kind.Bytes, width: 4 },
  202: { kind: Kind.Value, width: 0, size: 4 },
  203: { kind: Kind.Value, width: 0, size: 8 },
  204: { kind: Kind.Value, width: 0, size: 1 },
  205: { kind: Kind.Value, width: 0, size: 2 },
  206: { kind: Kind.Value, width: 0, size: 4 },
  207: { kind: Kind.Value, width: 0, size: 8 },
  208: { kind: Kind.Value, width: 0, size: 1 },
  209: { kind: Kind.Value, width: 0, size: 2 },
  210: { kind: Kind.Value, width: 0, size: 4 },
  211: { kind: Kind.Value, width: 0, size: 8 },
  217: { kind: Kind.Text, width: 1 },
  218: { kind: Kind.Text, width: 2 },
  219: { kind: Kind.Text, width: 4 },
  220: { kind: Kind.List, width: 2 },
  221: { kind: Kind.List, width: 4 },
  222: { kind: Kind.Map, width: 2 },
  223: { kind: Kind.Map, width: 4 },
}

/** Why `bytes` are not one sound msgpack value, or null. */
export function findMsgpackDamage(bytes: Uint8Array): string | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  /** Values still to come in every open list or map; a map counts keys and values. */
  const open: number[] = []
  /** Whether each of them is a map: then an even count means that a key comes next. */
  const maps: boolean[] = []
  let offset = 0
  let pending = 1
  let map = false
  for (;;) {
    while (pending === 0) {
      if (open.length === 0) {
        if (offset === bytes.length) return null
        return `${bytes.length - offset} unexpected bytes behind the document, at byte ${offset}`
      }
      pending = open.pop() as number
      map = maps.pop() as boolean
    }
    const start = offset
    if (offset >= bytes.length) return `unexpected end at byte ${offset}`
    const head = bytes[offset++] as number
    let kind = Kind.Value
    let length = 0
    if (head >= 0x80 && head < 0x90) {
      kind = Kind.Map
      length = head & 0x0f
    } else if (head >= 0x90 && head < 0xa0) {
      kind = Kind.List
      length = head & 0x0f
    } else if (head >= 0xa0 && head < 0xc0) {
      kind = Kind.Text
      length = head & 0x1f
    } else if (head >= 0xc0 && head < 0xe0) {
      const row = HEADS[head]
      if (!row) return `unknown type 0x${head.toString(16)} at byte ${start}`
      kind = row.kind
      length = row.size ?? 0
      if (row.width > 0) {
        if (offset + row.width > bytes.length) return `unexpected end at byte ${bytes.length}`
        if (row.width === 1) length = view.getUint8(offset)
        else length = row.width === 2 ? view.getUint16(offset) : view.getUint32(offset)
        offset += row.width
      }
    }
    if (map && pending % 2 === 0 && kind !== Kind.Text) return `a map key is not a string at byte ${start}`
    pending--
    // Every element takes at least one byte, so a header that claims more is known to be wrong here.
    const needed = kind === Kind.Map ? length * 2 : length
    if (offset + needed > bytes.length) return `unexpected end at byte ${bytes.length}`
    if (kind === Kind.List || kind === Kind.Map) {
      if (open.length >= MAX_NESTING) return `nested too deeply at byte ${start}`
      open.push(pending)
      maps.push(map)
      pending = needed
      map = kind === Kind.Map
      continue
    }
    if (kind === Kind.Text && !isUtf8(bytes.subarray(offset, offset + length))) {
      return `a string is not valid UTF-8 at byte ${start}`
    }
    offset += length
  }
}
