/** What the conformance tests share: programs are run in modes, one assertion per run. */
import t from 'tap'
import { ModeChecker } from './check-modes.js'
import { type TestProgram, testPrograms } from './mode-programs.js'
import { MODES, type ModeName } from './modes.js'

/** Programs made for the JIT: they call functions and loop often enough to be worth its while. */
export function isHot({ path }: TestProgram): boolean {
  return path.startsWith('test/programs/') || path.startsWith('examples/')
}

type Choose = (program: TestProgram, index: number) => readonly ModeName[]

/** Runs every program of the tests in the modes that `choose` gives for it. */
export async function testModes(choose: Choose): Promise<void> {
  await testProgramsInModes(testPrograms(), choose)
}

/** Runs each of these programs in the modes that `choose` gives for it. */
export async function testProgramsInModes(programs: readonly TestProgram[], choose: Choose): Promise<void> {
  const checker = new ModeChecker()
  t.setTimeout(0)
  let impossible = 0
  for (const [index, program] of programs.entries()) {
    const wanted = choose(program, index)
    const modes = checker.possible(wanted)
    impossible += wanted.length - modes.length
    for await (const { mode, difference } of checker.check(program, modes)) {
      const name = `${program.path} in mode ${mode} (${MODES[mode].name})`
      if (difference === null) t.pass(name)
      else t.fail(name, { ...difference, at: null, stack: '' })
    }
  }
  if (impossible > 0) t.pass('native code', { skip: `${impossible} runs: ${checker.reason}` })
  checker.stop()
}
