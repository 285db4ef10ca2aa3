/** Sample documents for the tests of formats. */
import { type BytecodeProgram, compile } from '../../lib/bytecode/index.js'
import type { DocumentTypes } from '../../lib/formats/envelope.js'
import { loadProgram } from '../../lib/modules/load.js'
import type { AstDocument } from '../../lib/syntax/index.js'

/** Every node type, a module that is there and one that is not, large integers, escapes, and characters beyond the Basic Multilingual Plane. */
export const SOURCE = `# 😀 tour
import { a as b, c } from "./m"
import { PI } from "std/math"
export limit = 9223372036854775807
big = 9007199254740993
text = "tab\\t quote\\" é 😀"
fn add(x, y) { return x + y * 2.5 }
class Point < Base {
  fn initialize(x) { super(x); @x = [1, {"k": null, 2: true}] }
  fn get() { return @x[0] }
}
p = Point.new(3)
p.get()
if (!(1 < 2) && false || -3 >= 4) { 1 } else if (2 != 3) { 2 } else { 3 }
for (i = 0; i < 3; i = i + 1) { if (i == 1) { continue } else { break } }
while (false) { x[0] = 1 }
switch (big) { case 1, 2: { print(1) } default: print(2) }
try { throw "no" } catch (TypeError e) { 1 } catch (e) { 2 } finally { 3 }
`

export function astOf(text: string): AstDocument {
  const { document, diagnostics } = loadProgram(text, 'sample.rush')
  if (diagnostics.length > 0) throw new Error(diagnostics[0]?.message)
  return document
}

export function bytecodeOf(text: string): BytecodeProgram {
  return compile(astOf(text), (name) => name === 'print').program
}

/** One document of each kind. */
export function sampleDocuments(): DocumentTypes {
  const program = bytecodeOf(SOURCE)
  const { sourceHash } = program
  return {
    'rush-ast': astOf(SOURCE),
    'rush-bytecode': program,
    'rush-profile': {
      format: 'rush-profile',
      version: 4,
      sourceHash,
      moduleHashes: [sourceHash],
      functions: [
        {
          index: 1,
          name: 'add',
          calls: 5_000_000_000,
          backEdges: 0,
          nativeCalls: 3,
          parameters: [['INTEGER'], ['FLOAT', 'INTEGER']],
          results: ['INTEGER'],
          sites: [
            { position: 2, types: [['INTEGER'], ['FLOAT', 'INTEGER']] },
            { position: 5, targets: [1, 2], builtins: ['len'] },
            { position: 9, taken: 3, notTaken: 0 },
          ],
        },
      ],
    },
    'rush-object': {
      format: 'rush-object',
      version: 3,
      target: 'arm64',
      abi: 4,
      layout: sourceHash,
      sourceHash,
      bytecodeHash: sourceHash,
      functions: [
        {
          index: 0,
          name: '<main>',
          code: Uint8Array.from({ length: 300 }, (_, index) => index & 0xff),
          instructionBytes: 256,
          relocations: [{ offset: 4, kind: 'call26', symbol: 'add' }],
          exits: [{ offset: 8, position: 2, reason: 'not an integer' }],
          lineMap: [0, 0, 8, 2],
        },
      ],
      program,
    },
  }
}

/** A generator of pseudo-random numbers in [0, limit): the same for the same seed (mulberry32). */
export function randomNumbers(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}
