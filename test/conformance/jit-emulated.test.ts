/** All programs with ARM64 code, which runs under emulation on other CPUs: takes long, so in few modes. */
import { FULL } from '../support/full.js'
import { isHot, testModes } from '../support/test-modes.js'

/** Hot programs take turns in these: each runs long. All modes run all of them where code is not emulated. */
const MODES = ['arm64AtOnce', 'arm64Soon', 'arm64Deopt', 'arm64Profiled'] as const

await testModes((program, index) => {
  if (process.arch === 'arm64') return []
  if (!isHot(program)) return ['arm64AtOnce']
  // Every second of them, but all with --full, as in continuous integration.
  const turn = FULL ? index : index / 2
  return Number.isInteger(turn) ? [MODES[turn % MODES.length] as (typeof MODES)[number]] : []
})
