/**
 * The vocabulary of Rush: token kinds, reserved words, punctuation and operator levels.
 */
import type { Point } from './ast.js'

/** Every reserved word. Each is its own token kind. */
export const RESERVED_WORDS = [
  'fn',
  'if',
  'else',
  'for',
  'while',
  'return',
  'import',
  'export',
  'from',
  'as',
  'try',
  'catch',
  'finally',
  'throw',
  'class',
  'initialize',
  'super',
  'break',
  'continue',
  'switch',
  'case',
  'default',
  'true',
  'false',
  'null',
] as const

/** All operators and punctuation; the lexer tries two characters before one. */
export const PUNCTUATION = [
  '==',
  '!=',
  '<=',
  '>=',
  '&&',
  '||',
  '=',
  '<',
  '>',
  '!',
  '+',
  '-',
  '*',
  '/',
  '%',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  ',',
  ':',
  ';',
  '.',
] as const

export type ReservedWord = (typeof RESERVED_WORDS)[number]
export type Punctuation = (typeof PUNCTUATION)[number]
export type TokenKind =
  | ReservedWord
  | Punctuation
  | 'identifier'
  | 'instance variable'
  | 'integer'
  | 'float'
  | 'string'
  | 'end of file'

export interface Token {
  kind: TokenKind
  /** The spelling in the source; of a string without its quotes, of an instance variable without `@`. */
  text: string
  /** The value of a literal: text of a string, number of a float, number or exact digits of an integer. */
  value: string | number
  start: Point
  end: Point
  /** Line breaks between the token before and this one: 1 means the line directly below. */
  newlines: number
  /** Of a `{` only: a `:` stands directly inside it, so at a statement's start it opens a hash literal. */
  opensHash: boolean
}

const reserved = new Map<string, ReservedWord>(RESERVED_WORDS.map((word) => [word, word]))
const punctuation = new Map<string, Punctuation>(PUNCTUATION.map((text) => [text, text]))

/** The reserved word spelt `text`, if there is one. */
export function reservedWord(text: string): ReservedWord | undefined {
  return reserved.get(text)
}

/** The operator or punctuation spelt `text`, if there is one. */
export function punctuationMark(text: string): Punctuation | undefined {
  return punctuation.get(text)
}

/** Binary operators with their level: a higher one binds tighter. All group from the left. */
export const BINARY_LEVELS: ReadonlyMap<TokenKind, number> = new Map<TokenKind, number>([
  ['||', 1],
  ['&&', 2],
  ['==', 3],
  ['!=', 3],
  ['<', 4],
  ['>', 4],
  ['<=', 4],
  ['>=', 4],
  ['+', 5],
  ['-', 5],
  ['*', 6],
  ['/', 6],
  ['%', 6],
])

/** How a message names a token that was not expected. */
export function describeToken(token: Token): string {
  switch (token.kind) {
    case 'end of file':
      return 'end of file'
    case 'string': {
      const firstLine = token.text.split('\n', 1)[0] ?? ''
      const characters = [...firstLine]
      const shortened = characters.length > 20 || firstLine.length < token.text.length
      return `string "${characters.slice(0, 20).join('')}${shortened ? '...' : ''}"`
    }
    case 'instance variable':
      return `'@${token.text}'`
    case 'integer':
    case 'float':
      return `number ${token.text.length > 30 ? `${token.text.slice(0, 30)}...` : token.text}`
    case 'identifier':
      return `'${token.text.length > 60 ? `${token.text.slice(0, 60)}...` : token.text}'`
    default:
      return reserved.has(token.kind) ? `reserved word '${token.kind}'` : `'${token.kind}'`
  }
}
