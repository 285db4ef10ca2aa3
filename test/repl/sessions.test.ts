/** The transcripts in `sessions/`, in every mode. */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
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

const files = readdirSync(FOLDER).filter((file) => file.endsWith('.txt'))
const transcripts = files.map((file) => readFileSync(file, 'utf8'))

for (const mode of ['interpreter', 'bytecode'] as const) {
  t.test(mode, async (t) => {
    for (const [i, transcript] of transcripts.entries()) {
      t.equal(await play(transcript, mode), transcript, files[i])
      t.equal(await play(transcript, mode, { gcStress: true }), transcript, `${files[i]}, GC stress`)
    }
  })
}

t.test('jit', { skip: arm64.reason }, async (t) => {
  const [program, ...words] = arm64.command as [string, ...string[]]
  // One process for all: it takes long to start under emulation.
  const { stdout, stderr } = spawnSync(program, [...words, SCRIPT, 'jit', ...files])
  t.equal(stderr.toString(), '')
  t.equal(stdout.toString(), transcripts.join(''))
})
