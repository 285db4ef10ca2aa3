/** The programs that are run in all modes, and what is expected of them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface TestProgram {
  /** Relative to the project's top folder. */
  readonly path: string
  /** Standard output, or null: what the interpreter writes. */
  readonly output: string | null
  /** Text that must stand in the error report, or null: the program must succeed; undefined: not known. */
  readonly error: string | null | undefined
}

const FOLDERS = [
  'test/conformance/core',
  'test/conformance/data-types',
  'test/conformance/system',
  'test/programs',
  'examples',
]

/** What is not there yet, by the first pattern that the source text matches. */
const UNSUPPORTED: readonly (readonly [reason: string, pattern: RegExp])[] = [
  ['modules', /^\s*(import|export)\b/m],
]

/** All programs that should run, and for each reason how many cannot yet. */
export function testPrograms(): { programs: TestProgram[]; skipped: Map<string, number> } {
  const programs: TestProgram[] = []
  const skipped = new Map<string, number>()
  for (const folder of FOLDERS) {
    for (const name of readdirSync(folder).sort()) {
      if (!name.endsWith('.rush')) continue
      const path = join(folder, name)
      const text = readFileSync(path, 'utf8')
      const reason = UNSUPPORTED.find(([, pattern]) => pattern.test(text))?.[0]
      if (reason === undefined) programs.push(withExpectations(path))
      else skipped.set(reason, (skipped.get(reason) ?? 0) + 1)
    }
  }
  return { programs, skipped }
}

/** As `test/conformance/run.sh` has it: NAME.out and NAME.err; of a program without them nothing is known. */
function withExpectations(path: string): TestProgram {
  const base = path.slice(0, -'.rush'.length)
  if (!existsSync(`${base}.out`)) return { path, output: null, error: undefined }
  const output = readFileSync(`${base}.out`, 'utf8')
  const error = existsSync(`${base}.err`) ? readFileSync(`${base}.err`, 'utf8').trim() : null
  return { path, output, error }
}
