/** Files and standard streams of the tools: read whole inputs, write whole outputs, one-line errors. */
import {
  closeSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs'
import { systemCode, systemMessage, systemReason } from '../../lib/files/reasons.js'
import { replaceFile } from '../../lib/files/replace.js'
import { DocumentError } from '../../lib/formats/errors.js'
import { decodeUtf8 } from '../../lib/formats/utf8.js'

/** A file that cannot be read or written; the message is one line for people. */
export class FileError extends Error {
  override name = 'FileError'
}

/** Whoever read our output has gone: the tool ends without a word, as other Unix tools do. */
export class OutputClosed extends Error {
  override name = 'OutputClosed'
}

function reasonOf(error: unknown): string {
  const code = systemCode(error)
  return code === null ? 'unknown error' : systemReason(code)
}

/** What messages call an input. */
export function inputName(file: string | undefined): string {
  return file === undefined || file === '-' ? '<stdin>' : file
}

/**
 * The bytes of a file; no name or `-` is standard input.
 *
 * @throws FileError
 */
export function readInput(file: string | undefined): Uint8Array {
  const name = inputName(file)
  if (file === undefined || file === '-') return readAll(0, name)
  const descriptor = attempt(`Error reading file ${name}: open ${name}`, () => openSync(file, 'r'))
  try {
    return readAll(descriptor, name)
  } finally {
    closeSync(descriptor)
  }
}

/**
 * The text of an input.
 *
 * @throws FileError, and DocumentError if it is not UTF-8
 */
export function readText(file: string | undefined): string {
  return toText(readInput(file), inputName(file))
}

/** `bytes` as text; @throws DocumentError if they are not UTF-8. */
export function toText(bytes: Uint8Array, name: string): string {
  const text = decodeUtf8(bytes)
  if (typeof text === 'number') throw new DocumentError(`${name}: not valid UTF-8 at byte ${text}`)
  return text
}

const CHUNK = 64 * 1024

function readAll(descriptor: number, name: string): Uint8Array {
  const chunks: Uint8Array[] = []
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK)
    const length = attempt(`Error reading file ${name}: read ${name}`, () =>
      whenReady(() => readSync(descriptor, chunk, 0, CHUNK, null)),
    )
    if (length === 0) return chunks.length === 1 ? (chunks[0] as Uint8Array) : Buffer.concat(chunks)
    chunks.push(chunk.subarray(0, length))
  }
}

function attempt<T>(what: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw new FileError(`${what}: ${reasonOf(error)}`)
  }
}

/** Repeats an operation that a pipe or terminal in non-blocking mode refuses for the moment. */
function whenReady(operation: () => number): number {
  for (;;) {
    try {
      return operation()
    } catch (error) {
      if (systemCode(error) !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length; ) {
    const from = offset
    offset += whenReady(() => writeSync(descriptor, bytes, from))
  }
}

/** Writes to standard output or standard error at once; @throws OutputClosed, FileError */
export function writeStream(descriptor: 1 | 2, data: string | Uint8Array): void {
  try {
    writeAll(descriptor, typeof data === 'string' ? Buffer.from(data) : data)
  } catch (error) {
    if (systemCode(error) === 'EPIPE') throw new OutputClosed('output closed')
    if (descriptor === 2) return
    throw new FileError(`Error writing standard output: ${reasonOf(error)}`)
  }
}

/** Writes to standard error; nobody to read it is no reason to fail. */
export function writeError(text: string): void {
  try {
    writeStream(2, text)
  } catch (error) {
    if (!(error instanceof OutputClosed)) throw error
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

/** Standard output of a running program, gathered into pieces of 64 KiB. */
export class Output {
  private text = ''

  write(text: string): void {
    this.text += text
    if (this.text.length >= CHUNK) this.flush()
  }

  /** @throws OutputClosed, FileError */
  flush(): void {
    if (this.text === '') return
    const text = this.text
    this.text = ''
    writeStream(1, text)
  }
}
