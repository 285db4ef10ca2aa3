/** Properties, methods and functions of strings (data-types.md section 3); see `regexp.ts` for patterns. */
import { appendElement, arrayLength, createArray, elementAddress } from '../../heap/arrays.js'
import { SLOT_SIZE, Tag } from '../../heap/layout.js'
import {
  charCodeAt,
  indexOfString,
  matchesAt,
  newCharacter,
  newFromCodes,
  newSubstring,
  StringBuilder,
  stringLength,
} from '../../heap/strings.js'
import { failRuntime, MESSAGES } from '../errors.js'
import { textString } from '../format.js'
import { type Method, memberTable } from '../members.js'
import type { Runtime } from '../runtime.js'
import { typeName } from '../types.js'
import { requireIntegers, requireTag } from './arguments.js'
import { toLower, toUpper } from './letter-case.js'
import { regexpIn, STRING_MATCH_METHODS, setReplacedMatches, setSplit } from './regexp.js'
import type { Builtin } from './registry.js'

/** What `trim` removes. */
const WHITE_SPACE: ReadonlySet<number> = new Set([
  0x9, 0xa, 0xb, 0xc, 0xd, 0x20, 0x85, 0xa0, 0x1680, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006,
  0x2007, 0x2008, 0x2009, 0x200a, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000,
])
/** What `ltrim` and `rtrim` remove. */
const BLANKS: ReadonlySet<number> = new Set([0x9, 0xa, 0xd, 0x20])

function setStringReference(rt: Runtime, dst: number, string: number): void {
  rt.heap.setReference(dst, Tag.STRING, string)
}

function trimMethod(blanks: ReadonlySet<number>, left: boolean, right: boolean): Method {
  return {
    arity: [0, 0],
    call(rt, receiver, _args, _argc, dst) {
      const heap = rt.heap
      const string = heap.referenceOf(receiver)
      let start = 0
      let end = stringLength(heap, string)
      if (left) while (start < end && blanks.has(charCodeAt(heap, string, start))) start++
      if (right) while (end > start && blanks.has(charCodeAt(heap, string, end - 1))) end--
      setStringReference(rt, dst, newSubstring(heap, string, start, end))
    },
  }
}

function caseMethod(convert: (code: number) => number): Method {
  return {
    arity: [0, 0],
    call(rt, receiver, _args, _argc, dst) {
      const heap = rt.heap
      const string = heap.referenceOf(receiver)
      const length = stringLength(heap, string)
      const codes = new Int32Array(length)
      for (let i = 0; i < length; i++) codes[i] = convert(charCodeAt(heap, string, i))
      setStringReference(rt, dst, newFromCodes(heap, codes, length))
    },
  }
}

/** A method with one STRING argument that answers a boolean. */
function searchMethod(name: string, test: (rt: Runtime, string: number, part: number) => boolean): Method {
  return {
    arity: [1, 1],
    call(rt, receiver, args, _argc, dst) {
      requireTag(rt, args, Tag.STRING, `argument to ${name}`)
      rt.heap.setBoolean(dst, test(rt, rt.heap.referenceOf(receiver), rt.heap.referenceOf(args)))
    },
  }
}

/** Replaces all occurrences of a text; an empty one stands at every boundary. */
function setReplaced(rt: Runtime, dst: number, string: number, old: number, replacement: number): void {
  const heap = rt.heap
  const length = stringLength(heap, string)
  const oldLength = stringLength(heap, old)
  const newLength = stringLength(heap, replacement)
  const builder = new StringBuilder(heap)
  if (oldLength === 0) {
    for (let i = 0; i < length; i++) {
      builder.add(replacement, 0, newLength)
      builder.add(string, i, i + 1)
    }
    builder.add(replacement, 0, newLength)
    setStringReference(rt, dst, builder.finish())
    return
  }
  let from = 0
  for (;;) {
    const at = indexOfString(heap, string, old, from)
    if (at < 0) break
    builder.add(string, from, at)
    builder.add(replacement, 0, newLength)
    from = at + oldLength
  }
  if (from === 0) {
    setStringReference(rt, dst, string)
    return
  }
  builder.add(string, from, length)
  setStringReference(rt, dst, builder.finish())
}

function replace(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  const heap = rt.heap
  requireTag(rt, args + SLOT_SIZE, Tag.STRING, 'second argument to replace')
  const regexp = regexpIn(rt, args)
  if (regexp !== null) {
    setReplacedMatches(rt, dst, regexp, receiver, args + SLOT_SIZE)
    return
  }
  if (heap.tagOf(args) !== Tag.STRING) {
    failRuntime(
      rt,
      MESSAGES.argumentType('first argument to replace', 'STRING or REGEXP', typeName(rt, args)),
    )
  }
  setReplaced(rt, dst, heap.referenceOf(receiver), heap.referenceOf(args), heap.referenceOf(args + SLOT_SIZE))
}

/** Up to `count` characters from `start`; "" if there are none. */
function setSubstring(rt: Runtime, dst: number, string: number, start: number, count: number): void {
  const heap = rt.heap
  const length = stringLength(heap, string)
  const inside = start >= 0 && start < length && count > 0
  const result = inside ? newSubstring(heap, string, start, Math.min(length, start + count)) : emptyString(rt)
  setStringReference(rt, dst, result)
}

function emptyString(rt: Runtime): number {
  return newFromCodes(rt.heap, new Int32Array(0), 0)
}

/** The parts between the occurrences of a separator; an empty one separates all characters. */
function setParts(rt: Runtime, dst: number, string: number, separator: number): void {
  const { heap, top } = rt
  const length = stringLength(heap, string)
  const width = stringLength(heap, separator)
  const part = rt.pushTemporary()
  const array = createArray(heap, dst, width === 0 ? length : 0)
  if (width === 0) {
    for (let i = 0; i < length; i++) {
      setStringReference(rt, part, newCharacter(heap, charCodeAt(heap, string, i)))
      appendElement(heap, array, part)
    }
  } else {
    let from = 0
    for (let last = false; !last; ) {
      const at = indexOfString(heap, string, separator, from)
      last = at < 0
      setStringReference(rt, part, newSubstring(heap, string, from, last ? length : at))
      appendElement(heap, array, part)
      from = at + width
    }
  }
  rt.top = top
}

function join(rt: Runtime, receiver: number, args: number, _argc: number, dst: number): void {
  const heap = rt.heap
  requireTag(rt, args, Tag.ARRAY, 'argument to join')
  const glue = heap.referenceOf(receiver)
  const glueLength = stringLength(heap, glue)
  const array = heap.referenceOf(args)
  const length = arrayLength(heap, array)
  const builder = new StringBuilder(heap)
  for (let i = 0; i < length; i++) {
    if (i > 0) builder.add(glue, 0, glueLength)
    const text = textString(rt, elementAddress(heap, array, i))
    builder.add(text, 0, stringLength(heap, text))
  }
  setStringReference(rt, dst, builder.finish())
}

export const STRING_MEMBERS = memberTable(
  {
    length: (rt, receiver, dst) =>
      rt.heap.setInteger(dst, stringLength(rt.heap, rt.heap.referenceOf(receiver))),
    empty: (rt, receiver, dst) =>
      rt.heap.setBoolean(dst, stringLength(rt.heap, rt.heap.referenceOf(receiver)) === 0),
  },
  {
    trim: trimMethod(WHITE_SPACE, true, true),
    ltrim: trimMethod(BLANKS, true, false),
    rtrim: trimMethod(BLANKS, false, true),
    upper: caseMethod(toUpper),
    lower: caseMethod(toLower),
    'contains?': searchMethod(
      'contains?',
      (rt, string, part) => indexOfString(rt.heap, string, part, 0) >= 0,
    ),
    'starts_with?': searchMethod('starts_with?', (rt, string, part) => matchesAt(rt.heap, string, part, 0)),
    'ends_with?': searchMethod('ends_with?', (rt, string, part) =>
      matchesAt(rt.heap, string, part, stringLength(rt.heap, string) - stringLength(rt.heap, part)),
    ),
    replace: { arity: [2, 2], call: replace },
    substr: {
      arity: [2, 2],
      call(rt, receiver, args, _argc, dst) {
        const heap = rt.heap
        requireIntegers(rt, args, args + SLOT_SIZE, 'arguments to substr')
        const start = heap.integerAsNumber(args)
        setSubstring(rt, dst, heap.referenceOf(receiver), start, heap.integerAsNumber(args + SLOT_SIZE))
      },
    },
    split: {
      arity: [1, 1],
      call(rt, receiver, args, _argc, dst) {
        const regexp = regexpIn(rt, args)
        if (regexp !== null) {
          setSplit(rt, dst, regexp, receiver)
          return
        }
        if (rt.heap.tagOf(args) !== Tag.STRING) {
          failRuntime(rt, MESSAGES.argumentType('argument to split', 'STRING or REGEXP', typeName(rt, args)))
        }
        setParts(rt, dst, rt.heap.referenceOf(receiver), rt.heap.referenceOf(args))
      },
    },
    join: { arity: [1, 1], call: join },
    ...STRING_MATCH_METHODS,
  },
)

export const STRING_FUNCTIONS: readonly Builtin[] = [
  {
    name: 'substr',
    arity: [3, 3],
    call(rt, args, _argc, dst) {
      const heap = rt.heap
      const start = args + SLOT_SIZE
      const count = args + 2 * SLOT_SIZE
      requireTag(rt, args, Tag.STRING, 'argument to `substr`')
      requireTag(rt, start, Tag.INTEGER, 'second argument to `substr`')
      requireTag(rt, count, Tag.INTEGER, 'third argument to `substr`')
      setSubstring(rt, dst, heap.referenceOf(args), heap.integerAsNumber(start), heap.integerAsNumber(count))
    },
  },
  {
    name: 'split',
    arity: [2, 2],
    call(rt, args, _argc, dst) {
      requireTag(rt, args, Tag.STRING, 'first argument to `split`')
      requireTag(rt, args + SLOT_SIZE, Tag.STRING, 'second argument to `split`')
      setParts(rt, dst, rt.heap.referenceOf(args), rt.heap.referenceOf(args + SLOT_SIZE))
    },
  },
]
