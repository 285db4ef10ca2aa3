/** The bytecode document (`.rbc`) and its parts. `schemas/bytecode.schema.json` says the same to tools. */

export const BYTECODE_VERSION = 2

/** Integers beyond 2^53 are decimal strings, so that JSON keeps them exact. */
export type Constant =
  | { type: 'integer'; value: number | string }
  | { type: 'float'; value: number }
  | { type: 'string'; value: string }

/** Where a closure takes a cell from: the creating frame's local, or its own captured cells. */
export interface Capture {
  from: 'local' | 'upvalue'
  index: number
}

/** While `start <= position < end`, an error goes to `target` with `depth` operands kept and the error pushed. */
export interface Handler {
  start: number
  end: number
  target: number
  depth: number
}

export interface BytecodeFunction {
  /** For people: what it was first assigned to, the method's name, `<main>` or `<anonymous>`. */
  name: string
  /** As written; a method's `self` is not among them but takes local 0. */
  parameters: string[]
  method: boolean
  /** Local slots, parameters (and `self`) first. */
  locals: number
  /** Highest operand stack depth. */
  maxStack: number
  captures: Capture[]
  code: number[]
  /** Groups of [position, line, column], by rising position: each holds up to the next. */
  lines: number[]
  /** Innermost first. */
  handlers: Handler[]
  /** The text form of the function value (core.md section 5). */
  text: string
}

export interface ClassDescriptor {
  name: string
  /** Instance variables that the class's text mentions, in order of first mention. */
  fields: string[]
}

/** A module of the program. Its functions stand behind those of the main program and earlier modules. */
export interface LoadedModule {
  source: { file: string; text: string }
  sourceHash: string
  /** Index of the function that is its body, the first of its functions. */
  main: number
  /** Slots of its file-level variables: `first` up to, not including, `end`. A run begins with all empty. */
  globals: { first: number; end: number }
}

/** A module that could not be had: importing it is an error. */
export interface FailedModule {
  file: string
  /** What follows `failed to import module PLACE: `. */
  error: string
}

export type Module = LoadedModule | FailedModule

/** What the name of the file-level variable begins with that holds an export; the exported name follows. */
export const EXPORT_PREFIX = 'export '

/** `main` of a module that an interactive session has run before: nothing here imports it again. */
export const NO_BODY = -1

export interface BytecodeProgram {
  format: 'rush-bytecode'
  version: typeof BYTECODE_VERSION
  /** SHA-256 of the source text, hexadecimal. */
  sourceHash: string
  source: { file: string; text: string }
  constants: Constant[]
  functions: BytecodeFunction[]
  classes: ClassDescriptor[]
  /** Names of the file-level variables, by slot. */
  globals: string[]
  /** Names of the built-in functions used: the program's builtins table. */
  builtins: string[]
  /** Index of the function that is the main program's body. */
  main: number
  modules: Module[]
}

/** The source text that the function with this index stands in. */
export function sourceOfFunction(program: BytecodeProgram, index: number): { file: string; text: string } {
  let { source } = program
  for (const module of program.modules) {
    if ('error' in module || module.main === NO_BODY) continue
    if (module.main > index) break
    source = module.source
  }
  return source
}

/** The same of all functions. */
export function sourcesOfFunctions(program: BytecodeProgram): { file: string; text: string }[] {
  const begins = new Map<number, { file: string; text: string }>()
  for (const module of program.modules) if ('main' in module) begins.set(module.main, module.source)
  let { source } = program
  return program.functions.map((_, index) => {
    source = begins.get(index) ?? source
    return source
  })
}

/** The hashes of the modules' texts, in their order; of those that could not be had there is none. */
export function moduleHashes({ modules }: BytecodeProgram): string[] {
  return modules.flatMap((module) => ('error' in module ? [] : [module.sourceHash]))
}
