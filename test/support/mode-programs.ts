/** The programs that are run in all modes, and what is expected of them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'

export interface TestProgram {
  /** Relative to the project's top folder. */
  readonly path: string
  /** Standard output, or null: what the interpreter writes. */
  readonly output: string | null
  /** Text that must stand in the error report, or null: the program must succeed; undefined: not known. */
  readonly error: string | null | undefined
  /** Whether it does with little memory and few nested calls. */
  readonly little?: boolean
}

const FOLDERS = [
  'test/conformance/core',
  'test/conformance/data-types',
  'test/conformance/system',
  'test/programs',
  'examples',
]

/** Programs that need more than little. */
const DEMANDING: ReadonlySet<string> = new Set([
  'test/conformance/core/recursion.rush',
  'test/conformance/core/stack-overflow.rush',
  'test/programs/callback-depth.rush',
  'test/programs/deep-finally.rush',
  'test/programs/deep-recursion.rush',
  'test/programs/large-arrays.rush',
  'test/programs/large-strings.rush',
  'test/programs/stack-overflow-hot.rush',
  'test/programs/super-chains.rush',
])

/** All programs, with what is expected of them. */
export function testPrograms(): TestProgram[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith('.rush'))
      .sort()
      .map((name) => withExpectations(join(folder, name)))
      .map((program) => ({ ...program, little: !DEMANDING.has(program.path) })),
  )
}

/** What a golden file of a program that fails goes on with. */
const FAILS = '--- standard error'

/**
 * As `test/conformance/run.sh` has it: NAME.out and NAME.err; else the golden file, which `make golden` compares with
 * the interpreter. Of a program that has neither, or fails, nothing is known.
 */
function withExpectations(path: string): TestProgram {
  const base = path.slice(0, -'.rush'.length)
  if (!existsSync(`${base}.out`)) {
    const golden = join('test/golden/output', `${basename(base)}.txt`)
    const output = existsSync(golden) ? readFileSync(golden, 'utf8') : FAILS
    return output.includes(FAILS) ? { path, output: null, error: undefined } : { path, output, error: null }
  }
  const output = readFileSync(`${base}.out`, 'utf8')
  const error = existsSync(`${base}.err`) ? readFileSync(`${base}.err`, 'utf8').trim() : null
  return { path, output, error }
}
