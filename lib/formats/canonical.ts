/** One form of each document, whatever the order of fields in it, and its hash. */
import { sha256 } from '../files/sha256.js'
import { packMsgpack } from './msgpack.js'

/** SHA-256 of a value that documents can hold, hexadecimal. */
export function canonicalHash(value: unknown): string {
  return sha256(packMsgpack(sortFields(value)))
}

/** The same value with the fields of all objects in the order of their names. */
export function sortFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortFields)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(fields.map(([name, field]) => [name, sortFields(field)]))
}
