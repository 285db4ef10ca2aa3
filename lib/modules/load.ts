/** Collects the modules of a program into its AST document. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { systemCode, systemReason } from '../files/reasons.js'
import { decodeUtf8 } from '../formats/utf8.js'
import {
  type AstDocument,
  type Diagnostic,
  type ImportLink,
  type Module,
  type Program,
  parse,
  placesIn,
  type Source,
} from '../syntax/index.js'
import { resolvePlace } from './places.js'

/** What messages call a program that came from standard input; its imports count from the working directory. */
export const STANDARD_INPUT = '<stdin>'

export interface LoadResult {
  document: AstDocument
  /** Mistakes in the main program; if there are any, nothing was loaded. */
  diagnostics: Diagnostic[]
}

/** Parses a program and, if it has no mistakes, every module that it may import. */
export function loadProgram(text: string, file: string): LoadResult {
  const { program, diagnostics } = parse(text, file)
  const source = makeSource(text, file)
  const document: AstDocument = { format: 'rush-ast', version: 2, source, program, imports: [], modules: [] }
  if (diagnostics.length === 0) document.imports = new Loader(document.modules).linksOf(program, file)
  return { document, diagnostics }
}

/** The text of a file of the program, by the name that messages call it. */
export function textOfFile(document: AstDocument, file: string): string {
  for (const module of document.modules) {
    if ('source' in module && module.source.file === file) return module.source.text
  }
  return document.source.text
}

function makeSource(text: string, file: string): Source {
  return { file, text, hash: createHash('sha256').update(text).digest('hex') }
}

class Loader {
  /** Numbers of modules by the path of their file, or by their place if there is no file. */
  private readonly numbers = new Map<string, number>()

  constructor(private readonly modules: Module[]) {}

  /** Loads what the import statements of one file name, depth first. */
  linksOf(program: Program, file: string): ImportLink[] {
    const importer = file === STANDARD_INPUT ? '' : file
    return placesIn(program).map((place) => ({ place, module: this.load(place, importer) }))
  }

  private load(place: string, importer: string): number {
    const found = resolvePlace(place, importer)
    const key = found === null ? place : found.path
    const known = this.numbers.get(key)
    if (known !== undefined) return known
    const number = this.modules.length
    this.numbers.set(key, number)
    const failed = (error: string): number => {
      this.modules[number] = { file: found?.name ?? place, error }
      return number
    }
    if (found === null) return failed(`standard library module not found: ${place}`)
    const text = readSource(found.path)
    if (typeof text !== 'string') return failed(text.error)
    const { program, diagnostics } = parse(text, found.name)
    if (diagnostics.length > 0) {
      const mistakes = diagnostics.map(({ line, column, message }) => `line ${line}:${column}: ${message}`)
      return failed(`parse errors in module ${found.path}: [${mistakes.join(' ')}]`)
    }
    const module: Module = { source: makeSource(text, found.name), program, imports: [] }
    this.modules[number] = module
    module.imports = this.linksOf(program, found.name)
    return number
  }
}

function readSource(path: string): string | { error: string } {
  let bytes: Uint8Array
  try {
    bytes = readFileSync(path)
  } catch (error) {
    const code = systemCode(error)
    if (code === null) throw error
    const action = code === 'EISDIR' ? 'read' : 'open'
    return { error: `failed to read module ${path}: ${action} ${path}: ${systemReason(code)}` }
  }
  const text = decodeUtf8(bytes)
  if (typeof text === 'string') return text
  return { error: `failed to read module ${path}: not valid UTF-8 at byte ${text}` }
}
