/** Native code with a collection at every safepoint; see also jit-observed.test.ts. */
import { isHot, testModes } from '../support/test-modes.js'

/** They pass so many safepoints that collecting at each takes long under emulation; the VM runs them so. */
const SLOW: ReadonlySet<string> = new Set([
  'examples/fibonacci.rush',
  'examples/life.rush',
  'examples/primes.rush',
  'test/programs/division-modulo.rush',
  'test/programs/evaluation-order.rush',
  'test/programs/garbage.rush',
  'test/programs/higher-order-hot.rush',
  'test/programs/int-overflow.rush',
  'test/programs/mixed-accumulators.rush',
  'test/programs/switch-and-logic.rush',
])

await testModes((program) => (isHot(program) && !SLOW.has(program.path) ? ['jitGc'] : []))
