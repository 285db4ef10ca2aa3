/**
 * Runs programs in modes, one after the other in this process: a `Job` in JSON per line of standard
 * input, an `Answer` per line of standard output. Starting Node anew for each run would take seconds
 * under emulation. Native code may kill this process; the parent knows which job it had.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { compile, verify } from '../../lib/bytecode/index.js'
import type { BytecodeProgram } from '../../lib/bytecode/program.js'
import type { Encoding } from '../../lib/formats/envelope.js'
import { readDocument } from '../../lib/formats/read.js'
import { writeDocument } from '../../lib/formats/write.js'
import type { Heap, HeapStatistics } from '../../lib/heap/heap.js'
import { checkObject, compileObject, hostTarget, type TargetName } from '../../lib/jit/index.js'
import type { ProfileDocument } from '../../lib/jit/profile.js'
import { loadProgram, textOfFile } from '../../lib/modules/load.js'
import { isBuiltin, runBytecode, runSource } from '../../lib/run/index.js'
import { defaultRunOptions, type RunOptions } from '../../lib/run/options.js'
import { formatDiagnostics } from '../../lib/syntax/index.js'
import { collector } from './collector.js'
import { type Answer, type Job, MODES, type Mode, type Outcome, sizes, splitNotice } from './modes.js'

const ROOT = process.cwd()

/** Source to AST document to bytecode document to VM, each written and read back. */
async function runPipe(text: string, file: string, encoding: Encoding, options: RunOptions): Promise<number> {
  const bytecode = bytecodeOf(text, file, encoding, options)
  if (bytecode === null) return 1
  return runBytecode({ program: bytecode, mode: 'bytecode', options })
}

/** Null if the program has mistakes, which have been reported. */
function bytecodeOf(
  text: string,
  file: string,
  encoding: Encoding,
  options: RunOptions,
): BytecodeProgram | null {
  const { document, diagnostics } = loadProgram(text, file)
  if (diagnostics.length > 0) {
    options.errors.write(formatDiagnostics(diagnostics, text))
    return null
  }
  const ast = readDocument(writeDocument(document, encoding), 'rush-ast', file)
  const compiled = compile(ast, isBuiltin)
  if (compiled.diagnostics.length > 0) {
    options.errors.write(formatDiagnostics(compiled.diagnostics, (file) => textOfFile(document, file)))
    return null
  }
  const bytecode = readDocument(writeDocument(compiled.program, encoding), 'rush-bytecode', file)
  verify(bytecode)
  return bytecode
}

/** Bytecode, and native code made of it and of what a run in the VM saw. */
interface Documents {
  readonly program: Uint8Array
  readonly object: Uint8Array
}

/** Null if the program has mistakes, which have been reported. */
async function makeObject(
  text: string,
  file: string,
  { kind, target }: { kind: 'general' | 'profiled'; target: TargetName | undefined },
  options: RunOptions,
): Promise<Documents | null> {
  const program = bytecodeOf(text, file, 'msgpack', options)
  if (program === null) return null
  let profile: ProfileDocument | null = null
  if (kind === 'profiled') {
    const nowhere = { write: () => {}, flush: () => {} }
    const saveProfile = (made: ProfileDocument): void => {
      profile = readDocument(writeDocument(made, 'json'), 'rush-profile', file)
    }
    const observed = { ...options, output: nowhere, errors: nowhere, watchHeap: null, saveProfile }
    await runBytecode({ program, mode: 'bytecode', options: observed })
  }
  const object = compileObject(program, { target, profile })
  return { program: writeDocument(program, 'msgpack'), object: writeDocument(object, 'msgpack') }
}

/** The program begins with native code from a document. */
function runObject(documents: Documents, file: string, options: RunOptions): Promise<number> {
  const program = readDocument(documents.program, 'rush-bytecode', file)
  verify(program)
  const document = readDocument(documents.object, 'rush-object', file)
  checkObject(document)
  return runBytecode({ program, mode: 'jit', options: { ...options, object: { document, file } } })
}

const PARTS = ['program', 'object'] as const satisfies readonly (keyof Documents)[]

/** A run with code from documents; see `make` and `use` of `Job` for runs that do half of it. */
async function runWithObject(text: string, file: string, job: Job, options: RunOptions): Promise<number> {
  const { use, make } = job
  const { object: kind = 'general' }: Mode = MODES[job.mode]
  if (use !== undefined) {
    const [program, object] = PARTS.map((part) => readFileSync(join(use, part))) as [Buffer, Buffer]
    return runObject({ program, object }, file, options)
  }
  const target = make === undefined ? hostTarget()?.name : 'arm64'
  const documents = await makeObject(text, file, { kind, target }, options)
  if (documents === null) return 1
  if (make === undefined) return runObject(documents, file, options)
  for (const part of PARTS) writeFileSync(join(make, part), documents[part])
  return 0
}

/** Programs in this folder write files beside themselves, and other processes run the same programs. */
const WRITING = 'test/conformance/system'
/** The modules that they import. */
const MODULES = 'parts'
/** What a report calls the folder of the program. */
const FOLDER = '<folder>'

/** Does something in the folder of a program, or in one made for this run if the program writes files. */
async function inWorkingFolder<T>(program: string, action: () => Promise<T>): Promise<T> {
  const folder = resolve(ROOT, dirname(program))
  if (dirname(program) !== WRITING) {
    process.chdir(folder)
    return action()
  }
  const own = mkdtempSync(join(tmpdir(), 'rush-mode-'))
  try {
    for (const name of [basename(program), MODULES]) {
      cpSync(join(folder, name), join(own, name), { recursive: true })
    }
    process.chdir(own)
    return await action()
  } finally {
    process.chdir(ROOT)
    rmSync(own, { recursive: true, force: true })
  }
}

/** @param heap takes what the heap counts at each piece of output if the job says so */
async function run(job: Job, heap: HeapStatistics[]): Promise<Outcome> {
  const { program, little, watch = false } = job
  const mode: Mode = MODES[job.mode]
  process.env.RUSH_VERIFY = job.verify ? '1' : '0'
  const stdout = collector()
  const stderr = collector()
  let watched: Heap | null = null
  const write = (text: string): void => {
    stdout.write(text)
    if (watch && watched !== null) heap.push(watched.stats)
  }
  const options: RunOptions = {
    ...defaultRunOptions({ write, flush: () => {} }),
    ...sizes(little),
    ...mode.options,
    errors: { write: stderr.write },
    watchHeap: (made) => {
      watched = made
    },
  }
  const file = basename(program)
  let folder = ''
  const code = await inWorkingFolder(program, () => {
    folder = process.cwd()
    const text = readFileSync(file, 'utf8')
    if (mode.pipe !== undefined) return runPipe(text, file, mode.pipe, options)
    if (mode.object !== undefined) return runWithObject(text, file, job, options)
    return runSource({ text, file, mode: mode.tier, options })
  })
  // Messages have absolute paths, and each run may have had a folder of its own.
  const { notice, stderr: report } = splitNotice(stderr.text())
  return { stdout: stdout.text(), stderr: report.replaceAll(folder, FOLDER), code, notice }
}

async function answer(job: Job): Promise<Answer> {
  const heap: HeapStatistics[] = []
  const started = process.cpuUsage()
  const elapsed = (): number => {
    const { user, system } = process.cpuUsage(started)
    return (user + system) / 1000
  }
  try {
    const outcome = await run(job, heap)
    return { outcome, crash: '', milliseconds: elapsed(), heap }
  } catch (error) {
    const crash = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return { outcome: null, crash, milliseconds: elapsed(), heap }
  }
}

function send(text: string): void {
  const bytes = Buffer.from(`${text}\n`)
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(1, bytes, at)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  send(JSON.stringify(await answer(JSON.parse(line) as Job)))
}
