/**
 * Compiled regular expressions and their matches. The engine is the package re2js (RE2 syntax, time
 * linear in the text), which is loaded when the first pattern is compiled: most programs have none.
 * Positions are indices of JavaScript strings; matches begin and end between characters.
 */
import { createRequire } from 'node:module'
import type { Matcher, RE2JS } from 're2js'
import { engineSource, REFUSED_GROUP, UNKNOWN_GROUP } from './regexp-dialect.js'

type Library = typeof import('re2js')

export interface CompiledRegexp {
  readonly pattern: string
  readonly program: RE2JS
}

/** Why a pattern cannot be compiled; the message is the reason for people. */
export class PatternError extends Error {}

/** Patterns compiled last, oldest first: programs often give them as text, again and again. */
const recent = new Map<string, CompiledRegexp>()
const RECENT_LIMIT = 32

const require = createRequire(import.meta.url)
let library: Library | null = null

function engine(): Library {
  library ??= require('re2js') as Library
  return library
}

/** @throws PatternError */
export function compileRegexp(pattern: string): CompiledRegexp {
  const known = recent.get(pattern)
  recent.delete(pattern)
  const compiled = known ?? { pattern, program: compileProgram(pattern) }
  recent.set(pattern, compiled)
  if (recent.size > RECENT_LIMIT) recent.delete(recent.keys().next().value as string)
  return compiled
}

function compileProgram(pattern: string): RE2JS {
  const { RE2JS, RE2JSException } = engine()
  const source = engineSource(pattern)
  try {
    return RE2JS.compile(source)
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    throw new PatternError(reason(error, source, pattern))
  }
}

/** The engine's text, and behind it always the part of the pattern that is meant, as the program has it. */
function reason(error: Error, source: string, pattern: string): string {
  const { message } = error
  if (!(error instanceof engine().RE2JSSyntaxException)) return message
  if (!message.endsWith('`')) {
    return `${message}: \`${message.includes('trailing backslash') ? '' : pattern}\``
  }
  const part = message.slice(message.indexOf('`') + 1, -1)
  // Parts that can contain what was replaced reach to the end.
  if (!source.endsWith(part)) return message.replaceAll(REFUSED_GROUP, UNKNOWN_GROUP)
  return `${message.slice(0, -1 - part.length)}${pattern.slice(pattern.length - part.length)}\``
}

/** Whether the text has a match. */
export function hasMatch(regexp: CompiledRegexp, text: string): boolean {
  return regexp.program.test(text)
}

/** The first match, or null. */
export function firstMatch(regexp: CompiledRegexp, text: string): string | null {
  const matcher = regexp.program.matcher(text)
  return matcher.find(0) ? text.slice(matcher.start(), matcher.end()) : null
}

/**
 * Visits all matches from left to right. They do not overlap; an empty one directly behind another
 * does not count. The matcher can be asked for groups during the visit.
 */
export function forEachMatch(
  regexp: CompiledRegexp,
  text: string,
  visit: (start: number, end: number, matcher: Matcher) => void,
): void {
  const matcher = regexp.program.matcher(text)
  let previousEnd = -1
  for (let from = 0; from <= text.length && matcher.find(from); ) {
    const start = matcher.start()
    const end = matcher.end()
    if (start < end || start !== previousEnd) visit(start, end, matcher)
    previousEnd = end
    from = end > from ? end : from + ((text.codePointAt(from) ?? 0) > 0xffff ? 2 : 1)
  }
}

/** Visits the parts between the matches. Empty matches at the ends separate nothing. */
export function splitText(regexp: CompiledRegexp, text: string, visit: (part: string) => void): void {
  if (text === '' && regexp.pattern !== '') {
    visit('')
    return
  }
  let from = 0
  /** Where the last match begins. */
  let last = 0
  forEachMatch(regexp, text, (start, end) => {
    if (end > 0) visit(text.slice(from, start))
    from = end
    last = start
  })
  if (last < text.length) visit(text.slice(from))
}
