/**
 * Parts of the run loop's fast paths that are functions of their own: what is frequent, but not so frequent
 * that a call matters. Closures over the heap's views, like the loop. None of them collects, raises or calls
 * back; each says whether it applied, and else has changed nothing.
 */
import { Opcode } from '../bytecode/opcodes.js'
import type { Heap } from '../heap/heap.js'
import { Context, Header, Slot, StringLayout, Tag } from '../heap/layout.js'
import { compareStrings, stringsEqual } from '../heap/strings.js'

const TWO_32 = 0x100000000

/** What `same` says. */
export const enum Sameness {
  DIFFERENT = 0,
  SAME = 1,
  /** It takes the general way. */
  UNKNOWN = 2,
}

export interface FastPaths {
  /** `operator` of two numbers that are not both INTEGER, in doubles; the FLOAT's payload goes to the slot `to`. */
  mixed(operator: number, x: number, y: number, to: number): boolean
  /** Whether the values in two slots are equal, where the tags are not both INTEGER or both FLOAT. */
  same(x: number, y: number): Sameness
  /** A comparison of two STRINGs. */
  ordered(comparison: number, x: number, y: number): boolean
  /** The character of the STRING in `x` at the index in `y`: the slot of `x` becomes it. */
  character(x: number, y: number): boolean
}

export function makeFastPaths(heap: Heap): FastPaths {
  const { I32, F64, I64, U8 } = heap

  function isNumber(slot: number): boolean {
    const tag = I32[(slot + Slot.TAG) >> 2]
    return tag === Tag.INTEGER || tag === Tag.FLOAT
  }

  function numberAt(slot: number): number {
    const word = slot >> 2
    if (I32[word + 2] === Tag.FLOAT) return F64[slot >> 3] as number
    return (I32[word + 1] as number) * TWO_32 + ((I32[word] as number) >>> 0)
  }

  return {
    mixed(operator, x, y, to) {
      if (!isNumber(x) || !isNumber(y)) return false
      const left = numberAt(x)
      const right = numberAt(y)
      switch (operator) {
        case Opcode.Add:
          F64[to >> 3] = left + right
          return true
        case Opcode.Subtract:
          F64[to >> 3] = left - right
          return true
        case Opcode.Multiply:
          F64[to >> 3] = left * right
          return true
        default:
          if (right === 0) return false
          F64[to >> 3] = operator === Opcode.Divide ? left / right : left % right
          return true
      }
    },

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
