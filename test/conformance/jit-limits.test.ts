/** Native code short of registers, memory or permission: each program in some of the modes. */
import type { ModeName } from '../support/modes.js'
import { isHot, testModes } from '../support/test-modes.js'

const MODES: readonly ModeName[] = [
  'jitTwoRegisters',
  'jitSmallCache',
  'jitDeoptAtOnce',
  'jitDefault',
  'jitFourRegisters',
  'jitTwoEntries',
  'jitGcDeopt',
  'jitFewFunctions',
  'jitRefused',
]

/** So many modes for a program, in turn. */
const HOT_MODES = 3
const OTHER_PROGRAMS = 2

await testModes((program, index) => {
  if (isHot(program)) return Array.from({ length: HOT_MODES }, (_, turn) => modeAt(index + turn * HOT_MODES))
  return index % OTHER_PROGRAMS === 0 ? [modeAt(index / OTHER_PROGRAMS)] : []
})

function modeAt(index: number): ModeName {
  return MODES[index % MODES.length] as ModeName
}
