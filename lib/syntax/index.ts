/**
 * The syntax of Rush: parsing, messages about mistakes, and printing trees and functions.
 */
export type * from './ast.js'
export {
  type Diagnostic,
  formatDiagnostics,
  MAX_DIAGNOSTICS,
  sourceExcerpt,
} from './diagnostics.js'
export { type OpenEnd, openBrackets, openEnd, tokenize } from './lexer.js'
export { MAX_TREE_HEIGHT, type ParseResult, parse } from './parser.js'
export { printFunction } from './print-function.js'
export { printTree } from './print-tree.js'
export { MAX_NESTING } from './token-reader.js'
export { RESERVED_WORDS, type Token } from './tokens.js'
export { CHILD_KEYS, childrenOf, forEachChild, placesIn } from './walk.js'
