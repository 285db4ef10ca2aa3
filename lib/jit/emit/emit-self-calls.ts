/**
 * Direct calls of the function that is compiled by itself, and the arguments that these pass in registers: the
 * `entryArguments` of the graph. Code has two entries then. All callers but itself have all arguments in the frame,
 * with whatever tags, and enter in front of the code that looks at them; its own calls enter behind that.
 */
import { Label } from '../../asm/buffer.js'
import { Context, FunctionLayout, SLOT_TAG } from '../../heap/layout.js'
import { type Instruction, Snapshot, type Value } from '../ir/graph.js'
import { argumentOf } from '../ir/ops.js'
import { SELF_AGAIN } from '../ir/patterns.js'
import type { Move } from '../registers/moves.js'
import type { FunctionEmitter } from './emit-function.js'

/** For callers that have all arguments in the frame: guards their types, and puts them into their places. */
export function readArguments(e: FunctionEmitter): void {
  const { m, graph } = e
  const { base } = m.roles
  if (graph.entryArguments.length === 0) return
  const other = entryExit(e)
  for (const { imm } of graph.entryArguments) {
    const { offset, tag } = argumentOf(imm)
    m.compareMemory32Constant(base, offset + SLOT_TAG, tag)
    m.branch('ne', other)
  }
  for (const argument of graph.entryArguments) {
    const location = e.locationOf(argument)
    const { offset } = argumentOf(argument.imm)
    if (location.kind !== 'register') continue
    if (argument.valueClass === 'f') m.loadFloat(location.number, base, offset)
    else m.load(location.number, base, offset)
  }
}

/** The label of a way out before anything is done. */
function entryExit(e: FunctionEmitter): Label {
  const snapshot = new Snapshot(0, [], [], 'otherArgument')
  const { label, number } = e.newExit(snapshot)
  e.later(() => {
    e.m.bind(label)
    e.pushFrame(() => {})
    e.emitExit(number, snapshot)
  })
  return label
}

/** Puts the arguments into the frame of the function that is entered, where everybody else expects them. */
export function writeArguments(e: FunctionEmitter): void {
  for (const argument of e.graph.entryArguments) {
    const { offset, tag } = argumentOf(argument.imm)
    e.freeScratch()
    e.putFrameSlot(offset, argument, tag)
  }
}

/** The frame of the callee begins `distance` above this one; the base register points there behind it. */
export function emitSelfCall(e: FunctionEmitter, call: Instruction, distance: number): void {
  const { m, graph } = e
  const [record, ...args] = call.args as [Value, ...Value[]]
  const { base, context } = m.roles
  const entry = args.length > 0 ? e.ownEntry : e.entry
  const moves = args.map((arg, i): Move => {
    const argument = graph.entryArguments[i] as Instruction
    const to = e.locationOf(argument)
    const place = to.kind === 'frame' ? { ...to, offset: distance + to.offset } : to
    return { to: place, from: e.placeOf(arg), valueClass: argument.valueClass }
  })
  e.emitMoves(moves)
  m.addConstant(base, base, distance)
  if (call.symbol === SELF_AGAIN) return m.call(entry)
  // If a safepoint is asked for, the entry in the record leads to the VM (`interrupt.ts`).
  const asked = new Label()
  const done = new Label()
  m.branchIfNegative32(context, Context.ALLOCATION_LIMIT, asked)
  m.call(entry)
  m.bind(done)
  e.later(() => {
    m.bind(asked)
    if (args.length > 0) writeArguments(e)
    e.freeScratch()
    m.callMemory(e.use(record), FunctionLayout.ENTRY)
    m.jump(done)
  })
}
