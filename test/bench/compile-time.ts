/**
 * How long the compiler takes for a function of about 200 opcodes, from bytecode and what a run of it saw to
 * machine code: as the first function of a process, once V8 knows the compiler, and once V8 has optimized it.
 *
 * Each run is a process of its own, which compiles the function first of all, then other functions, of the
 * benchmark programs, then the function again, and so once more. What counts is the CPU time of the thread
 * that compiles; loading the modules is not counted.
 *
 * usage: node compile-time.js [RUNS]     each for every target; medians count
 */
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { instructionPositions } from '../../lib/bytecode/index.js'
import { Tag } from '../../lib/heap/layout.js'
import { emptyWorld } from '../../lib/jit/build/world.js'
import { type CompileOptions, compileFunction } from '../../lib/jit/compile.js'
import { type SelectedFunction, selectFunctions } from '../../lib/jit/object-code.js'
import type { ProfileDocument } from '../../lib/jit/profile.js'
import { CompileRefused } from '../../lib/jit/reasons.js'
import { TARGETS } from '../../lib/jit/target.js'
import { builtinIndex } from '../../lib/runtime/builtins/registry.js'
import { feedbackOf, programOf, programsIn, TARGET_NAMES, withFile } from '../jit/tools.js'
import { runTool } from '../tools/run-tool.js'
import { median } from './statistics.js'
import { threadTime } from './thread-time.js'

const FILE = join('test', 'bench', 'compile-time.rush')
const FUNCTION = 'step'
const RUNS = 5
/** Other compilations before the function is compiled again: few, and as many as V8 takes to be done with it. */
const BEFORE = [0, 200, 3000] as const
/** Compilations that the time of a warm compiler is the mean of: one alone is too short to be measured. */
const WARM = 20

/** What one process found. */
interface Run {
  readonly opcodes: number
  /** Milliseconds, by the place in BEFORE. */
  readonly times: readonly number[]
}

const [mode = String(RUNS), targetName, profileFile] = process.argv.slice(2)
const target = TARGET_NAMES.find((name) => name === targetName)
if (mode === '--once' && target !== undefined && profileFile !== undefined) {
  console.log(JSON.stringify(measureOnce(target, profileFile)))
} else if (Number.isInteger(Number(mode)) && Number(mode) > 0) {
  withFile('profile.json', '', (file) => {
    const { code, stderr } = runTool('rush-run', ['-bytecode', '-profile-out', file, FILE])
    if (code !== 0) throw new Error(`rush-run ${FILE}: ${stderr.trim()}`)
    for (const name of TARGET_NAMES) report(name, measureAll(name, file, Number(mode)))
  })
} else {
  console.error('usage: compile-time [RUNS]')
  process.exitCode = 2
}

function report(name: string, runs: readonly Run[]): void {
  const found = BEFORE.map((count, stage) => {
    const time = median(runs.map(({ times }) => times[stage] as number))
    return count === 0 ? `${time.toFixed(1)} ms as the first` : `${time.toFixed(2)} ms after ${count} others`
  })
  console.log(`compiling ${runs[0]?.opcodes} opcodes for ${name}: ${found.join(', ')}`)
}

function measureAll(name: string, profile: string, runs: number): Run[] {
  return Array.from({ length: runs }, () => {
    const command = [fileURLToPath(import.meta.url), '--once', name, profile]
    const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`compile-time: ${stderr.trim()}`)
    return JSON.parse(stdout) as Run
  })
}

function measureOnce(name: (typeof TARGET_NAMES)[number], profileFile: string): Run {
  const program = programOf(readFileSync(FILE, 'utf8'), FILE)
  const profile = JSON.parse(readFileSync(profileFile, 'utf8')) as ProfileDocument
  const [selected] = selectFunctions(program, { profile, only: FUNCTION })
  if (selected === undefined) throw new Error(`${FILE}: no function ${FUNCTION}`)
  const others = programsIn(join('test', 'bench')).flatMap((other) =>
    other.functions.map((fn, index) => ({ program: other, fn, index })),
  )
  // As in the tier: no checks between the passes.
  const options: Omit<CompileOptions, 'world'> = {
    target: TARGETS[name],
    verify: false,
    deoptStress: false,
    registers: 0,
    timeout: Number.POSITIVE_INFINITY,
    now: () => 0,
  }
  const compile = (from: typeof program, { fn, feedback, world }: Omit<SelectedFunction, 'index'>): void => {
    try {
      compileFunction(from, fn, feedback, { ...options, world })
    } catch (error) {
      if (!(error instanceof CompileRefused)) throw error
    }
  }
  /** The mean of some compilations of the function. */
  const time = (times: number): number => {
    const started = threadTime()
    for (let done = 0; done < times; done++) compile(program, selected)
    return (threadTime() - started) / times
  }

  threadTime()
  let done = 0
  const times = BEFORE.map((count) => {
    for (; done < count; done++) {
      const other = others[done % others.length]
      if (other === undefined) throw new Error('no benchmark programs')
      const feedback = feedbackOf(other.program, other.fn, done % 2 === 0 ? Tag.INTEGER : Tag.FLOAT)
      compile(other.program, { fn: other.fn, feedback, world: emptyWorld(builtinIndex) })
    }
    return time(count === 0 ? 1 : WARM)
  })
  return { opcodes: instructionPositions(selected.fn.code).length, times }
}
