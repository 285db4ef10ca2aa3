/** rush-vm: runs bytecode. */
import { MAX_DOCUMENT_FLAG, RUN_FLAGS } from '../../lib/run/options.js'
import { parseFlags, type ToolSpec } from '../shared/flags.js'
import { inputName, limitOf, readInput } from '../shared/io.js'
import { command } from '../shared/main.js'
import { readBytecode } from '../shared/programs.js'
import { checkJitFlags, dumpStages, runOptions } from '../shared/run-options.js'

const TOOL: ToolSpec = {
  name: 'rush-vm',
  flags: [
    {
      name: 'jit',
      type: 'boolean',
      default: false,
      description: 'Use JIT compilation with bytecode VM execution',
    },
    ...RUN_FLAGS,
    MAX_DOCUMENT_FLAG,
  ],
  notes: [
    '',
    'Reads bytecode (the output of rush-compile) from the file named behind the flags, or from standard input.',
  ],
}

export const main = command(TOOL, async (words) => {
  const { options, operands } = parseFlags(TOOL, words)
  dumpStages(String(options.dump))
  const mode = options.jit || options.object !== '' ? 'jit' : 'bytecode'
  checkJitFlags(options, mode)
  const file = operands[0]
  const program = await readBytecode(readInput(file, limitOf(MAX_DOCUMENT_FLAG, options)), inputName(file))
  const settings = await runOptions(options)
  const { runBytecode } = await import('../../lib/run/index.js')
  return runBytecode({ program, mode, options: settings })
})
