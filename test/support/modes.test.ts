/** That the runner of programs in all modes notices what it is there for. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type Difference, ModeChecker } from './check-modes.js'
import type { TestProgram } from './mode-programs.js'
import { ModeRunner } from './mode-runner.js'

const folder = t.testdir({
  'endless.rush': 'while (true) { }\n',
  'fine.rush': 'print("one")\nprint("two")\n',
  'failing.rush': 'print("one")\nx = 1 / 0\n',
})
const file = (name: string): string => join(folder, `${name}.rush`)

t.test('a worker that hangs or dies is answered for and replaced', async (t) => {
  const runner = new ModeRunner([process.execPath], 2000)
  t.teardown(() => runner.stop())
  t.match(
    (await runner.run({ program: file('endless'), mode: 'vm', verify: true })).crash,
    'took longer than 2 s',
  )
  const outcome = { stdout: 'one\ntwo\n', stderr: '', code: 0, notice: '' }
  t.same((await runner.run({ program: file('fine'), mode: 'vm', verify: true })).outcome, outcome)

  const dying = new ModeRunner(['/bin/sh', '-c', 'echo broken >&2; kill -SEGV $$'], 2000)
  t.teardown(() => dying.stop())
  for (const mode of ['vm', 'interpreter'] as const) {
    const { crash } = await dying.run({ program: file('fine'), mode, verify: true })
    t.equal(crash, 'the process ended: SIGSEGV\nbroken\n')
  }
})

t.test('differences are found and named', async (t) => {
  const checker = new ModeChecker()
  t.teardown(() => checker.stop())
  const difference = async (program: TestProgram): Promise<Difference | null> => {
    for await (const check of checker.check(program, ['vm'])) return check.difference
    throw new Error('nothing was checked')
  }
  const fine = { path: file('fine'), output: 'one\ntwo\n', error: null }
  t.equal(await difference(fine), null)
  t.equal(await difference({ ...fine, output: null, error: undefined }), null)
  t.match(await difference({ ...fine, output: 'one\n2\n' }), { stdout: 'line 2: expected "2", got "two"' })
  t.match(await difference({ ...fine, error: 'division' }), {
    stderr: 'lacks "division"',
    code: 'expected 1, got 0',
  })

  const failing = { path: file('failing'), output: 'one\n', error: 'division by zero' }
  t.equal(await difference(failing), null)
  t.match(await difference({ ...failing, error: null }), { code: 'expected 0, got 1' })
})

t.test('another report of an error is a difference', async (t) => {
  const checker = new ModeChecker()
  t.teardown(() => checker.stop())
  const path = file('failing')
  // The program changes between the two runs.
  const checks = checker.check({ path, output: null, error: undefined }, ['interpreter', 'vm'])
  t.match((await checks.next()).value, { difference: null })
  writeFileSync(path, 'print("one")\n\nx = 1 / 0\n')
  const { value } = await checks.next()
  t.match(value, { difference: { stderr: /^line 2: expected .*line 2.*got .*line 3/ } })
  t.strictSame(Object.keys(value?.difference ?? {}), ['stderr'])
})
