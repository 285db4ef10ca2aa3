/** Native code with a collection at every safepoint; see also jit-observed.test.ts. */
import { turnOf } from '../support/full.js'
import { isHot, testModes } from '../support/test-modes.js'

/** They pass so many safepoints that collecting at each takes long under emulation; the VM runs them so. */
const SLOW: ReadonlySet<string> = new Set([
  'examples/fibonacci.rush',
  'examples/life.rush',
  'examples/primes.rush',
  'test/programs/big-numbers.rush',
  'test/programs/division-modulo.rush',
  'test/programs/evaluation-order.rush',
  'test/programs/garbage.rush',
  'test/programs/higher-order-hot.rush',
  'test/programs/int-overflow.rush',
  'test/programs/life-patterns.rush',
  'test/programs/lru-cache.rush',
  'test/programs/mixed-accumulators.rush',
  'test/programs/stack-machine.rush',
  'test/programs/sudoku-solver.rush',
  'test/programs/switch-and-logic.rush',
  'test/programs/text-adventure.rush',
  'test/programs/text-layout.rush',
  'test/programs/word-frequencies.rush',
])

await testModes((program, index) =>
  isHot(program) && !SLOW.has(program.path) && turnOf(index, 4) !== null ? ['jitGc'] : [],
)
