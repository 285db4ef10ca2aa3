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

/** Where output is held back. Whoever ends the process on a signal finds there what is still to be written. */
export interface HeldMemory {
  bytes: Buffer
  /**
   * HELD_START, HELD_END: the bytes between these offsets were not written yet, as far as is known: HELD_WRITING is 1
   * while those from HELD_START on are. HELD_DEFERRED: number of a signal that came meanwhile.
   */
  marks: Int32Array
}
export const HELD_START = 0
export const HELD_END = 1
export const HELD_WRITING = 2
export const HELD_DEFERRED = 3

function heldMemory(bytes: number): HeldMemory {
  return { bytes: Buffer.allocUnsafeSlow(bytes), marks: new Int32Array(4) }
}

/**
 * Bytes that are written at a time: a pipe takes so many or none (PIPE_BUF), so that a process that is killed meanwhile
 * leaves no part of a piece behind.
 */
const PIECE = 4096
/** Where the piece that begins at `start` ends: behind a line, if it can be. */
function pieceEnd(bytes: Buffer, start: number, end: number): number {
  if (end - start <= PIECE) return end
  const line = bytes.lastIndexOf(LINE_FEED, start + PIECE - 1)
  return line < start ? start + PIECE : line + 1
}

const LINE_FEED = 10

/** Longer than this, in milliseconds, nothing is held back while the program goes on printing. */
const HELD_TIME = 20
/** Most bytes of a UTF-16 unit in UTF-8. */
const UNIT_BYTES = 3

/**
 * Standard output of a running program, gathered into pieces: what comes in quick succession is written together.
 * What a program printed last before it computes for long must not wait; see `onHeld` and `moveTo`.
 */
export class Output {
  private memory: HeldMemory
  private flushed = 0
  /** Called when something begins to be held back: `flush` shall follow soon. */
  onHeld: (() => void) | null = null

  /** @param capacity bytes that may be held back */
  constructor(private readonly capacity = CHUNK) {
    this.memory = heldMemory(capacity)
  }

  write(text: string): void {
    const most = text.length * UNIT_BYTES
    const { bytes, marks } = this.memory
    if ((marks[HELD_END] as number) + most > this.capacity) this.flush()
    if (most > this.capacity) return writeStream(1, text)
    const end = marks[HELD_END] as number
    marks[HELD_END] = end + bytes.write(text, end)
    // A clock that was set tells nothing: then it is time to write, too.
    const age = Date.now() - this.flushed
    if (age > HELD_TIME || age < 0) this.flush()
    else if (end === 0) this.onHeld?.()
  }

  /** @throws OutputClosed, FileError */
  flush(): void {
    const { bytes, marks } = this.memory
    const end = marks[HELD_END] as number
    if (end === 0) return
    try {
      for (let start = marks[HELD_START] as number; start < end; start = marks[HELD_START] as number) {
        this.writePiece(start, pieceEnd(bytes, start, end))
      }
    } finally {
      marks[HELD_END] = 0
      marks[HELD_START] = 0
      this.flushed = Date.now()
    }
  }

  /** A signal that could not end the process in the midst of the write does behind it. */
  private writePiece(start: number, next: number): void {
    const { bytes, marks } = this.memory
    marks[HELD_WRITING] = 1
    try {
      writeStream(1, bytes.subarray(start, next))
      marks[HELD_START] = next
    } finally {
      marks[HELD_WRITING] = 0
      const signal = marks[HELD_DEFERRED] as number
      marks[HELD_DEFERRED] = 0
      if (signal !== 0) process.kill(process.pid, signal)
    }
  }

  /** From now on output is held in `memory`, of the size that `heldBytes` tells. */
  moveTo(memory: HeldMemory): void {
    this.flush()
    this.memory = memory
  }

  get heldBytes(): number {
    return this.capacity
  }
}
