/** In which modes random programs are run. */
import type { ModeName } from '../support/modes.js'

export const DEFAULT_MODES: readonly ModeName[] = [
  'vm',
  'jitAtOnce',
  'jitSoon',
  'jitLate',
  'jitDeopt',
  'jitGc',
  'jitDeoptAtOnce',
  'jitTwoRegisters',
  'jitSmallCache',
  'jitProfiled',
]

/** Emulation takes twenty times as long, so only one program of so many is run there; no multiple of a kind's turn. */
export const EMULATED_MODES: readonly ModeName[] = ['arm64AtOnce', 'arm64Soon']
export const EMULATED_SHARE = 50
