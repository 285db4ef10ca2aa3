/**
 * The routines: what compiled code calls for work on strings and hashes that is too long to be in line. One copy
 * per process, made when code that calls it is installed; written once for all targets. `pieces.ts` says how they are called.
 */
import { Context, HASH_ENTRY_VALUE, Tag } from '../../heap/layout.js'
import type { Machine } from '../machine/machine.js'
import { growArray, ownElements, partsOfHash, sliceArray } from './arrays.js'
import { findValue, growHash, placeValue } from './hashes.js'
import { characterAt, concatenate, decimalOf, equalTexts, orderTexts, substring } from './texts.js'

export const ROUTINES = {
  growArray,
  ownElements: ownElements(true),
  unshare: ownElements(false),
  sliceArray,
  equalTexts,
  orderTexts,
  characterAt,
  concatenate,
  decimalOf,
  substring,
  findString: findValue(Tag.STRING),
  findInteger: findValue(Tag.INTEGER),
  placeString: placeValue(Tag.STRING),
  placeInteger: placeValue(Tag.INTEGER),
  growHash,
  keysOfHash: partsOfHash(0),
  valuesOfHash: partsOfHash(HASH_ENTRY_VALUE),
} as const satisfies Record<string, (m: Machine) => void>

export type RoutineName = keyof typeof ROUTINES

/** Tables in the context block that compiled code reads, as `table:NAME`: offsets. */
export const TABLES: Readonly<Record<string, number>> = {
  characters: Context.CHARACTERS,
  typeNames: Context.TYPE_NAMES,
  null: Context.NULL_SLOT,
}

/** The symbol by which compiled code calls a routine. */
export function routineSymbol(name: RoutineName): string {
  return `routine:${name}`
}

/** The code of a routine, by a machine that has emitted nothing yet. */
export function makeRoutine(machine: Machine, name: RoutineName): Uint8Array {
  ROUTINES[name](machine)
  return machine.finish().code
}
