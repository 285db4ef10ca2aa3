/**
 * Object code as GNU assembler text, with the source and the bytecode beside it. The whole text
 * assembles to the code bytes of its functions, one behind the other; relocations stay open.
 */
import { disassembleWith, type Extent, type Instruction } from '../asm/listing.js'
import { nextPosition } from '../bytecode/instructions.js'
import { pointAt } from '../bytecode/positions.js'
import { describeOperands, printInstruction } from '../bytecode/print.js'
import {
  type BytecodeFunction,
  type BytecodeProgram,
  sourceOfFunction,
  sourcesOfFunctions,
} from '../bytecode/program.js'
import { compileToIr, MAX_CODE_WORDS } from './compile.js'
import type { Graph } from './ir/graph.js'
import { printGraph } from './ir/print.js'
import type { ObjectDocument, ObjectFunction, ObjectRelocation } from './object.js'
import {
  checkObject,
  codeOf,
  named,
  type ObjectOptions,
  type Selection,
  selectFunctions,
  symbolNames,
  THROWS,
} from './object-code.js'
import type { IrStage } from './pass-names.js'
import { EXIT_REASONS, REFUSALS } from './reasons.js'
import { TARGETS, type Target } from './target.js'

/** Where the comment behind an instruction starts. */
const COMMENT_COLUMN = 38

/**
 * The listing of an object document.
 *
 * @throws DocumentError if the document is not consistent, or has no function of the name asked for
 */
export function printListing(object: ObjectDocument, { only }: Selection = {}): string {
  checkObject(object)
  const { program } = object
  const names = symbolNames(program)
  const linesOf = sourceLines(program)
  const functions = named(object.functions, ({ name }) => name, only, program.source.file)
  const target = TARGETS[object.target]
  const { header } = target.instructionSet
  const lines = [
    comment(target, `${program.source.file}: ${object.target}, ABI ${object.abi}`),
    comment(target, `source ${object.sourceHash}`),
    comment(target, `bytecode ${object.bytecodeHash}`),
    ...header.map((directive) => `  ${directive}`),
  ]
  for (const entry of functions) {
    const fn = program.functions[entry.index] as BytecodeFunction
    lines.push(
      '',
      ...new FunctionListing(target, program, linesOf(entry.index), fn, entry).print(
        names[entry.index] as string,
      ),
    )
  }
  return `${lines.join('\n')}\n`
}

/** The listing of one function alone. */
export function printFunction(target: Target, program: BytecodeProgram, entry: ObjectFunction): string {
  const fn = program.functions[entry.index] as BytecodeFunction
  const symbol = symbolNames(program)[entry.index] as string
  const lines = sourceLines(program)(entry.index)
  return `${new FunctionListing(target, program, lines, fn, entry).print(symbol).join('\n')}\n`
}

/** Gives the lines of the text that a function stands in; each text is split once. */
function sourceLines(program: BytecodeProgram): (index: number) => readonly string[] {
  const known = new Map<object, string[]>()
  const sources = sourcesOfFunctions(program)
  return (index) => {
    const source = sources[index] ?? program.source
    const lines = known.get(source) ?? source.text.split('\n')
    known.set(source, lines)
    return lines
  }
}

/** A comment; texts from documents may hold control characters, which must not end it. */
function comment({ instructionSet }: Target, text: string): string {
  return `${instructionSet.comment} ${text.replace(/\t/g, '  ').replace(/\p{Cc}/gu, '?')}`.trimEnd()
}

/** `function 3 fib(n): 1 local, 4 operands`; of a module's function also the file: `fib(n) in m.rush: ...` */
function title(program: BytecodeProgram, fn: BytecodeFunction, index: number): string {
  const parameters = fn.method ? ['self', ...fn.parameters] : fn.parameters
  const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`
  const frame = `${count(fn.locals, 'local')}, ${count(fn.maxStack, 'operand')}`
  const source = sourceOfFunction(program, index)
  const place = source === program.source ? '' : ` in ${source.file}`
  return `function ${index} ${fn.name}(${parameters.join(', ')})${place}: ${frame}`
}

function notCompiled(name: string, reason: string): string {
  return `function ${name}: not compiled: ${reason}`
}

class FunctionListing {
  private readonly lines: string[] = []
  private readonly labels = new Set<number>()
  private readonly relocations: ReadonlyMap<number, ObjectRelocation>
  private readonly exits = new Map<number, string[]>()
  /** What has been shown: the last source line, and the bytecode up to this position. */
  private line = 0
  private shown = -1
  private next = 0

  constructor(
    private readonly target: Target,
    private readonly program: BytecodeProgram,
    private readonly sourceLines: readonly string[],
    private readonly fn: BytecodeFunction,
    private readonly entry: ObjectFunction,
  ) {
    this.relocations = new Map(entry.relocations.map((relocation) => [relocation.offset, relocation]))
    for (const { offset, position, reason } of entry.exits) {
      const texts = this.exits.get(offset) ?? []
      texts.push(`exit: ${exitText(reason)} (bytecode ${position})`)
      this.exits.set(offset, texts)
    }
  }

  print(symbol: string): string[] {
    const { entry, fn, lines, target } = this
    const { instructionSet, codeAlignment, padding } = target
    const code = codeOf(entry)
    if (code.length === 0) {
      lines.push(this.comment(notCompiled(fn.name, entry.exits[0]?.reason ?? 'no code')))
      return lines
    }
    lines.push(this.comment(title(this.program, fn, entry.index)))
    if (codeAlignment > instructionSet.unit) lines.push(`  .balign ${codeAlignment}, 0x${hex(padding, 2)}`)
    lines.push(`${symbol}:`)
    const instructions = disassembleWith(instructionSet, code, {
      dataRanges: [{ start: entry.instructionBytes, end: code.length }],
      label: (offset, instruction) => this.label(offset, instruction),
    })
    for (const { target } of instructions) if (target !== undefined) this.labels.add(target)
    for (const instruction of instructions) this.printInstruction(instruction, code)
    if (this.labels.has(code.length)) lines.push(`${this.labelName(code.length)}:`)
    return lines
  }

  /** None for what is not known yet, and for the instruction itself, which is written `.`. */
  private label(offset: number, instruction: Extent): string | undefined {
    if (offset === instruction.offset || this.relocationIn(instruction) !== undefined) return undefined
    return this.labelName(offset)
  }

  /** With the function's number, since a listing holds several functions. */
  private labelName(offset: number): string {
    return `.L${this.entry.index}_${offset.toString(16)}`
  }

  private relocationIn({ offset, size }: Extent): ObjectRelocation | undefined {
    for (let at = offset; at < offset + size; at++) {
      const relocation = this.relocations.get(at)
      if (relocation !== undefined) return relocation
    }
    return undefined
  }

  private comment(text: string): string {
    return comment(this.target, text)
  }

  private printInstruction(instruction: Instruction, code: Uint8Array): void {
    const { offset, size, text } = instruction
    const isData = offset >= this.entry.instructionBytes
    if (offset === this.entry.instructionBytes) this.note('constants')
    if (this.labels.has(offset)) this.lines.push(`${this.labelName(offset)}:`)
    for (const text of this.exits.get(offset) ?? []) this.note(text)
    if (!isData) this.printPlace(offset)
    const parts = [hex(offset, 4), isData && size === 8 ? floatText(code, offset) : instruction.hex]
    const relocation = this.relocationIn(instruction)
    if (relocation !== undefined) parts.push(`reloc ${relocation.kind} ${relocation.symbol}`)
    this.lines.push(`  ${text.padEnd(COMMENT_COLUMN - 2)} ${this.comment(parts.join('  '))}`)
  }

  private note(text: string): void {
    this.lines.push(`  ${this.comment(text)}`)
  }

  /** What the code from here on was made of. */
  private printPlace(offset: number): void {
    const { lineMap } = this.entry
    for (; (lineMap[this.next] as number) <= offset; this.next += 2) {
      const position = lineMap[this.next + 1] as number
      if (position <= this.shown) {
        // Code out of line: a part of an instruction that has been shown.
        this.printBytecode(position)
        continue
      }
      // Instructions without code of their own stand in front of the next one that has some.
      let at = this.shown < 0 ? 0 : nextPosition(this.fn.code, this.shown)
      for (; at <= position; at = nextPosition(this.fn.code, at)) this.printBytecode(at)
      this.shown = position
    }
  }

  private printBytecode(position: number): void {
    const { line } = pointAt(this.fn, position)
    if (line !== this.line) {
      this.line = line
      this.note(`${line} | ${this.sourceLines[line - 1] ?? ''}`)
    }
    const operands = describeOperands(this.program, this.fn, position)
    this.note(`  ${printInstruction(this.fn, position)}${operands === '' ? '' : ` ; ${operands}`}`)
  }
}

function exitText(reason: string): string {
  if (reason === THROWS) return 'the bytecode goes on to throw'
  return Object.hasOwn(EXIT_REASONS, reason) ? EXIT_REASONS[reason as keyof typeof EXIT_REASONS] : reason
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

/** The constants behind the code are floats. */
function floatText(code: Uint8Array, offset: number): string {
  const value = new DataView(code.buffer, code.byteOffset).getFloat64(offset, true)
  return Object.is(value, -0) ? '-0' : String(value)
}

/**
 * The IR of the functions at the given stages; without them, as it goes to the register allocator.
 *
 * @throws DocumentError like `compileObject`
 */
export function printIr(
  program: BytecodeProgram,
  options: ObjectOptions & { stages?: readonly IrStage[] } = {},
): string {
  const { stages } = options
  const parts = selectFunctions(program, options).flatMap(({ fn, index, feedback, world }) => {
    if (fn.code.length > MAX_CODE_WORDS) return [`; ${notCompiled(fn.name, REFUSALS.tooLarge)}\n`]
    const shown: string[] = []
    const graph = compileToIr(program, fn, feedback, {
      world,
      verify: true,
      watchIr: (stage, graph) => {
        if (stages?.includes(stage)) shown.push(printIrStage(program, index, stage, graph))
      },
    })
    return stages === undefined ? [`; ${title(program, fn, index)}\n${printGraph(graph)}`] : shown
  })
  return parts.join('\n')
}

/** The IR of a function while it is compiled. */
export function printIrStage(program: BytecodeProgram, index: number, stage: IrStage, graph: Graph): string {
  const heading = title(program, program.functions[index] as BytecodeFunction, index)
  return `; ${heading}, ${stage === 'build' ? 'as built' : `after ${stage}`}\n${printGraph(graph)}`
}
