/**
 * Every operator and `switch` on every pair of types, edge values included: against an oracle written from
 * the language document, in the interpreter, the VM and native code made for the types of the operands.
 */
import { join, relative } from 'node:path'
import t from 'tap'
import type { ModeName } from '../support/modes.js'
import { testProgramsInModes } from '../support/test-modes.js'
import { FULL_PROGRAM, TRAINED_PROGRAM, UNTRAINED_PROGRAM } from './operators/programs.js'

const MODES: readonly (readonly ModeName[])[] = [
  ['interpreter', 'vm'],
  ['interpreter', 'vm', 'jitSoon', 'jitDeopt'],
  ['interpreter', 'vm', 'jitAtOnce'],
]

const programs = { full: FULL_PROGRAM, trained: TRAINED_PROGRAM, untrained: UNTRAINED_PROGRAM }
const named = Object.entries(programs).map(([name, program]) => ({ name: `${name}.rush`, ...program }))
const folder = relative('.', t.testdir(Object.fromEntries(named.map(({ name, text }) => [name, text]))))

await testProgramsInModes(
  named.map(({ name, output }) => ({ path: join(folder, name), output, error: null })),
  (_, index) => MODES[index] as readonly ModeName[],
)
