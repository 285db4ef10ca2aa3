/** From the flags of a tool that runs programs to the options of the run. */
import { isTerminal } from '../../lib/files/special.js'
import { CHUNK } from '../../lib/files/streams.js'
import type { ProfileDocument } from '../../lib/jit/profile.js'
import {
  DUMP_STAGES,
  defaultRunOptions,
  JIT_REPORT_FLAGS,
  LOG_LEVELS,
  MAX_DOCUMENT_FLAG,
  type Mode,
  NOT_OPTIONS,
  optionName,
  parseLogLevel,
  RUN_FLAGS,
  type RunOptions,
} from '../../lib/run/options.js'
import { type OptionValues, UsageError } from './flags.js'
import { FileError, type InputLimit, inputName, limitOf, Output, readInput, writeOutput } from './io.js'

/** The stages that `-dump` names; @throws UsageError */
export function dumpStages(value: string): string[] {
  const stages = value.split(',').filter((stage) => stage !== '')
  for (const stage of stages) {
    if (DUMP_STAGES.includes(stage)) continue
    const unknown = `unknown stage ${JSON.stringify(stage)}`
    throw new UsageError(
      `invalid value ${JSON.stringify(value)} for flag -dump: ${unknown}: must be of ${DUMP_STAGES.join(', ')}`,
    )
  }
  return stages
}

/**
 * Flags about native code mean nothing in the other tiers: better to say so than to say nothing.
 *
 * @throws UsageError
 */
export function checkJitFlags(values: OptionValues, mode: Mode): void {
  if (mode === 'jit') return
  for (const name of JIT_REPORT_FLAGS) {
    const value = values[optionName(name)]
    if (Array.isArray(value) ? value.length > 0 : Boolean(value))
      throw new UsageError(`flag -${name} needs -jit`)
  }
}

/**
 * The options that the flags ask for. The log level is checked here and not with the other flags,
 * because Rush reports a file that cannot be read first, and a bad level with exit code 1.
 *
 * @throws FileError
 */
export async function runOptions(values: OptionValues): Promise<RunOptions> {
  const options = defaultRunOptions(new Output(isTerminal(1) ? 0 : CHUNK))
  for (const flag of RUN_FLAGS) {
    if (!NOT_OPTIONS.has(flag.name)) {
      Object.assign(options, { [optionName(flag.name)]: values[optionName(flag.name)] })
    }
  }
  const word = String(values.logLevel)
  const logLevel = parseLogLevel(word)
  if (logLevel === null) {
    throw new FileError(
      `Invalid log level: invalid log level: ${word} (valid levels: ${LOG_LEVELS.join(', ')})`,
    )
  }
  options.logLevel = logLevel
  if (typeof values.maxSource === 'number') options.maxSource = values.maxSource
  options.dump = dumpStages(String(values.dump))
  if (values.object !== '')
    options.object = await readObject(String(values.object), limitOf(MAX_DOCUMENT_FLAG, values))
  if (values.profileOut !== '') options.saveProfile = await profileWriter(String(values.profileOut))
  return options
}

/** @throws FileError, DocumentError */
async function readObject(file: string, limit: InputLimit): Promise<RunOptions['object']> {
  const [{ readDocument }, { checkObject }, { verified }] = await Promise.all([
    import('../../lib/formats/read.js'),
    import('../../lib/jit/index.js'),
    import('./programs.js'),
  ])
  const document = readDocument(readInput(file, limit), 'rush-object', inputName(file))
  await verified(document.program, inputName(file))
  checkObject(document, inputName(file))
  return { document, file: inputName(file) }
}

async function profileWriter(file: string): Promise<(profile: ProfileDocument) => void> {
  const { writeDocument } = await import('../../lib/formats/write.js')
  return (profile) => writeOutput(file, writeDocument(profile, 'json'))
}
