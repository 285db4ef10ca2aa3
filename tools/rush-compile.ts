#!/usr/bin/env node
/** rush-compile: syntax tree, source text or bytecode text in, bytecode out. */
import { type BytecodeProgram, compile, printBytecode } from '../lib/bytecode/index.js'
import { readDocument } from '../lib/formats/read.js'
import { writeDocument } from '../lib/formats/write.js'
import { builtinIndex } from '../lib/runtime/builtins/registry.js'
import { parseFlags, type ToolSpec } from './shared/flags.js'
import { inputName, readInput, toText, writeOutput } from './shared/io.js'
import { EXIT, runTool } from './shared/main.js'
import { onlyFile, outputFlag } from './shared/operands.js'
import { diagnosticsError, isBytecodeText, parseSource, readBytecode } from './shared/programs.js'

const TOOL: ToolSpec = {
  name: 'rush-compile',
  flags: [
    {
      name: 'format',
      type: 'string',
      default: 'msgpack',
      value: 'FORMAT',
      choices: ['msgpack', 'json', 'text'],
      description: 'Format of the bytecode: msgpack, json, or text (for people; can be read back)',
    },
    outputFlag,
  ],
  notes: [
    '',
    'Reads a syntax tree (the output of rush-parse) or bytecode text from the file named behind the',
    'flags, or from standard input. A file whose name ends in .rush is read as a Rush program.',
  ],
}

await runTool(TOOL, async () => {
  const { options, operands } = parseFlags(TOOL, process.argv.slice(2))
  const program = await readProgram(onlyFile(operands))
  const output =
    options.format === 'text'
      ? printBytecode(program)
      : writeDocument(program, options.format === 'json' ? 'json' : 'msgpack')
  writeOutput(String(options.o), output)
  return EXIT.success
})

async function readProgram(file: string | undefined): Promise<BytecodeProgram> {
  const name = inputName(file)
  const bytes = readInput(file)
  if (isBytecodeText(bytes)) return readBytecode(bytes, name)
  const document = name.endsWith('.rush')
    ? parseSource(toText(bytes, name), name)
    : readDocument(bytes, 'rush-ast', name)
  const { program, diagnostics } = compile(document, (word) => builtinIndex(word) >= 0)
  if (diagnostics.length > 0) throw diagnosticsError(diagnostics, document)
  return program
}
