/** From the options of a run to those of the JIT, and to whoever listens to it. */
import { FileError, reasonOf } from '../files/streams.js'
import type { PassName } from '../jit/pass-names.js'
import type { TierListeners, TierOptions } from '../jit/tier/interface.js'
import type { Log } from './log.js'
import { irStages, type RunOptions } from './options.js'
import { optimizeAsUsual } from './v8-patience.js'

export function tierOptions(options: RunOptions): TierOptions {
  const { jitOnly, jitDeny } = options
  return {
    ...options,
    registers: options.jitRegisters,
    verify: process.env.RUSH_VERIFY === '1',
    disabledPasses: new Set(options.jitDisablePass as readonly PassName[]),
    mayCompile: (name) => (jitOnly.length === 0 || jitOnly.includes(name)) && !jitDeny.includes(name),
  }
}

/** @throws FileError if the perf map cannot be written */
export async function tierListeners(options: RunOptions, log: Log): Promise<TierListeners> {
  const { errors } = options
  return {
    debug: log.enabled('debug') ? (line) => log.line('debug', line) : null,
    exit: options.jitTraceExits ? (line) => errors.write(`${line}\n`) : null,
    compile: await compileDump(options),
    perfMap: options.perfMap ? await openPerfMap() : null,
    refused: optimizeAsUsual,
  }
}

async function compileDump({ dump, dumpFunction: only, errors }: RunOptions) {
  const stages = irStages(dump)
  const listing = dump.includes('asm')
  if (stages.length === 0 && !listing) return null
  const { hostTarget } = await import('../jit/target.js')
  const target = hostTarget()
  if (target === null) return null
  const { CompileDump } = await import('../jit/tier/dump.js')
  return new CompileDump(target, { stages, listing, only }, (text) => errors.write(text))
}

async function openPerfMap() {
  const { PerfMap } = await import('../native/perf-map.js')
  const file = `/tmp/perf-${process.pid}.map`
  try {
    return new PerfMap(file)
  } catch (error) {
    throw new FileError(`Error writing file ${file}: ${reasonOf(error)}`)
  }
}
