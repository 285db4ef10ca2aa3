/**
 * What native code from a document relies on besides the ABI version that people keep: where things lie in the
 * heap, how built-in functions are numbered, what the stubs do with registers. A hash of it all tells when code
 * was made by a Rush in which something of that was different.
 */
import { createHash } from 'node:crypto'
import * as layout from '../heap/layout.js'
import { BUILTINS } from '../runtime/builtins/registry.js'
import { LINK_BOUNDARY, LINK_POSITION, LINK_TAG, linkTag } from '../runtime/frames.js'
import { Status } from '../vm/segments.js'
import type { Target } from './target.js'

export function layoutHash(target: Target): string {
  const facts = {
    layout,
    builtins: BUILTINS.map(({ name }) => name),
    frames: [LINK_TAG, LINK_POSITION, LINK_BOUNDARY, linkTag(1)],
    status: Status,
    roles: target.roles,
    nativeFrame: target.frame,
    stubs: Buffer.from(target.makeStubs(0n).code).toString('base64'),
  }
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex')
}
