/** All programs in the tiers that need no native code. */
import { isHot, testModes } from '../support/test-modes.js'

await testModes((program) => [
  'interpreter',
  'vm',
  'interpreterGc',
  'vmGc',
  'pipeMsgpack',
  ...(isHot(program) ? (['pipeJson', 'vmObserved'] as const) : []),
])
