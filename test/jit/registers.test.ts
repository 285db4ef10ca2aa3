import t from 'tap'
import { Tag } from '../../lib/heap/layout.js'
import { emptyWorld } from '../../lib/jit/build/world.js'
import { compileToIr, type Feedback } from '../../lib/jit/compile.js'
import { CompileRefused } from '../../lib/jit/reasons.js'
import { type Allocation, allocateRegisters, type Location } from '../../lib/jit/registers/allocate.js'
import { registerFile, TARGETS } from '../../lib/jit/target.js'
import { builtinIndex } from '../../lib/runtime/builtins/registry.js'
import { frameCharge } from '../../lib/runtime/frames.js'
import { AllocationError, checkAllocation } from './check-allocation.js'
import { feedbackOf, programOf, programsIn } from './tools.js'

const OPTIONS = { world: emptyWorld(builtinIndex), verify: false }
const PROGRAMS = programsIn('examples', 'test/programs', 'test/conformance/core')

const SEEN: readonly [string, number | null][] = [
  ['no types', null],
  ['only INTEGER', Tag.INTEGER],
  ['only FLOAT', Tag.FLOAT],
]

for (const [name, tag] of SEEN) {
  t.test(`all values are where they are looked for: ${name}`, async (t) => {
    const count = { checked: 0, refused: 0, spilled: 0 }
    for (const program of PROGRAMS) {
      for (const fn of program.functions) {
        const feedback: Feedback = tag === null ? new Map() : feedbackOf(program, fn, tag)
        const graph = compileToIr(program, fn, feedback, OPTIONS)
        for (const registers of [0, 4]) {
          const file = registerFile(TARGETS.arm64, frameCharge(fn.locals + fn.maxStack), registers)
          try {
            const allocation = allocateRegisters(graph, file)
            checkAllocation(graph, allocation, file)
            count.checked++
            if (allocation.spillSlots > 0) count.spilled++
          } catch (error) {
            if (error instanceof CompileRefused) count.refused++
            else if (!(error instanceof AllocationError)) throw error
            else t.fail(`${program.source.file}: ${fn.name}, ${registers} registers: ${error.message}`)
          }
        }
      }
    }
    t.comment(JSON.stringify(count))
    t.ok(count.checked > 1000, `${count.checked} allocations`)
    t.ok(count.spilled > (tag === null ? 0 : 10), `${count.spilled} with spills`)
    t.ok(count.refused < count.checked / 100, `${count.refused} refused`)
  })
}

t.test('the checker finds values that share a register', async (t) => {
  const program = programOf('f = fn(a, b, c) { return (a + b) * (a - c) + b * c }')
  const fn = program.functions.find(({ name }) => name === 'f')
  if (fn === undefined) throw new Error('no f')
  const graph = compileToIr(program, fn, feedbackOf(program, fn, Tag.INTEGER), OPTIONS)
  const file = registerFile(TARGETS.arm64, 1, 0)
  const good = allocateRegisters(graph, file)
  checkAllocation(graph, good, file)
  let found = 0
  const values = [...good.locations].map(([value]) => value).filter(({ valueClass }) => valueClass === 'i')
  for (const value of values) {
    for (const other of values) {
      const location = good.locations.get(other) as Location
      const locations = new Map(good.locations).set(value, location)
      try {
        checkAllocation(graph, { ...good, locations }, file)
      } catch (error) {
        if (error instanceof AllocationError) found++
      }
    }
  }
  t.ok(found > 20, `${found} of ${values.length ** 2}`)
  const nowhere: Allocation = { locations: new Map(), spillSlots: 0 }
  t.throws(() => checkAllocation(graph, nowhere, file), /has no place/)
  const locations = new Map(good.locations).set(values[0] as (typeof values)[0], { kind: 'spill', slot: 0 })
  const outside: Allocation = { spillSlots: 0, locations }
  t.throws(() => checkAllocation(graph, outside, file), /does not exist/)
})
