/** All programs in the tiers that need no native code. */
import { isHot, testModes } from '../support/test-modes.js'

await testModes((program) => [
  // What `make golden` compares with the interpreter is not run in it once more.
  ...(isHot(program) ? (['pipeJson', 'vmObserved'] as const) : (['interpreter'] as const)),
  'vm',
  'interpreterGc',
  'vmGc',
  'pipeMsgpack',
])
