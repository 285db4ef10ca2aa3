/** Where the engine reads patterns otherwise than our dialect (data-types.md section 7.6), and what helps. */

/** The engine takes `(?<name>x)`, which is not in our dialect: REFUSED_GROUP stands for it, and is refused. */
export const UNKNOWN_GROUP = '(?<'
export const REFUSED_GROUP = '(?\u0001'

/** At the end of a class the engine takes these characters for a name like `[:alpha:]`; in this order not. */
const UNNAMED_CLASS = '[:]'
const PLAIN_CHARACTERS = ':[]'

/** The pattern as the engine must see it; of the same length. */
export function engineSource(pattern: string): string {
  if (!pattern.includes(UNKNOWN_GROUP) && !pattern.includes(UNNAMED_CLASS)) return pattern
  let source = ''
  let done = 0
  const replace = (at: number, text: string): void => {
    source += pattern.slice(done, at) + text
    done = at + text.length
  }
  for (let i = 0; i < pattern.length; ) {
    if (pattern.startsWith(UNKNOWN_GROUP, i)) {
      replace(i, REFUSED_GROUP)
      break
    }
    if (pattern.startsWith('\\Q', i)) i = behind(pattern, '\\E', i + 2)
    else if (pattern[i] === '[') i = skipClass(pattern, i + 1, (at) => replace(at, PLAIN_CHARACTERS))
    else i = characterEnd(pattern, i)
  }
  return source + pattern.slice(done)
}

/** Index behind the class whose first character stands at `from`; `unnamed` is told where UNNAMED_CLASS ends it. */
function skipClass(pattern: string, from: number, unnamed: (at: number) => void): number {
  let i = pattern[from] === '^' ? from + 1 : from
  for (let first = true; i < pattern.length && (first || pattern[i] !== ']'); first = false) {
    if (pattern.startsWith('[:', i)) {
      if (pattern.includes(':]', i + 2)) {
        i = behind(pattern, ':]', i + 2)
        continue
      }
      if (pattern.startsWith(UNNAMED_CLASS, i)) unnamed(i)
    }
    i = characterEnd(pattern, i)
    if (pattern[i] === '-' && pattern[i + 1] !== ']') i = characterEnd(pattern, i + 1)
  }
  return i + 1
}

/** Index behind a character, with the backslash before it if there is one. */
function characterEnd(pattern: string, at: number): number {
  return at + (pattern[at] === '\\' ? 2 : 1)
}

function behind(pattern: string, end: string, from: number): number {
  const at = pattern.indexOf(end, from)
  return at < 0 ? pattern.length : at + end.length
}
