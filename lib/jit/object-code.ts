/** Object documents: made from bytecode, and checked when they come from outside. */
import { createHash } from 'node:crypto'
import { instructionPositions } from '../bytecode/instructions.js'
import type { BytecodeFunction, BytecodeProgram } from '../bytecode/program.js'
import { DocumentError } from '../formats/errors.js'
import { writeDocument } from '../formats/write.js'
import { builtinIndex } from '../runtime/builtins/registry.js'
import { emptyWorld } from './build/world.js'
import { type CompileOptions, compileFunction, type Feedback } from './compile.js'
import { feedbackFromProfile } from './feedback-from-profile.js'
import { ABI_VERSION, OBJECT_VERSION, type ObjectDocument, type ObjectFunction } from './object.js'
import type { ProfileDocument } from './profile.js'
import { CompileRefused } from './reasons.js'
import { TARGETS } from './target.js'

export interface Selection {
  /** Only functions of this name; none or '' = all. */
  only?: string
}

export interface ObjectOptions extends Selection {
  /** Specialises the code for what it saw; null = code for all types. */
  profile?: ProfileDocument | null
}

/** The same bytes for the same bytecode and profile: no clock, no stress modes. */
const COMPILE_OPTIONS: CompileOptions = {
  target: TARGETS.arm64,
  world: emptyWorld(builtinIndex),
  verify: true,
  deoptStress: false,
  registers: 0,
  timeout: Number.POSITIVE_INFINITY,
  now: () => 0,
}

/** The reason of an exit that is meant: what follows in the bytecode throws. */
export const THROWS = 'throws'

export interface SelectedFunction {
  fn: BytecodeFunction
  index: number
  feedback: Feedback
}

/**
 * The functions to compile, with what the profile says of them.
 *
 * @throws DocumentError if there is none of that name, or the profile belongs to another program
 */
export function selectFunctions(program: BytecodeProgram, options: ObjectOptions): SelectedFunction[] {
  const { only, profile } = options
  const feedback = profile ? feedbackFromProfile(program, profile) : new Map<number, Feedback>()
  const all = program.functions.map((fn, index) => ({
    fn,
    index,
    feedback: feedback.get(index) ?? new Map(),
  }))
  return named(all, ({ fn }) => fn.name, only, program.source.file)
}

/** The items with the name `only`, all if that is empty. */
export function named<T>(
  items: readonly T[],
  nameOf: (item: T) => string,
  only: string | undefined,
  file: string,
): T[] {
  if (!only) return [...items]
  const found = items.filter((item) => nameOf(item) === only)
  if (found.length === 0) throw new DocumentError(`${file}: there is no function ${JSON.stringify(only)}`)
  return found
}

/**
 * Compiles the functions of a program. One that the compiler refuses has no code, and one exit at
 * offset 0 that says why.
 *
 * @throws DocumentError if no function has the name asked for, or the profile belongs to another program
 */
export function compileObject(program: BytecodeProgram, options: ObjectOptions = {}): ObjectDocument {
  return {
    format: 'rush-object',
    version: OBJECT_VERSION,
    target: 'arm64',
    abi: ABI_VERSION,
    sourceHash: program.sourceHash,
    bytecodeHash: bytecodeHash(program),
    functions: selectFunctions(program, options).map((selected) => compileEntry(program, selected)),
    program,
  }
}

function compileEntry(program: BytecodeProgram, { fn, index, feedback }: SelectedFunction): ObjectFunction {
  const { name } = fn
  try {
    const compiled = compileFunction(program, fn, feedback, COMPILE_OPTIONS)
    return {
      index,
      name,
      code: compiled.code,
      instructionBytes: compiled.instructionBytes,
      relocations: compiled.relocations.map(({ offset, kind, symbol }) => ({ offset, kind, symbol })),
      exits: compiled.exits.map(({ offset, position, reason }) => ({
        offset,
        position,
        reason: reason ?? THROWS,
      })),
      lineMap: [...compiled.lineMap],
    }
  } catch (error) {
    if (!(error instanceof CompileRefused)) throw error
    const exits = [{ offset: 0, position: 0, reason: error.message }]
    return { index, name, code: new Uint8Array(), instructionBytes: 0, relocations: [], exits, lineMap: [] }
  }
}

/** SHA-256 of the bytecode, in whatever order the fields of the document stood. */
export function bytecodeHash(program: BytecodeProgram): string {
  const bytes = writeDocument(sortFields(program) as BytecodeProgram, 'msgpack')
  return createHash('sha256').update(bytes).digest('hex')
}

function sortFields(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortFields)
  if (typeof value !== 'object' || value === null) return value
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(fields.map(([name, field]) => [name, sortFields(field)]))
}

export function codeOf({ code }: ObjectFunction): Uint8Array {
  return typeof code === 'string' ? Buffer.from(code, 'base64') : code
}

/** Bytes that a relocation patches. */
const RELOCATION_BYTES = { call26: 4, abs64: 16, abs32: 8, rel32: 4, imm64: 8, imm32: 4 } as const

/**
 * Checks what the schema cannot: that offsets and positions lie where they should. The program in the
 * document has been verified.
 *
 * @throws DocumentError
 */
export function checkObject(object: ObjectDocument): void {
  const { program, functions } = object
  const fail = (text: string): never => {
    throw new DocumentError(`${program.source.file}: not a valid rush-object document: ${text}`)
  }
  if (object.bytecodeHash !== bytecodeHash(program) || object.sourceHash !== program.sourceHash) {
    fail('its hashes are not those of its program')
  }
  const seen = new Set<number>()
  for (const entry of functions) {
    const { index } = entry
    const fn = program.functions[index]
    if (fn === undefined || fn.name !== entry.name) return fail(`its program has no such function ${index}`)
    if (seen.has(index)) fail(`function ${index} occurs twice`)
    seen.add(index)
    const problem = problemOf(entry, fn)
    if (problem !== null) fail(`function ${index}: ${problem}`)
  }
}

function problemOf(entry: ObjectFunction, fn: BytecodeFunction): string | null {
  const { instructionBytes, relocations, exits, lineMap } = entry
  const size = codeOf(entry).length
  const positions = new Set(instructionPositions(fn.code))
  const isOffset = (offset: number, length = 0): boolean =>
    offset % 4 === 0 && offset + length <= instructionBytes
  if (size % 4 !== 0) return `${size} bytes of code are not whole instructions`
  if (instructionBytes > size || instructionBytes % 4 !== 0)
    return `${instructionBytes} bytes of instructions`
  for (const { offset, kind } of relocations) {
    if (!isOffset(offset, RELOCATION_BYTES[kind])) return `relocation at ${offset}`
  }
  for (const { offset, position } of exits) {
    if (!isOffset(offset) || !positions.has(position)) return `exit at ${offset} to position ${position}`
  }
  if (lineMap.length % 2 !== 0) return 'the line map has an odd length'
  for (let i = 0; i < lineMap.length; i += 2) {
    const offset = lineMap[i] as number
    const position = lineMap[i + 1] as number
    const rises = i === 0 || (lineMap[i - 2] as number) <= offset
    if (!rises || !isOffset(offset) || !positions.has(position)) return `line map at ${offset}`
  }
  return null
}

/** A name for each function that assemblers and linkers take, no two the same. */
export function symbolNames(program: BytecodeProgram): string[] {
  const plain = program.functions.map(({ name }) => {
    const word = name.replace(/^<(.*)>$/, '$1').replace(/[^A-Za-z0-9_.]/g, '_')
    return /^[A-Za-z_]/.test(word) ? word : `_${word}`
  })
  return plain.map((name, index) =>
    plain.indexOf(name) === plain.lastIndexOf(name) ? name : `${name}$${index}`,
  )
}
