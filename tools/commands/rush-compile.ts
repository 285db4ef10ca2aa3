/** rush-compile: syntax tree, source text or bytecode text in, bytecode out. */
import { type BytecodeProgram, compile, printBytecode } from '../../lib/bytecode/index.js'
import { readDocument } from '../../lib/formats/read.js'
import { writeDocument } from '../../lib/formats/write.js'
import { MAX_DOCUMENT_FLAG, MAX_SOURCE_FLAG } from '../../lib/run/options.js'
import { isBuiltin } from '../../lib/runtime/builtins/registry.js'
import type { AstDocument } from '../../lib/syntax/index.js'
import { isBytecodeText } from '../shared/bytecode-input.js'
import { CACHE_FLAGS, cacheCommand, cacheFor } from '../shared/cache.js'
import { type OptionValues, parseFlags, type ToolSpec } from '../shared/flags.js'
import { inputName, limitOf, readInput, toText, writeError, writeOutput } from '../shared/io.js'
import { command, EXIT } from '../shared/main.js'
import { onlyFile, outputFlag } from '../shared/operands.js'
import { diagnosticsError, loadSource, readBytecode } from '../shared/programs.js'

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
    MAX_SOURCE_FLAG,
    MAX_DOCUMENT_FLAG,
    outputFlag,
    ...CACHE_FLAGS,
  ],
  notes: [
    '',
    'Reads a syntax tree (the output of rush-parse) or bytecode text from the file named behind the',
    'flags, or from standard input. A file whose name ends in .rush is read as a Rush program; the cache',
    'is for such files only, and the same that rush-run uses.',
  ],
}

export const main = command(TOOL, async (words) => {
  const { options, operands } = parseFlags(TOOL, words)
  const done = await cacheCommand(options)
  if (done !== null) return done
  const program = await readProgram(onlyFile(operands), options)
  const output =
    options.format === 'text'
      ? printBytecode(program)
      : writeDocument(program, options.format === 'json' ? 'json' : 'msgpack')
  writeOutput(String(options.o), output)
  return EXIT.success
})

async function readProgram(file: string | undefined, options: OptionValues): Promise<BytecodeProgram> {
  const name = inputName(file)
  const isSource = name.endsWith('.rush')
  const bytes = readInput(file, limitOf(isSource ? MAX_SOURCE_FLAG : MAX_DOCUMENT_FLAG, options))
  if (isBytecodeText(bytes)) return readBytecode(bytes, name)
  if (isSource) return compileSource(toText(bytes, name), name, options)
  return compileDocument(readDocument(bytes, 'rush-ast', name))
}

async function compileSource(text: string, file: string, options: OptionValues): Promise<BytecodeProgram> {
  const cache = await cacheFor(file, options)
  const cached = cache?.find(text, file) ?? null
  if (cached !== null) return cached
  const { document, dependencies } = loadSource(text, file, Number(options.maxSource))
  const program = compileDocument(document)
  writeError(cache?.save(program, dependencies) ?? '')
  return program
}

function compileDocument(document: AstDocument): BytecodeProgram {
  const { program, diagnostics } = compile(document, isBuiltin)
  if (diagnostics.length > 0) throw diagnosticsError(diagnostics, document)
  return program
}
