/** Object documents: made from bytecode, and checked when they come from outside. */
import { instructionPositions } from '../bytecode/instructions.js'
import type { BytecodeFunction, BytecodeProgram } from '../bytecode/program.js'
import { DocumentError } from '../formats/errors.js'
import { builtinIndex } from '../runtime/builtins/registry.js'
import { emptyWorld, type World } from './build/world.js'
import { type CompiledFunction, type CompileOptions, compileFunction, type Feedback } from './compile.js'
import { firstExitOf, MAX_CODES, MAX_EXITS } from './exit-numbers.js'
import { feedbackFromProfile } from './feedback-from-profile.js'
import { bytecodeHash, layoutHash } from './hashes.js'
import {
  ABI_VERSION,
  OBJECT_VERSION,
  type ObjectDocument,
  type ObjectFunction,
  type TargetName,
} from './object.js'
import type { ProfileDocument } from './profile.js'
import { CompileRefused, type ExitReason } from './reasons.js'
import { TARGETS, type Target } from './target.js'

export interface Selection {
  /** Only functions of this name; none or '' = all. */
  only?: string
}

export interface ObjectOptions extends Selection {
  /** Specialises the code for what it saw; null = code for all types. */
  profile?: ProfileDocument | null
  /** Whose code is made: arm64 if none is named. */
  target?: TargetName
}

/** The same bytes for the same bytecode and profile: no clock, no stress modes. */
const COMPILE_OPTIONS: Omit<CompileOptions, 'target' | 'world'> = {
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
  /** What the compiler may know of the rest of the program. */
  world: World
}

/**
 * The functions to compile, with what the profile says of them.
 *
 * @throws DocumentError if there is none of that name, or the profile belongs to another program
 */
export function selectFunctions(program: BytecodeProgram, options: ObjectOptions): SelectedFunction[] {
  const { only, profile } = options
  const feedback = profile ? feedbackFromProfile(program, profile) : new Map<number, Feedback>()
  const nowhere = emptyWorld(builtinIndex)
  const world = { ...nowhere, feedbackOf: (target: number) => feedback.get(target) ?? null }
  const all = program.functions.map((fn, index) => ({
    fn,
    index,
    feedback: feedback.get(index) ?? new Map(),
    world,
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
  const target = TARGETS[options.target ?? 'arm64']
  return {
    format: 'rush-object',
    version: OBJECT_VERSION,
    target: target.name,
    abi: ABI_VERSION,
    layout: layoutHash(target),
    sourceHash: program.sourceHash,
    bytecodeHash: bytecodeHash(program),
    functions: selectFunctions(program, options).map((selected) => compileEntry(program, selected, target)),
    program,
  }
}

function compileEntry(
  program: BytecodeProgram,
  { fn, index, feedback, world }: SelectedFunction,
  target: Target,
): ObjectFunction {
  const { name } = fn
  try {
    if (index >= MAX_CODES) throw new CompileRefused('tooLarge', 'too many functions')
    const firstExit = firstExitOf(index)
    const compiled = compileFunction(program, fn, feedback, { ...COMPILE_OPTIONS, target, world, firstExit })
    if (compiled.exits.length > MAX_EXITS) throw new CompileRefused('tooLarge', 'too many exits')
    return objectFunction(index, name, compiled)
  } catch (error) {
    if (!(error instanceof CompileRefused)) throw error
    const exits = [{ offset: 0, position: 0, reason: error.message }]
    return { index, name, code: new Uint8Array(), instructionBytes: 0, relocations: [], exits, lineMap: [] }
  }
}

/** Compiled code as it stands in documents. */
export function objectFunction(index: number, name: string, compiled: CompiledFunction): ObjectFunction {
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
}

/** Code with all that its installation needs. */
export type InstallableCode = Pick<CompiledFunction, 'code' | 'relocations' | 'exits' | 'quickEntry'>

/** A copy of the code, to be relocated; null if there is none. `checkInstallable` has let the document pass. */
export function installable(entry: ObjectFunction): InstallableCode | null {
  const code = Uint8Array.from(codeOf(entry))
  if (code.length === 0) return null
  const exits = entry.exits.map(({ offset, position, reason }) => ({
    offset,
    position,
    reason: reason === THROWS ? null : (reason as ExitReason),
    inlined: false,
  }))
  // Documents do not tell of it: such functions are called with all arguments in the frame.
  return { code, relocations: entry.relocations, exits, quickEntry: null }
}

export function codeOf({ code }: ObjectFunction): Uint8Array {
  return typeof code === 'string' ? Buffer.from(code, 'base64') : code
}

/** A function's code, and where it begins in the text of the object. */
export interface PlacedCode {
  entry: ObjectFunction
  code: Uint8Array
  start: number
}

/** Places the code of all functions that have some one behind the other, each aligned as its target demands. */
export function placeCode(object: ObjectDocument): PlacedCode[] {
  const { codeAlignment } = TARGETS[object.target]
  let end = 0
  return object.functions.flatMap((entry) => {
    const code = codeOf(entry)
    if (code.length === 0) return []
    const start = Math.ceil(end / codeAlignment) * codeAlignment
    end = start + code.length
    return [{ entry, code, start }]
  })
}

/** The placed code as bytes. */
export function textOf(object: ObjectDocument): Uint8Array {
  const placed = placeCode(object)
  const last = placed.at(-1)
  const text = new Uint8Array(last === undefined ? 0 : last.start + last.code.length)
  text.fill(TARGETS[object.target].padding)
  for (const { code, start } of placed) text.set(code, start)
  return text
}

/**
 * Checks what the schema cannot: that offsets and positions lie where they should. The program in the
 * document has been verified.
 *
 * @param file what messages call it
 * @throws DocumentError
 */
export function checkObject(object: ObjectDocument, file = object.program.source.file): void {
  const { program, functions } = object
  const fail = (text: string): never => {
    throw new DocumentError(`${file}: not a valid rush-object document: ${text}`)
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
    const problem = problemOf(entry, fn, TARGETS[object.target])
    if (problem !== null) fail(`function ${index}: ${problem}`)
  }
}

function problemOf(entry: ObjectFunction, fn: BytecodeFunction, target: Target): string | null {
  const { instructionBytes, relocations, exits, lineMap } = entry
  const { unit } = target.instructionSet
  const size = codeOf(entry).length
  const positions = new Set(instructionPositions(fn.code))
  const isOffset = (offset: number, length = 0): boolean =>
    offset % unit === 0 && offset + length <= instructionBytes
  if (size % unit !== 0) return `${size} bytes of code are not whole instructions`
  if (instructionBytes > size || instructionBytes % unit !== 0)
    return `${instructionBytes} bytes of instructions`
  for (const { offset, kind } of relocations) {
    const bytes = target.relocationBytes[kind]
    if (bytes === undefined) return `${kind} is no relocation of ${target.name}`
    if (!isOffset(offset, bytes)) return `relocation at ${offset}`
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
  const counts = new Map<string, number>()
  for (const name of plain) counts.set(name, (counts.get(name) ?? 0) + 1)
  return plain.map((name, index) => (counts.get(name) === 1 ? name : `${name}$${index}`))
}
