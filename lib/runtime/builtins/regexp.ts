/**
 * Regexp values: host values whose body is the compiled expression; their properties and methods, the
 * function that makes them, and what methods of strings need of them (data-types.md section 7).
 */
import { appendElement, createArray } from '../../heap/arrays.js'
import { SLOT_SIZE, Tag } from '../../heap/layout.js'
import { setString, toJsString } from '../../heap/strings.js'
import { failRuntime, MESSAGES } from '../errors.js'
import type { HostType } from '../hosts.js'
import { type Method, memberTable } from '../members.js'
import type { Runtime } from '../runtime.js'
import { typeName } from '../types.js'
import { requireTag } from './arguments.js'
import {
  type CompiledRegexp,
  compileRegexp,
  firstMatch,
  forEachMatch,
  hasMatch,
  PatternError,
  splitText,
} from './regexp-engine.js'
import { replaceMatches } from './regexp-replace.js'
import type { Builtin } from './registry.js'

/** About what a compiled expression takes on the JavaScript side, in bytes. */
const SIZE = 8192
const SIZE_PER_INSTRUCTION = 256

function textOf(rt: Runtime, slot: number): string {
  return toJsString(rt.heap, rt.heap.referenceOf(slot))
}

function bodyOf(rt: Runtime, slot: number): CompiledRegexp {
  return rt.hosts.bodyAt(slot) as CompiledRegexp
}

function compileOrFail(rt: Runtime, pattern: string): CompiledRegexp {
  try {
    return compileRegexp(pattern)
  } catch (error) {
    if (error instanceof PatternError) failRuntime(rt, MESSAGES.regexpPattern(error.message))
    throw error
  }
}

/** The regular expression in a slot, or null if it holds another value. */
export function regexpIn(rt: Runtime, slot: number): CompiledRegexp | null {
  return rt.hosts.typeAt(slot) === REGEXP ? bodyOf(rt, slot) : null
}

/** The regular expression in a slot, or the one that a STRING in it is the pattern of. */
function patternIn(rt: Runtime, slot: number, what: string): CompiledRegexp {
  if (rt.heap.tagOf(slot) === Tag.STRING) return compileOrFail(rt, textOf(rt, slot))
  const regexp = regexpIn(rt, slot)
  if (regexp === null) failRuntime(rt, MESSAGES.argumentType(what, 'STRING or REGEXP', typeName(rt, slot)))
  return regexp
}

/** Writes a new array of these texts to `dst`, added by `fill`. */
function setTexts(rt: Runtime, dst: number, fill: (add: (text: string) => void) => void): void {
  const { heap, top } = rt
  const part = rt.pushTemporary()
  const array = rt.pushTemporary()
  const object = createArray(heap, array, 0)
  fill((text) => {
    setString(heap, part, text)
    appendElement(heap, object, part)
  })
  heap.copy(dst, array)
  rt.top = top
}

function setMatches(rt: Runtime, dst: number, regexp: CompiledRegexp, text: string): void {
  setTexts(rt, dst, (add) => forEachMatch(regexp, text, (start, end) => add(text.slice(start, end))))
}

/** Writes the parts of the STRING in `text` between the matches to `dst`. */
export function setSplit(rt: Runtime, dst: number, regexp: CompiledRegexp, text: number): void {
  setTexts(rt, dst, (add) => splitText(regexp, textOf(rt, text), add))
}

/** Writes the STRING in `text` with all matches replaced to `dst`. */
export function setReplacedMatches(
  rt: Runtime,
  dst: number,
  regexp: CompiledRegexp,
  text: number,
  replacement: number,
): void {
  setString(rt.heap, dst, replaceMatches(regexp, textOf(rt, text), textOf(rt, replacement)))
}

/** A method of Regexp values with one STRING argument. */
function textMethod(
  name: string,
  apply: (rt: Runtime, dst: number, regexp: CompiledRegexp, text: string) => void,
): Method {
  return {
    arity: [1, 1],
    call(rt, receiver, args, _argc, dst) {
      requireTag(rt, args, Tag.STRING, `argument to ${name}`)
      apply(rt, dst, bodyOf(rt, receiver), textOf(rt, args))
    },
  }
}

function replace(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  const heap = rt.heap
  const replacement = args + SLOT_SIZE
  if (heap.tagOf(args) !== Tag.STRING || heap.tagOf(replacement) !== Tag.STRING) {
    const got = `${typeName(rt, args)}, ${typeName(rt, replacement)}`
    failRuntime(rt, MESSAGES.argumentType('arguments to replace', 'STRING', got))
  }
  setReplacedMatches(rt, dst, bodyOf(rt, receiver), args, replacement)
}

const REGEXP: HostType<CompiledRegexp> = {
  bytes: ({ program }) => SIZE + program.programSize() * SIZE_PER_INSTRUCTION,
  names: {
    type: 'REGEXP',
    kind: 'Regexp',
    methodType: 'REGEXP_METHOD',
    methodText: (name) => [`<${name} method on `, '>'],
  },
  members: memberTable(
    { pattern: (rt, receiver, dst) => setString(rt.heap, dst, bodyOf(rt, receiver).pattern) },
    {
      'matches?': textMethod('matches?', (rt, dst, regexp, text) =>
        rt.heap.setBoolean(dst, hasMatch(regexp, text)),
      ),
      find_first: textMethod('find_first', (rt, dst, regexp, text) => {
        const match = firstMatch(regexp, text)
        if (match === null) rt.heap.setNull(dst)
        else setString(rt.heap, dst, match)
      }),
      find_all: textMethod('find_all', setMatches),
      replace: { arity: [2, 2], call: replace },
    },
  ),
  text: (_rt, { pattern }) => `/${pattern}/`,
}

/** `match` and `matches?` of strings. */
export const STRING_MATCH_METHODS: Readonly<Record<string, Method>> = {
  match: {
    arity: [1, 1],
    call(rt, receiver, args, _argc, dst) {
      setMatches(rt, dst, patternIn(rt, args, 'argument to match'), textOf(rt, receiver))
    },
  },
  'matches?': {
    arity: [1, 1],
    call(rt, receiver, args, _argc, dst) {
      const regexp = patternIn(rt, args, 'argument to matches?')
      rt.heap.setBoolean(dst, hasMatch(regexp, textOf(rt, receiver)))
    },
  },
}

export const REGEXP_FUNCTIONS: readonly Builtin[] = [
  {
    name: 'Regexp',
    arity: [1, 1],
    call(rt, args, _argc, dst) {
      requireTag(rt, args, Tag.STRING, 'argument to `Regexp`')
      const regexp = compileOrFail(rt, textOf(rt, args))
      rt.hosts.create(dst, REGEXP, regexp)
    },
  },
]
