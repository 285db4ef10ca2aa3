/** rush-run: all stages in one process, from source text to its output. */
import {
  MAX_DOCUMENT_FLAG,
  MAX_SOURCE_FLAG,
  type Mode,
  optionName,
  RUN_FLAGS,
} from '../../lib/run/options.js'
import { holdsBytecode } from '../shared/bytecode-input.js'
import { CACHE_FLAGS, cacheCommand, cacheFor } from '../shared/cache.js'
import { type OptionValues, parseFlags, type ToolSpec, UsageError } from '../shared/flags.js'
import { checkSize, FileError, type InputLimit, inputName, limitOf, readInput, toText } from '../shared/io.js'
import { command, EXIT } from '../shared/main.js'
import { checkJitFlags, dumpStages, runOptions } from '../shared/run-options.js'

const TOOL: ToolSpec = {
  name: 'rush-run',
  flags: [
    {
      name: 'bytecode',
      type: 'boolean',
      default: false,
      description: 'Use bytecode compilation and VM execution',
    },
    {
      name: 'jit',
      type: 'boolean',
      default: false,
      description: 'Use JIT compilation with bytecode VM execution',
    },
    ...CACHE_FLAGS,
    ...RUN_FLAGS,
    MAX_SOURCE_FLAG,
    MAX_DOCUMENT_FLAG,
  ],
  notes: [
    '',
    'Runs the Rush program in the file named behind the flags, or its bytecode; - is standard input.',
    'Without a file it is interactive.',
  ],
}

export const main = command(TOOL, async (words) => {
  const { options, operands } = parseFlags(TOOL, words)
  dumpStages(String(options.dump))
  const done = await cacheCommand(options)
  if (done !== null) return done
  const mode = modeOf(options)
  checkJitFlags(options, mode)
  const file = operands[0]
  if (file === undefined) {
    for (const flag of ['object', 'profile-out']) {
      if (options[optionName(flag)] !== '') throw new UsageError(`flag -${flag} needs a program`)
    }
    if (options.timeout !== 0) throw new UsageError('flag -timeout needs a program')
    const { runRepl } = await import('../../lib/repl/index.js')
    // The log level has no effect in the REPL, not even a bad one.
    await runRepl(mode, await runOptions({ ...options, logLevel: 'none' }))
    return EXIT.success
  }
  const limits = [MAX_SOURCE_FLAG, MAX_DOCUMENT_FLAG].map((flag) => limitOf(flag, options))
  const [source, document] = limits as [InputLimit, InputLimit]
  const bytes = readInput(file, source.bytes > document.bytes ? source : document)
  const isDocument = holdsBytecode(bytes, file)
  checkSize(inputName(file), bytes.length, isDocument ? document : source)
  if (isDocument) return runDocument(bytes, file, options)
  const text = toText(bytes, inputName(file))
  const settings = await runOptions(options)
  const { runSource } = await import('../../lib/run/index.js')
  const cache = mode === 'interpreter' ? null : await cacheFor(file, options)
  return runSource({ text, file: inputName(file), mode, options: settings, cache })
})

/** Bytecode is not for the interpreter. */
async function runDocument(bytes: Uint8Array, file: string, options: OptionValues): Promise<number> {
  const { readBytecode } = await import('../shared/programs.js')
  const program = await readBytecode(bytes, inputName(file))
  const settings = await runOptions(options)
  const { runBytecode } = await import('../../lib/run/index.js')
  return runBytecode({ program, mode: modeOf(options) === 'jit' ? 'jit' : 'bytecode', options: settings })
}

function modeOf(options: OptionValues): Mode {
  if (options.jit && options.bytecode) {
    throw new FileError('Error: Cannot specify multiple execution modes (-jit, -bytecode)')
  }
  if (options.object !== '' && options.bytecode)
    throw new UsageError('flag -object needs -jit, not -bytecode')
  if (options.jit || options.object !== '') return 'jit'
  // What the interpreter sees of a program is no profile.
  return options.bytecode || options.profileOut !== '' ? 'bytecode' : 'interpreter'
}
