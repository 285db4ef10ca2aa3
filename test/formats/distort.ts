/** Documents that are sound in form and wrong in what they say. */

const STRANGE: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e300,
  2 ** 40,
  '',
  'x',
  '\u0000',
  [],
  {},
  [[]],
  { type: 'x' },
]

/** Replaces, removes or adds one thing somewhere in a JSON value. */
export function distort(document: unknown, random: (limit: number) => number): void {
  let value = document as Record<string, unknown>
  for (;;) {
    const names = Object.keys(value)
    if (names.length === 0) return
    const name = names[random(names.length)] as string
    const child = value[name]
    if (typeof child === 'object' && child !== null && random(4) > 0) {
      value = child as Record<string, unknown>
      continue
    }
    const kind = random(4)
    if (kind === 0) delete value[name]
    else if (kind === 1) value[`${name}s`] = child
    else value[name] = STRANGE[random(STRANGE.length)]
    return
  }
}
