/**
 * Parts of the run loop's fast paths that are functions of their own: what is frequent, but not so frequent
 * that a call matters. Closures over the heap's views, like the loop. None of them collects, raises or calls
 * back; each says whether it applied, and else has changed nothing.
 */
import { Opcode } from '../bytecode/opcodes.js'
import { findEntry, isKeyTag } from '../heap/hashes.js'
import type { Heap } from '../heap/heap.js'
import { Context, HASH_ENTRY_VALUE, Header, Slot, StringLayout, Tag } from '../heap/layout.js'
import { compareStrings, stringsEqual } from '../heap/strings.js'

/** What `same` says. */
export const enum Sameness {
  DIFFERENT = 0,
  SAME = 1,
  /** It takes the general way. */
  UNKNOWN = 2,
}

export interface FastPaths {
  /** Whether the values in two slots are equal, where the tags are not both INTEGER or both FLOAT. */
  same(x: number, y: number): Sameness
  /** A comparison of two STRINGs. */
  ordered(comparison: number, x: number, y: number): boolean
  /** The element of the STRING or HASH in `x` for the index or key in `y`: written to the slot `to`. */
  element(x: number, y: number, to: number): boolean
}

export function makeFastPaths(heap: Heap): FastPaths {
  const { I32, I64, U8 } = heap

  function isNumber(slot: number): boolean {
    const tag = I32[(slot + Slot.TAG) >> 2]
    return tag === Tag.INTEGER || tag === Tag.FLOAT
  }

  function character(string: number, y: number, to: number): boolean {
    const index = I32[y >> 2] as number
    if (I32[(y >> 2) + 2] !== Tag.INTEGER || I32[(y >> 2) + 1] !== 0) return false
    if (index >>> 0 >= (I32[(string + StringLayout.LENGTH) >> 2] as number)) return false
    if (U8[string + Header.AUX] !== 1) return false
    const code = U8[(I32[(string + StringLayout.DATA) >> 2] as number) + index] as number
    const entry = Context.CHARACTERS + code * 8
    if (I32[entry >> 2] === 0) return false
    I64[to >> 3] = I64[entry >> 3] as bigint
    I32[(to >> 2) + 2] = Tag.STRING
    return true
  }

  function value(hash: number, y: number, to: number): boolean {
    if (!isKeyTag(I32[(y >> 2) + 2] as number)) return false
    const entry = findEntry(heap, hash, y)
    if (entry === 0) {
      I32[(to >> 2) + 2] = Tag.NULL
      return true
    }
    const from = entry + HASH_ENTRY_VALUE
    I64[to >> 3] = I64[from >> 3] as bigint
    I32[(to >> 2) + 2] = I32[(from >> 2) + 2] as number
    return true
  }

  return {
    same(x, y) {
      const tag = I32[(x + Slot.TAG) >> 2] as number
      const other = I32[(y + Slot.TAG) >> 2] as number
      const left = I32[x >> 2] as number
      const right = I32[y >> 2] as number
      if (tag === other) {
        if (tag === Tag.NULL) return Sameness.SAME
        if (tag === Tag.STRING) return stringsEqual(heap, left, right) ? Sameness.SAME : Sameness.DIFFERENT
        return left === right ? Sameness.SAME : Sameness.DIFFERENT
      }
      // EMPTY: a global that has no value yet.
      if (other === Tag.EMPTY) return Sameness.UNKNOWN
      if (tag === Tag.STRING || other === Tag.STRING || (isNumber(x) && isNumber(y))) return Sameness.UNKNOWN
      return Sameness.DIFFERENT
    },

    ordered(comparison, x, y) {
      const order = compareStrings(heap, I32[x >> 2] as number, I32[y >> 2] as number)
      switch (comparison) {
        case Opcode.Less:
          return order < 0
        case Opcode.Greater:
          return order > 0
        case Opcode.LessEqual:
          return order <= 0
        default:
          return order >= 0
      }
    },

    element(x, y, to) {
      const tag = I32[(x + Slot.TAG) >> 2]
      if (tag === Tag.STRING) return character(I32[x >> 2] as number, y, to)
      return tag === Tag.HASH && value(I32[x >> 2] as number, y, to)
    },
  }
}
