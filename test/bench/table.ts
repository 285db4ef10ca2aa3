/** What the benchmarks found, as text. */
import type { Name } from './contenders.js'
import type { Part, Samples } from './ratios.js'

/** The contender that all others are compared with in the table. */
const REFERENCES: readonly Name[] = ['JIT', 'VM', 'Node']
const PARTS: readonly Part[] = ['whole', 'steady']
const TITLES: Readonly<Record<Part, string>> = { whole: 'whole process', steady: 'steady state' }
const FIRST = 14
const WIDTH = 9

/** The contender that the table divides by: the JIT where it can run. */
export function reference(samples: Samples): Name {
  return REFERENCES.find((name) => samples.names.includes(name)) ?? 'Node'
}

/** A line per program, with the times of all relative to the reference: 2 means twice its time. */
export function printTable(samples: Samples): string {
  const base = reference(samples)
  const names = samples.names.filter((name) => name !== base)
  const row = (first: string, cell: (part: Part, name: Name) => string): string => {
    const groups = PARTS.map((part) => names.map((name) => cell(part, name).padStart(WIDTH)).join(''))
    return `${first.padEnd(FIRST)}${groups.join('  |')}`
  }
  const group = (title: string): string => title.padStart(names.length * WIDTH)
  const cell = (program: string, part: Part, name: Name): string => {
    const ratio = samples.ratio(program, name, base, part)
    return ratio === null ? '-' : `${samples.bound(program, name, base, part)}${ratio.toFixed(2)}`
  }
  return [
    `${' '.repeat(FIRST)}${PARTS.map((part) => group(TITLES[part])).join('  |')}`,
    row(`x ${base}`, (_part, name) => name),
    ...samples.programs.map((program) => row(program, (part, name) => cell(program, part, name))),
    row('geomean', (part, name) => (samples.mean(name, base, part) ?? Number.NaN).toFixed(2)),
  ].join('\n')
}

/** One line for each mean that a goal speaks of. */
export function printGoals(samples: Samples): string {
  return samples
    .goals()
    .map(({ of, over, whole, steady }) => {
      const title = `${of} / ${over}`.padEnd(FIRST + WIDTH)
      return `${title} ${steady.toFixed(2).padStart(7)} steady ${whole.toFixed(2).padStart(7)} whole`
    })
    .join('\n')
}

/** Who did less than the whole work, so that nobody takes extrapolated times for measured ones. */
export function printReduced(samples: Samples): string {
  return samples.names
    .flatMap((name) => {
      const reduced = samples.all.filter(({ contender, done }) => contender === name && done < 1)
      if (reduced.length === 0) return []
      const list = reduced.map(({ program, done }) => `${program} ${(done * 100).toPrecision(2)}%`)
      return [
        `${name} did a part of the work, the rest is extrapolated from its steady state: ${list.join(', ')}`,
      ]
    })
    .join('\n')
}
