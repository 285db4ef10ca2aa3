/** Native code short of registers, memory or permission: each program in one of the modes. */
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

/** Of the programs that are not made for the JIT, one in so many is tried. */
const OTHERS = 5

await testModes((program, index) => {
  if (isHot(program)) return [modeAt(index)]
  return index % OTHERS === 0 ? [modeAt(index / OTHERS)] : []
})

function modeAt(index: number): ModeName {
  return MODES[index % MODES.length] as ModeName
}
