/** How deep callbacks may be nested: the same in all tiers, however many plain calls lie in between. */

const MOST_LEVELS = 200
const LEVELS = [MOST_LEVELS, MOST_LEVELS + 1, MOST_LEVELS - 1, 2 * MOST_LEVELS]
/** Plain calls before the first callback: the interpreter gives deep calls to the VM. */
const CALLS_BEFORE = [0, 100, 2000]

const DIVES = [
  'dive = fn(n) { if (n == 0) { 0 } else { 1 + [n].map(fn(x) { dive(x - 1) })[0] } }',
  'dive = fn(n) { if (n == 0) { 0 } else { 1 + [n].reduce(fn(sum, x) { sum + dive(x - 1) }, 0) } }',
  `dive = fn(n) {
    if (n == 0) { return 0 }
    sum = 1
    { "a": n }.each(fn(key, x) { sum = sum + dive(x - 1) })
    return sum
  }`,
]

const isAllowed = (levels: number): boolean => levels <= MOST_LEVELS

export const NESTED_PROGRAM = {
  text: `climb = fn(calls, levels) { if (calls == 0) { dive(levels) } else { climb(calls - 1, levels) } }
show = fn(calls, levels) {
  try { print(climb(calls, levels)) } catch (e) { print(e.type, e.message) }
}
${DIVES.map((dive) =>
  [dive, ...CALLS_BEFORE.flatMap((calls) => LEVELS.map((levels) => `show(${calls}, ${levels})`))].join('\n'),
).join('\n')}
`,
  output: DIVES.flatMap(() =>
    CALLS_BEFORE.flatMap(() =>
      LEVELS.map((levels) => (isAllowed(levels) ? `${levels}\n` : 'RuntimeError stack overflow\n')),
    ),
  ).join(''),
}
