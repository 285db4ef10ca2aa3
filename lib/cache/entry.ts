/**
 * The layout of a cache file. Numbers are big-endian, as Rush has always had them; the first 48 bytes are
 * those of Rush 13.4.
 */
import { sha256 } from '../files/sha256.js'
import { parseJson } from '../formats/json-parse.js'
import { decodeUtf8 } from '../formats/utf8.js'
import type { Dependencies } from '../modules/dependencies.js'

/** "RUSH" */
const MAGIC = 0x52555348

/** Far from the 1 of Rush 13.4, which has the same folder and the same file names. */
export const CACHE_VERSION = 100

/** Byte offsets. */
export const Layout = {
  MAGIC: 0,
  VERSION: 4,
  /** When it was written, in seconds since 1970. Nothing depends on it. */
  TIME: 8,
  /** Hashes are SHA-256, 32 bytes: of the program's text, */
  SOURCE_HASH: 16,
  /** of the Rush that wrote the entry, */
  BUILD_HASH: 48,
  /** and of all bytes from the next field on. */
  CHECKSUM: 80,
  /** Number of bytes of the dependencies. */
  DEPENDENCIES_LENGTH: 112,
  /** Dependencies as JSON; behind them, to the end, the bytecode document as msgpack. */
  DEPENDENCIES: 116,
} as const

const HASH_BYTES = 32

/** What an entry must have been made from to be used. */
export interface Origin {
  sourceHash: string
  buildHash: string
}

export interface Entry {
  dependencies: Dependencies
  /** The bytecode document, not yet read. */
  program: Uint8Array
}

/** @param time in milliseconds since 1970 */
export function encodeEntry({ dependencies, program }: Entry, origin: Origin, time: number): Uint8Array {
  const json = Buffer.from(JSON.stringify(dependencies))
  const bytes = Buffer.alloc(Layout.DEPENDENCIES + json.length + program.length)
  bytes.writeUInt32BE(MAGIC, Layout.MAGIC)
  bytes.writeUInt32BE(CACHE_VERSION, Layout.VERSION)
  bytes.writeBigInt64BE(BigInt(Math.floor(time / 1000)), Layout.TIME)
  bytes.write(origin.sourceHash, Layout.SOURCE_HASH, 'hex')
  bytes.write(origin.buildHash, Layout.BUILD_HASH, 'hex')
  bytes.writeUInt32BE(json.length, Layout.DEPENDENCIES_LENGTH)
  bytes.set(json, Layout.DEPENDENCIES)
  bytes.set(program, Layout.DEPENDENCIES + json.length)
  bytes.write(checksum(bytes), Layout.CHECKSUM, 'hex')
  return bytes
}

/** The entry in `bytes`, or null if it is of another origin or version, damaged, or no entry at all. */
export function decodeEntry(bytes: Buffer, { sourceHash, buildHash }: Origin): Entry | null {
  if (bytes.length < Layout.DEPENDENCIES) return null
  if (bytes.readUInt32BE(Layout.MAGIC) !== MAGIC) return null
  if (bytes.readUInt32BE(Layout.VERSION) !== CACHE_VERSION) return null
  if (hashAt(bytes, Layout.SOURCE_HASH) !== sourceHash) return null
  if (hashAt(bytes, Layout.BUILD_HASH) !== buildHash) return null
  if (hashAt(bytes, Layout.CHECKSUM) !== checksum(bytes)) return null
  const split = Layout.DEPENDENCIES + bytes.readUInt32BE(Layout.DEPENDENCIES_LENGTH)
  const dependencies = decodeDependencies(bytes.subarray(Layout.DEPENDENCIES, split))
  return dependencies === null ? null : { dependencies, program: bytes.subarray(split) }
}

function hashAt(bytes: Buffer, offset: number): string {
  return bytes.toString('hex', offset, offset + HASH_BYTES)
}

function checksum(bytes: Uint8Array): string {
  return sha256(bytes.subarray(Layout.DEPENDENCIES_LENGTH))
}

function decodeDependencies(bytes: Uint8Array): Dependencies | null {
  const text = decodeUtf8(bytes)
  if (typeof text === 'number') return null
  const result = parseJson(text)
  return 'value' in result && isDependencies(result.value) ? result.value : null
}

function isDependencies(value: unknown): value is Dependencies {
  if (!isRecord(value)) return false
  const { places, files } = value
  return isListOf(places, isPlace) && isListOf(files, ({ path, state }) => areStrings(path, state))
}

function isPlace({ importer, place, path }: Record<string, unknown>): boolean {
  return areStrings(importer, place) && (path === null || areStrings(path))
}

function isListOf(value: unknown, isRight: (item: Record<string, unknown>) => boolean): boolean {
  return Array.isArray(value) && value.every((item) => isRecord(item) && isRight(item))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function areStrings(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string')
}
