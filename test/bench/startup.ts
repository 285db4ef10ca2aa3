/**
 * How long the tools need to start, against Node itself: medians of runs that take turns, so that what else
 * the machine does hits all alike.
 *
 * usage: node startup.js [ROUNDS]
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toolPath } from '../tools/run-tool.js'
import { median } from './statistics.js'

const ROUNDS = 21

const rounds = Number(process.argv[2] ?? ROUNDS)
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error('usage: startup [ROUNDS]')
  process.exit(2)
}
const folder = mkdtempSync(join(tmpdir(), 'rush-startup-'))
const program = join(folder, 'hello.rush')
const bytecode = join(folder, 'hello.rbc')
writeFileSync(program, 'print("hello")\n')
spawnSync(process.execPath, [toolPath('rush-compile'), '-o', bytecode, program], { stdio: 'inherit' })

/** The first is the measure. */
const COMMANDS: readonly (readonly string[])[] = [
  ['node', '-e', '0'],
  ['rush-run', program],
  ['rush-run', '-bytecode', program],
  ['rush-run', '-jit', program],
  ['rush-parse', program],
  ['rush-compile', '-format=text', program],
  ['rush-vm', bytecode],
  ['rush-jit-asm', bytecode],
]
const times: number[][] = COMMANDS.map(() => [])
for (let round = 0; round < rounds; round++) {
  for (const [index, [tool, ...words]] of COMMANDS.entries()) {
    const parameters = tool === 'node' ? words : [toolPath(tool as string), ...words]
    const started = performance.now()
    const { status } = spawnSync(process.execPath, parameters, { stdio: 'ignore' })
    times[index]?.push(performance.now() - started)
    if (status !== 0) throw new Error(`${tool} ${words.join(' ')}: exit code ${status}`)
  }
}
rmSync(folder, { recursive: true })
const medians = times.map(median)
for (const [index, time] of medians.entries()) {
  const ratio = time / (medians[0] as number)
  const command = COMMANDS[index]?.map((word) => word.replace(`${folder}/`, '')).join(' ')
  console.log(`${time.toFixed(1).padStart(7)} ms  ${ratio.toFixed(2).padStart(5)}  ${command}`)
}
