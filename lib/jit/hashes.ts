/** The hashes that bind an object document to what it was made for. */
import type { BytecodeProgram } from '../bytecode/program.js'
import { sha256 } from '../files/sha256.js'
import { canonicalHash, sortFields } from '../formats/canonical.js'
import * as layout from '../heap/layout.js'
import { BUILTINS } from '../runtime/builtins/registry.js'
import * as frames from '../runtime/frames.js'
import * as methodCache from '../runtime/method-cache.js'
import * as requests from '../vm/segments.js'
import { makeRoutine, ROUTINES, type RoutineName } from './routines/routines.js'
import type { Target } from './target.js'

/**
 * Hash of what native code relies on besides the ABI version that people keep: where things lie in the heap, how
 * built-in functions are numbered, what stubs and routines do with registers.
 */
export function layoutHash(target: Target): string {
  // Of the modules their tables and constants.
  const facts = {
    layout,
    builtins: BUILTINS.map(({ name }) => name),
    frames,
    methodCache,
    requests,
    roles: target.roles,
    nativeFrame: target.frame,
    routines: (Object.keys(ROUTINES) as RoutineName[]).map((name) =>
      base64(makeRoutine(target.makeMachine(), name)),
    ),
    stubs: base64(target.makeStubs(0n).code),
  }
  return sha256(JSON.stringify(sortFields(facts)))
}

function base64(code: Uint8Array): string {
  return Buffer.from(code).toString('base64')
}

/** SHA-256 of the bytecode, in whatever order the fields of the document stood. */
export function bytecodeHash(program: BytecodeProgram): string {
  return canonicalHash(program)
}
