/** Programs that begin with native code from an object document: made for all types, or of a profile. */
import { isHot, testModes } from '../support/test-modes.js'

await testModes((program, index) => {
  if (!isHot(program)) return []
  const mode = index % 2 === 0 ? 'jitObject' : 'jitProfiled'
  // Emulation is slow.
  return program.path.startsWith('examples/') ? [mode, 'arm64Profiled'] : [mode]
})
