/** The conformance programs that need neither modules nor the types of the standard library. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Outcome, runProgram } from './run-program.js'

const ROOT = join(process.cwd(), 'test', 'conformance')
/** Programs that need what is not the interpreter's business: modules and types of the standard library. */
const ELSEWHERE = /\bimport\b|\bJSON\b|\bRegexp\b|\.match\(/
const STRESS = process.argv.includes('--stress')

function report({ error, messages }: Outcome): string {
  return error === null
    ? messages.join('\n')
    : `${error.type}: ${error.message}\n${error.line}:${error.column}`
}

/** `handOverHeight`: interpreter alone, but for deep recursion; a mix of interpreter and VM. */
const HEIGHTS = [undefined, 40]

for (const folder of ['core', 'data-types']) {
  for (const name of readdirSync(join(ROOT, folder))) {
    if (!name.endsWith('.rush')) continue
    const file = join(ROOT, folder, name.slice(0, -'.rush'.length))
    const text = readFileSync(join(ROOT, folder, name), 'utf8')
    if (ELSEWHERE.test(text)) continue
    t.test(`${folder}/${name}`, async (t) => {
      for (const handOverHeight of HEIGHTS) {
        const outcome = runProgram(text, { handOverHeight, heap: { maxDepth: 11000, stress: STRESS } })
        t.equal(outcome.output, readFileSync(`${file}.out`, 'utf8'), 'output')
        if (existsSync(`${file}.err`)) {
          t.ok(report(outcome).includes(readFileSync(`${file}.err`, 'utf8').trim()), report(outcome))
        } else t.equal(report(outcome), '', 'no error')
      }
    })
  }
}
