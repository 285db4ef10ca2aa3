#!/usr/bin/env node
/** rush-run: all stages in one process, from source text to its output. */
import { type Mode, RUN_FLAGS } from '../lib/run/options.js'
import { CACHE_FLAGS, cacheCommand, cacheFor } from './shared/cache.js'
import { type OptionValues, parseFlags, type ToolSpec } from './shared/flags.js'
import { FileError, inputName, readText } from './shared/io.js'
import { EXIT, runTool } from './shared/main.js'
import { checkJitFlags, dumpStages, runOptions } from './shared/run-options.js'

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
  ],
  notes: [
    '',
    'Runs the Rush program in the file named behind the flags; - is standard input.',
    'Without a file it is interactive.',
  ],
}

await runTool(TOOL, async () => {
  const { options, operands } = parseFlags(TOOL, process.argv.slice(2))
  dumpStages(String(options.dump))
  const done = await cacheCommand(options)
  if (done !== null) return done
  const mode = modeOf(options)
  checkJitFlags(options, mode)
  const file = operands[0]
  if (file === undefined) {
    const { runRepl } = await import('../lib/repl/index.js')
    // The log level has no effect in the REPL, not even a bad one.
    await runRepl(mode, await runOptions({ ...options, logLevel: 'none' }))
    return EXIT.success
  }
  const text = readText(file)
  const settings = await runOptions(options)
  const { runSource } = await import('../lib/run/index.js')
  const cache = mode === 'interpreter' ? null : await cacheFor(file, options)
  return runSource({ text, file: inputName(file), mode, options: settings, cache })
})

function modeOf(options: OptionValues): Mode {
  if (options.jit && options.bytecode) {
    throw new FileError('Error: Cannot specify multiple execution modes (-jit, -bytecode)')
  }
  if (options.jit) return 'jit'
  return options.bytecode ? 'bytecode' : 'interpreter'
}
