/** What is done with a mutated document, and what must hold of it. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { parseBytecode, verify } from '../../../lib/bytecode/index.js'
import type { BytecodeProgram } from '../../../lib/bytecode/program.js'
import type { DocumentKind } from '../../../lib/formats/envelope.js'
import { readDocument } from '../../../lib/formats/read.js'
import { writeDocument } from '../../../lib/formats/write.js'
import {
  checkInstallable,
  checkObject,
  compileObject,
  hostTarget,
  type ObjectDocument,
} from '../../../lib/jit/index.js'
import { isBuiltin } from '../../../lib/run/index.js'
import { Random } from '../random.js'
import { compareTiers, isHarmless, NATIVE_MODES, type NativeMode } from './execute.js'
import type { Mutant } from './mutants.js'
import { runToolHere, type ToolName, type ToolRun } from './tool-runs.js'
import type { Watchdog } from './watchdog.js'

export interface Trial {
  /** What each tool, or the tiers, did with the document: counted under these words. */
  readonly verdicts: string[]
  readonly problems: string[]
}

const FILES: Readonly<Record<DocumentKind, string>> = {
  'rush-ast': 'm.ast',
  'rush-bytecode': 'm.rbc',
  'rush-object': 'm.ro',
  'rush-profile': 'm.profile',
}
/** The sound bytecode that belongs to a mutated profile or object document. */
const SOUND = 'sound.rbc'
const OUT = 'out'
/** In milliseconds, for a tool that makes a document of a small one; most need five. */
const PATIENCE = 5000
/** Bytes on standard error. */
const MOST_TEXT = 1 << 16

/** One trial after the other, in the present folder, which is empty. */
export class Trials {
  constructor(
    private readonly watchdog: Watchdog,
    /** Of the accepted bytecode, how much is run. */
    private readonly share: number,
  ) {}

  async run(mutant: Mutant): Promise<Trial> {
    const trial: Trial = { verdicts: [], problems: [] }
    writeFileSync(FILES[mutant.kind], mutant.bytes)
    await this.kinds[mutant.kind](mutant, trial, new Random(mutant.number ^ 0x5bd1e995))
    for (const name of readdirSync('.')) rmSync(name)
    return trial
  }

  private readonly kinds: Readonly<
    Record<DocumentKind, (mutant: Mutant, trial: Trial, random: Random) => Promise<void>>
  > = {
    'rush-ast': async (_, trial, random) => {
      const format = random.pick(['msgpack', 'json', 'text'])
      const made = await this.make(trial, 'rush-compile', [`-format=${format}`], FILES['rush-ast'], random)
      if (made === null) return
      const program = readMade(made, format, trial)
      if (program !== null) await this.execute(program, trial, random)
    },
    'rush-bytecode': async ({ bytes }, trial, random) => {
      const file = FILES['rush-bytecode']
      const program = accepted(() => {
        const document = readDocument(bytes, 'rush-bytecode', file)
        verify(document, isBuiltin)
        return document
      })
      const asm = random.pick(['-emit=listing', '-emit=object', '-elf', '-emit=ir'])
      const target = random.pick(['-target=x64', '-target=arm64'])
      if (program === null) {
        const [tool, words] = random.pick(READERS_OF_BYTECODE)
        await this.refused(trial, tool, [...words, file])
        if (random.chance(0.2)) await this.refused(trial, 'rush-jit-asm', [asm, `-o=${OUT}`, file])
        return
      }
      trial.verdicts.push('verified')
      if ((await this.make(trial, 'rush-jit-asm', [asm, target], file, random)) === null)
        trial.problems.push('rush-jit-asm refuses verified bytecode')
      await this.execute(program, trial, random)
    },
    'rush-object': async ({ bytes, seed }, trial, random) => {
      const file = FILES['rush-object']
      const program = seed.documents['rush-bytecode']
      const target = hostTarget()
      const object = accepted(() => {
        const document = readDocument(bytes, 'rush-object', file)
        verify(document.program, isBuiltin)
        checkObject(document, file)
        if (target !== null) checkInstallable(document, file, program, target)
        return document
      })
      const words = [random.pick(['-emit=listing', '-emit=object', '-elf'])]
      const made = await this.make(trial, 'rush-jit-asm', words, file, random)
      writeFileSync(SOUND, writeDocument(program, 'msgpack'))
      if (object === null && target !== null)
        return this.refused(trial, random.pick(['rush-run', 'rush-vm']), [`-object=${file}`, SOUND])
      if (made === null) return void trial.problems.push('rush-jit-asm refuses what could be installed')
      if (object === null) return
      // Machine code is not looked at, so what is let pass must be what was made.
      const same = Buffer.compare(canonical(object), canonical(seed.documents['rush-object'])) === 0
      if (!same) trial.problems.push('a changed object document is accepted')
      else trial.verdicts.push('unchanged')
    },
    'rush-profile': async ({ bytes, seed }, trial, random) => {
      const file = FILES['rush-profile']
      const program = seed.documents['rush-bytecode']
      writeFileSync(SOUND, writeDocument(program, 'msgpack'))
      const words = [random.pick(['-emit=listing', '-emit=object', '-emit=ir']), `-profile=${file}`]
      const target = random.pick(['-target=x64', '-target=arm64'])
      if ((await this.make(trial, 'rush-jit-asm', [...words, target], SOUND, random)) === null) return
      const profile = readDocument(bytes, 'rush-profile', file)
      const host = hostTarget()
      if (host === null) return
      await this.execute(program, trial, random, () => compileObject(program, { target: host.name, profile }))
    },
  }

  private async execute(
    program: BytecodeProgram,
    trial: Trial,
    random: Random,
    object: () => ObjectDocument | null = () => null,
  ): Promise<void> {
    if (hostTarget() === null || !isHarmless(program) || !random.chance(this.share)) return
    const mode = random.pick(Object.keys(NATIVE_MODES) as NativeMode[])
    const { problem, verdict } = await compareTiers(program, mode, object(), this.watchdog)
    trial.verdicts.push(`run: ${verdict}`)
    if (problem !== null) trial.problems.push(problem)
  }

  /** Runs a tool that makes something of the document: the result, or null if it is refused. */
  private async make(
    trial: Trial,
    tool: ToolName,
    words: readonly string[],
    file: string,
    random: Random,
  ): Promise<Uint8Array | null> {
    const toFile = random.chance(0.5)
    const run = await runToolHere(tool, [...words, ...(toFile ? [`-o=${OUT}`] : []), file])
    const problems = problemsOf(run)
    const written = existsSync(OUT) ? readFileSync(OUT) : null
    if (run.code === 0) {
      if ((toFile ? written?.length : run.stdout.length) === 0) problems.push('success without a result')
      if (toFile && run.stdout.length > 0) problems.push('output beside the file')
      if (run.stderr !== '') problems.push(`success, but ${JSON.stringify(run.stderr.slice(0, 300))}`)
    } else if (written !== null) problems.push('refused, but an output was written')
    for (const name of readdirSync('.')) if (name.endsWith('.tmp')) problems.push(`left behind: ${name}`)
    rmSync(OUT, { force: true })
    report(trial, run, problems)
    return run.code !== 0 ? null : toFile ? written : run.stdout
  }

  /** Runs a tool that must refuse the document. */
  private async refused(trial: Trial, tool: ToolName, words: readonly string[]): Promise<void> {
    const run = await runToolHere(tool, words)
    const problems = problemsOf(run)
    if (run.code === 0) problems.push('the document should have been refused')
    if (existsSync(OUT)) problems.push('refused, but an output was written')
    report(trial, run, problems)
  }
}

const READERS_OF_BYTECODE: readonly (readonly [ToolName, readonly string[]])[] = [
  ['rush-vm', []],
  ['rush-vm', ['-jit']],
  ['rush-run', []],
  ['rush-run', ['-jit']],
  ['rush-run', ['-bytecode', '-profile-out=profile']],
  ['rush-jit-asm', []],
  ['rush-jit-asm', ['-target=x64', '-emit=object']],
]

function report(trial: Trial, { tool, words, code, stderr }: ToolRun, problems: readonly string[]): void {
  trial.verdicts.push(`${tool}: ${code === 0 ? 'accepted' : 'refused'}`)
  const command = [tool, ...words].join(' ')
  for (const problem of problems)
    trial.problems.push(
      `${command}: ${problem}\n    exit code ${code}, ${JSON.stringify(stderr.slice(0, 500))}`,
    )
}

/** A line of a stack trace of JavaScript. */
const STACK_LINE = /^\s+at .*[:(].*\d+:\d+\)?$/m
// biome-ignore lint/suspicious/noControlCharactersInRegex: looked for
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u
/** The name of the document, or of the source text it was made of, and what is wrong. */
const MESSAGE = /^[^\n]*: ?(\n|[^\n]+\n)/

/** What is wrong with the answer of a tool. */
export function problemsOf({ code, stdout, stderr, milliseconds }: ToolRun): string[] {
  const problems: string[] = []
  if (code !== 0 && code !== 1) problems.push('bad exit code')
  if (/internal error|\[object |undefined is not|is not a function\b.*\bat\b/.test(stderr))
    problems.push('a message of JavaScript')
  if (STACK_LINE.test(stderr)) problems.push('a stack trace')
  if (CONTROL.test(stderr)) problems.push('control characters on standard error')
  if (stderr.length > MOST_TEXT) problems.push(`${stderr.length} characters on standard error`)
  if (milliseconds > PATIENCE) problems.push(`took ${Math.round(milliseconds)} ms`)
  if (code === 0) return problems
  if (stdout.length > 0) problems.push('refused, but something was written')
  if (!MESSAGE.test(stderr)) problems.push('no message')
  return problems
}

/** What `read` gives; null if the document is refused. Other errors are bugs, which the tools will report. */
function accepted<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}

/** The program that rush-compile made: it must be one that the others take. */
function readMade(bytes: Uint8Array, format: string, trial: Trial): BytecodeProgram | null {
  try {
    const program =
      format === 'text'
        ? parseBytecode(Buffer.from(bytes).toString(), 'out')
        : readDocument(bytes, 'rush-bytecode', 'out')
    verify(program, isBuiltin)
    return program
  } catch (error) {
    trial.problems.push(`rush-compile made (${format}) what is refused: ${(error as Error).message}`)
    return null
  }
}

function canonical(document: object): Buffer {
  const sorted = (_: string, value: unknown): unknown => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
  }
  // Buffers would have been made JSON of before they are seen.
  const plain = {
    ...document,
    functions: (document as { functions: { code: unknown }[] }).functions.map((entry) => ({
      ...entry,
      code: entry.code instanceof Uint8Array ? Buffer.from(entry.code).toString('hex') : entry.code,
    })),
  }
  return Buffer.from(JSON.stringify(plain, sorted))
}
