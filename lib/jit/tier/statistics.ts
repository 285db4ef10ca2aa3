/** What the JIT did in a run, and the documented block that tells it. */

export interface JitStatistics {
  attempted: number
  succeeded: number
  /** Calls answered by native code. */
  hits: number
  /** Hot calls that had none. */
  misses: number
  /** Native runs given up. */
  deoptimizations: number
  evictions: number
  /** Functions that began with code from an object document. */
  fromObject: number
  /** Milliseconds in the compiler. */
  compileTime: number
}

export function newStatistics(): JitStatistics {
  return {
    attempted: 0,
    succeeded: 0,
    hits: 0,
    misses: 0,
    deoptimizations: 0,
    evictions: 0,
    fromObject: 0,
    compileTime: 0,
  }
}

/** The block of command-line.md section 5.2, with a line break at the end. */
export function statisticsBlock(statistics: JitStatistics): string {
  return `
JIT Statistics:
  Compilations attempted: ${statistics.attempted}
  Compilations succeeded: ${statistics.succeeded}
  JIT hits: ${statistics.hits}
  JIT misses: ${statistics.misses}
  Deoptimizations: ${statistics.deoptimizations}
`
}
