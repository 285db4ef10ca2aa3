/** Collecting feedback: what is noted of which instruction, just before it runs. */
import { instructionPositions } from '../../bytecode/instructions.js'
import { Opcode } from '../../bytecode/opcodes.js'
import {
  CellLayout,
  ClosureLayout,
  FunctionLayout,
  InstanceLayout,
  SLOT_SIZE,
  Tag,
} from '../../heap/layout.js'
import { stringWidth } from '../../heap/strings.js'
import { fieldNumber } from '../../runtime/classes.js'
import type { Runtime } from '../../runtime/runtime.js'
import { ENTRY_SITE, MANY, SiteFeedback } from '../../vm/feedback.js'
import type { LoadedFunction } from '../../vm/loaded-function.js'

/** One instruction that is about to run. */
interface Sight {
  rt: Runtime
  fn: LoadedFunction
  site: SiteFeedback
  position: number
  base: number
  /** One past the topmost operand. */
  sp: number
}

type Note = (sight: Sight) => void

/** The tag of the operand `depth` slots below `sp`, as a set. */
function tag({ rt, sp }: Sight, depth: number): number {
  return 1 << rt.heap.tagOf(sp - depth * SLOT_SIZE)
}

function operandOf({ fn, position }: Sight, number: number): number {
  return fn.bytecode.code[position + 1 + number] as number
}

const unary: Note = (sight) => {
  sight.site.left |= tag(sight, 1)
}

const binary: Note = (sight) => {
  sight.site.left |= tag(sight, 2)
  sight.site.right |= tag(sight, 1)
}

const branch: Note = ({ rt, site, sp }) => {
  if (rt.heap.isTruthy(sp - SLOT_SIZE)) site.whenTrue++
  else site.whenFalse++
}

/** The class of the instance in the operand `depth` slots below `sp`, if it is one. */
function noteClass({ rt, site, sp }: Sight, depth: number): number {
  const slot = sp - depth * SLOT_SIZE
  if (rt.heap.tagOf(slot) !== Tag.INSTANCE) return 0
  const classObject = rt.heap.getPointer(rt.heap.referenceOf(slot) + InstanceLayout.CLASS)
  site.addClass(classObject)
  return classObject
}

function noteHome({ rt, fn, base }: Sight): void {
  fn.addHome(rt.heap.getPointer(rt.heap.referenceOf(base - SLOT_SIZE) + ClosureLayout.HOME))
}

/** `self` is on top. */
const field: Note = (sight) => {
  const { rt, fn, site } = sight
  noteHome(sight)
  site.left |= tag(sight, 1)
  const classObject = noteClass(sight, 1)
  if (classObject === 0) return
  const name = rt.heap.referenceOf(fn.unit.constants + operandOf(sight, 0) * SLOT_SIZE)
  site.addField(fieldNumber(rt, classObject, name))
}

const call: Note = (sight) => {
  const { rt, fn, site, sp } = sight
  const { heap } = rt
  const count = operandOf(sight, 0)
  const callee = sp - (count + 1) * SLOT_SIZE
  if (count > 0) site.right |= tag(sight, count)
  if (count > 1) site.third |= tag(sight, count - 1)
  const calleeTag = heap.tagOf(callee)
  site.left |= 1 << calleeTag
  if (calleeTag === Tag.CLOSURE) {
    const record = heap.getPointer(heap.referenceOf(callee) + ClosureLayout.FUNCTION)
    const index = (heap.I32[(record + FunctionLayout.INDEX) >> 2] as number) - fn.unit.firstFunction
    const own = index >= 0 && index < fn.unit.program.functions.length
    site.addTarget(own ? index : MANY)
    // A function calls itself: the types of its own arguments, and of those it passes.
    if (own && index + fn.unit.firstFunction === fn.index && count === fn.parameters) {
      noteArguments(rt, fn, sight.base)
      noteArguments(rt, fn, callee + SLOT_SIZE)
    }
    site.addBuiltin(MANY)
  } else {
    site.addTarget(MANY)
    site.addBuiltin(calleeTag === Tag.BUILTIN ? (heap.I32[callee >> 2] as number) : MANY)
  }
}

/** A function is called: the types of its arguments, in its frame at `base`. */
export function noteArguments(rt: Runtime, fn: LoadedFunction, base: number): void {
  const { parameters } = siteAt(fn, ENTRY_SITE)
  for (let slot = 0; slot < fn.parameters; slot++)
    parameters[slot] = (parameters[slot] ?? 0) | (1 << rt.heap.tagOf(base + slot * SLOT_SIZE))
}

/** The tag of what a variable's slot holds. */
const variable =
  (slotOf: (sight: Sight) => number): Note =>
  (sight) => {
    const seen = sight.rt.heap.tagOf(slotOf(sight))
    // Reading a variable without a value is an error.
    if (seen !== Tag.EMPTY) sight.site.left |= 1 << seen
  }

const NOTES: Readonly<Partial<Record<number, Note>>> = {
  [Opcode.Add]: binary,
  [Opcode.Subtract]: binary,
  [Opcode.Multiply]: binary,
  [Opcode.Divide]: binary,
  [Opcode.Modulo]: binary,
  [Opcode.Equal]: binary,
  [Opcode.NotEqual]: binary,
  [Opcode.Less]: binary,
  [Opcode.Greater]: binary,
  [Opcode.LessEqual]: binary,
  [Opcode.GreaterEqual]: binary,
  [Opcode.SameCase]: binary,
  [Opcode.GetIndex]: (sight) => {
    const { rt, site, sp } = sight
    binary(sight)
    const container = sp - 2 * SLOT_SIZE
    const { heap } = rt
    if (heap.tagOf(container) === Tag.STRING && stringWidth(heap, heap.referenceOf(container)) > 1)
      site.wide = true
  },
  [Opcode.GetGlobal]: variable((sight) => sight.fn.unit.globals + operandOf(sight, 0) * SLOT_SIZE),
  [Opcode.GetCell]: variable(({ rt, fn, position, base }) => {
    const local = fn.bytecode.code[position + 1] as number
    return rt.heap.referenceOf(base + local * SLOT_SIZE) + CellLayout.VALUE
  }),
  [Opcode.GetUpvalue]: variable((sight) => {
    const { heap } = sight.rt
    const closure = heap.referenceOf(sight.base - SLOT_SIZE)
    return heap.getPointer(closure + ClosureLayout.CELLS + operandOf(sight, 0) * 8) + CellLayout.VALUE
  }),
  [Opcode.Negate]: unary,
  [Opcode.JumpIfFalse]: branch,
  [Opcode.JumpIfTrue]: branch,
  [Opcode.Call]: call,
  [Opcode.GetField]: field,
  [Opcode.SetField]: field,
  [Opcode.SetIndex]: (sight) => {
    sight.site.left |= tag(sight, 3)
    sight.site.right |= tag(sight, 2)
    sight.site.third |= tag(sight, 1)
  },
  [Opcode.GetProperty]: (sight) => {
    sight.site.left |= tag(sight, 1)
    noteClass(sight, 1)
  },
  [Opcode.CallMethod]: (sight) => {
    const count = operandOf(sight, 1)
    sight.site.left |= tag(sight, count + 1)
    if (count > 0) sight.site.right |= tag(sight, count)
    noteClass(sight, count + 1)
  },
  [Opcode.CallSuper]: noteHome,
  [Opcode.New]: (sight) => {
    const { rt, site, sp } = sight
    const slot = sp - (operandOf(sight, 0) + 1) * SLOT_SIZE
    site.left |= 1 << rt.heap.tagOf(slot)
    if (rt.heap.tagOf(slot) === Tag.CLASS) site.addClass(rt.heap.referenceOf(slot))
  },
}

/** What is kept of an instruction, or of the entry. */
export function siteAt(fn: LoadedFunction, position: number): SiteFeedback {
  fn.feedback ??= new Map()
  let site = fn.feedback.get(position)
  if (site === undefined) {
    site = new SiteFeedback()
    fn.feedback.set(position, site)
  }
  return site
}

export function observedPositions(code: readonly number[]): number[] {
  return [...instructionPositions(code)].filter((position) => {
    const opcode = code[position] as number
    return opcode === Opcode.Return || isObserved(opcode)
  })
}

/**
 * @param sp one past the topmost operand
 * @returns whether this is the first time that something is noted of the instruction
 */
export function observe(
  rt: Runtime,
  fn: LoadedFunction,
  position: number,
  base: number,
  sp: number,
): boolean {
  if (fn.bytecode.code[position] === Opcode.Return) {
    const entry = fn.feedback?.get(ENTRY_SITE)
    if (entry !== undefined) entry.results |= 1 << rt.heap.tagOf(sp - SLOT_SIZE)
    return false
  }
  const isNew = fn.feedback?.get(position) === undefined
  const site = siteAt(fn, position)
  site.count++
  NOTES[fn.bytecode.code[position] as number]?.({ rt, fn, site, position, base, sp })
  return isNew
}

/** Whether anything is noted of instructions with this opcode. */
export function isObserved(opcode: number): boolean {
  return NOTES[opcode] !== undefined
}
