/**
 * A unit is one program (or module) that has been loaded: its functions, its file-level variables, its
 * source text. All tiers that run the unit share it, so a closure made in one runs in another.
 */
import { createFunction } from '../heap/objects.js'
import type { Runtime, RuntimeFunction, SourceText } from './runtime.js'

export interface Unit {
  source: SourceText
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
  /** Asked for only when the function is printed. */
  text(): string
  locals: number
  /** Locals and operand stack. */
  frameSlots: number
}

/** Registers a unit's functions and variables; the variables have no value yet. */
export function createUnit(
  rt: Runtime,
  source: SourceText,
  globalNames: readonly string[],
  shapes: readonly FunctionShape[],
): Unit {
  const { heap } = rt
  const globals = heap.allocateRootSlots(globalNames.length)
  for (let i = 0; i < globalNames.length; i++) heap.setEmpty(globals + i * 16)
  const unit: Unit = { source, firstFunction: rt.functions.length, globals, globalNames }
  for (const shape of shapes) {
    const record = createFunction(heap, {
      index: rt.functions.length,
      parameters: shape.parameters.length + (shape.method ? 1 : 0),
      locals: shape.locals,
      frameSlots: shape.frameSlots,
      method: shape.method,
    })
    const fn: RuntimeFunction = {
      name: shape.name,
      parameters: shape.parameters,
      method: shape.method,
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
