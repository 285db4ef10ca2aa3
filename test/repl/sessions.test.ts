/** The transcripts in `sessions/`, in every mode. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { findArm64 } from '../support/arm64.js'
import { play } from './run-session.js'

const FOLDER = fileURLToPath(new URL('../../../test/repl/sessions/', import.meta.url))
const SCRIPT = fileURLToPath(new URL('./run-session.js', import.meta.url))
const arm64 = findArm64()
// Imports count from the working directory.
process.chdir(FOLDER)
t.setTimeout(0)

for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.txt'))) {
  const transcript = readFileSync(join(FOLDER, name), 'utf8')
  t.test(name, async (t) => {
    t.equal(await play(transcript, 'interpreter'), transcript, 'interpreter')
    t.equal(await play(transcript, 'interpreter', { gcStress: true }), transcript, 'interpreter, GC stress')
    t.equal(await play(transcript, 'bytecode'), transcript, 'bytecode')
    t.equal(await play(transcript, 'bytecode', { gcStress: true }), transcript, 'bytecode, GC stress')
    if (arm64.command === null) return t.pass('JIT', { skip: arm64.reason })
    const [program, ...words] = arm64.command as [string, ...string[]]
    const { stdout, stderr } = spawnSync(program, [...words, SCRIPT, 'jit'], { input: transcript })
    t.equal(stderr.toString(), '', 'native code can run')
    t.equal(stdout.toString(), transcript, 'JIT')
  })
}
