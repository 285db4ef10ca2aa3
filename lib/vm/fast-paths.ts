/**
 * Parts of the run loop's fast paths that are functions of their own: what is frequent, but not so frequent
 * that a call matters. Closures over the heap's views, like the loop. None of them collects, raises or calls
 * back; each says whether it applied, and else has changed nothing.
 */
import { Opcode } from '../bytecode/opcodes.js'
import type { Heap } from '../heap/heap.js'
import { Context, Header, Slot, StringLayout, Tag } from '../heap/layout.js'
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
  /** The character of the STRING in `x` at the index in `y`: the slot of `x` becomes it. */
  character(x: number, y: number): boolean
}

export function makeFastPaths(heap: Heap): FastPaths {
  const { I32, I64, U8 } = heap

  function isNumber(slot: number): boolean {
    const tag = I32[(slot + Slot.TAG) >> 2]
    return tag === Tag.INTEGER || tag === Tag.FLOAT
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

    character(x, y) {
      const string = I32[x >> 2] as number
      const index = I32[y >> 2] as number
      if (I32[(y >> 2) + 1] !== 0 || index >>> 0 >= (I32[(string + StringLayout.LENGTH) >> 2] as number))
        return false
      if (U8[string + Header.AUX] !== 1) return false
      const code = U8[(I32[(string + StringLayout.DATA) >> 2] as number) + index] as number
      const entry = Context.CHARACTERS + code * 8
      if (I32[entry >> 2] === 0) return false
      I64[x >> 3] = I64[entry >> 3] as bigint
      I32[(x + Slot.TAG) >> 2] = Tag.STRING
      return true
    },
  }
}
