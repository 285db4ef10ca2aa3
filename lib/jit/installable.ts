/** Whether the code in an object document may run here, for this program. */
import type { BytecodeProgram } from '../bytecode/program.js'
import { DocumentError } from '../formats/errors.js'
import { MAX_CODES, MAX_EXITS } from './exit-numbers.js'
import { bytecodeHash, layoutHash } from './hashes.js'
import { ABI_VERSION, type ObjectDocument, type ObjectFunction } from './object.js'
import { codeOf, THROWS } from './object-code.js'
import { EXIT_REASONS } from './reasons.js'
import { ROUTINES, TABLES } from './routines/routines.js'
import type { Target } from './target.js'

/** Symbols that a document may name, by what stands before the colon: how many of them a program has. */
const NUMBERED: Readonly<Record<string, (program: BytecodeProgram) => number>> = {
  global: ({ globals }) => globals.length,
  constant: ({ constants }) => constants.length,
  function: ({ functions }) => functions.length,
}

/**
 * Checks an object document that `checkObject` lets pass.
 *
 * @param file the document's name, for messages
 * @throws DocumentError if its code is for something else, or names what is not there
 */
export function checkInstallable(
  object: ObjectDocument,
  file: string,
  program: BytecodeProgram,
  target: Target,
): void {
  const refuse = (text: string): never => {
    throw new DocumentError(`${file}: ${text}`)
  }
  const advice = `make it anew with rush-jit-asm -target ${target.name}`
  if (object.target !== target.name)
    refuse(`this is code for ${object.target}, and this machine is ${target.name}: ${advice}`)
  if (object.abi !== ABI_VERSION)
    refuse(`made for ABI ${object.abi}, and this Rush has ABI ${ABI_VERSION}: ${advice}`)
  if (object.layout !== layoutHash(target)) refuse(`made by a Rush with another layout of memory: ${advice}`)
  const hash = bytecodeHash(program)
  if (object.bytecodeHash !== hash) {
    refuse(
      `made from other bytecode than that of ${program.source.file}: its hash is ${object.bytecodeHash}, not ${hash}`,
    )
  }
  const stubs = new Set(Object.keys(target.makeStubs(0n)))
  for (const entry of object.functions) {
    const problem = problemOf(entry, program, stubs)
    if (problem !== null) refuse(`function ${entry.index}: ${problem}`)
  }
}

function problemOf(
  entry: ObjectFunction,
  program: BytecodeProgram,
  stubs: ReadonlySet<string>,
): string | null {
  const { index, exits, relocations } = entry
  if (codeOf(entry).length === 0) return null
  if (index >= MAX_CODES || exits.length > MAX_EXITS) return 'too many exits'
  for (const { reason } of exits) {
    if (reason !== THROWS && !Object.hasOwn(EXIT_REASONS, reason))
      return `unknown reason of an exit ${JSON.stringify(reason)}`
  }
  for (const { symbol } of relocations) {
    if (!isKnown(symbol, program, stubs)) return `unknown symbol ${JSON.stringify(symbol)}`
  }
  return null
}

function isKnown(symbol: string, program: BytecodeProgram, stubs: ReadonlySet<string>): boolean {
  const colon = symbol.indexOf(':')
  const kind = symbol.slice(0, colon)
  const name = symbol.slice(colon + 1)
  if (kind === 'stub') return name !== 'code' && stubs.has(name)
  if (kind === 'routine') return Object.hasOwn(ROUTINES, name)
  if (kind === 'table') return Object.hasOwn(TABLES, name)
  const count = Object.hasOwn(NUMBERED, kind) ? NUMBERED[kind]?.(program) : undefined
  return count !== undefined && /^(0|[1-9][0-9]{0,9})$/.test(name) && Number(name) < count
}
