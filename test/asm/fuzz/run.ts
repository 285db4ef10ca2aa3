/** Random operands through all forms of the assemblers, and random bytes through the disassemblers. */
import { countFlag, numberFlag, parseFlags, runTool, seedFlag } from '../../fuzz/flags.js'
import { A64_FUZZ } from './a64.js'
import { asmRound, noAsmTotals } from './check.js'
import { X64_FUZZ } from './x64.js'

const USAGE = `usage: node run.js [FLAGS]    or: make fuzz-asm FLAGS='...'
  --seed=N      seed of the first round, which the others follow (default: from the clock)
  --count=N     rounds (default: as many as the time allows)
  --seconds=N   time after which no further round begins (default: 60)
`

const OPTIONS = {
  seed: { type: 'string' },
  count: { type: 'string' },
  seconds: { type: 'string', default: '60' },
  help: { type: 'boolean', default: false },
} as const

/** Instructions of each form in a round. */
const PER_FORM = 40
const TARGETS = { arm64: A64_FUZZ, x64: X64_FUZZ } as const

function main(): void {
  const flags = parseFlags(process.argv.slice(2), OPTIONS)
  if (flags.help) return console.log(USAGE)
  const seed = seedFlag(flags.seed)
  const count = countFlag(flags.count)
  const seconds = numberFlag('seconds', flags.seconds)
  console.log(`seed ${seed}`)
  const end = Date.now() + seconds * 1000
  const totals = { arm64: noAsmTotals(), x64: noAsmTotals() }
  for (let round = seed; round < seed + count && Date.now() < end; round++) {
    for (const name of ['arm64', 'x64'] as const) {
      const wrong = asmRound(TARGETS[name], round, PER_FORM, totals[name])
      if (wrong.length === 0) continue
      process.exitCode = 1
      console.log(
        `WRONG: --seed=${round} --count=1: ${name}: ${wrong.length}\n  ${wrong.slice(0, 20).join('\n  ')}`,
      )
    }
    if (process.exitCode === 1) break
  }
  for (const [name, counts] of Object.entries(totals)) console.log(`${name}: ${JSON.stringify(counts)}`)
}

await runTool(USAGE, main)
