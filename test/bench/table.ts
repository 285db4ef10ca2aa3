/** What the benchmarks found, as rows and as text. */
import { geometricMean, median, type Sample } from './measure.js'

export interface Row {
  program: string
  contender: string
  emulated: boolean
  /** The whole process, in milliseconds; the median. */
  whole: number
  /** `whole` without the time of an empty program. */
  net: number
  /** The program took less than start-up varies; `net` is what it took at most. */
  atMost: boolean
  /** The contender that the ratios compare with: 2 means twice its time. */
  reference: string
  wholeRatio: number
  netRatio: number
}

/** Start-up varies by this share of itself; a shorter net time cannot be told from nothing. */
const START_UP_NOISE = 0.05
const ALL = 'geomean'

/** One row for each sample, then one for each contender with the geometric means of its ratios. */
export function makeRows(samples: readonly Sample[], startUps: ReadonlyMap<string, number>): Row[] {
  const times = new Map(
    samples.map(({ program, contender, times }) => {
      const whole = median(times)
      const startUp = startUps.get(contender.name) ?? 0
      const shortest = startUp * START_UP_NOISE
      const net = Math.max(shortest, whole - startUp)
      return [`${program} ${contender.name}`, { whole, net, atMost: net === shortest }]
    }),
  )
  const rows = samples.map(({ program, contender }): Row => {
    const { name, emulated, reference } = contender
    const own = times.get(`${program} ${name}`) ?? { whole: Number.NaN, net: Number.NaN, atMost: true }
    const other = times.get(`${program} ${reference}`) ?? own
    const wholeRatio = own.whole / other.whole
    return {
      program,
      contender: name,
      emulated,
      ...own,
      reference,
      wholeRatio,
      netRatio: own.net / other.net,
    }
  })
  const names = [...new Set(rows.map(({ contender }) => contender))]
  return [...rows, ...names.map((name) => summary(rows.filter(({ contender }) => contender === name)))]
}

function summary(rows: readonly Row[]): Row {
  const mean = (pick: (row: Row) => number): number => geometricMean(rows.map(pick))
  return {
    ...(rows[0] as Row),
    program: ALL,
    whole: mean(({ whole }) => whole),
    net: mean(({ net }) => net),
    atMost: rows.some(({ atMost }) => atMost),
    wholeRatio: mean(({ wholeRatio }) => wholeRatio),
    netRatio: mean(({ netRatio }) => netRatio),
  }
}

function bound(text: string, atMost: boolean): string {
  return atMost ? `<${text}` : text
}

const COLUMNS: readonly { title: string; width: number; text: (row: Row) => string }[] = [
  { title: 'program', width: -11, text: ({ program }) => program },
  { title: 'contender', width: -19, text: ({ contender }) => contender },
  { title: 'whole ms', width: 9, text: ({ emulated, whole }) => (emulated ? '-' : whole.toFixed(0)) },
  {
    title: 'net ms',
    width: 8,
    text: ({ emulated, net, atMost }) => (emulated ? '-' : bound(net.toFixed(0), atMost)),
  },
  { title: 'ratio', width: 7, text: ({ wholeRatio }) => wholeRatio.toFixed(2) },
  { title: 'net ratio', width: 10, text: ({ netRatio, atMost }) => bound(netRatio.toFixed(2), atMost) },
  { title: 'compared with', width: -18, text: ({ reference }) => reference },
]

/** A table with one line per row and an empty line between the programs. */
export function printTable(rows: readonly Row[]): string {
  const line = (cell: (column: (typeof COLUMNS)[number]) => string): string =>
    COLUMNS.map((column) => {
      const text = cell(column)
      return column.width < 0 ? text.padEnd(-column.width) : text.padStart(column.width)
    })
      .join(' ')
      .trimEnd()
  const lines = [line(({ title }) => title)]
  rows.forEach((row, index) => {
    if (index === 0 || row.program !== rows[index - 1]?.program) lines.push('')
    lines.push(line(({ text }) => text(row)))
  })
  return lines.join('\n')
}
