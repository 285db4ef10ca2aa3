/**
 * Programs that begin with native code from an object document: made for all types, or of a profile. Under
 * emulation some do in jit-emulated.test.ts.
 */
import { isHot, testModes } from '../support/test-modes.js'

await testModes((program, index) => {
  if (!isHot(program)) return []
  return [index % 2 === 0 ? 'jitObject' : 'jitProfiled']
})
