/**
 * Random IR through the passes: runs each graph before and behind each pass and looks whether anybody could see a
 * difference. What is the same, and why that suffices, is said in `compare.ts`.
 */
import { countFlag, numberFlag, parseFlags, runTool, seedFlag } from '../../fuzz/flags.js'
import { checkPasses, describeFinding, noTotals } from './check.js'
import { graphsOf } from './sources.js'

const USAGE = `usage: node run.js [FLAGS]    or: make fuzz-ir FLAGS='...'
  --seed=N      seed of the first graphs, which the others follow (default: from the clock)
  --count=N     seeds (default: as many as the time allows)
  --seconds=N   time after which no further seed begins (default: 60)
  --findings=N  findings after which it stops (default: 1)
Odd seeds make random graphs, even ones the graphs of a random program.
`

const OPTIONS = {
  seed: { type: 'string' },
  count: { type: 'string' },
  seconds: { type: 'string', default: '60' },
  findings: { type: 'string', default: '1' },
  help: { type: 'boolean', default: false },
} as const

/** @returns how many graphs differ behind a pass */
function run(first: number, count: number, seconds: number, most: number): number {
  const totals = noTotals()
  const end = Date.now() + seconds * 1000
  let findings = 0
  let seed = first
  for (; seed < first + count && Date.now() < end && findings < most; seed++) {
    for (const { name, make } of graphsOf(seed)) {
      const found = checkPasses(make, seed, totals)
      if (found === null) continue
      findings++
      console.log(`DIFFERS: --seed=${seed} --count=1: ${name}: ${describeFinding(make, found)}`)
      break
    }
  }
  const { graphs, instructions, endings, compared, leftEarlier } = totals
  console.log(
    `${seed - first} seeds, ${graphs} graphs of ${instructions} instructions; runs: ${JSON.stringify(endings)}\n` +
      `${compared} runs behind passes compared, ${leftEarlier} left at a loop's header; ${findings} graphs differ`,
  )
  return findings
}

function main(): void {
  const flags = parseFlags(process.argv.slice(2), OPTIONS)
  if (flags.help) return console.log(USAGE)
  const seed = seedFlag(flags.seed)
  const count = countFlag(flags.count)
  const seconds = numberFlag('seconds', flags.seconds)
  console.log(`seed ${seed}`)
  if (run(seed, count, seconds, numberFlag('findings', flags.findings)) > 0) process.exitCode = 1
}

await runTool(USAGE, main)
