/** Replacing matches: what `$` means in the replacement (data-types.md section 7.4). */
import { TextBuilder } from '../text-builder.js'
import { type CompiledRegexp, forEachMatch } from './regexp-engine.js'

/** Behind a `$`: another one, a name, or a name in braces. */
const REFERENCE = /\$(?:(\$)|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu
/** A number with leading zeros is a name. */
const NUMBER = /^(?:0|[1-9][0-9]*)$/

/** Text, or the number of the group whose text stands there. */
type Piece = string | number

function groupNumber(regexp: CompiledRegexp, name: string): number {
  const number = NUMBER.test(name) ? Number(name) : (regexp.program.namedGroups()[name] ?? -1)
  return number <= regexp.program.groupCount() ? number : -1
}

/** The pieces of a replacement; groups that do not exist give nothing. */
function piecesOf(regexp: CompiledRegexp, replacement: string): Piece[] {
  const pieces: Piece[] = []
  let from = 0
  for (const { index, 0: whole, 1: dollar, 2: name, 3: braced } of replacement.matchAll(REFERENCE)) {
    pieces.push(replacement.slice(from, index))
    from = index + whole.length
    if (dollar !== undefined) pieces.push(dollar)
    else {
      const group = groupNumber(regexp, name ?? braced ?? '')
      if (group >= 0) pieces.push(group)
    }
  }
  pieces.push(replacement.slice(from))
  return pieces.filter((piece) => piece !== '')
}

/** The text with every match replaced. */
export function replaceMatches(regexp: CompiledRegexp, text: string, replacement: string): string {
  const pieces = piecesOf(regexp, replacement)
  const result = new TextBuilder()
  let from = 0
  forEachMatch(regexp, text, (start, end, matcher) => {
    result.add(text.slice(from, start))
    for (const piece of pieces) result.add(typeof piece === 'string' ? piece : (matcher.group(piece) ?? ''))
    from = end
  })
  result.add(text.slice(from))
  return result.finish()
}
