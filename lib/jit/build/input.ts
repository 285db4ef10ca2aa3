/** What the builder makes a graph of. */
import type { BytecodeFunction, BytecodeProgram } from '../../bytecode/program.js'
import type { SiteFeedback } from '../../vm/feedback.js'
import type { PassName } from '../pass-names.js'
import type { World } from './world.js'

export interface BuildInput {
  program: BytecodeProgram
  fn: BytecodeFunction
  feedback: ReadonlyMap<number, SiteFeedback>
  world: World
  /** Home class of the closure that was hot, or 0. */
  home: number
  /** Where native code takes over a frame of the VM; null: at the function's entry. */
  entry: FrameEntry | null
  /** Passes that are left out. */
  disabledPasses: ReadonlySet<PassName>
}

/** On-stack replacement: a loop header, and the tags of the frame's slots there. */
export interface FrameEntry {
  position: number
  tags: readonly number[]
}
