/** Instructions that are emitted together with those behind them, where a machine can do both at once. */
import { Label } from '../../asm/buffer.js'
import { SLOT_TAG, Tag } from '../../heap/layout.js'
import type { Block, Edge, Instruction, Value } from '../ir/graph.js'
import { smallConstant } from '../ir/patterns.js'
import type { FunctionEmitter } from './emit-function.js'

/**
 * A load with that of the tag in the same slot behind it, or with the step of a pointer that runs along, or with both.
 * @returns whether it is emitted
 */
export function emitFusedLoad(e: FunctionEmitter, load: Instruction, next: Instruction | null): boolean {
  const [pointer] = load.args as [Value]
  const base = e.registerOf(pointer)
  const target = e.registerOf(load)
  if (next === null || base < 0 || target < 0) return false
  const { m } = e
  if (load.valueClass === 'f') {
    const amount = load.imm === 0n ? stepOf(e, next, pointer, base) : null
    if (amount === null) return false
    m.loadFloatAdvance(target, base, amount)
    e.fuse(next)
    return true
  }
  const tag = isTagOf(e, next, load, pointer) ? e.registerOf(next) : -1
  const step = tag < 0 ? next : e.behind(next)
  const isApart = target !== base && tag !== base && load.imm === 0n
  const amount = step !== null && isApart ? stepOf(e, step, pointer, base) : null
  if (tag < 0 && amount === null) return false
  if (amount === null) m.loadSlot(target, tag, base, Number(load.imm))
  else if (tag < 0) m.loadAdvance(target, base, amount)
  else m.loadSlotAdvance(target, tag, base, amount)
  if (tag >= 0) e.fuse(next)
  if (amount !== null) e.fuse(step as Instruction)
  return true
}

/** Whether `tag` loads what lies behind `load`, to another register, and whole words will do. */
function isTagOf(e: FunctionEmitter, tag: Instruction, load: Instruction, pointer: Value): boolean {
  if (tag.op !== 'load32' || tag.args[0] !== pointer || tag.imm !== load.imm + BigInt(SLOT_TAG)) return false
  return e.isHalf(tag) && e.registerOf(tag) >= 0 && e.registerOf(tag) !== e.registerOf(load)
}

/** By how much the instruction moves the pointer in its register, or null if it does something else. */
function stepOf(e: FunctionEmitter, step: Instruction, pointer: Value, base: number): number | null {
  if (step.op !== 'int.add' || step.args[0] !== pointer || e.registerOf(step) !== base) return null
  return smallConstant(step.args[1])
}

/** A branch on the truth of a value of any type. What decides is mostly a boolean; the rest is out of line. */
export function emitTruthBranch(
  e: FunctionEmitter,
  truth: Instruction,
  branch: Instruction,
  nextBlock: Block | null,
): void {
  const { m } = e
  const [payload, tag] = truth.args as [Value, Value]
  const [whenTrue, whenFalse] = branch.targets as [Edge, Edge]
  const other = new Label()
  m.compare32Constant(e.use(tag), Tag.BOOLEAN)
  m.branch('ne', other)
  m.compareConstant(e.use(payload), 0)
  e.emitBranch(branch, 'ne', 'eq', nextBlock)
  e.fuse(branch)
  e.later(() => {
    m.bind(other)
    m.compare32Constant(e.use(tag), Tag.NULL)
    m.branch('eq', e.edgeLabel(whenFalse))
    m.jump(e.edgeLabel(whenTrue))
  })
}

/**
 * Two guards of tags: if either fails, the VM goes on where the first one leaves, and meets the other there.
 * @returns whether they are emitted
 */
export function emitTwoGuards(e: FunctionEmitter, first: Instruction, second: Instruction | null): boolean {
  if (second?.op !== 'guard.tag' || e.isStressed) return false
  if (second.snapshot?.position !== first.snapshot?.position) return false
  if (second.snapshot?.inlined !== first.snapshot?.inlined) return false
  const exit = e.exit(first)
  const a = e.use(first.args[0] as Value)
  const b = e.use(second.args[0] as Value)
  e.m.branchUnlessBoth32(a, Number(first.imm), b, Number(second.imm), exit)
  e.fuse(second)
  return true
}
