/** Loads verified bytecode into a runtime: constants and names into the heap, functions into the VM. */
import { Liveness } from '../bytecode/liveness.js'
import { Op } from '../bytecode/opcodes.js'
import { pointAt } from '../bytecode/positions.js'
import {
  type BytecodeFunction,
  type BytecodeProgram,
  type Constant,
  sourcesOfFunctions,
} from '../bytecode/program.js'
import { SLOT_SIZE, Tag } from '../heap/layout.js'
import { internString } from '../heap/strings.js'
import { builtinIndex } from '../runtime/builtins/registry.js'
import type { Runtime, RuntimeFunction, Site, SourceText } from '../runtime/runtime.js'
import { createUnit, type Unit, type UnitParts } from '../runtime/unit.js'
import { LoadedFunction } from './loaded-function.js'

/** A unit with what its bytecode refers to. */
export interface LoadedUnit extends Unit {
  program: BytecodeProgram
  /** Slot of constant 0; the others follow. Strings are interned. */
  constants: number
  /** Texts of the string constants, by constant number. */
  texts: readonly (string | null)[]
  /** Builtin numbers of the program's builtins table. */
  builtins: readonly number[]
  /** A slot that holds this INTEGER: the VM pushes small integers by copying it. */
  integerSlot(value: number): number
}

export class UnknownBuiltin extends Error {
  constructor(readonly builtin: string) {
    super(`unknown built-in function: ${builtin}`)
  }
}

/**
 * @param unit the unit of the same program that another tier runs already, or null
 * @param globals if `unit` is null: see `createUnit`
 * @returns the functions in program order; `Runtime.functions` has them from `firstFunction` on
 */
export function loadProgram(
  rt: Runtime,
  program: BytecodeProgram,
  unit: Unit | null,
  globals = 0,
): LoadedFunction[] {
  const base = unit ?? createUnit(rt, unitParts(program), globals)
  const loaded: LoadedUnit = {
    ...base,
    program,
    constants: loadConstants(rt, program.constants),
    texts: program.constants.map((constant) => (constant.type === 'string' ? constant.value : null)),
    builtins: program.builtins.map(findBuiltin),
    integerSlot: integerSlots(rt),
  }
  return program.functions.map((bytecode, i) => {
    const index = base.firstFunction + i
    const fn = rt.functions[index] as RuntimeFunction
    attach(fn, bytecode, loaded)
    return new LoadedFunction(rt.heap, index, loaded, bytecode, fn.record)
  })
}

function unitParts(program: BytecodeProgram): UnitParts {
  const bodies = new Set([
    program.main,
    ...program.modules.map((module) => ('main' in module ? module.main : -1)),
  ])
  const sources = sourcesOfFunctions(program)
  return {
    source: program.source,
    globalNames: program.globals,
    shapes: program.functions.map((fn, index) => ({
      ...shapeOf(fn),
      body: bodies.has(index),
      source: sources[index] as SourceText,
    })),
    modules: program.modules.map((module) =>
      'error' in module
        ? { file: module.file, error: module.error, main: -1, globals: { first: 0, end: 0 } }
        : { file: module.source.file, error: null, main: module.main, globals: module.globals },
    ),
  }
}

function shapeOf(fn: BytecodeFunction) {
  return {
    name: fn.name,
    parameters: fn.parameters,
    method: fn.method,
    text: () => fn.text,
    locals: fn.locals,
  }
}

function findBuiltin(name: string): number {
  const index = builtinIndex(name)
  if (index < 0) throw new UnknownBuiltin(name)
  return index
}

function loadConstants(rt: Runtime, constants: readonly Constant[]): number {
  const { heap } = rt
  const start = heap.allocateRootSlots(constants.length)
  constants.forEach((constant, i) => {
    const slot = start + i * SLOT_SIZE
    if (constant.type === 'string') heap.setReference(slot, Tag.STRING, internString(heap, constant.value))
    else if (constant.type === 'float') heap.setFloat(slot, constant.value)
    else heap.setBigInteger(slot, BigInt(constant.value))
  })
  return start
}

function integerSlots(rt: Runtime): (value: number) => number {
  const slots = new Map<number, number>()
  return (value) => {
    let slot = slots.get(value)
    if (slot === undefined) {
      slot = rt.heap.allocateRootSlots(1)
      rt.heap.setBigInteger(slot, BigInt(value))
      slots.set(value, slot)
    }
    return slot
  }
}

/** Gives stack traces and the collector what they need to read frames of this bytecode. */
function attach(fn: RuntimeFunction, bytecode: BytecodeFunction, unit: LoadedUnit): void {
  let liveness: Liveness | null = null
  fn.sites = (position) => siteAt(bytecode, unit, position)
  fn.live = (position) => {
    liveness ??= new Liveness(bytecode, unit.program.functions)
    return liveness.liveDuring(position)
  }
  fn.bytecodeLocals = bytecode.locals
}

function siteAt(bytecode: BytecodeFunction, unit: LoadedUnit, position: number): Site {
  const { code } = bytecode
  const opcode = code[position]
  let name = '<anonymous>'
  if (opcode === Op.Call) name = unit.texts[code[position + 2] as number] ?? name
  else if (opcode === Op.CallMethod || opcode === Op.CallSuper)
    name = unit.texts[code[position + 1] as number] ?? name
  else if (opcode === Op.New) name = 'initialize'
  return { name, ...pointAt(bytecode, position) }
}
