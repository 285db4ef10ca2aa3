/** Reads the text form of bytecode that `printBytecode` writes. The result is not verified yet. */
import { OPCODES } from './opcodes.js'
import {
  BYTECODE_VERSION,
  type BytecodeFunction,
  type BytecodeProgram,
  type Capture,
  type ClassDescriptor,
  type Constant,
  type Handler,
  type Module,
} from './program.js'
import { type TextLine, TextLines } from './text-lines.js'

const OPCODE_OF_NAME: ReadonlyMap<string, number> = new Map(
  OPCODES.map(({ name, code }) => [`Op${name}`, code]),
)

/**
 * @param file the name used in messages
 * @throws {BytecodeTextError} at the first mistake
 */
export function parseBytecode(text: string, file: string): BytecodeProgram {
  const lines = new TextLines(text, file)
  parseHeader(lines)
  const sourceFile = single(lines, 'source').string()
  const sourceHash = single(lines, 'hash').string()
  const sourceText = single(lines, 'text').string()
  const constants = section(lines, 'constants', parseConstant)
  const globals = section(lines, 'globals', (line) => line.string())
  const builtins = section(lines, 'builtins', (line) => line.string())
  const classes = section(lines, 'classes', parseClass)
  const main = single(lines, 'main').count()
  const modules = section(lines, 'modules', parseModule)
  const functions: BytecodeFunction[] = []
  while (!lines.done) functions.push(parseFunction(lines, functions.length))
  return {
    format: 'rush-bytecode',
    version: BYTECODE_VERSION,
    sourceHash,
    source: { file: sourceFile, text: sourceText },
    constants,
    functions,
    classes,
    globals,
    builtins,
    main,
    modules,
  }
}

function parseHeader(lines: TextLines): void {
  const line = lines.next('"rush-bytecode"')
  line.word('rush-bytecode')
  line.exactly(BYTECODE_VERSION, 'version')
  line.end()
}

/** A line that starts with `word` and has one more item. */
function single(lines: TextLines, word: string): TextLine {
  const line = lines.next(`"${word}"`)
  line.word(word)
  line.endsAfterNext = true
  return line
}

function section<T>(lines: TextLines, name: string, parse: (line: TextLine) => T): T[] {
  const count = single(lines, name).count()
  const items: T[] = []
  while (items.length < count) {
    const line = lines.next(`entry ${items.length} of ${name}`)
    line.exactly(items.length, 'number')
    items.push(parse(line))
    line.end()
  }
  return items
}

function parseConstant(line: TextLine): Constant {
  const type = line.oneOf(['integer', 'float', 'string'] as const)
  if (type === 'string') return { type, value: line.string() }
  if (type === 'float') return { type, value: line.float() }
  return { type, value: line.atString() ? line.string() : line.integer() }
}

function parseClass(line: TextLine): ClassDescriptor {
  return { name: line.string(), fields: line.strings() }
}

function parseModule(line: TextLine): Module {
  if (line.oneOf(['main', 'failed'] as const) === 'failed') {
    return { file: line.string(), error: line.string() }
  }
  const main = line.count()
  line.word('globals')
  const globals = { first: line.count(), end: line.count() }
  const file = line.string()
  const sourceHash = line.string()
  return { source: { file, text: line.string() }, sourceHash, main, globals }
}

function parseFunction(lines: TextLines, index: number): BytecodeFunction {
  const head = lines.next('"function"')
  head.word('function')
  head.exactly(index, 'number')
  const name = head.string()
  head.end()
  const first = lines.next('"method" or "parameters"')
  const method = first.oneOf(['method', 'parameters'] as const) === 'method'
  let parameterLine = first
  if (method) {
    first.end()
    parameterLine = lines.next('"parameters"')
    parameterLine.word('parameters')
  }
  const parameters = parameterLine.strings()
  parameterLine.end()
  const locals = single(lines, 'locals').count()
  const maxStack = single(lines, 'stack').count()
  const text = single(lines, 'text').string()
  const captures: Capture[] = []
  const handlers: Handler[] = []
  for (;;) {
    const line = lines.next('"capture", "handler" or "code"')
    const item = line.oneOf(['capture', 'handler', 'code'] as const)
    if (item === 'capture') {
      captures.push({ from: line.oneOf(['local', 'upvalue'] as const), index: line.count() })
    } else if (item === 'handler') {
      handlers.push({ start: line.count(), end: line.count(), target: line.count(), depth: line.count() })
    }
    line.end()
    if (item === 'code') break
  }
  const { code, positions } = parseCode(lines)
  return { name, parameters, method, locals, maxStack, captures, code, lines: positions, handlers, text }
}

function parseCode(lines: TextLines): { code: number[]; positions: number[] } {
  const code: number[] = []
  const positions: number[] = []
  for (;;) {
    const line = lines.next('an instruction or "end"')
    if (line.atWord('end')) {
      line.word('end')
      line.end()
      return { code, positions }
    }
    const position = code.length
    line.exactly(position, 'position')
    const opcode = line.mapped(OPCODE_OF_NAME, 'instruction')
    code.push(opcode)
    for (const _ of OPCODES[opcode]?.operands ?? []) code.push(line.integer())
    const place = line.place()
    if (place !== null) positions.push(position, place.line, place.column)
    line.end()
  }
}
