/** Collects the modules of a program into its AST document. */

import { ALL_FILES, type FileAccess } from '../files/access.js'
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
import type { Dependencies } from './dependencies.js'
import { type ModuleFile, resolvePlace } from './places.js'
import { hashOf, readSource, stateOf } from './source-files.js'

/** What messages call a program that came from standard input; its imports count from the working directory. */
export const STANDARD_INPUT = '<stdin>'

export interface LoadLimits {
  /** What may be read; a module that may not be is one that cannot be had. */
  files: FileAccess
  /** Bytes of a program with its modules. */
  maxSource: number
}

export interface LoadResult {
  document: AstDocument
  /** Mistakes in the main program; if there are any, nothing was loaded. */
  diagnostics: Diagnostic[]
  /** What the document was made of besides the text of the main program. */
  dependencies: Dependencies
}

/**
 * Parses a program and, if it has no mistakes, every module that it may import.
 *
 * @param names what messages call the files of modules, by path: pieces of an interactive session share it,
 *   so that a file has one name however it is reached
 */
export function loadProgram(
  text: string,
  file: string,
  names: Map<string, string> = new Map(),
  { files, maxSource }: LoadLimits = { files: ALL_FILES, maxSource: Number.POSITIVE_INFINITY },
): LoadResult {
  const { program, diagnostics } = parse(text, file)
  const source = makeSource(text, file)
  const document: AstDocument = { format: 'rush-ast', version: 2, source, program, imports: [], modules: [] }
  const dependencies: Dependencies = { places: [], files: [] }
  if (diagnostics.length === 0) {
    document.imports = new Loader(
      document.modules,
      dependencies,
      names,
      files,
      maxSource - text.length,
    ).linksOf(program, file)
  }
  return { document, diagnostics, dependencies }
}

/** The text of a file of the program, by the name that messages call it. */
export function textOfFile(document: AstDocument, file: string): string {
  for (const module of document.modules) {
    if ('source' in module && module.source.file === file) return module.source.text
  }
  return document.source.text
}

/** The hash is made when somebody wants it: it is for documents, and a run needs none. */
function makeSource(text: string, file: string): Source {
  let hash: string | null = null
  return {
    file,
    text,
    get hash() {
      hash ??= hashOf(text)
      return hash
    },
  }
}

/** A file whose import statements are being followed. */
interface Importer {
  /** As places are resolved from it; empty: the working directory. */
  file: string
  places: readonly string[]
  /** Of the first places. */
  links: ImportLink[]
}

class Loader {
  /** Numbers of modules by the path of their file, or by their place if there is no file. */
  private readonly numbers = new Map<string, number>()
  /** From the main program to the file that is being followed: depth first, and as deep as files go. */
  private readonly open: Importer[] = []

  constructor(
    private readonly modules: Module[],
    private readonly dependencies: Dependencies,
    private readonly names: Map<string, string>,
    private readonly files: FileAccess,
    /** Bytes that modules may still have. */
    private room: number,
  ) {}

  /** Loads what the import statements of the main program name, and so on. */
  linksOf(program: Program, file: string): ImportLink[] {
    const links: ImportLink[] = []
    this.follow(program, file === STANDARD_INPUT ? '' : file, links)
    for (let top = this.open.pop(); top !== undefined; top = this.open.pop()) {
      const place = top.places[top.links.length]
      if (place === undefined) continue
      this.open.push(top)
      top.links.push({ place, module: this.load(place, top.file) })
    }
    return links
  }

  private follow(program: Program, file: string, links: ImportLink[]): void {
    this.open.push({ file, places: placesIn(program), links })
  }

  /** @returns the number of the module; if it is new, its import statements are followed next */
  private load(place: string, importer: string): number {
    const found = resolvePlace(place, importer, this.files)
    this.dependencies.places.push({ importer, place, path: found?.path ?? null })
    const key = found === null ? place : found.path
    const known = this.numbers.get(key)
    if (known !== undefined) return known
    const number = this.modules.length
    this.numbers.set(key, number)
    const name = found === null ? place : this.nameOf(found)
    const failed = (error: string): number => {
      this.modules[number] = { file: name, error }
      return number
    }
    if (found === null) return failed(`standard library module not found: ${place}`)
    const text = readSource(found.path, found.standard ? ALL_FILES : this.files, this.room)
    this.dependencies.files.push({ path: found.path, state: stateOf(text) })
    if (typeof text !== 'string') return failed(text.error)
    this.room -= text.length
    const { program, diagnostics } = parse(text, name)
    if (diagnostics.length > 0) {
      const mistakes = diagnostics.map(({ line, column, message }) => `line ${line}:${column}: ${message}`)
      return failed(`parse errors in module ${found.path}: [${mistakes.join(' ')}]`)
    }
    const module: Module = { source: makeSource(text, name), program, imports: [] }
    this.modules[number] = module
    this.follow(program, name, module.imports)
    return number
  }

  private nameOf({ name, path }: ModuleFile): string {
    const known = this.names.get(path)
    if (known === undefined) this.names.set(path, name)
    return known ?? name
  }
}
