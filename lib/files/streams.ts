/** The standard streams: reading and writing at once, whatever state a pipe or terminal is in. */
import { readSync, writeSync } from 'node:fs'
import { systemCode, systemReason } from './reasons.js'

/** A file that cannot be read or written; the message is one line for people. */
export class FileError extends Error {
  override name = 'FileError'
}

/** Whoever read our output has gone: the tool ends without a word, as other Unix tools do. */
export class OutputClosed extends Error {
  override name = 'OutputClosed'
}

/** Bytes that are read or written at a time. */
export const CHUNK = 64 * 1024

export function reasonOf(error: unknown): string {
  const code = systemCode(error)
  return code === null ? 'unknown error' : systemReason(code)
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

/** The next bytes of a file, at most CHUNK; none at its end. Throws the errors of node:fs. */
export function readChunk(descriptor: number): Uint8Array {
  const chunk = Buffer.allocUnsafe(CHUNK)
  return chunk.subarray(
    0,
    whenReady(() => readSync(descriptor, chunk, 0, CHUNK, null)),
  )
}

/** Throws the errors of node:fs. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
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

/** Standard output of a running program, gathered into pieces. */
export class Output {
  private text = ''

  /** @param limit characters that may be held back */
  constructor(private readonly limit = CHUNK) {}

  write(text: string): void {
    this.text += text
    if (this.text.length >= this.limit) this.flush()
  }

  /** @throws OutputClosed, FileError */
  flush(): void {
    if (this.text === '') return
    const text = this.text
    this.text = ''
    writeStream(1, text)
  }
}
