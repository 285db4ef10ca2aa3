/** The commands of the REPL: lines that start with a colon. */
import { printFunctionLines } from '../bytecode/print.js'
import type { BytecodeFunction } from '../bytecode/program.js'
import { ClosureLayout, FunctionLayout, Tag } from '../heap/layout.js'
import { statisticsBlock } from '../jit/tier/statistics.js'
import type { RuntimeFunction } from '../runtime/runtime.js'
import { parse, printTree } from '../syntax/index.js'
import { mistakesText } from './mistakes.js'
import { INPUT_NAME, type Session } from './session.js'

export interface Command {
  /** With the colon. */
  readonly name: string
  /** How the help calls what may follow; '' = nothing may. */
  readonly argument: string
  readonly help: string
  /** Ends the session. */
  readonly quits?: true
  /** Gives the text to show. */
  run(session: Session, argument: string): string | Promise<string>
}

const NO_INPUT = 'No input yet\n'

/** The first two are those of command-line.md section 3. */
export const COMMANDS: readonly Command[] = [
  { name: ':help', argument: '', help: 'Show this help message', run: () => helpText() },
  { name: ':quit', argument: '', help: 'Exit the REPL', quits: true, run: () => 'Goodbye!\n' },
  {
    name: ':ast',
    argument: '[CODE]',
    help: 'Show the syntax tree of CODE, or of the last input',
    run: showTree,
  },
  {
    name: ':bytecode',
    argument: '[NAME]',
    help: 'Show the bytecode of function NAME, or of the last input',
    run: showBytecode,
  },
  { name: ':asm', argument: 'NAME', help: 'Show the ARM64 code of function NAME', run: showListing },
  { name: ':stats', argument: '', help: 'Show what the session has and did so far', run: showStatistics },
]
const DOCUMENTED = 2

/** The command that a line is, with what follows its name; null if there is no such command. */
export function findCommand(line: string): { command: Command; argument: string } | null {
  const [name = ''] = line.split(/\s/, 1)
  const argument = line.slice(name.length).trim()
  const command = COMMANDS.find((candidate) => candidate.name === name)
  if (command === undefined || (command.argument === '' && argument !== '')) return null
  return { command, argument }
}

function helpText(): string {
  const usages = COMMANDS.map(({ name, argument }) => `${name} ${argument}`.trimEnd())
  const width = Math.max(...usages.slice(DOCUMENTED).map((usage) => usage.length))
  const line = (index: number, columns: number): string =>
    `  ${(usages[index] as string).padEnd(columns)}  - ${COMMANDS[index]?.help}`
  return `${[
    'Available commands:',
    ...COMMANDS.slice(0, DOCUMENTED).map((_, i) => line(i, 0)),
    '',
    'Enter Rush expressions to evaluate them interactively',
    '',
    'To look inside:',
    ...COMMANDS.slice(DOCUMENTED).map((_, i) => line(DOCUMENTED + i, width)),
  ].join('\n')}\n`
}

function showTree({ last }: Session, code: string): string {
  if (code === '') return last === null ? NO_INPUT : printTree(last.tree)
  const { program, diagnostics } = parse(code, INPUT_NAME)
  return diagnostics.length > 0 ? mistakesText(diagnostics) : printTree(program)
}

function showBytecode(session: Session, name: string): string {
  const { last } = session
  if (name !== '') {
    const place = findFunction(session, name)
    if (place === null) return noFunction(name)
    const { piece, index } = place
    return blockText(printFunctionLines(piece.bytecode.program, index))
  }
  if (last === null) return NO_INPUT
  const { program } = last.bytecode
  // Those of its modules are asked for by name.
  const own = last.scopes.functions.filter(({ file }) => file === 0)
  return own.map(({ index }) => blockText(printFunctionLines(program, index))).join('\n')
}

function blockText(lines: readonly string[]): string {
  return `${lines.join('\n')}\n`
}

function noFunction(name: string): string {
  return name === '' ? 'Which function?\n' : `There is no function ${name}\n`
}

/** The function that is the value of a variable, or else the one defined last of those called so. */
function findFunction(session: Session, name: string): ReturnType<Session['placeOf']> {
  const fn = functionCalled(session, name)
  return fn === null ? null : session.placeOf(fn)
}

function functionCalled(session: Session, name: string): RuntimeFunction | null {
  const { rt } = session
  const { heap } = rt
  const slot = session.slotOf(name)
  if (slot !== null && heap.tagOf(slot) === Tag.CLOSURE) {
    const record = heap.getPointer(heap.referenceOf(slot) + ClosureLayout.FUNCTION)
    return rt.functions[heap.I32[(record + FunctionLayout.INDEX) >> 2] as number] ?? null
  }
  return rt.functions.findLast((fn) => fn.name === name) ?? null
}

async function showListing(session: Session, name: string): Promise<string> {
  const place = findFunction(session, name)
  if (place === null) return noFunction(name)
  const { piece, index } = place
  const { program } = piece.bytecode
  const { compileObject, printListing } = await import('../jit/index.js')
  const { makeProfile } = await import('../run/profile.js')
  const observed = session.tier.observed(piece)
  const profile = observed === null ? null : makeProfile(session.rt, program, observed)
  const { name: only } = program.functions[index] as BytecodeFunction
  const object = compileObject(program, { only, profile })
  // Others may have the same name.
  const functions = object.functions.filter((entry) => entry.index === index)
  return printListing({ ...object, functions })
}

function showStatistics(session: Session): string {
  const { rt, mode, tier } = session
  const { I32 } = rt.heap
  const { heapBytes, liveBytes, allocatedBytes, collections } = rt.heap.stats
  const field = (offset: number): number[] =>
    rt.functions.map(({ record }) => I32[(record + offset) >> 2] as number)
  const lines = [
    `Mode: ${mode}`,
    `Variables: ${session.variableNames().length}`,
    `Functions: ${rt.functions.length}`,
  ]
  if (mode === 'bytecode') {
    lines.push(`Calls of functions: ${field(FunctionLayout.CALLS).reduce((sum, count) => sum + count, 0)}`)
  } else if (mode === 'jit') {
    const native = field(FunctionLayout.NATIVE).filter((address) => address !== 0).length
    lines.push(`Functions with native code: ${native}`)
  }
  lines.push(
    `Heap: ${kibibytes(heapBytes)} in use`,
    `Allocated: ${kibibytes(allocatedBytes)}`,
    `Collections: ${collections}`,
    `Left by the last collection: ${kibibytes(liveBytes)}`,
  )
  const jit = tier.statistics()
  return `${lines.join('\n')}\n${jit === null ? '' : statisticsBlock(jit)}`
}

function kibibytes(bytes: number): string {
  return `${Math.ceil(bytes / 1024)} KiB`
}
