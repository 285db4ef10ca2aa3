/**
 * Bytecode as text, for people and for `rush-compile --format text`; `parseBytecode` reads it back.
 *
 * One item per line, strings in JSON's spelling, `;` starts a comment. The order of the sections is
 * fixed. Nothing depends on the machine or the run, so listings can be compared.
 */
import { instructionPositions, opcodeAt } from './instructions.js'
import type { OperandKind } from './opcodes.js'
import {
  BYTECODE_VERSION,
  type BytecodeFunction,
  type BytecodeProgram,
  type Constant,
  type Module,
} from './program.js'

/** Where comments start, if the instruction is not longer. */
const COMMENT_COLUMN = 44
const MAX_COMMENT_STRING = 40

/** The whole program as text. Expects verified bytecode. */
export function printBytecode(program: BytecodeProgram): string {
  const { source, constants, globals, builtins, classes, functions } = program
  const lines = [
    `rush-bytecode ${BYTECODE_VERSION}`,
    `source ${quote(source.file)}`,
    `hash ${quote(program.sourceHash)}`,
    `text ${quote(source.text)}`,
    '',
    ...section('constants', constants.map(printConstant)),
    ...section('globals', globals.map(quote)),
    ...section('builtins', builtins.map(quote)),
    ...section(
      'classes',
      classes.map(({ name, fields }) => [name, ...fields].map(quote).join(' ')),
    ),
    `main ${program.main}`,
    '',
    ...section('modules', program.modules.map(printModule)),
  ]
  if (lines[lines.length - 1] === '') lines.pop()
  functions.forEach((_, index) => {
    lines.push('', ...printFunctionLines(program, index))
  })
  return `${lines.join('\n')}\n`
}

/** One function as it stands in the text form. */
export function printFunctionLines(program: BytecodeProgram, index: number): string[] {
  const fn = program.functions[index] as BytecodeFunction
  const head = printHead(fn).map((line) => `  ${line}`)
  const code = printCode(program, fn).map((line) => `    ${line}`)
  return [`function ${index} ${quote(fn.name)}`, ...head, '  code', ...code, 'end']
}

/** The instructions of one function, a line each, as they stand in the text form. */
export function printCode(program: BytecodeProgram, fn: BytecodeFunction): string[] {
  const places = new Map<number, string>()
  for (let i = 0; i + 2 < fn.lines.length; i += 3) {
    places.set(fn.lines[i] as number, ` @${fn.lines[i + 1]}:${fn.lines[i + 2]}`)
  }
  return instructionPositions(fn.code).map((position) => {
    const line = printInstruction(fn, position) + (places.get(position) ?? '')
    const comment = describeOperands(program, fn, position)
    return comment === '' ? line : `${line.padEnd(COMMENT_COLUMN)} ; ${comment}`
  })
}

/** `0006 OpConstant 2` */
export function printInstruction(fn: BytecodeFunction, position: number): string {
  const { name, operands } = opcodeAt(fn.code, position)
  const words = operands.map((_, i) => fn.code[position + 1 + i] as number)
  return [printPosition(position), `Op${name}`, ...words].join(' ')
}

/** What the operands of the instruction at `position` name; '' if the numbers say it all. */
export function describeOperands(program: BytecodeProgram, fn: BytecodeFunction, position: number): string {
  return opcodeAt(fn.code, position)
    .operands.map(({ kind }, i) => DESCRIPTIONS[kind](fn.code[position + 1 + i] as number, program, fn))
    .filter((text) => text !== '')
    .join(' ')
}

type Describe = (operand: number, program: BytecodeProgram, fn: BytecodeFunction) => string

const DESCRIPTIONS: Readonly<Record<OperandKind, Describe>> = {
  constant: (index, { constants }) => describeConstant(constants[index]),
  name: (index, { constants }) => describeConstant(constants[index]),
  integer: () => '',
  count: () => '',
  local: (index, _, fn) => (fn.method ? ['self', ...fn.parameters] : fn.parameters)[index] ?? '',
  upvalue: () => '',
  global: (index, { globals }) => globals[index] ?? '',
  function: (index, { functions }) => functions[index]?.name ?? '',
  class: (index, { classes }) => classes[index]?.name ?? '',
  builtin: (index, { builtins }) => builtins[index] ?? '',
  module: (index, { modules }) => moduleFile(modules[index]),
  jump: (target) => `to ${printPosition(target)}`,
}

function describeConstant(constant: Constant | undefined): string {
  if (constant === undefined) return ''
  if (constant.type !== 'string') return printNumber(constant.value)
  const text = constant.value
  return text.length <= MAX_COMMENT_STRING ? quote(text) : `${quote(text.slice(0, MAX_COMMENT_STRING))}...`
}

function moduleFile(module: Module | undefined): string {
  if (module === undefined) return ''
  return 'error' in module ? module.file : module.source.file
}

/** `main 3 globals 2 5 "file" "hash" "text"` or `failed "file" "error"` */
function printModule(module: Module): string {
  if ('error' in module) return `failed ${quote(module.file)} ${quote(module.error)}`
  const { source, sourceHash, main, globals } = module
  const texts = [source.file, sourceHash, source.text].map(quote).join(' ')
  return `main ${main} globals ${globals.first} ${globals.end} ${texts}`
}

function section(name: string, items: readonly string[]): string[] {
  return [`${name} ${items.length}`, ...items.map((item, index) => `  ${index} ${item}`), '']
}

function printHead(fn: BytecodeFunction): string[] {
  const lines = [
    ['parameters', ...fn.parameters.map(quote)].join(' '),
    `locals ${fn.locals}`,
    `stack ${fn.maxStack}`,
    `text ${quote(fn.text)}`,
  ]
  if (fn.method) lines.unshift('method')
  for (const { from, index } of fn.captures) lines.push(`capture ${from} ${index}`)
  for (const { start, end, target, depth } of fn.handlers) {
    lines.push(`handler ${start} ${end} ${target} ${depth}`)
  }
  return lines
}

/** Integers beyond 2^53 are strings in the document and stay strings here. */
function printConstant({ type, value }: Constant): string {
  return `${type} ${typeof value === 'string' ? quote(value) : printNumber(value)}`
}

function printNumber(value: number | string): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

function printPosition(position: number): string {
  return String(position).padStart(4, '0')
}

function quote(text: string): string {
  return JSON.stringify(text)
}
