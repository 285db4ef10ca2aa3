/** Random programs of all kinds. */
import { arrayProgram } from './array-programs.js'
import { controlProgram } from './control-programs.js'
import { Generator } from './general-programs.js'
import { libraryProgram } from './library-programs.js'
import { memoryProgram } from './memory-programs.js'
import { Random } from './random.js'
import { registerProgram } from './register-programs.js'
import { variableProgram } from './variable-programs.js'

const PROGRAMS = {
  typed: (random: Random) => new Generator(random, 'typed').program(),
  plain: (random: Random) => new Generator(random, 'plain').program(),
  wild: (random: Random) => new Generator(random, 'wild').program(),
  memory: memoryProgram,
  library: libraryProgram,
  control: controlProgram,
  registers: registerProgram,
  arrays: arrayProgram,
  variables: variableProgram,
} as const satisfies Readonly<Record<string, (random: Random) => string>>

export type ProgramKind = keyof typeof PROGRAMS
export const KINDS = Object.keys(PROGRAMS) as readonly ProgramKind[]

/** The text of a program, perhaps of several files; the same for the same seed. */
export function generate(seed: number, kind: ProgramKind): string {
  return PROGRAMS[kind](new Random(seed))
}
