/**
 * Running modules (core.md section 12.1): which have run, which are running, and what an importer is told
 * when one fails. The tiers call the body between `beginImport` and `endImport` or `failImport`.
 *
 * In an interactive session each piece of program is a unit with modules of its own, and one file may be a
 * module of several of them. It runs once all the same: the units share its `ModuleRun`, and those whose
 * copy did not run take over what the other one exported.
 */
import { EXPORT_PREFIX } from '../bytecode/program.js'
import { ErrorLayout, SLOT_SIZE } from '../heap/layout.js'
import { toJsString } from '../heap/strings.js'
import { failRuntime, MESSAGES } from './errors.js'
import type { Runtime } from './runtime.js'
import type { Unit } from './unit.js'

/** What all units share of a module. */
export interface ModuleRun {
  state: 'idle' | 'running' | 'done'
  /** Where it runs or has run. */
  unit: Unit | null
  module: RuntimeModule | null
}

/** A module as a unit knows it. */
export interface RuntimeModule {
  /** What messages call its file. */
  file: string
  /** Why importing it fails; null if it has a body. */
  error: string | null
  /** Number of its body in the unit; -1 if it has none here. */
  main: number
  /** Its file-level variables in the unit: `first` up to, not including, `end`. */
  globals: { first: number; end: number }
  run: ModuleRun
}

/** The one `ModuleRun` of a file. */
export function moduleRun(rt: Runtime, file: string): ModuleRun {
  let run = rt.moduleRuns.get(file)
  if (run === undefined) {
    run = { state: 'idle', unit: null, module: null }
    rt.moduleRuns.set(file, run)
  }
  return run
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
  const { run } = module
  if (run.state === 'done') {
    if (run.module !== module) takeExports(rt, unit, module)
    return true
  }
  if (run.state === 'running') {
    const circle = [...rt.importing, place].join(' -> ')
    return failRuntime(rt, MESSAGES.importFailed(place, MESSAGES.circularImport(circle)))
  }
  // An earlier run that failed may have left values behind.
  for (let i = module.globals.first; i < module.globals.end; i++)
    rt.heap.setEmpty(unit.globals + i * SLOT_SIZE)
  run.state = 'running'
  run.unit = unit
  run.module = module
  rt.importing.push(place)
  return false
}

/** Copies what the module exported when it ran in another unit. */
function takeExports(rt: Runtime, unit: Unit, { globals, run }: RuntimeModule): void {
  const from = run.unit as Unit
  const ran = (run.module as RuntimeModule).globals
  const exported = new Map<string, number>()
  for (let i = ran.first; i < ran.end; i++) exported.set(from.globalNames[i] as string, i)
  for (let i = globals.first; i < globals.end; i++) {
    const name = unit.globalNames[i] as string
    const other = exported.get(name)
    if (other === undefined || !name.startsWith(EXPORT_PREFIX)) continue
    rt.heap.copy(unit.globals + i * SLOT_SIZE, from.globals + other * SLOT_SIZE)
  }
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

function setState(unit: Unit, number: number, state: ModuleRun['state']): void {
  ;(unit.modules[number] as RuntimeModule).run.state = state
}
