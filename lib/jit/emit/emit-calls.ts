/**
 * Calls that pass arguments in registers, and how functions take them: the `entryArguments` of the graph. Code has
 * several entries then. Who has all arguments in the frame, with whatever tags, enters in front of the code that looks
 * at them. Calls of the function by itself enter behind that, with the arguments where the allocator wants them. Other
 * callers have them in the registers that all agree on (`ir/signature.ts`), and enter where they are moved from there,
 * which mostly is the same place.
 */
import { Label } from '../../asm/buffer.js'
import { Context, FunctionLayout, SLOT_SIZE, SLOT_TAG, Tag } from '../../heap/layout.js'
import { type Instruction, Snapshot, type Value } from '../ir/graph.js'
import { argumentOf } from '../ir/ops.js'
import { SELF_AGAIN } from '../ir/patterns.js'
import {
  type ArgumentRegisters,
  callOf,
  MOST_ARGUMENTS,
  parameterOf,
  passedIn,
  registersOf,
} from '../ir/signature.js'
import { samePlace } from '../registers/allocate.js'
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

/** The entry for arguments in registers: in line if each is in its place already. */
export function takeFromRegisters(e: FunctionEmitter): void {
  const { m, graph } = e
  if (graph.entryArguments.length === 0) return
  const registers = registersOf(graph.entryArguments.map(parameterOf), argumentRegisters(e))
  const moves = graph.entryArguments.map((argument, i): Move => {
    const from = { kind: 'register', number: registers[i] as number } as const
    return { from, to: e.locationOf(argument), valueClass: argument.valueClass }
  })
  const needed = moves.filter(({ from, to }) => !('kind' in from && samePlace(from, to)))
  if (needed.length === 0) return m.bind(e.quickEntry)
  e.later(() => {
    m.bind(e.quickEntry)
    e.emitMoves(needed)
    m.jump(e.ownEntry)
  })
}

function argumentRegisters({ m: { roles } }: FunctionEmitter): ArgumentRegisters {
  return { i: roles.general, f: roles.float }
}

/**
 * A call with arguments in registers of a function that may have an entry for just these; if it has none at the
 * moment, they are put into the frame.
 */
export function emitQuickCall(e: FunctionEmitter, call: Instruction): void {
  const { m } = e
  const { base, general } = m.roles
  const { distance, signature } = callOf(call.imm)
  const [record, ...args] = call.args as [Value, ...Value[]]
  const passed = passedIn(signature)
  const registers = registersOf(passed, argumentRegisters(e))
  const callee = general[MOST_ARGUMENTS] as number
  const moves = args.map(
    (arg, i): Move => ({
      from: e.placeOf(arg),
      to: { kind: 'register', number: registers[i] as number },
      valueClass: arg.valueClass,
    }),
  )
  e.emitMoves([
    ...moves,
    { from: e.placeOf(record), to: { kind: 'register', number: callee }, valueClass: 'i' },
  ])
  m.addConstant(base, base, distance)
  const other = new Label()
  const done = new Label()
  m.compareMemory32Constant(callee, FunctionLayout.SIGNATURE, signature)
  m.branch('ne', other)
  m.callMemory(callee, FunctionLayout.QUICK)
  m.bind(done)
  e.later(() => {
    m.bind(other)
    for (const [i, { slot, tag }] of passed.entries()) {
      const register = registers[i] as number
      if (tag === Tag.FLOAT) {
        m.storeFloat(register, base, slot * SLOT_SIZE)
        m.storeConstant(BigInt(tag), base, slot * SLOT_SIZE + SLOT_TAG)
      } else m.storeSlotConstantTag(register, BigInt(tag), base, slot * SLOT_SIZE)
    }
    m.callMemory(callee, FunctionLayout.ENTRY)
    m.jump(done)
  })
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
