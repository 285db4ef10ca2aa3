/** The report of `-jit-stats`: all that the JIT did in a run, as one JSON object or as text. */
import { OPCODES } from '../../bytecode/opcodes.js'
import type { TargetName } from '../object.js'
import { type ExitKind, type ExitSite, type FailureEntry, type HistoryEntry, Ledger } from './ledger.js'
import { type JitStatistics, newStatistics } from './statistics.js'

/** What native code asked of the VM: see `Vm.requests`. */
export interface NativeRequests {
  /** By opcode. */
  steps: ArrayLike<number>
  calls: number
  refills: number
  methods: number
}

export interface JitReport {
  /** Whose code was made; null: there was no native code. */
  target: TargetName | null
  compilations: {
    attempted: number
    succeeded: number
    refused: number
    /** Of functions and loops that had been compiled before. */
    again: number
    /** Of loops, for frames that were running them. */
    loops: number
  }
  /** Functions whose code came from an object document. */
  fromObject: number
  compileMilliseconds: number
  /** Made in the whole run, and installed at its end. */
  codeBytes: number
  codeBytesInstalled: number
  /** Calls answered by native code, hot calls that had none, native runs given up. */
  hits: number
  misses: number
  deoptimizations: number
  evictions: number
  /** Instructions that the VM executed for native code. */
  yields: { total: number; byOpcode: Record<string, number> }
  /** Calls from native code of functions that have none. */
  vmCalls: number
  /** Requests for free cells, and for methods that were not in the method cache. */
  refills: number
  methodLookups: number
  /** With those that are meant: the end of a loop that was compiled alone, code that throws. */
  exits: {
    total: number
    byReason: Partial<Record<ExitKind, number>>
    byFunction: { function: string; file: string; count: number }[]
    sites: ExitSite[]
  }
  functions: HistoryEntry[]
  refusals: FailureEntry[]
  /** Never compiled again, whatever happens. */
  givenUp: FailureEntry[]
}

export interface ReportSources {
  target: TargetName | null
  statistics: JitStatistics
  ledger: Ledger
  requests: NativeRequests
  /** Bytes of code installed now. */
  installedBytes: number
}

export function makeReport(sources: ReportSources): JitReport {
  const { target, statistics, ledger, requests, installedBytes } = sources
  const functions = ledger.functions()
  const refusals = ledger.refusalList()
  const { attempted, succeeded } = statistics
  return {
    target,
    compilations: {
      attempted,
      succeeded,
      refused: attempted - succeeded,
      again: sum(functions, ({ versions }) => versions - 1),
      loops: sum(functions, ({ loop, versions }) => (loop === null ? 0 : versions)),
    },
    fromObject: statistics.fromObject,
    compileMilliseconds: round(statistics.compileTime),
    codeBytes: sum(functions, ({ bytes }) => bytes),
    codeBytesInstalled: installedBytes,
    hits: statistics.hits,
    misses: statistics.misses,
    deoptimizations: statistics.deoptimizations,
    evictions: statistics.evictions,
    yields: yieldsOf(requests.steps),
    vmCalls: requests.calls,
    refills: requests.refills,
    methodLookups: requests.methods,
    exits: exitsOf(ledger.exitSites()),
    functions: functions.map((entry) => ({ ...entry, time: round(entry.time) })),
    refusals,
    givenUp: ledger.givenUpList(),
  }
}

/** Of a run in which there was no native code. */
export function emptyReport(): JitReport {
  return makeReport({
    target: null,
    statistics: newStatistics(),
    ledger: new Ledger(),
    requests: { steps: [], calls: 0, refills: 0, methods: 0 },
    installedBytes: 0,
  })
}

function yieldsOf(steps: ArrayLike<number>): JitReport['yields'] {
  const counted = OPCODES.map(({ name, code }) => [name, steps[code] ?? 0] as const)
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
  return { total: sum(counted, ([, count]) => count), byOpcode: Object.fromEntries(counted) }
}

function exitsOf(sites: ExitSite[]): JitReport['exits'] {
  const byReason: Partial<Record<ExitKind, number>> = {}
  const byFunction = new Map<string, { function: string; file: string; count: number }>()
  for (const { reason, function: name, file, count } of sites) {
    byReason[reason] = (byReason[reason] ?? 0) + count
    const key = `${name} ${file}`
    const known = byFunction.get(key)
    if (known === undefined) byFunction.set(key, { function: name, file, count })
    else known.count += count
  }
  const functions = [...byFunction.values()].sort((a, b) => b.count - a.count)
  return { total: sum(sites, ({ count }) => count), byReason, byFunction: functions, sites }
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}

/** Milliseconds to the microsecond. */
function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000
}

/** As one line, with a line break at the end. */
export function reportJson(report: JitReport): string {
  return `${JSON.stringify(report)}\n`
}

/** The same for people. */
export function reportText(report: JitReport): string {
  const { compilations, yields, exits } = report
  const lines = [
    `JIT report (${report.target ?? 'no native code'}):`,
    `  Compilations: ${compilations.attempted} attempted, ${compilations.succeeded} succeeded, ` +
      `${compilations.refused} refused; ${compilations.again} again, ${compilations.loops} of loops`,
    `  Functions from an object document: ${report.fromObject}`,
    `  Compile time: ${report.compileMilliseconds} ms`,
    `  Code: ${report.codeBytes} bytes made, ${report.codeBytesInstalled} bytes installed`,
    `  Hits: ${report.hits}, misses: ${report.misses}, deoptimizations: ${report.deoptimizations}`,
    `  Evictions: ${report.evictions}`,
    `  Calls of functions without native code: ${report.vmCalls}`,
    `  Requests for free cells: ${report.refills}`,
    `  Methods looked up: ${report.methodLookups}`,
    ...section(
      `Instructions executed by the VM for native code: ${yields.total}`,
      Object.entries(yields.byOpcode).map(([name, count]) => `${name}: ${count}`),
    ),
    ...section(
      `Exits: ${exits.total}`,
      exits.sites.map(
        ({ function: name, file, line, reason, count }) => `${name}, ${file}:${line}: ${reason}: ${count}`,
      ),
    ),
    ...section(
      `Compiled: ${report.functions.length}`,
      report.functions.map(
        (entry) =>
          `${placeText(entry)}: ${entry.versions === 1 ? 'once' : `${entry.versions} times`}, ${entry.bytes} bytes, ` +
          `${entry.instructions} IR instructions, ${entry.time} ms`,
      ),
    ),
    ...section(`Given up: ${report.givenUp.length}`, failures(report.givenUp)),
  ]
  return `${lines.join('\n')}\n`
}

function section(title: string, entries: readonly string[]): string[] {
  return [`  ${title}`, ...entries.map((entry) => `    ${entry}`)]
}

function failures(entries: readonly FailureEntry[]): string[] {
  return entries.map((entry) => `${placeText(entry)}: ${entry.message} (${entry.reason})`)
}

function placeText({ function: name, file, line, loop }: HistoryEntry | FailureEntry): string {
  return loop === null ? `${name}, ${file}:${line}` : `${name}, loop at ${file}:${loop}`
}
