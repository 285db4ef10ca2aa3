/** What a run tells the tier, and what the tier tells those who listen. */
import type { PerfMap } from '../../native/perf-map.js'
import type { CompiledFunction } from '../compile.js'
import type { Graph } from '../ir/graph.js'
import type { IrStage, PassName } from '../pass-names.js'
import type { CodeKey } from './code-cache.js'

export interface TierOptions {
  hotThreshold: number
  osrThreshold: number
  /** Seconds. */
  compileTimeout: number
  maxCompiledFunctions: number
  maxCacheEntries: number
  maxCacheSize: number
  deoptStress: boolean
  registers: number
  verify: boolean
  disabledPasses: ReadonlySet<PassName>
  /** Whether functions of this name may have native code. */
  mayCompile(name: string): boolean
}

/** Is shown what is compiled. */
export interface CompileWatcher {
  ir(key: CodeKey, stage: IrStage, graph: Graph): void
  /** The code is not relocated yet. */
  code(key: CodeKey, compiled: CompiledFunction): void
}

/** What the tier tells while it works; null where nobody listens. */
export interface TierListeners {
  debug: ((line: string) => void) | null
  exit: ((line: string) => void) | null
  compile: CompileWatcher | null
  perfMap: PerfMap | null
  /** Something hot is left to the VM. */
  refused: (() => void) | null
}
