/** Keeps account of what the JIT did, function by function, for its report and for traces of exits. */
import { pointAt } from '../../bytecode/positions.js'
import { sourceOfFunction } from '../../bytecode/program.js'
import type { LoadedFunction } from '../../vm/loaded-function.js'
import type { CompiledFunction } from '../compile.js'
import type { Exit } from '../emit/emit-function.js'
import { EXIT_REASONS, type ExitReason, type Refusal } from '../reasons.js'
import { AT_ENTRY, type CodeKey, keyText } from './code-cache.js'

/** Why a function or loop is not compiled again, besides the refusals of the compiler. */
export const GIVE_UPS = {
  guards: 'guards failed in all versions of it',
  evictions: 'it was evicted too often',
} as const
export type GiveUp = keyof typeof GIVE_UPS

/** Why native code was left: a guard, or bytecode that goes on to throw. */
export type ExitKind = ExitReason | 'throws'

export function exitText(kind: ExitKind): string {
  return kind === 'throws' ? 'the bytecode goes on to throw' : EXIT_REASONS[kind]
}

/** One piece of native code, whether it is still there or not. */
interface CodeRecord extends CodeKey {
  exits: readonly Exit[]
  /** How often each exit was taken. */
  taken: Float64Array
}

type CodeHistory = CodeKey & Omit<HistoryEntry, keyof CodePlace>

interface Failure extends CodeKey {
  reason: Refusal | GiveUp
  message: string
}

/** Where a piece of code is in the program: `loop` is the line of its header, null for a whole function. */
export interface CodePlace {
  function: string
  file: string
  line: number
  loop: number | null
}

export interface HistoryEntry extends CodePlace {
  /** How often it was compiled. */
  versions: number
  /** Of all versions: bytes of code, IR instructions, milliseconds. */
  bytes: number
  instructions: number
  time: number
}

export interface FailureEntry extends CodePlace {
  reason: Refusal | GiveUp
  message: string
}

export interface ExitSite {
  function: string
  file: string
  line: number
  reason: ExitKind
  count: number
}

export class Ledger {
  /** By the id that exits tell. */
  private readonly codes = new Map<number, CodeRecord>()
  private readonly histories = new Map<string, CodeHistory>()
  private readonly refusals: Failure[] = []
  private readonly givenUp: Failure[] = []
  /** Exits that `exitLine` has told of. */
  private readonly traced = new Map<string, number>()

  /** Code came to be installed. */
  installed(key: CodeKey, id: number, exits: readonly Exit[]): void {
    const { fn, header } = key
    this.codes.set(id, { fn, header, exits, taken: new Float64Array(exits.length) })
  }

  /** @param time milliseconds */
  compiled({ fn, header }: CodeKey, { code, irInstructions }: CompiledFunction, time: number): void {
    const key = keyText({ fn, header })
    const history = this.histories.get(key) ?? { fn, header, versions: 0, bytes: 0, instructions: 0, time: 0 }
    history.versions++
    history.bytes += code.length
    history.instructions += irInstructions
    history.time += time
    this.histories.set(key, history)
  }

  refused({ fn, header }: CodeKey, reason: Refusal, message: string): void {
    const failure = { fn, header, reason, message }
    this.refusals.push(failure)
    this.givenUp.push(failure)
  }

  gaveUp({ fn, header }: CodeKey, reason: GiveUp): void {
    this.givenUp.push({ fn, header, reason, message: GIVE_UPS[reason] })
  }

  /** Counts that the native code with this id was left through this exit, and says why that happens. */
  exited(id: number, exit: number): ExitKind {
    const record = this.codes.get(id)
    if (record === undefined) return 'throws'
    record.taken[exit]++
    return record.exits[exit]?.reason ?? 'throws'
  }

  /** `[exit] f, p.rush:3: operand is not an INTEGER (notInteger), 4 times`: this exit and those before it. */
  exitLine(fn: LoadedFunction, position: number, kind: ExitKind): string {
    const key = `${fn.index}:${position}:${kind}`
    const count = (this.traced.get(key) ?? 0) + 1
    this.traced.set(key, count)
    const { line } = pointAt(fn.bytecode, position)
    const times = count === 1 ? 'once' : `${count} times`
    return `[exit] ${fn.name}, ${fileOf(fn)}:${line}: ${exitText(kind)} (${kind}), ${times}`
  }

  /** Code that was made, with how often. */
  functions(): HistoryEntry[] {
    return [...this.histories.values()].map(({ fn, header, ...rest }) => ({
      ...placeOf({ fn, header }),
      ...rest,
    }))
  }

  refusalList(): FailureEntry[] {
    return this.refusals.map(describe)
  }

  givenUpList(): FailureEntry[] {
    return this.givenUp.map(describe)
  }

  /** Exits that were taken, most frequent first. */
  exitSites(): ExitSite[] {
    const sites = new Map<string, ExitSite>()
    for (const { fn, exits, taken } of this.codes.values()) {
      exits.forEach(({ position, reason }, number) => {
        const count = taken[number] as number
        if (count === 0) return
        const kind = reason ?? 'throws'
        const { line } = pointAt(fn.bytecode, position)
        const key = `${fn.index}:${line}:${kind}`
        const known = sites.get(key)
        if (known === undefined)
          sites.set(key, { function: fn.name, file: fileOf(fn), line, reason: kind, count })
        else known.count += count
      })
    }
    return [...sites.values()].sort((a, b) => b.count - a.count)
  }
}

function describe({ fn, header, reason, message }: Failure): FailureEntry {
  return { ...placeOf({ fn, header }), reason, message }
}

function placeOf({ fn, header }: CodeKey): CodePlace {
  const lineAt = (position: number): number => pointAt(fn.bytecode, position).line
  return {
    function: fn.name,
    file: fileOf(fn),
    line: lineAt(0),
    loop: header === AT_ENTRY ? null : lineAt(header),
  }
}

function fileOf({ unit, index }: LoadedFunction): string {
  return sourceOfFunction(unit.program, index - unit.firstFunction).file
}

/** The debug line of a compilation. */
export function compileLine(
  { fn, header }: CodeKey,
  version: number,
  compiled: CompiledFunction,
  time: number,
): string {
  const { code, irInstructions } = compiled
  const why =
    header === AT_ENTRY ? 'hot call' : `OSR of the loop at line ${pointAt(fn.bytecode, header).line}`
  const which = version === 1 ? why : `${why}, version ${version}`
  return (
    `JIT compilation succeeded for function ${fn.name}: ${which}, ${code.length} bytes, ` +
    `${irInstructions} IR instructions, ${time.toFixed(2)} ms`
  )
}
