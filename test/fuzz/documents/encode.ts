/**
 * Writing documents that are wrong on purpose: unlike `writeDocument`, both encodings take everything that a
 * hostile writer could put there.
 */

/** Bytes that stand where a value is expected, in either encoding. */
export class Raw {
  constructor(
    readonly json: string,
    readonly msgpack: Uint8Array,
  ) {}
}

/** A map as a list of fields, whose names may be repeated. */
export class Fields {
  constructor(readonly list: readonly (readonly [string, unknown])[]) {}
}

export type Encoding = 'json' | 'msgpack'

export function encode(value: unknown, encoding: Encoding): Uint8Array {
  if (encoding === 'json') return Buffer.from(jsonOf(value))
  const chunks: Uint8Array[] = []
  pack(value, chunks)
  return Buffer.concat(chunks)
}

function fieldsOf(value: object): readonly (readonly [string, unknown])[] {
  return value instanceof Fields ? value.list : Object.entries(value)
}

function jsonOf(value: unknown): string {
  if (value instanceof Raw) return value.json
  if (value instanceof Uint8Array) return JSON.stringify(Buffer.from(value).toString('base64'))
  if (Array.isArray(value)) return `[${value.map(jsonOf).join()}]`
  if (typeof value === 'object' && value !== null)
    return `{${fieldsOf(value).map(([name, field]) => `${JSON.stringify(name)}:${jsonOf(field)}`)}}`
  if (typeof value === 'number' && !Number.isFinite(value))
    return Number.isNaN(value) ? 'NaN' : `${value > 0 ? '' : '-'}1e999`
  if (Object.is(value, -0)) return '-0'
  return JSON.stringify(value) ?? 'null'
}

function pack(value: unknown, chunks: Uint8Array[]): void {
  if (value instanceof Raw) chunks.push(value.msgpack)
  else if (value instanceof Uint8Array) chunks.push(head(0xc6, value.length), value)
  else if (typeof value === 'string') packText(value, chunks)
  else if (typeof value === 'number') chunks.push(packNumber(value))
  else if (typeof value === 'boolean') chunks.push(Uint8Array.of(value ? 0xc3 : 0xc2))
  else if (Array.isArray(value)) {
    chunks.push(value.length < 16 ? Uint8Array.of(0x90 | value.length) : head(0xdd, value.length))
    for (const item of value) pack(item, chunks)
  } else if (typeof value === 'object' && value !== null) {
    const fields = fieldsOf(value)
    chunks.push(fields.length < 16 ? Uint8Array.of(0x80 | fields.length) : head(0xdf, fields.length))
    for (const [name, field] of fields) {
      packText(name, chunks)
      pack(field, chunks)
    }
  } else chunks.push(Uint8Array.of(0xc0))
}

/** @param first the byte that a 32-bit length follows */
export function head(first: number, length: number): Uint8Array {
  const bytes = Buffer.alloc(5)
  bytes[0] = first
  bytes.writeUInt32BE(length >>> 0, 1)
  return bytes
}

function packText(text: string, chunks: Uint8Array[]): void {
  const bytes = Buffer.from(text)
  chunks.push(bytes.length < 32 ? Uint8Array.of(0xa0 | bytes.length) : head(0xdb, bytes.length), bytes)
}

function packNumber(value: number): Uint8Array {
  if (Number.isInteger(value) && value >= 0 && value < 128) return Uint8Array.of(value)
  if (value === (value | 0) && !Object.is(value, -0)) return head(0xd2, value)
  const bytes = Buffer.alloc(9)
  bytes[0] = 0xcb
  bytes.writeDoubleBE(value, 1)
  return bytes
}
