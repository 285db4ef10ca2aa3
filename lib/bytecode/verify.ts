/**
 * The bytecode verifier. The VM and native code check none of what it establishes, so nothing
 * unverified reaches them: a document that passes can go wrong only in ways that Rush programs can.
 *
 * This file checks tables and single instructions; `verify-flow.ts` follows the paths through a
 * function. The document's shape (types of its members) is the schema's business.
 */

import { nextPosition } from './instructions.js'
import { MAX_ARGUMENTS, MAX_FRAME_SLOTS } from './limits.js'
import { instructionLength, OPCODES, Op, type OpcodeInfo, type OperandKind } from './opcodes.js'
import type { BytecodeFunction, BytecodeProgram, Constant, Handler } from './program.js'
import { Budget, verifyFlow } from './verify-flow.js'
import type { Rule } from './verify-rules.js'

/** Elements or pairs that one literal instruction takes. */
export const MAX_LITERAL_COUNT = 1024
/** Words of code in one function: positions fit in the link of a frame with room to spare. */
export const MAX_CODE_WORDS = 1 << 24

const MAX_INTEGER = 2n ** 63n - 1n
const MIN_INTEGER = -(2n ** 63n)

/** A rule that a program breaks. `functionIndex` and `position` are -1 where none is to blame. */
export class VerifyError extends Error {
  constructor(
    readonly rule: Rule,
    message: string,
    readonly functionIndex = -1,
    readonly position = -1,
  ) {
    super(message)
    this.name = 'VerifyError'
  }
}

/** One function under verification, with what is known about it so far. */
export class FunctionSubject {
  readonly fn: BytecodeFunction
  /** 1 where an instruction starts, and at the end of the code. */
  readonly starts: Uint8Array

  constructor(
    readonly program: BytecodeProgram,
    readonly index: number,
  ) {
    this.fn = program.functions[index] as BytecodeFunction
    this.starts = new Uint8Array(this.fn.code.length + 1)
  }

  /** @param position the instruction to blame, or -1 for the whole function */
  fail(position: number, rule: Rule, message: string): never {
    const place = position < 0 ? '' : `, position ${position}`
    throw new VerifyError(
      rule,
      `function ${this.index} (${this.fn.name})${place}: ${message}`,
      this.index,
      position,
    )
  }
}

/**
 * Checks everything that the VM and native code rely on.
 * @param isBuiltin whether a name is a built-in function's; if absent, these names are not checked
 * @throws {VerifyError} for the first rule that is broken
 */
export function verify(program: BytecodeProgram, isBuiltin: (name: string) => boolean = () => true): void {
  verifyTables(program, isBuiltin)
  const subjects = program.functions.map((_, index) => new FunctionSubject(program, index))
  for (const subject of subjects) verifyFunction(subject)
  const budget = new Budget()
  for (const subject of subjects) verifyFlow(subject, budget)
}

function isIndex(value: unknown, size: number): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < size
}

// --- tables -----------------------------------------------------------------------------------

function verifyTables(program: BytecodeProgram, isBuiltin: (name: string) => boolean): void {
  program.constants.forEach((constant, index) => {
    if (!isConstant(constant))
      throw new VerifyError('constants', `constant ${index}: not a valid ${constant.type}`)
  })
  program.builtins.forEach((name, index) => {
    if (typeof name !== 'string') throw new VerifyError('builtinNames', `builtin ${index}: not a string`)
    if (!isBuiltin(name))
      throw new VerifyError('builtins', `builtin ${index}: unknown function ${JSON.stringify(name)}`)
  })
  const main = program.functions[program.main]
  if (main === undefined) throw new VerifyError('main', `main function ${program.main} does not exist`)
  if (main.method || main.parameters.length > 0)
    throw new VerifyError('mainParameters', 'the main function has parameters')
  if (main.captures.length > 0) throw new VerifyError('mainCaptures', 'the main function captures variables')
  verifyModules(program)
}

/** Bodies take nothing, and stand in the order of the modules, each behind what belongs to earlier ones. */
function verifyModules({ modules, functions, globals, main }: BytecodeProgram): void {
  let last = main
  for (const [index, module] of modules.entries()) {
    if ('error' in module) continue
    const fail = (rule: Rule, message: string): never => {
      throw new VerifyError(rule, `module ${index}: ${message}`)
    }
    const body = functions[module.main]
    if (body === undefined) return fail('modules', `function ${module.main} does not exist`)
    if (module.main <= last) fail('moduleOrder', `function ${module.main} does not follow function ${last}`)
    if (body.method || body.parameters.length > 0) fail('moduleParameters', 'its body has parameters')
    if (body.captures.length > 0) fail('moduleCaptures', 'its body captures variables')
    const { first, end } = module.globals
    if (!isIndex(end, globals.length + 1) || !isIndex(first, end + 1))
      fail('moduleGlobals', `no globals ${first}-${end}`)
    last = module.main
  }
}

function isConstant(constant: Constant): boolean {
  const { type, value } = constant
  if (type === 'string') return typeof value === 'string'
  if (type === 'float') return typeof value === 'number'
  if (type !== 'integer') return false
  if (typeof value === 'number') return Number.isSafeInteger(value)
  if (!/^-?[0-9]{1,19}$/.test(value)) return false
  const number = BigInt(value)
  return number >= MIN_INTEGER && number <= MAX_INTEGER
}

// --- one function -----------------------------------------------------------------------------

function verifyFunction(subject: FunctionSubject): void {
  const { fn } = subject
  const { locals, maxStack } = fn
  const parameters = fn.parameters.length + (fn.method ? 1 : 0)
  if (!isIndex(locals, MAX_FRAME_SLOTS + 1) || !isIndex(maxStack, MAX_FRAME_SLOTS + 1 - locals)) {
    subject.fail(
      -1,
      'frames',
      `a frame of ${locals} locals and ${maxStack} operands is too large (limit ${MAX_FRAME_SLOTS})`,
    )
  }
  if (locals < parameters)
    subject.fail(-1, 'parameters', `${locals} locals cannot hold ${parameters} parameters`)
  fn.captures.forEach(({ index }, number) => {
    if (!isIndex(index, MAX_CODE_WORDS)) subject.fail(-1, 'captures', `capture ${number}: bad index ${index}`)
  })
  verifyInstructions(subject)
  verifyLines(subject)
  fn.handlers.forEach((handler, number) => {
    verifyHandler(subject, handler, number)
  })
  verifyNesting(subject)
}

function verifyInstructions(subject: FunctionSubject): void {
  const { code } = subject.fn
  if (code.length === 0) subject.fail(-1, 'code', 'no code')
  if (code.length > MAX_CODE_WORDS)
    subject.fail(-1, 'code', `${code.length} words of code (limit ${MAX_CODE_WORDS})`)
  for (let position = 0; position < code.length; position = nextPosition(code, position)) {
    const opcode = code[position] as number
    if (!isIndex(opcode, OPCODES.length))
      subject.fail(position, 'opcodes', `no instruction has the number ${opcode}`)
    const info = OPCODES[opcode] as OpcodeInfo
    if (position + instructionLength(opcode) > code.length)
      subject.fail(position, 'operands', `${info.name} lacks operands`)
    subject.starts[position] = 1
    info.operands.forEach(({ name, kind }, i) => {
      const word = code[position + 1 + i] as number
      const problem = operandProblem(subject, info, kind, word)
      if (problem !== null)
        subject.fail(position, problem.rule, `${info.name}, operand ${name}: ${problem.text}`)
    })
  }
  subject.starts[code.length] = 1
  for (let position = 0; position < code.length; position = nextPosition(code, position)) {
    verifyJump(subject, position)
  }
}

/** Operands that number the entries of a table: what they name, and how many there are. */
export const TABLES: {
  readonly [K in OperandKind]?: {
    what: string
    size: (subject: Pick<FunctionSubject, 'program' | 'fn'>) => number
  }
} = {
  constant: { what: 'constant', size: ({ program }) => program.constants.length },
  name: { what: 'constant', size: ({ program }) => program.constants.length },
  local: { what: 'local', size: ({ fn }) => fn.locals },
  upvalue: { what: 'captured variable', size: ({ fn }) => fn.captures.length },
  global: { what: 'global', size: ({ program }) => program.globals.length },
  function: { what: 'function', size: ({ program }) => program.functions.length },
  class: { what: 'class', size: ({ program }) => program.classes.length },
  builtin: { what: 'builtin', size: ({ program }) => program.builtins.length },
  module: { what: 'module', size: ({ program }) => program.modules.length },
}

/** Highest 'count' operand; `Drop` is limited by the operand stack. */
const COUNT_LIMITS: ReadonlyMap<number, number> = new Map([
  [Op.Call, MAX_ARGUMENTS],
  [Op.CallMethod, MAX_ARGUMENTS],
  [Op.New, MAX_ARGUMENTS],
  [Op.CallSuper, MAX_ARGUMENTS],
  [Op.Array, MAX_LITERAL_COUNT],
  [Op.Append, MAX_LITERAL_COUNT],
  [Op.Hash, MAX_LITERAL_COUNT],
  [Op.Insert, MAX_LITERAL_COUNT],
])

function operandProblem(
  subject: FunctionSubject,
  info: OpcodeInfo,
  kind: OperandKind,
  word: number,
): { rule: Rule; text: string } | null {
  if (word !== (word | 0)) return { rule: 'words', text: `${word} is not a 32-bit integer` }
  if (kind === 'integer' || kind === 'jump') return null
  if (kind === 'count') {
    const limit = COUNT_LIMITS.get(info.code) ?? subject.fn.maxStack
    if (isIndex(word, limit + 1)) return null
    return { rule: 'counts', text: `${word} is out of range (limit ${limit})` }
  }
  const table = TABLES[kind]
  if (table === undefined || !isIndex(word, table.size(subject))) {
    return { rule: 'tables', text: `${table?.what ?? kind} ${word} does not exist` }
  }
  if (kind === 'name' && subject.program.constants[word]?.type !== 'string')
    return { rule: 'names', text: `constant ${word} is not a string` }
  if (kind === 'function' && word === subject.program.main)
    return { rule: 'mainValue', text: 'the main function cannot be a value' }
  return null
}

/** Jumps go to instructions; only `Loop` goes back, so every cycle passes a safepoint. */
function verifyJump(subject: FunctionSubject, position: number): void {
  const { code } = subject.fn
  const info = OPCODES[code[position] as number] as OpcodeInfo
  const operand = info.operands.findIndex(({ kind }) => kind === 'jump')
  if (operand < 0) return
  const target = code[position + 1 + operand] as number
  if (!isInstruction(subject, target)) {
    subject.fail(position, 'jumps', `jump target ${target} is not the start of an instruction`)
  }
  const back = info.code === Op.Loop
  if (target <= position !== back)
    subject.fail(position, 'directions', `${info.name} goes ${back ? 'forward' : 'back'} to ${target}`)
}

function isInstruction({ fn, starts }: FunctionSubject, position: number): boolean {
  return isIndex(position, fn.code.length) && starts[position] === 1
}

function verifyLines(subject: FunctionSubject): void {
  const { lines } = subject.fn
  if (lines.length % 3 !== 0)
    subject.fail(-1, 'lineGroups', 'the line table does not consist of groups of three')
  for (let i = 0; i < lines.length; i += 3) {
    const [position, line, column] = lines.slice(i, i + 3) as [number, number, number]
    if (!isInstruction(subject, position)) {
      subject.fail(-1, 'linePositions', `line table: position ${position} is not the start of an instruction`)
    }
    if (i > 0 && position <= (lines[i - 3] as number))
      subject.fail(-1, 'lineOrder', `line table: position ${position} is not in order`)
    for (const number of [line, column]) {
      if (number !== (number | 0) || number < 1)
        subject.fail(-1, 'places', `line table: ${line}:${column} is not a place`)
    }
  }
}

// --- error handlers ---------------------------------------------------------------------------

function verifyHandler(subject: FunctionSubject, handler: Handler, number: number): void {
  const { start, end, target, depth } = handler
  const { fn } = subject
  const fail = (rule: Rule, message: string): never => subject.fail(-1, rule, `handler ${number}: ${message}`)
  if (!isInstruction(subject, start)) fail('ranges', `start ${start} is not the start of an instruction`)
  if (end !== fn.code.length && !isInstruction(subject, end))
    fail('ranges', `end ${end} is not the start of an instruction`)
  if (start >= end) fail('ranges', `the range ${start}-${end} is empty`)
  if (!isInstruction(subject, target)) fail('targets', `target ${target} is not the start of an instruction`)
  // An error that goes back could repeat for ever without a safepoint.
  if (target < end) fail('handlersFollow', `target ${target} does not follow the range ${start}-${end}`)
  if (!isIndex(depth, fn.maxStack))
    fail('handlerRoom', `depth ${depth} leaves no room for the error (stack ${fn.maxStack})`)
}

/** Ranges are disjoint or one lies in the other, and the inner one is listed first. */
function verifyNesting(subject: FunctionSubject): void {
  const { handlers } = subject.fn
  const order = handlers.map((handler, number) => ({ ...handler, number }))
  // Of equal ranges the one listed later counts as the outer one.
  order.sort((a, b) => a.start - b.start || b.end - a.end || b.number - a.number)
  const open: typeof order = []
  for (const inner of order) {
    while (open.length > 0 && (open[open.length - 1]?.end as number) <= inner.start) open.pop()
    const outer = open[open.length - 1]
    open.push(inner)
    if (outer === undefined) continue
    if (inner.end > outer.end)
      subject.fail(-1, 'overlaps', `handlers ${outer.number} and ${inner.number}: the ranges overlap`)
    if (inner.number > outer.number) {
      subject.fail(
        -1,
        'nesting',
        `handler ${inner.number} lies inside handler ${outer.number} but is listed after it`,
      )
    }
  }
}
