import t from 'tap'
import { drawChart } from './chart.js'
import type { Sample } from './measure.js'
import { Samples } from './ratios.js'
import { geometricMean, median, slope } from './statistics.js'
import { printGoals, printTable } from './table.js'

t.test('the median of an even number of values is between the two in the middle', async (t) => {
  t.equal(median([5, 1, 3]), 3)
  t.equal(median([4, 1, 3, 100]), 3.5)
})

t.test('the geometric mean of a ratio and its inverse is 1', async (t) => {
  t.ok(Math.abs(geometricMean([4, 0.25]) - 1) < 1e-12)
})

t.test('the slope knows neither start-up nor warm-up', async (t) => {
  const time = (rounds: number): number => 40 + 300 + rounds * 2
  const growth = { few: 250, many: 1000, fewTimes: [time(250)], manyTimes: [time(1000)] }
  t.same(slope(growth, 20), { perRound: 2, atMost: false })
})

t.test('runs of the same turn are compared: a slow phase of the machine does not count', async (t) => {
  const growth = { few: 1, many: 2, fewTimes: [100, 900, 100], manyTimes: [150, 950, 990] }
  t.same(slope(growth, 20), { perRound: 50, atMost: false })
})

t.test('a difference below the resolution, or a negative one, is an upper bound', async (t) => {
  for (const later of [119, 100, 60]) {
    const growth = { few: 25, many: 100, fewTimes: [100], manyTimes: [later] }
    t.same(slope(growth, 20), { perRound: 20 / 75, atMost: true }, `${later}`)
  }
})

const sample = (contender: Sample['contender'], steady: number, atMost: boolean): Sample => ({
  program: 'fib',
  contender,
  whole: 100,
  steady,
  atMost,
  done: 1,
})

t.test('bounds show in the table, on the right side', async (t) => {
  const row = (all: readonly Sample[]): string | undefined =>
    printTable(new Samples(all))
      .split('\n')
      .find((line) => line.startsWith('fib'))
  t.match(row([sample('JIT', 10, false), sample('Node', 5, true)]), / 1\.00 {2}\| {4}<0\.50$/)
  t.match(row([sample('JIT', 10, true), sample('Node', 50, false)]), / >5\.00$/)
  t.match(row([sample('JIT', 10, true), sample('Node', 10, true)]), / \?1\.00$/)
  t.match(row([sample('JIT', 10, false), sample('Node', 20, false)]), / 2\.00$/)
})

t.test('table, goals and chart have numbers even where a time is only a bound', async (t) => {
  const samples = new Samples([
    sample('VM', 500, false),
    sample('JIT', slope({ few: 1, many: 4, fewTimes: [50], manyTimes: [50] }, 20).perRound * 4, true),
  ])
  for (const text of [printTable(samples), printGoals(samples), drawChart(samples)])
    t.notMatch(text, /NaN|Infinity/)
  t.match(printGoals(samples), 'VM / JIT')
})
