/** The system's words for errors of node:fs, the same in every message of Rush. */

/** System errors in the usual words, which are not always those of Node. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EAGAIN: 'resource temporarily unavailable',
  EBADF: 'bad file descriptor',
  EBUSY: 'device or resource busy',
  EDQUOT: 'disk quota exceeded',
  EEXIST: 'file exists',
  EFBIG: 'file too large',
  EINTR: 'interrupted system call',
  EINVAL: 'invalid argument',
  EIO: 'input/output error',
  EISDIR: 'is a directory',
  ELOOP: 'too many levels of symbolic links',
  EMFILE: 'too many open files',
  EMLINK: 'too many links',
  ENAMETOOLONG: 'file name too long',
  ENFILE: 'too many open files in system',
  ENODEV: 'no such device',
  ENOENT: 'no such file or directory',
  ENOMEM: 'cannot allocate memory',
  ENOSPC: 'no space left on device',
  ENOTDIR: 'not a directory',
  ENOTEMPTY: 'directory not empty',
  ENXIO: 'no such device or address',
  EOVERFLOW: 'value too large for defined data type',
  EPERM: 'operation not permitted',
  EPIPE: 'broken pipe',
  EROFS: 'read-only file system',
  ESPIPE: 'illegal seek',
  ETXTBSY: 'text file busy',
  /** Node refuses names with a zero byte itself. */
  ERR_INVALID_ARG_VALUE: 'invalid argument',
  /** It also has limits of its own, of 2 GiB for a file and of half a GiB for a text. */
  ERR_FS_FILE_TOO_LARGE: 'file too large',
  ERR_STRING_TOO_LONG: 'file too large',
}

/** The code of a system error (`ENOENT`), or null if the exception is something else. */
export function systemCode(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  const { code, errno } = error as NodeJS.ErrnoException
  return typeof code === 'string' && (errno !== undefined || code in REASONS) ? code : null
}

/** What a code means, in words: `no such file or directory`. */
export function systemReason(code: string): string {
  return REASONS[code] ?? code.toLowerCase()
}

/**
 * What the system refused to do with a file: `open NAME: no such file or directory`. Anything but a system
 * error is thrown on.
 */
export function systemMessage(error: unknown, name: string): string {
  const code = systemCode(error)
  if (code === null) throw error
  return `${(error as NodeJS.ErrnoException).syscall ?? 'open'} ${name}: ${systemReason(code)}`
}
