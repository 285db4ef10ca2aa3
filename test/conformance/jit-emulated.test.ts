/** All programs with ARM64 code, which runs under emulation on other CPUs: takes long, so in few modes. */
import { isHot, testModes } from '../support/test-modes.js'

/** Hot programs: one mode each besides. */
const MODES = ['arm64Soon', 'arm64Deopt'] as const

await testModes((program, index) => {
  if (process.arch === 'arm64') return []
  return isHot(program) ? ['arm64AtOnce', MODES[index % 2] as (typeof MODES)[number]] : ['arm64AtOnce']
})
