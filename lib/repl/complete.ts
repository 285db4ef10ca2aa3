/** What may follow at the end of a line: names in scope or, behind a dot, what the value's type has. */
import { createArray } from '../heap/arrays.js'
import { createHash } from '../heap/hashes.js'
import { HeapExhausted } from '../heap/heap.js'
import { SLOT_SIZE, Tag } from '../heap/layout.js'
import { internString } from '../heap/strings.js'
import { BUILTINS } from '../runtime/builtins/registry.js'
import { getProperty, memberNames } from '../runtime/properties.js'
import { THROWN } from '../runtime/runtime.js'
import { RESERVED_WORDS, type Token, tokenize } from '../syntax/index.js'
import { COMMANDS } from './commands.js'
import type { Session } from './session.js'

export interface Completion {
  /** Whole words, in order. */
  candidates: string[]
  /** The part of the line that they replace. */
  word: string
}

const WORD = /[A-Za-z_?][A-Za-z0-9_?]*$/

/** @param line up to the cursor */
export function complete(session: Session, line: string): Completion {
  if (/^\s*:\w*$/.test(line)) {
    const word = line.trimStart()
    const names = COMMANDS.map(({ name }) => name)
    return { candidates: startingWith(names, word), word }
  }
  const word = WORD.exec(line)?.[0] ?? ''
  return {
    candidates: startingWith(namesAfter(session, line.slice(0, line.length - word.length)), word),
    word,
  }
}

function startingWith(names: readonly string[], word: string): string[] {
  return [...new Set(names)].filter((name) => name.startsWith(word)).sort()
}

function namesAfter(session: Session, text: string): string[] {
  const { tokens, unterminated } = tokenize(text, '')
  if (unterminated) return []
  // The last token is the end of the file.
  const last = tokens[tokens.length - 2]
  if (last?.kind === '.') return namesBehindDot(session, tokens.slice(0, -2))
  const builtins = BUILTINS.map(({ name }) => name).filter((name) => !name.includes('.'))
  return [...session.variableNames(), ...builtins, ...RESERVED_WORDS]
}

function namesBehindDot(session: Session, receiver: readonly Token[]): string[] {
  const { rt } = session
  const slot = rt.top
  rt.top = slot + SLOT_SIZE
  try {
    return evaluate(session, receiver, slot) ? memberNames(rt, slot) : []
  } catch (error) {
    if (error !== THROWN && !(error instanceof HeapExhausted)) throw error
    return []
  } finally {
    rt.top = slot
  }
}

/**
 * Writes the value of the expression at the end of `tokens` to `slot`, as far as that can be known without
 * running any code of the program: of names and their properties. Of literals only the type counts.
 */
function evaluate(session: Session, tokens: readonly Token[], slot: number): boolean {
  const path: string[] = []
  let at = tokens.length - 1
  while (tokens[at]?.kind === 'identifier' && tokens[at - 1]?.kind === '.') {
    path.unshift((tokens[at] as Token).text)
    at -= 2
  }
  if (!sample(session, tokens, at, slot)) return false
  for (const name of path) getProperty(session.rt, slot, slot, name)
  return true
}

/** A value of the type of the name or literal that ends at token `at`. */
function sample(session: Session, tokens: readonly Token[], at: number, slot: number): boolean {
  const { heap } = session.rt
  const token = tokens[at]
  switch (token?.kind) {
    case 'identifier':
      return session.lookUp(token.text, slot)
    case 'string':
      heap.setReference(slot, Tag.STRING, internString(heap, ''))
      return true
    case 'integer':
      heap.setInteger(slot, 0)
      return true
    case 'float':
      heap.setFloat(slot, 0)
      return true
    case ']': {
      const open = openingOf(tokens, at, '[', ']')
      // Behind a value the brackets are an index.
      if (open < 0 || VALUE_ENDS.has(tokens[open - 1]?.kind ?? '')) return false
      createArray(heap, slot, 0)
      return true
    }
    case '}':
      if (tokens[openingOf(tokens, at, '{', '}')]?.opensHash !== true) return false
      createHash(heap, slot, 0)
      return true
    default:
      return false
  }
}

const VALUE_ENDS: ReadonlySet<string> = new Set(['identifier', 'instance variable', 'string', ')', ']', '}'])

/** Where the bracket was opened that token `at` closes; -1 if nowhere. */
function openingOf(tokens: readonly Token[], at: number, open: string, close: string): number {
  let depth = 0
  for (let i = at; i >= 0; i--) {
    const kind = tokens[i]?.kind
    if (kind === close) depth++
    else if (kind === open && --depth === 0) return i
  }
  return -1
}
