/** All programs with ARM64 code, which runs under emulation on other CPUs: takes long, so in few modes. */
import { turnOf } from '../support/full.js'
import { isHot, testModes } from '../support/test-modes.js'

/** Hot programs take turns in these: each runs long. All modes run all of them where code is not emulated. */
const MODES = ['arm64AtOnce', 'arm64Soon', 'arm64Deopt', 'arm64Profiled'] as const

await testModes((program, index) => {
  if (process.arch === 'arm64') return []
  if (!isHot(program)) return ['arm64AtOnce']
  const turn = turnOf(index, 8)
  return turn === null ? [] : [MODES[turn % MODES.length] as (typeof MODES)[number]]
})
