/** The conformance programs that need neither modules nor the types of the standard library. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Outcome, runProgram } from './run-program.js'

const ROOT = join(process.cwd(), 'test', 'conformance')
/** Needs what the interpreter gets from elsewhere: modules, JSON, regular expressions, the VM. */
const ELSEWHERE = /^module-|^json-|^regexp-|^math-module|pattern|stack-overflow/
const STRESS = process.argv.includes('--stress')

function report({ error, messages }: Outcome): string {
  return error === null ? messages.join('\n') : `${error.type}: ${error.message}\n${error.line}:${error.column}`
}

for (const folder of ['core', 'data-types']) {
  const names = readdirSync(join(ROOT, folder)).filter((name) => name.endsWith('.rush') && !ELSEWHERE.test(name))
  for (const name of names) {
    t.test(`${folder}/${name}`, async (t) => {
      const file = join(ROOT, folder, name.slice(0, -'.rush'.length))
      const outcome = runProgram(readFileSync(`${file}.rush`, 'utf8'), { heap: { stress: STRESS } })
      t.equal(outcome.output, readFileSync(`${file}.out`, 'utf8'), 'output')
      if (existsSync(`${file}.err`)) {
        t.ok(report(outcome).includes(readFileSync(`${file}.err`, 'utf8').trim()), report(outcome))
      } else t.equal(report(outcome), '', 'no error')
    })
  }
}
