/**
 * Running modules (core.md section 12.1): which have run, which are running, and what an importer is told
 * when one fails. The tiers call the body between `beginImport` and `endImport` or `failImport`.
 */
import { ErrorLayout, SLOT_SIZE } from '../heap/layout.js'
import { toJsString } from '../heap/strings.js'
import { failRuntime, MESSAGES } from './errors.js'
import type { Runtime } from './runtime.js'
import type { Unit } from './unit.js'

/** A module as a unit knows it. */
export interface RuntimeModule {
  /** Why importing it fails; null if it has a body. */
  error: string | null
  /** Number of its body in the unit; -1 if it has none here. */
  main: number
  /** Its file-level variables in the unit: `first` up to, not including, `end`. */
  globals: { first: number; end: number }
  state: 'idle' | 'running' | 'done'
}

/**
 * What an import statement does before it takes what the module exports.
 *
 * @param place as written in the statement
 * @returns whether the module has run; if not, it counts as running now, and the caller calls its body
 */
export function beginImport(rt: Runtime, unit: Unit, number: number, place: string): boolean {
  const module = unit.modules[number]
  if (module === undefined) throw new Error(`module ${number}`)
  if (module.error !== null) return failRuntime(rt, MESSAGES.importFailed(place, module.error))
  if (module.state === 'done') return true
  if (module.state === 'running') {
    const circle = [...rt.importing, place].join(' -> ')
    return failRuntime(rt, MESSAGES.importFailed(place, MESSAGES.circularImport(circle)))
  }
  // An earlier run that failed may have left values behind.
  for (let i = module.globals.first; i < module.globals.end; i++)
    rt.heap.setEmpty(unit.globals + i * SLOT_SIZE)
  module.state = 'running'
  rt.importing.push(place)
  return false
}

/** The module's body has ended well. */
export function endImport(rt: Runtime, unit: Unit, number: number): void {
  setState(unit, number, 'done')
  rt.importing.pop()
}

/**
 * The module's body ended in the error in the slot `error`; it will run again at the next import.
 * Raises what the importer sees.
 */
export function failImport(rt: Runtime, unit: Unit, number: number, place: string, error: number): never {
  setState(unit, number, 'idle')
  rt.importing.pop()
  const { heap } = rt
  const object = heap.referenceOf(error)
  const type = toJsString(heap, heap.getPointer(object + ErrorLayout.TYPE))
  const message = toJsString(heap, heap.getPointer(object + ErrorLayout.MESSAGE))
  return failRuntime(rt, MESSAGES.moduleFailed(place, type, message))
}

function setState(unit: Unit, number: number, state: RuntimeModule['state']): void {
  ;(unit.modules[number] as RuntimeModule).state = state
}
