/**
 * Runs programs in all modes and prints where they differ, each time one line per run with its time.
 *
 * usage: node run-modes.js [-quiet] [-modes=MODE,...] [FILE | WORD...]
 *   FILE: a program; WORD: the programs of the tests whose path contains it; nothing: all of these
 */
import { existsSync } from 'node:fs'
import { ModeChecker } from './check-modes.js'
import { testPrograms } from './mode-programs.js'
import { MODES, type ModeName } from './modes.js'

const parameters = process.argv.slice(2)
const quiet = parameters.includes('-quiet')
const words = parameters.filter((word) => !word.startsWith('-'))
const chosen = parameters.find((word) => word.startsWith('-modes='))?.slice('-modes='.length)
const checker = new ModeChecker()
const all = (chosen?.split(',') ?? Object.keys(MODES)) as ModeName[]
const unknown = all.filter((mode) => !Object.hasOwn(MODES, mode))
if (unknown.length > 0) {
  console.error(`unknown modes: ${unknown.join(', ')}; there are: ${Object.keys(MODES).join(', ')}`)
  process.exit(2)
}
const modes = checker.possible(all)
if (modes.length < all.length) console.log(`SKIPPED modes of the JIT: ${checker.reason}`)

const files = words.filter((word) => word.endsWith('.rush') && existsSync(word))
const parts = words.filter((word) => !files.includes(word))
const known = testPrograms().filter(
  ({ path }) => files.includes(path) || parts.some((part) => path.includes(part)) || words.length === 0,
)
const others = files.filter((path) => !known.some((program) => program.path === path))
const programs = [...known, ...others.map((path) => ({ path, output: null, error: undefined }))]

let failed = 0
const times = new Map<ModeName, number>()
for (const program of programs) {
  for await (const { mode, difference, milliseconds } of checker.check(program, modes)) {
    times.set(mode, (times.get(mode) ?? 0) + milliseconds)
    if (difference === null && quiet) continue
    const mark = difference === null ? 'ok' : 'DIFFERS'
    console.log(`${mark} ${program.path} [${mode}] ${milliseconds.toFixed(0)} ms`)
    if (difference === null) continue
    failed++
    for (const [what, text] of Object.entries(difference)) console.log(`    ${what}: ${text.trimEnd()}`)
  }
}
checker.stop()
for (const [mode, time] of times) console.log(`${(time / 1000).toFixed(1).padStart(7)} s  ${mode}`)
console.log(`${failed} runs of ${programs.length * modes.length} differ`)
process.exitCode = failed > 0 ? 1 : 0
