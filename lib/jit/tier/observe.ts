/** Collecting feedback: what is noted of which instruction, just before it runs. */
import { instructionPositions } from '../../bytecode/instructions.js'
import { Opcode } from '../../bytecode/opcodes.js'
import { ClosureLayout, FunctionLayout, SLOT_SIZE, Tag } from '../../heap/layout.js'
import type { Runtime } from '../../runtime/runtime.js'
import { SiteFeedback } from '../../vm/feedback.js'
import type { LoadedFunction } from '../../vm/loaded-function.js'

/** How many operands' tags are noted, from the top down; the last one is `left`. */
const OPERANDS: Readonly<Record<number, number>> = {
  [Opcode.Add]: 2,
  [Opcode.Subtract]: 2,
  [Opcode.Multiply]: 2,
  [Opcode.Divide]: 2,
  [Opcode.Modulo]: 2,
  [Opcode.Equal]: 2,
  [Opcode.NotEqual]: 2,
  [Opcode.Less]: 2,
  [Opcode.Greater]: 2,
  [Opcode.LessEqual]: 2,
  [Opcode.GreaterEqual]: 2,
  [Opcode.SameCase]: 2,
  [Opcode.GetIndex]: 2,
  [Opcode.Negate]: 1,
  [Opcode.GetProperty]: 1,
}

export function observedPositions(code: readonly number[]): number[] {
  return [...instructionPositions(code)].filter((position) => {
    const opcode = code[position] as number
    return (
      opcode in OPERANDS ||
      [Opcode.SetIndex, Opcode.Call, Opcode.JumpIfFalse, Opcode.JumpIfTrue].includes(opcode)
    )
  })
}

/** @param sp one past the topmost operand */
export function observe(rt: Runtime, fn: LoadedFunction, position: number, _base: number, sp: number): void {
  const { heap } = rt
  fn.feedback ??= new Map()
  let site = fn.feedback.get(position)
  if (site === undefined) {
    site = new SiteFeedback()
    fn.feedback.set(position, site)
  }
  site.count++
  const opcode = fn.bytecode.code[position] as number
  const tag = (depth: number): number => 1 << heap.tagOf(sp - depth * SLOT_SIZE)
  switch (opcode) {
    case Opcode.JumpIfFalse:
    case Opcode.JumpIfTrue:
      if (heap.isTruthy(sp - SLOT_SIZE)) site.whenTrue++
      else site.whenFalse++
      return
    case Opcode.SetIndex:
      site.left |= tag(3)
      site.right |= tag(2)
      return
    case Opcode.Call:
      return observeCall(rt, fn, site, sp, fn.bytecode.code[position + 1] as number)
    default:
      if (OPERANDS[opcode] === 2) {
        site.left |= tag(2)
        site.right |= tag(1)
      } else {
        site.left |= tag(1)
      }
  }
}

function observeCall(rt: Runtime, fn: LoadedFunction, site: SiteFeedback, sp: number, count: number): void {
  const { heap } = rt
  const callee = sp - (count + 1) * SLOT_SIZE
  if (count > 0) site.right |= 1 << heap.tagOf(callee + SLOT_SIZE)
  const calleeTag = heap.tagOf(callee)
  if (calleeTag === Tag.CLOSURE) {
    const record = heap.getPointer(heap.referenceOf(callee) + ClosureLayout.FUNCTION)
    const index = (heap.I32[(record + FunctionLayout.INDEX) >> 2] as number) - fn.unit.firstFunction
    const own = index >= 0 && index < fn.unit.program.functions.length
    site.addTarget(own ? index : -2)
    site.addBuiltin(-2)
  } else {
    site.addTarget(-2)
    site.addBuiltin(calleeTag === Tag.BUILTIN ? (heap.I32[callee >> 2] as number) : -2)
  }
}
