/**
 * From source text to syntax tree: the one entry point of the parser.
 */
import type { Program } from './ast.js'
import { type Diagnostic, diagnosticAt, MAX_DIAGNOSTICS } from './diagnostics.js'
import { tokenize } from './lexer.js'
import { StatementParser } from './parse-statements.js'
import { nodeBelow } from './walk.js'

/**
 * No node stands deeper than this below the program, so that later stages may recurse over the tree.
 * It limits what nesting does not: chains such as `1 + 1 + 1 ...`, `a.b.c ...` and `else if ...`.
 */
export const MAX_TREE_HEIGHT = 1200

/** A token adds at most this many levels to the tree; see `parse`. */
const LEVELS_PER_TOKEN = 3

export interface ParseResult {
  /** Complete only if there are no diagnostics. */
  program: Program
  /** In the order of the text, at most `MAX_DIAGNOSTICS`. */
  diagnostics: Diagnostic[]
}

/**
 * Parses a source text; `file` is the name used in messages. Never throws: whatever the text is,
 * mistakes are listed in `diagnostics`.
 */
export function parse(text: string, file: string): ParseResult {
  const lexed = tokenize(text, file)
  const parser = new StatementParser(lexed, file)
  const program = parser.parseProgram()
  const diagnostics = [...lexed.diagnostics, ...parser.diagnostics]
  // Small programs cannot be too high; the others are measured.
  if (diagnostics.length === 0 && lexed.tokens.length * LEVELS_PER_TOKEN > MAX_TREE_HEIGHT) {
    const deep = nodeBelow(program, MAX_TREE_HEIGHT)
    if (deep !== null) {
      const message = `expression too long (limit ${MAX_TREE_HEIGHT} operators, links or branches in a chain)`
      diagnostics.push(diagnosticAt(file, deep.position.start, message))
    }
  }
  diagnostics.sort((a, b) => a.line - b.line || a.column - b.column)
  return { program, diagnostics: diagnostics.slice(0, MAX_DIAGNOSTICS) }
}
