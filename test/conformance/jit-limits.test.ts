/** Native code short of registers, memory or permission: each program in one of the modes or two. */
import { FULL } from '../support/full.js'
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

await testModes((program, index) => {
  // It tells how deep the calls are, which is deeper by default than in the other modes.
  const mode = modeAt(program.path.endsWith('/stack-overflow.rush') ? 0 : index)
  if (isHot(program)) return [mode]
  // All that are not made for the JIT have their code thrown out all the time.
  return FULL && mode !== 'jitSmallCache' ? ['jitSmallCache', mode] : ['jitSmallCache']
})

function modeAt(index: number): ModeName {
  return MODES[index % MODES.length] as ModeName
}
