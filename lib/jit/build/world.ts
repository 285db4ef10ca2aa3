import type { SiteFeedback } from '../../vm/feedback.js'
import { UNKNOWN } from './state.js'

/**
 * What the builder may know of the running program beyond its bytecode: classes and their methods, by the heap
 * addresses that feedback names. Code for documents is built without (`EMPTY_WORLD`): feedback names no
 * addresses there.
 */
export interface World {
  /** Number of the builtin with this name, or -1. */
  builtinIndex(name: string): number
  /** The method that an instance of the class runs: address of its closure, or 0. */
  method(classAddress: number, name: string): number
  /** The method that `super` in a method of this class runs, or 0. */
  superMethod(home: number, name: string): number
  /** The closure's function in the program, or -1. */
  functionOf(closure: number): number
  /** What was observed of a function of the program; null: nothing. */
  feedbackOf(target: number): ReadonlyMap<number, SiteFeedback> | null
  /** Home class of a closure, or 0. */
  homeOf(closure: number): number
  /** Instance variables of an object of the class. */
  fieldCount(classAddress: number): number
  /** Whether the file-level variables of the program, if they are few enough, are near (see NEAR_GLOBALS). */
  readonly nearGlobals: boolean
  /** Tag of what a file-level variable holds now, or UNKNOWN. */
  globalTag(slot: number): number
  /** Address of the interned name in constant number `constant` of the program, or 0. */
  nameAddress(constant: number): number
  /** The number of an instance variable, or -1. */
  fieldNumber(classAddress: number, name: string): number
}

export function emptyWorld(builtinIndex: (name: string) => number): World {
  return {
    builtinIndex,
    method: () => 0,
    superMethod: () => 0,
    functionOf: () => -1,
    feedbackOf: () => null,
    homeOf: () => 0,
    fieldCount: () => 0,
    nearGlobals: true,
    globalTag: () => UNKNOWN,
    nameAddress: () => 0,
    fieldNumber: () => -1,
  }
}
