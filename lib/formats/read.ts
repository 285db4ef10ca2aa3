/**
 * Reading documents: decode, check the envelope, validate against the schema. Whatever the bytes
 * are, the only exception is a DocumentError.
 *
 * The validators are made from `schemas/` when Rush is built (`tools/build/generate-validators.ts`)
 * and loaded one at a time, when a document of their kind is first read.
 */
import { createRequire } from 'node:module'
import type { ObjectDocument } from '../jit/object.js'
import type { AstDocument } from '../syntax/ast.js'
import { printable } from '../syntax/printable.js'
import { integerBeyond, nodeBelow, placesIn } from '../syntax/walk.js'
import { takeChecksum } from './checksum.js'
import type { DocumentKind, DocumentTypes } from './envelope.js'
import { detectEncoding, isDocumentKind, VERSIONS } from './envelope.js'
import { DocumentError } from './errors.js'
import { parseJson } from './json-parse.js'
import { findMsgpackDamage, unpackMsgpack } from './msgpack.js'
import { decodeUtf8 } from './utf8.js'

/** One problem as generated validators report it. */
interface ValidationProblem {
  instancePath: string
  message?: string
  params: Readonly<Record<string, unknown>>
}

/** A generated validator: returns whether the value is valid and leaves the problems behind. */
interface Validator {
  (value: unknown): boolean
  errors?: readonly ValidationProblem[] | null
}

/** The parser's MAX_TREE_HEIGHT: every stage that walks a tree relies on it (and loading the parser costs). */
export const MAX_AST_HEIGHT = 1200

const require = createRequire(import.meta.url)

/**
 * The document of one of the given kinds in `bytes`, whatever its encoding.
 *
 * @param file the name that messages begin with
 * @throws DocumentError if it is anything else
 */
export function readDocument<K extends DocumentKind>(
  bytes: Uint8Array,
  kinds: K | readonly K[],
  file: string,
): DocumentTypes[K] {
  const wanted: readonly DocumentKind[] = typeof kinds === 'string' ? [kinds] : kinds
  try {
    const value = decode(bytes, wanted, file)
    const kind = checkEnvelope(value, wanted, file)
    validate(value, kind, file)
    if (kind === 'rush-object') decodeCode(value as ObjectDocument, file)
    if (kind === 'rush-ast') checkTrees(value as AstDocument, file)
    return value as DocumentTypes[K]
  } catch (error) {
    // The stack ran out below: the decoder and the validators recurse as deep as the document nests.
    if (error instanceof RangeError) throw new DocumentError(`${file}: nested too deeply`)
    throw error
  }
}

/** What the schema cannot say of a program's files: how high trees are, how large integers, where imports lead. */
function checkTrees(document: AstDocument, file: string): void {
  const { modules } = document
  const loaded = modules.filter((module) => 'program' in module)
  for (const { program, imports } of [document, ...loaded]) {
    if (nodeBelow(program, MAX_AST_HEIGHT) !== null) throw new DocumentError(`${file}: nested too deeply`)
    const integer = integerBeyond(program)
    if (integer !== null) throw notValid(file, `the integer ${integer} has more than 64 bits`)
    const places = new Set(imports.map(({ place }) => place))
    for (const { place, module } of imports) {
      if (module >= modules.length) throw notValid(file, `no module ${module} for ${JSON.stringify(place)}`)
    }
    const missing = placesIn(program).find((place) => !places.has(place))
    if (missing !== undefined) throw notValid(file, `no module for the import of ${JSON.stringify(missing)}`)
  }
}

function notValid(file: string, problem: string): DocumentError {
  return new DocumentError(`${file}: not a valid rush-ast document: ${shortened(problem)}`)
}

/** The kind of document in `bytes` by its own word, or null; says nothing about the rest of it. */
export function detectKind(bytes: Uint8Array): DocumentKind | null {
  try {
    const value = decode(bytes, [], '')
    const format = isRecord(value) ? value.format : undefined
    return isDocumentKind(format) ? format : null
  } catch {
    return null
  }
}

function decode(bytes: Uint8Array, wanted: readonly DocumentKind[], file: string): unknown {
  if (bytes.length === 0) throw new DocumentError(`${file}: empty, expected ${wantedText(wanted)}`)
  let value: unknown
  if (detectEncoding(bytes) === 'msgpack') {
    const damage = findMsgpackDamage(bytes)
    if (damage !== null) throw new DocumentError(`${file}: damaged msgpack: ${damage}`)
    value = unpackMsgpack(bytes)
  } else {
    const text = decodeUtf8(bytes)
    if (typeof text === 'number') {
      throw new DocumentError(`${file}: cannot be read as JSON: not valid UTF-8 at byte ${text}`)
    }
    const result = parseJson(text)
    if ('problem' in result) {
      const { message, line, column } = result.problem
      throw new DocumentError(`${file}: cannot be read as JSON: ${message} at line ${line}, column ${column}`)
    }
    if (hasHalfCharacters(text)) {
      throw new DocumentError(`${file}: cannot be read as JSON: an escape in a string is half a character`)
    }
    value = result.value
  }
  return value
}

/** An escape of JSON that stands for half of a surrogate pair. */
const HALF = /\\u[dD][89a-fA-F]/
const PAIR = /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}/g

/** Whether an escape in JSON stands alone for half a character: no other encoding could write it. */
function hasHalfCharacters(text: string): boolean {
  if (!HALF.test(text)) return false
  // Behind an escaped backslash a `u` is no escape.
  return HALF.test(text.replace(/\\\\/g, '').replace(PAIR, ''))
}

function checkEnvelope(value: unknown, wanted: readonly DocumentKind[], file: string): DocumentKind {
  if (!isRecord(value) || !isDocumentKind(value.format)) {
    throw new DocumentError(`${file}: not a Rush document, expected ${wantedText(wanted)}`)
  }
  const kind = value.format
  if (!wanted.includes(kind)) {
    throw new DocumentError(`${file}: this is a ${kind} document, expected ${wantedText(wanted)}`)
  }
  const reads = VERSIONS[kind]
  if (value.version !== reads) {
    const version = printable(versionText(value.version), 40)
    throw new DocumentError(
      `${file}: ${kind} version ${version} is not supported (this tool reads version ${reads})`,
    )
  }
  return kind
}

/** msgpack has integers that JSON has not. */
function versionText(version: unknown): string {
  return typeof version === 'bigint' ? String(version) : (JSON.stringify(version) ?? 'nothing')
}

function validate(value: unknown, kind: DocumentKind, file: string): void {
  const name = kind.slice('rush-'.length)
  const validator = require(`./validators/${name}.cjs`) as Validator
  if (kind === 'rush-object') encodeCode(value)
  if (validator(value)) return
  const problem = validator.errors?.[0]
  const place = problem?.instancePath ? shortened(problem.instancePath) : '/'
  throw new DocumentError(`${file}: not a valid ${kind} document: ${place}: ${problemText(problem)}`)
}

/** ajv's message, with the detail that it leaves to its parameters. */
function problemText(problem: ValidationProblem | undefined): string {
  const message = problem?.message ?? 'is not valid'
  const { additionalProperty, allowedValue, allowedValues, tagValue } = problem?.params ?? {}
  if (additionalProperty !== undefined)
    return `unknown field ${shortened(JSON.stringify(additionalProperty))}`
  if (allowedValue !== undefined) return `${message} ${JSON.stringify(allowedValue)}`
  if (Array.isArray(allowedValues)) return `${message}: ${allowedValues.join(', ')}`
  if (typeof tagValue === 'string') return `unknown type ${shortened(JSON.stringify(tagValue))}`
  return message
}

/** Paths and names come from the document: what stands behind them should be seen, too. */
function shortened(text: string): string {
  return printable(text, 200)
}

/** The schema describes the JSON form, so bytes that came from msgpack are shown to it as base64. */
function encodeCode(document: unknown): void {
  for (const entry of codeHolders(document)) {
    if (entry.code instanceof Uint8Array) entry.code = Buffer.from(entry.code).toString('base64')
  }
}

function decodeCode(document: ObjectDocument, file: string): void {
  document.functions.forEach((entry, index) => {
    const text = entry.code as string
    const bytes = Buffer.from(text, 'base64')
    if (bytes.toString('base64') !== text) {
      const place = `/functions/${index}/code`
      throw new DocumentError(`${file}: not a valid rush-object document: ${place}: must be base64`)
    }
    entry.code = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  })
  if (!takeChecksum(document)) {
    throw new DocumentError(`${file}: damaged: the checksum is not that of the rush-object document`)
  }
}

function codeHolders(document: unknown): Record<string, unknown>[] {
  if (!isRecord(document) || !Array.isArray(document.functions)) return []
  return document.functions.filter(isRecord)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function wantedText(kinds: readonly DocumentKind[]): string {
  return `a ${kinds.join(' or ')} document`
}
