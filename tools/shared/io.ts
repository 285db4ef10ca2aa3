/** Inputs and outputs of the tools: read whole, written whole, one-line errors. */
import { closeSync, lstatSync, openSync, realpathSync, type Stats, statSync } from 'node:fs'
import { systemCode, systemMessage } from '../../lib/files/reasons.js'
import { replaceFile } from '../../lib/files/replace.js'
import {
  FileError,
  OutputClosed,
  readChunk,
  reasonOf,
  writeAll,
  writeStream,
} from '../../lib/files/streams.js'
import { DocumentError } from '../../lib/formats/errors.js'
import { decodeUtf8 } from '../../lib/formats/utf8.js'
import { type Flag, optionName } from '../../lib/run/options.js'
import type { OptionValues } from './flags.js'

export { FileError, Output, OutputClosed, writeError, writeStream } from '../../lib/files/streams.js'

/** What messages call an input. */
export function inputName(file: string | undefined): string {
  return file === undefined || file === '-' ? '<stdin>' : file
}

/** How much of an input is read, and the flag that says it. */
export interface InputLimit {
  bytes: number
  flag: string
}

/** The limit that a flag of a tool sets. */
export function limitOf({ name }: Flag, options: OptionValues): InputLimit {
  return { bytes: Number(options[optionName(name)]), flag: name }
}

/** @throws FileError */
export function checkSize(name: string, size: number, { bytes, flag }: InputLimit): void {
  if (size <= bytes) return
  throw new FileError(`Error reading file ${name}: larger than ${bytes} bytes (see -${flag})`)
}

/**
 * The bytes of a file; no name or `-` is standard input.
 *
 * @throws FileError
 */
export function readInput(file: string | undefined, limit: InputLimit): Uint8Array {
  const name = inputName(file)
  if (file === undefined || file === '-') return readAll(0, name, limit)
  const descriptor = attempt(`Error reading file ${name}: open ${name}`, () => openSync(file, 'r'))
  try {
    return readAll(descriptor, name, limit)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * The text of an input.
 *
 * @throws FileError, and DocumentError if it is not UTF-8
 */
export function readText(file: string | undefined, limit: InputLimit): string {
  return toText(readInput(file, limit), inputName(file))
}

/** `bytes` as text; @throws DocumentError if they are not UTF-8. */
export function toText(bytes: Uint8Array, name: string): string {
  const text = decodeUtf8(bytes)
  if (typeof text === 'number') throw new DocumentError(`${name}: not valid UTF-8 at byte ${text}`)
  return text
}

function readAll(descriptor: number, name: string, limit: InputLimit): Uint8Array {
  const chunks: Uint8Array[] = []
  let size = 0
  for (;;) {
    const chunk = attempt(`Error reading file ${name}: read ${name}`, () => readChunk(descriptor))
    if (chunk.length === 0) return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks)
    size += chunk.length
    checkSize(name, size, limit)
    chunks.push(chunk)
  }
}

function attempt<T>(what: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw new FileError(`${what}: ${reasonOf(error)}`)
  }
}

/**
 * Writes a whole output: to standard output if `file` is empty or `-`, else to the file, which is
 * replaced in one step, so that nobody ever sees half of it.
 *
 * @throws FileError, OutputClosed
 */
export function writeOutput(file: string, data: string | Uint8Array): void {
  if (file === '' || file === '-') return writeStream(1, data)
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  const existing = statOf(file)
  // Devices and pipes cannot be replaced, and a folder gives the right error when it is opened.
  if (existing && !existing.isFile()) return writeDirectly(file, bytes)
  const target = existing ? realpathSync(file) : danglingTarget(file)
  try {
    replaceFile(target, bytes, existing ? existing.mode & 0o7777 : null)
  } catch (error) {
    throw new FileError(`Error writing file ${file}: ${systemMessage(error, file)}`)
  }
}

function writeDirectly(file: string, bytes: Uint8Array): void {
  const what = `Error writing file ${file}`
  const descriptor = attempt(`${what}: open ${file}`, () => openSync(file, 'w'))
  try {
    writeAll(descriptor, bytes)
  } catch (error) {
    if (systemCode(error) === 'EPIPE') throw new OutputClosed('output closed')
    throw new FileError(`${what}: write ${file}: ${reasonOf(error)}`)
  } finally {
    closeSync(descriptor)
  }
}

function statOf(file: string): Stats | null {
  try {
    return statSync(file)
  } catch {
    return null
  }
}

/** A symbolic link that leads nowhere is refused rather than replaced. */
function danglingTarget(file: string): string {
  const link = lstatSync(file, { throwIfNoEntry: false })
  if (link?.isSymbolicLink())
    throw new FileError(`Error writing file ${file}: open ${file}: dangling symbolic link`)
  return file
}
