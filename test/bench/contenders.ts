/** Who takes part in the benchmarks: Rush in all its tiers, Node and Lua, as far as they are there. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { findArm64 } from '../support/arm64.js'

export type Language = 'rush' | 'js' | 'lua'
export type Name = 'interpreter' | 'VM' | 'JIT' | 'Node' | 'LuaJIT' | 'Lua'

export interface Contender {
  name: Name
  language: Language
  /** Everything in front of the program's file. */
  command: readonly string[]
  /**
   * It may do a part of the work only, and the time of the whole work follows from it: an interpreter's speed
   * settles soon and stays.
   */
  interprets: boolean
}

/** A contender that does not take part, and why. */
export interface Absentee {
  name: Name
  reason: string
}

const RUSH_RUN = fileURLToPath(new URL('../../tools/rush-run.js', import.meta.url))

/**
 * Finds the contenders.
 * @param emptyProgram a Rush program to try modes with
 * @param arm64 whether all of them are to run ARM64 code, under emulation if need be
 */
export function findContenders(
  emptyProgram: string,
  arm64: boolean,
): { present: Contender[]; absent: Absentee[] } {
  const present: Contender[] = []
  const absent: Absentee[] = []
  const { command: node, reason: noArm64 } = arm64 ? findArm64() : { command: [process.execPath], reason: '' }
  const rush = [...(node ?? []), RUSH_RUN]

  add('interpreter', 'rush', rush, noArm64)
  add('VM', 'rush', [...rush, '-bytecode'], noArm64)
  add('JIT', 'rush', [...rush, '-jit'], noArm64 === '' ? whyNoJit([...rush, '-jit', emptyProgram]) : noArm64)
  add('Node', 'js', node ?? [], noArm64)
  addLua('LuaJIT', ['luajit'])
  addLua('Lua', ['lua5.4', 'lua'])
  return { present, absent }

  function add(name: Name, language: Language, command: readonly string[], reason: string): void {
    const interprets = name === 'interpreter' || name === 'VM' || name === 'Lua'
    if (reason === '') present.push({ name, language, command, interprets })
    else absent.push({ name, reason })
  }

  function addLua(name: Name, programs: readonly string[]): void {
    if (arm64 && process.arch !== 'arm64') {
      absent.push({ name, reason: 'not fetched for arm64' })
      return
    }
    const found = programs.find((program) => spawnSync(program, ['-v']).status === 0)
    add(name, 'lua', [found ?? ''], found === undefined ? `no ${programs.join(' or ')} found` : '')
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
