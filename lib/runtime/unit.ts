/**
 * A unit is one program (or module) that has been loaded: its functions, its file-level variables, its
 * source text. All tiers that run the unit share it, so a closure made in one runs in another.
 */
import type { Heap } from '../heap/heap.js'
import { SLOT_SIZE } from '../heap/layout.js'
import { createFunction } from '../heap/objects.js'
import { moduleRun, type RuntimeModule } from './modules.js'
import type { Runtime, RuntimeFunction, SourceText } from './runtime.js'

export interface Unit {
  /** Of the main program. */
  source: SourceText
  modules: readonly RuntimeModule[]
  /** Number of the unit's first function in `Runtime.functions`; the file's body. */
  firstFunction: number
  /** Slot of file-level variable 0; the others follow. */
  globals: number
  globalNames: readonly string[]
}

export interface FunctionShape {
  name: string
  parameters: readonly string[]
  method: boolean
  /** The body of a file. */
  body: boolean
  /** The text that it stands in. */
  source: SourceText
  /** Asked for only when the function is printed. */
  text(): string
  locals: number
}

/** What a unit is made of. */
export interface UnitParts {
  source: SourceText
  globalNames: readonly string[]
  shapes: readonly FunctionShape[]
  modules: readonly Omit<RuntimeModule, 'run'>[]
}

/**
 * Registers a unit's functions, modules and variables; the variables have no value yet.
 *
 * @param globals where its variables are already (a piece of an interactive session), or 0
 */
export function createUnit(
  rt: Runtime,
  { source, globalNames, shapes, modules }: UnitParts,
  globals = 0,
): Unit {
  const { heap } = rt
  const unit: Unit = {
    source,
    modules: modules.map((module) => ({ ...module, run: moduleRun(rt, module.file) })),
    firstFunction: rt.functions.length,
    globals: globals === 0 ? createGlobals(heap, globalNames.length) : globals,
    globalNames,
  }
  for (const shape of shapes) {
    const record = createFunction(heap, {
      index: rt.functions.length,
      parameters: shape.parameters.length + (shape.method ? 1 : 0),
      method: shape.method,
    })
    const fn: RuntimeFunction = {
      name: shape.name,
      parameters: shape.parameters,
      method: shape.method,
      body: shape.body,
      source: sourceNumber(rt, shape.source),
      text: shape.text,
      record,
      unit,
      sites: null,
      live: null,
      bytecodeLocals: shape.locals,
    }
    rt.functions.push(fn)
  }
  return unit
}

/** Slots for `count` file-level variables without a value. */
export function createGlobals(heap: Heap, count: number): number {
  const globals = heap.allocateNearSlots(count)
  for (let i = 0; i < count; i++) heap.setEmpty(globals + i * SLOT_SIZE)
  return globals
}

function sourceNumber(rt: Runtime, source: SourceText): number {
  const known = rt.sources.lastIndexOf(source)
  return known >= 0 ? known : rt.sources.push(source) - 1
}
