/**
 * Programs that begin with native code from an object document: made for all types, or of a profile. Under
 * emulation some do in jit-emulated.test.ts.
 */
import { turnOf } from '../support/full.js'
import { isHot, testModes } from '../support/test-modes.js'

await testModes((program, index) => {
  const turn = turnOf(index, 4)
  if (!isHot(program) || turn === null) return []
  return [turn % 2 === 0 ? 'jitObject' : 'jitProfiled']
})
