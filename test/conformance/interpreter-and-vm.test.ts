/** All programs in the tiers that need no native code. */
import { FULL } from '../support/full.js'
import type { ModeName } from '../support/modes.js'
import { isHot, testModes } from '../support/test-modes.js'

/** Of programs that run long; `make golden` compares them with the interpreter. */
const HOT: readonly (readonly ModeName[])[] = [
  ['vmGc', 'vmObserved', 'pipeJson'],
  ['interpreterGc', 'pipeMsgpack'],
]

await testModes((program, index) => {
  if (!isHot(program)) return ['interpreter', 'vm', 'interpreterGc', 'vmGc', 'pipeMsgpack']
  return ['vm', ...(FULL ? HOT.flat() : (HOT[index % HOT.length] as readonly ModeName[]))]
})
