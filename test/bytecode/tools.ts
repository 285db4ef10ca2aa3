/** What the bytecode tests share: compiling sources, writing code by hand, finding the conformance programs. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type BytecodeFunction,
  type BytecodeProgram,
  compile,
  Op,
  type OpcodeName,
} from '../../lib/bytecode/index.js'
import { loadProgram } from '../../lib/modules/load.js'
import type { AstDocument } from '../../lib/syntax/index.js'

const BUILTINS = new Set(['print', 'type', 'push', 'pop', 'len', 'str', 'Error', 'TypeError'])

export function isBuiltin(name: string): boolean {
  return BUILTINS.has(name)
}

export function document(text: string, file = 'test.rush'): AstDocument {
  const { document, diagnostics } = loadProgram(text, file)
  const [first] = diagnostics
  if (first !== undefined) throw new Error(`${file}:${first.line}:${first.column}: ${first.message}`)
  return document
}

/** Compiles a source without mistakes. */
export function compileText(text: string, file = 'test.rush'): BytecodeProgram {
  const { program, diagnostics } = compile(document(text, file), isBuiltin)
  const [first] = diagnostics
  if (first !== undefined) throw new Error(`${file}:${first.line}:${first.column}: ${first.message}`)
  return program
}

/** Code by hand: `[['Integer', 1], ['Return']]`. */
export type Listing = readonly (readonly [OpcodeName, ...number[]])[]

export function words(listing: Listing): number[] {
  return listing.flatMap(([name, ...operands]) => [Op[name], ...operands])
}

export function functionOf(listing: Listing, rest: Partial<BytecodeFunction> = {}): BytecodeFunction {
  return {
    name: 'f',
    parameters: [],
    method: false,
    locals: 0,
    maxStack: 8,
    captures: [],
    code: words(listing),
    lines: [],
    handlers: [],
    text: 'fn() {}',
    ...rest,
  }
}

/** A program around hand-written functions; number 0 is the main one. */
export function programOf(
  functions: BytecodeFunction[],
  rest: Partial<BytecodeProgram> = {},
): BytecodeProgram {
  return {
    format: 'rush-bytecode',
    version: 2,
    sourceHash: '',
    source: { file: 'test.rush', text: '' },
    constants: [
      { type: 'string', value: 'name' },
      { type: 'integer', value: 7 },
    ],
    functions,
    classes: [{ name: 'C', fields: [] }],
    globals: ['g'],
    builtins: ['print'],
    main: 0,
    modules: [],
    ...rest,
  }
}

/** The tests run from `dist/test/bytecode`, the programs stay in `test/conformance`. */
const CONFORMANCE = fileURLToPath(new URL('../../../test/conformance/', import.meta.url))

/** The conformance programs that parse. */
export function conformancePrograms(): { file: string; document: AstDocument }[] {
  const programs: { file: string; document: AstDocument }[] = []
  for (const folder of ['core', 'data-types', 'system']) {
    for (const name of readdirSync(join(CONFORMANCE, folder)).sort()) {
      if (!name.endsWith('.rush')) continue
      const file = `${folder}/${name}`
      const text = readFileSync(join(CONFORMANCE, file), 'utf8')
      // Modules are looked for beside the program.
      const { document, diagnostics } = loadProgram(text, join(CONFORMANCE, file))
      if (diagnostics.length === 0) programs.push({ file, document })
    }
  }
  return programs
}
