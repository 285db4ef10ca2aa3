/**
 * The file system as programs see it. Whoever does something with files on behalf of a program goes through a
 * `FileAccess`, and so is under the sandbox if there is one (`sandbox.ts`); `test/support/check-layers.ts`
 * sees to it. Everything here throws the errors of node:fs.
 */
import * as fs from 'node:fs'

export const { O_RDONLY, O_RDWR, O_WRONLY, O_CREAT, O_TRUNC, O_APPEND } = fs.constants

/** A name in the form that node:fs takes; bytes if it is not UTF-8. */
export type FileName = string | Buffer

/** What an operation does with what it finds. */
export type Purpose = 'read' | 'write'

/** What a program may ask about an entry. */
export interface EntryStatus {
  readonly size: number
  isDirectory(): boolean
}

export interface FileAccess {
  /** @returns a descriptor; `flags` as for `open(2)` */
  open(name: FileName, flags: number): number
  /** Follows links. `purpose`: why somebody wants to know. */
  status(name: FileName, purpose: Purpose): EntryStatus
  makeFolder(name: FileName): void
  /** The names in a folder, in no order. */
  entries(name: FileName, purpose: Purpose): Buffer[]
  /** Removes a file, a link or an empty folder. */
  remove(name: FileName): void
  workingFolder(): string
}

/** Permissions of new files and folders, less those that the user's mask takes away. */
const FILE_MODE = 0o666
const FOLDER_MODE = 0o755

/** Whatever the user may. */
export const ALL_FILES: FileAccess = {
  open: (name, flags) => fs.openSync(name, flags, FILE_MODE),
  status: (name) => fs.statSync(name),
  makeFolder: (name) => makeFolder(name),
  entries: (name) => fs.readdirSync(name, 'buffer') as Buffer[],
  remove: (name) => removeEntry(name),
  workingFolder: () => process.cwd(),
}

export function makeFolder(name: FileName): void {
  fs.mkdirSync(name, FOLDER_MODE)
}

/** Removes a file or an empty folder. */
export function removeEntry(name: FileName): void {
  try {
    fs.unlinkSync(name)
  } catch (first) {
    try {
      fs.rmdirSync(name)
    } catch (second) {
      // Of the two reasons the one that fits the kind of entry.
      throw (second as NodeJS.ErrnoException).code === 'ENOTDIR' ? first : second
    }
  }
}

/** Bytes asked of the system in one read when it does not know how many there are. */
const READ_SIZE = 65536

/**
 * Everything from the present position of an open file to its end.
 *
 * @param limit bytes; more are too many, and `tooMany` is called, which throws
 */
export function readRest(descriptor: number, limit: number, tooMany: (bytes: number) => never): Buffer {
  const pieces: Buffer[] = []
  const size = Math.min(fs.fstatSync(descriptor).size, limit)
  let total = 0
  for (let wanted = size + 1; ; wanted = READ_SIZE) {
    const piece = Buffer.allocUnsafe(wanted)
    const count = fs.readSync(descriptor, piece, 0, wanted, null)
    if (count === 0) return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces)
    total += count
    if (total > limit) tooMany(total)
    pieces.push(piece.subarray(0, count))
  }
}

/** All of a file; see `readRest`. */
export function readFile(
  name: FileName,
  files: FileAccess,
  limit: number,
  tooMany: (bytes: number) => never,
): Buffer {
  const descriptor = files.open(name, O_RDONLY)
  try {
    return readRest(descriptor, limit, tooMany)
  } finally {
    fs.closeSync(descriptor)
  }
}

/** Writes all bytes to an open file. */
export function writeBytes(descriptor: number, bytes: Buffer): void {
  let done = 0
  do {
    // Also if there is nothing to write: the system says whether that is allowed.
    done += fs.writeSync(descriptor, bytes, done, bytes.length - done, null)
  } while (done < bytes.length)
}

export function closeFile(descriptor: number): void {
  fs.closeSync(descriptor)
}
