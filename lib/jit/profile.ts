/** The profile document: what the VM saw while a program ran. */

export const PROFILE_VERSION = 4

export interface SiteProfile {
  /** Position of the instruction. */
  position: number
  /**
   * Types seen per operand, by type name, sorted: for `a + b` one list for each side; of calls the callee and the
   * first two arguments; container, index and value where an element is stored.
   */
  types?: string[][]
  /** Call sites: indices of the functions called, most frequent first. */
  targets?: number[]
  /** Call sites: names of the built-in functions called. */
  builtins?: string[]
  /** Branches: how often the jump was taken and not taken. */
  taken?: number
  notTaken?: number
}

export interface FunctionProfile {
  /** Index in the bytecode program. */
  index: number
  name: string
  calls: number
  backEdges: number
  /** Calls answered by native code. */
  nativeCalls: number
  /** Of a function that calls itself: types seen of each parameter; else empty. */
  parameters: string[][]
  /** The same of what it returns. */
  results: string[]
  sites: SiteProfile[]
}

export interface ProfileDocument {
  format: 'rush-profile'
  version: typeof PROFILE_VERSION
  /** sourceHash of the bytecode it belongs to. */
  sourceHash: string
  /** The same of its modules, in their order. */
  moduleHashes: string[]
  functions: FunctionProfile[]
}
