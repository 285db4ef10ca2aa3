/** Texts from programs and documents in messages: they may be long, and hold what terminals obey. */

/** Whether a terminal would obey the character rather than show it; those that turn text around are among them. */
export function isControl(character: string): boolean {
  return /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(character)
}

/** The text as one line of at most about `limit` characters, with `?` for what cannot be shown. */
export function printable(text: string, limit: number): string {
  const part = text.length > limit ? `${text.slice(0, limit)}...` : text
  return part.replace(/./gsu, (character) => (isControl(character) ? '?' : character))
}
