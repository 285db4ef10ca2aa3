/**
 * Simple Unicode case mapping: one character to one. JavaScript maps whole texts with the special
 * rules (`ß` to `SS`); where it answers more than one character, the simple mapping is none, but for
 * the characters listed here.
 */
const SPECIAL_UPPER = new Map<number, number>([
  [0x1fb3, 0x1fbc],
  [0x1fc3, 0x1fcc],
  [0x1ff3, 0x1ffc],
])
// Greek small letters with iota subscript: their capitals with prosgegrammeni stand 8 further on.
for (const first of [0x1f80, 0x1f90, 0x1fa0]) {
  for (let code = first; code < first + 8; code++) SPECIAL_UPPER.set(code, code + 8)
}

const SPECIAL_LOWER = new Map<number, number>([[0x130, 0x69]])

/** The only character of `text`, or the mapping in `special`, or the character itself. */
function single(text: string, code: number, special: ReadonlyMap<number, number>): number {
  const result = text.codePointAt(0) as number
  if (text.length === (result > 0xffff ? 2 : 1)) return result
  return special.get(code) ?? code
}

export function toUpper(code: number): number {
  if (code < 0x80) return code >= 0x61 && code <= 0x7a ? code - 32 : code
  return single(String.fromCodePoint(code).toUpperCase(), code, SPECIAL_UPPER)
}

export function toLower(code: number): number {
  if (code < 0x80) return code >= 0x41 && code <= 0x5a ? code + 32 : code
  return single(String.fromCodePoint(code).toLowerCase(), code, SPECIAL_LOWER)
}
