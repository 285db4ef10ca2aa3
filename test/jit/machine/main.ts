/**
 * Tries every operation of this CPU's machine and prints the report as JSON.
 *
 * usage: node main.js [N]   one trial in N, chosen at random but always the same, for slow machines
 */
import type { Machine } from '../../../lib/jit/machine/machine.js'
import { hostTarget } from '../../../lib/jit/target.js'
import { randomSource } from '../../asm/tools.js'
import { compareTrials } from './compare-trials.js'
import { floatTrials } from './float-trials.js'
import { integerTrials } from './integer-trials.js'
import { memoryTrials } from './memory-trials.js'
import { Playground } from './playground.js'
import { runTrials } from './run-trials.js'
import { runScenes } from './scenes.js'

export interface Report {
  target: string
  trials: number
  scenes: number
  /** Operations that were tried. */
  operations: string[]
  failures: string[]
}

const ROUNDS = 6
const SHOWN = 20

const target = hostTarget()
if (target === null) throw new Error(`no target for ${process.arch}`)
const playground = new Playground(target)
const share = Number(process.argv[2] ?? 1)
const operations = new Set<string>()

function watch<T extends Machine>(machine: T): T {
  return new Proxy(machine, {
    get(object, name) {
      operations.add(String(name))
      const value: unknown = Reflect.get(object, name)
      // Bound to the machine itself, so that only calls from outside are seen.
      return typeof value === 'function' ? value.bind(object) : value
    },
  })
}

const all = [integerTrials, floatTrials, memoryTrials, compareTrials].flatMap((make) => make(target))
const pick = randomSource(1)
/** Trials of one operation have names that begin alike; one of each is always among those that are chosen. */
const begun = new Set<string>()
const trials = all.filter(({ name }) => {
  const [operation = ''] = name.split(' ')
  const isFirst = !begun.has(operation)
  begun.add(operation)
  return pick(share) === 0 || isFirst
})
const failures = runTrials(playground, trials, ROUNDS, watch)
const scenes = runScenes(playground, watch)
failures.push(...scenes.failures)
const report: Report = {
  target: target.name,
  trials: trials.length,
  scenes: scenes.count,
  operations: [...operations].sort(),
  failures: [...failures.slice(0, SHOWN), ...(failures.length > SHOWN ? [`${failures.length} in all`] : [])],
}
process.stdout.write(JSON.stringify(report))
