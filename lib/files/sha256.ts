/** SHA-256. Node's crypto module brings half of Node with it, and most runs need no hash: loaded at the first. */
import { createRequire } from 'node:module'

/** The hash of bytes or of a text in UTF-8, hexadecimal. */
export function sha256(data: string | Uint8Array): string {
  const { createHash } = createRequire(import.meta.url)('node:crypto') as typeof import('node:crypto')
  return createHash('sha256').update(data).digest('hex')
}
