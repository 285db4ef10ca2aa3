/**
 * Built-in methods that call functions of the program, with callbacks that are or become native code, throw,
 * change types, allocate until a collection comes, or call other such methods: against loops, in all tiers.
 */
import { join, relative } from 'node:path'
import t from 'tap'
import { ModeChecker } from '../support/check-modes.js'
import type { ModeName } from '../support/modes.js'
import { testProgramsInModes } from '../support/test-modes.js'
import { NESTED_PROGRAM } from './callbacks/nested.js'
import {
  ALL_TRIALS,
  HALF_STRESS_TRIALS,
  HALF_TRIALS,
  LEAST_COLLECTIONS,
  STRESS_TRIALS,
} from './callbacks/programs.js'
import { REFUSED_PROGRAM } from './callbacks/refused.js'

interface Row {
  readonly name: string
  readonly text: string
  /** Null: what the interpreter writes; a trial that differs from its loop ends the program. */
  readonly output: string | null
  readonly modes: readonly ModeName[]
}

const ROWS: readonly Row[] = [
  { name: 'all', text: ALL_TRIALS, output: null, modes: ['interpreter', 'vm'] },
  { name: 'half', text: HALF_TRIALS[0], output: null, modes: ['jitSoon'] },
  { name: 'other-half', text: HALF_TRIALS[1], output: null, modes: ['jitDeopt'] },
  { name: 'stress', text: STRESS_TRIALS, output: null, modes: ['interpreterGc', 'vmGc'] },
  { name: 'half-stress', text: HALF_STRESS_TRIALS, output: null, modes: ['jitGcDeopt'] },
  { name: 'nested', ...NESTED_PROGRAM, modes: ['interpreter', 'vm', 'jitAtOnce', 'jitSoon'] },
  { name: 'refused', ...REFUSED_PROGRAM, modes: ['interpreter', 'vm', 'jitAtOnce', 'jitSoon'] },
]

const fileName = ({ name }: Row): string => `${name}.rush`
const folder = relative('.', t.testdir(Object.fromEntries(ROWS.map((row) => [fileName(row), row.text]))))
const programs = ROWS.map((row) => ({ path: join(folder, fileName(row)), output: row.output, error: null }))

await testProgramsInModes(programs, (_, index) => (ROWS[index] as Row).modes)

t.test('there are collections in the walks', async (t) => {
  const checker = new ModeChecker()
  t.teardown(() => checker.stop())
  for (const mode of ['interpreter', 'vm'] as const) {
    const { heap } = await checker.run(programs[0] as (typeof programs)[number], mode, true)
    const collections = heap.at(-1)?.collections ?? 0
    t.ok(collections >= LEAST_COLLECTIONS, `${collections} collections in mode ${mode}`)
  }
})
