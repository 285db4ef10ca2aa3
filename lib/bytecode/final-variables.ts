/**
 * File-level variables of the main program that get a value once: the only instruction that assigns one stands in
 * the main program's body, which is executed once (the verifier sees to it that nothing calls it), and in no loop. So
 * it holds nothing, then one value for good.
 * Those of modules are not among them: a module that fails and is imported again begins anew.
 */
import { ControlFlow, jumpTarget, nextPosition } from './instructions.js'
import { Opcode } from './opcodes.js'
import type { BytecodeProgram } from './program.js'

/** What such a variable holds once it has its value. */
export type FinalValue =
  | {
      readonly type: 'function'
      readonly index: number
      /** No other closure of it is made. */
      readonly only: boolean
    }
  | { readonly type: 'integer'; readonly value: bigint }
  | { readonly type: 'float'; readonly value: number }
  | { readonly type: 'unknown' }

const UNKNOWN: FinalValue = { type: 'unknown' }

const found = new WeakMap<BytecodeProgram, ReadonlyMap<number, FinalValue>>()

/** By slot; made once for each program. Not for pieces of an interactive session: later ones may assign as well. */
export function finalVariables(program: BytecodeProgram): ReadonlyMap<number, FinalValue> {
  let variables = found.get(program)
  if (variables === undefined) {
    variables = findFinalVariables(program)
    found.set(program, variables)
  }
  return variables
}

function findFinalVariables(program: BytecodeProgram): Map<number, FinalValue> {
  const assignments = new Int32Array(program.globals.length)
  const closures = new Int32Array(program.functions.length)
  for (const { code } of program.functions) {
    for (let at = 0; at < code.length; at = nextPosition(code, at)) {
      const operand = code[at + 1] as number
      if (code[at] === Opcode.SetGlobal) assignments[operand] = (assignments[operand] as number) + 1
      else if (code[at] === Opcode.Closure) closures[operand] = (closures[operand] as number) + 1
    }
  }
  const ofModule = new Set<number>()
  for (const module of program.modules) {
    if ('error' in module) continue
    for (let slot = module.globals.first; slot < module.globals.end; slot++) ofModule.add(slot)
  }
  const main = program.functions[program.main]
  const variables = new Map<number, FinalValue>()
  if (main === undefined) return variables
  const { code } = main
  const { blockAt } = new ControlFlow(main)
  const loops: { start: number; end: number }[] = []
  for (let at = 0; at < code.length; at = nextPosition(code, at)) {
    const target = jumpTarget(code, at)
    if (target >= 0 && target <= at) loops.push({ start: target, end: at })
  }
  for (let at = 0, before = -1; at < code.length; before = at, at = nextPosition(code, at)) {
    if (code[at] !== Opcode.SetGlobal) continue
    const slot = code[at + 1] as number
    if (assignments[slot] !== 1 || ofModule.has(slot)) continue
    if (loops.some(({ start, end }) => start <= at && at < end)) continue
    // What is assigned is what the instruction before pushes, if no jump leads here.
    const isAlone = before >= 0 && (blockAt[at] as number) < 0
    variables.set(slot, isAlone ? valueBehind(program, closures, code, before) : UNKNOWN)
  }
  return variables
}

/** @param closures by function: how many instructions make closures of it */
function valueBehind(
  { constants }: BytecodeProgram,
  closures: Int32Array,
  code: readonly number[],
  position: number,
): FinalValue {
  const operand = code[position + 1] as number
  switch (code[position]) {
    case Opcode.Closure:
      return { type: 'function', index: operand, only: closures[operand] === 1 }
    case Opcode.Integer:
      return { type: 'integer', value: BigInt(operand) }
    case Opcode.Constant: {
      const constant = constants[operand]
      if (constant?.type === 'integer') return { type: 'integer', value: BigInt(constant.value) }
      if (constant?.type === 'float') return { type: 'float', value: constant.value }
      return UNKNOWN
    }
    default:
      return UNKNOWN
  }
}
