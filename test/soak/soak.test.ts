/** The soak program, for a short time; `make soak` takes ten minutes. */
import t from 'tap'
import { hostTarget } from '../../lib/jit/target.js'
import { FULL } from '../support/full.js'
import type { Sample } from './serve.js'
import { CODE_LIMITS, judge, soak } from './soak.js'

t.setTimeout(600_000)

/** All types in turn, each once in a batch. */
const BATCH = 6000
/** A third of a second each. */
const BATCHES = 90
/** Other tests run meanwhile. */
const TOLERANCE = FULL ? { slower: 1.3, larger: 1.1 } : { slower: 2, larger: 1.2 }
const NO_END = 3600

const printed = (samples: readonly Sample[]): string[] => samples.map(({ line }) => line)

t.test('what grows is seen, and a machine that is slower for a while is not growth', async (t) => {
  const batches = 40
  const judged = (change: (sample: Sample, i: number) => Partial<Sample>): string[] => {
    let cpu = 0
    const samples = Array.from({ length: batches }, (_, i): Sample => {
      const steady = { line: '', cpu: 100, reference: 10, rss: 1e8, javaScript: 1e7, live: 1e6 }
      const sample = { ...steady, descriptors: 20, installed: 5 * i }
      const changed = { ...sample, ...change(sample, i) }
      cpu += changed.cpu
      return { ...changed, cpu }
    })
    return judge(samples, { slower: 1.3, larger: 1.1 }).flatMap(({ name, ok }) => (ok ? [] : [name]))
  }
  t.same(
    judged(() => ({})),
    [],
  )
  t.same(
    judged(({ cpu }, i) => ({ cpu: cpu * (1 + i / 40) })),
    ['CPU time of a batch'],
  )
  const slow = (i: number) => (i > 20 ? 1.5 : 1)
  t.same(
    judged((sample, i) => ({ cpu: sample.cpu * slow(i), reference: sample.reference * slow(i) })),
    [],
  )
  t.same(
    judged(({ rss }, i) => ({ rss: rss * (1 + i / 100) })),
    ['resident memory'],
  )
  t.same(
    judged(({ javaScript }, i) => ({ javaScript: javaScript * (1 + i / 100) })),
    ["JavaScript's heap"],
  )
  t.same(
    judged(({ live }, i) => ({ live: live * (1 + i / 50) })),
    ["Rush's heap"],
  )
  t.same(
    judged(({ descriptors }, i) => ({ descriptors: descriptors + 20 * i })),
    ['descriptors'],
  )
  t.same(
    judged((_, i) => ({ installed: i * i })),
    ['code installed in a batch'],
  )
})

t.test('memory stays flat, requests get no slower, and all tiers answer the same', async (t) => {
  const native = hostTarget() !== null
  const { samples, jit, exitCode, errors } = await soak({
    mode: native ? 'jit' : 'bytecode',
    batch: BATCH,
    batches: BATCHES,
    seconds: NO_END,
  })
  t.same([exitCode, errors, samples.length], [0, '', BATCHES])
  for (const { name, first, last, ok } of judge(samples, TOLERANCE))
    t.ok(ok, `${name}: ${first}, then ${last}`)
  if (native) {
    t.ok(jit !== null && jit.codeBytesInstalled <= CODE_LIMITS.maxCacheSize)
    t.ok(jit !== null && jit.evictions > 100, 'code was thrown out')
    t.ok(jit !== null && jit.compilations.again > 50, 'and compiled again')
    t.equal(jit?.compilations.refused, 0)
  }
  // The other tiers do not change their ways with time: a look is enough. Judged are batches behind the first ten,
  // in which V8 still takes memory for its own code.
  const few = FULL ? 40 : 2
  for (const mode of ['bytecode', 'interpreter'] as const) {
    const other = await soak({ mode, batch: BATCH, batches: few, seconds: NO_END })
    t.same([other.exitCode, other.errors], [0, ''], mode)
    t.same(printed(other.samples), printed(samples).slice(0, few), mode)
    if (!FULL) continue
    for (const { name, first, last, ok } of judge(other.samples, TOLERANCE))
      t.ok(ok, `${mode}: ${name}: ${first}, then ${last}`)
  }
})
