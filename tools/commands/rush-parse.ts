/** rush-parse: source text in, syntax tree out. */
import { writeDocument } from '../../lib/formats/write.js'
import { MAX_SOURCE_FLAG } from '../../lib/run/options.js'
import { printTree } from '../../lib/syntax/index.js'
import { parseFlags, type ToolSpec } from '../shared/flags.js'
import { inputName, limitOf, readText, writeOutput } from '../shared/io.js'
import { command, EXIT } from '../shared/main.js'
import { onlyFile, outputFlag } from '../shared/operands.js'
import { loadSource } from '../shared/programs.js'

const TOOL: ToolSpec = {
  name: 'rush-parse',
  flags: [
    {
      name: 'format',
      type: 'string',
      default: 'json',
      value: 'FORMAT',
      choices: ['json', 'msgpack', 'tree'],
      description: 'Format of the syntax tree: json, msgpack, or tree (for people)',
    },
    MAX_SOURCE_FLAG,
    outputFlag,
  ],
  notes: ['', 'Reads a Rush program from the file named behind the flags, or from standard input.'],
}

export const main = command(TOOL, (words) => {
  const { options, operands } = parseFlags(TOOL, words)
  const file = onlyFile(operands)
  const limit = limitOf(MAX_SOURCE_FLAG, options)
  const { document } = loadSource(readText(file, limit), inputName(file), limit.bytes)
  const output =
    options.format === 'tree'
      ? printTree(document.program)
      : writeDocument(document, options.format === 'json' ? 'json' : 'msgpack')
  writeOutput(String(options.o), output)
  return EXIT.success
})
