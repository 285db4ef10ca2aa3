/** Who takes part in the benchmarks: Rush in all its modes, Lua and Node, as far as they are there. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findArm64 } from '../support/arm64.js'

export type Language = 'rush' | 'js' | 'lua'

export interface Contender {
  name: string
  language: Language
  /** Everything in front of the program's file. */
  command: readonly string[]
  /** Times under emulation say nothing by themselves, only their ratios do. */
  emulated: boolean
  /** The contender that the times of this one are divided by. */
  reference: string
}

/** A contender that does not take part, and why. */
export interface Absentee {
  name: string
  reason: string
}

export const VM = 'Rush VM'
const EMULATED_VM = 'Rush VM, emulated'
const RUSH_RUN = fileURLToPath(new URL('../../tools/rush-run.js', import.meta.url))

/**
 * Finds the contenders.
 * @param emptyProgram a Rush program to try modes with
 * @param emulation whether emulated ones may take part
 */
export function findContenders(
  emptyProgram: string,
  emulation: boolean,
): { present: Contender[]; absent: Absentee[] } {
  const present: Contender[] = []
  const absent: Absentee[] = []
  const rush = [process.execPath, RUSH_RUN]
  const add = (name: string, language: Language, command: readonly string[], reference = VM): void => {
    present.push({ name, language, command, emulated: reference === EMULATED_VM, reference })
  }
  const addJit = (name: string, command: readonly string[], reference: string): void => {
    const reason = whyNoJit([...command, emptyProgram])
    if (reason === '') add(name, 'rush', command, reference)
    else absent.push({ name, reason })
  }

  add(VM, 'rush', [...rush, '-bytecode'])
  add('Rush interpreter', 'rush', rush)
  addJit('Rush JIT', [...rush, '-jit'], VM)
  if (emulation && process.arch !== 'arm64') {
    const { command, reason } = findArm64()
    if (command === null) absent.push({ name: EMULATED_VM, reason })
    else {
      const emulated = [...command, RUSH_RUN]
      add(EMULATED_VM, 'rush', [...emulated, '-bytecode'], EMULATED_VM)
      addJit('Rush JIT, emulated', [...emulated, '-jit'], EMULATED_VM)
    }
  }
  addFirst('Lua', 'lua', ['lua5.4', 'lua'])
  addFirst('LuaJIT', 'lua', ['luajit'])
  add('Node', 'js', [process.execPath])
  return { present, absent }

  function addFirst(name: string, language: Language, programs: readonly string[]): void {
    const found = programs.find((program) => spawnSync(program, ['-v']).status === 0)
    if (found === undefined) absent.push({ name, reason: `no ${programs.join(' or ')} found` })
    else add(name, language, [found])
  }
}

/** rush-run says on standard error when it cannot run native code; '' means that it can. */
function whyNoJit(command: readonly string[]): string {
  const [program = '', ...rest] = command
  const { status, stderr, error } = spawnSync(program, rest, { encoding: 'utf8' })
  if (error !== undefined) return error.message
  const message = stderr.trim().split('\n')[0] ?? ''
  return message === '' && status !== 0 ? `exit code ${status}` : message
}
