/** The conformance programs that need neither modules nor the types of the standard library. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Outcome, runProgram } from './run-program.js'

const ROOT = join(process.cwd(), 'test', 'conformance')
/** Programs that need what is not the interpreter's business. */
const ELSEWHERE = /\bimport\b|\bJSON\b|\bRegexp\b|\.match\(/
/** Recursion as deep as the language promises; the Rush stack that this takes is costly to make. */
const DEEP = new Set(['recursion.rush', 'stack-overflow.rush'])
/** Also tried with a collection at every safepoint if the test is started with `--stress`. */
const stress = process.argv.includes('--stress')
/** `handOverHeight`: interpreter alone, but for deep recursion; a mix of interpreter and VM. */
const HEIGHTS = [undefined, 40]

function report({ error, messages }: Outcome): string {
  return error === null ? messages.join('\n') : `${error.type}: ${error.message}`
}

/** The output, and what is said of an error as far as the `.err` file has it. */
function run(
  text: string,
  expectedError: string,
  maxDepth: number,
  handOverHeight: number | undefined,
): string {
  const heap = { maxDepth, stress }
  const outcome = runProgram(text, { handOverHeight, heap })
  const error = report(outcome)
  return outcome.output + (expectedError !== '' && error.includes(expectedError) ? expectedError : error)
}

for (const folder of ['core', 'data-types']) {
  t.test(folder, async (t) => {
    for (const name of readdirSync(join(ROOT, folder))) {
      if (!name.endsWith('.rush')) continue
      const file = join(ROOT, folder, name.slice(0, -'.rush'.length))
      const text = readFileSync(`${file}.rush`, 'utf8')
      if (ELSEWHERE.test(text)) continue
      const error = existsSync(`${file}.err`) ? readFileSync(`${file}.err`, 'utf8').trim() : ''
      const expected = readFileSync(`${file}.out`, 'utf8') + error
      const maxDepth = DEEP.has(name) ? 11000 : 500
      for (const height of HEIGHTS) {
        t.equal(run(text, error, maxDepth, height), expected, `${name}, limit ${height ?? 'as usual'}`)
      }
    }
  })
}
