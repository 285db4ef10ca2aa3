/** The machine code of each IR operation. A result is written only after all operands have been read. */
import { Label } from '../../asm/buffer.js'
import {
  ClosureLayout,
  Context,
  FunctionLayout,
  Header,
  InstanceLayout,
  SLOT_TAG,
  Tag,
} from '../../heap/layout.js'
import { bitsOf, floatOf } from '../ir/floats.js'
import { type Block, type Edge, type Instruction, isConstant, type Value } from '../ir/graph.js'
import { allocationOf, byCode, type OpName } from '../ir/ops.js'
import { isSelfCall, smallConstant } from '../ir/patterns.js'
import { callOf } from '../ir/signature.js'
import { type Condition, type FloatCondition, INVERSE, type Machine } from '../machine/machine.js'
import { INTERRUPTS_ONLY, NO_POLL } from '../passes/lighten-polls.js'
import { samePlace } from '../registers/allocate.js'
import type { Move } from '../registers/moves.js'
import {
  emitArrayAppend,
  emitArrayOwn,
  emitArrayPush,
  emitArrayUnshare,
  emitSlotStore,
} from './emit-arrays.js'
import { emitQuickCall, emitSelfCall } from './emit-calls.js'
import type { FunctionEmitter } from './emit-function.js'
import { emitFusedLoad, emitTruthBranch, emitTwoGuards } from './emit-fused.js'
import { emitFlooredQuotient, emitProduct, emitRemainder, sum } from './emit-integers.js'
import { emitMethodFind } from './emit-lookup.js'
import { EMIT_TEXTS } from './emit-texts.js'

/** @param next the instruction behind it; @param nextBlock the block emitted behind this one */
export type Emit = (
  e: FunctionEmitter,
  instruction: Instruction,
  next: Instruction | null,
  nextBlock: Block | null,
) => void

export const emitInstruction: Emit = (e, instruction, next, nextBlock) => {
  ;(BY_CODE[instruction.info.code] as Emit)(e, instruction, next, nextBlock)
}

const nothing: Emit = () => {}

function args(instruction: Instruction): [Value, Value, Value] {
  return instruction.args as [Value, Value, Value]
}

/** One general operand, one result. */
function unary(compute: (e: FunctionEmitter, d: number, a: number) => void): Emit {
  return (e, instruction) => {
    const a = e.use(args(instruction)[0])
    e.result(instruction, (d) => compute(e, d, a))
  }
}

/** The same with the constant `imm`. */
function unaryConstant(compute: (e: FunctionEmitter, d: number, a: number, constant: number) => void): Emit {
  return (e, instruction) => {
    const a = e.use(args(instruction)[0])
    e.result(instruction, (d) => compute(e, d, a, offsetOf(instruction)))
  }
}

function unaryFloat(compute: (e: FunctionEmitter, d: number, a: number) => void): Emit {
  return (e, instruction) => {
    const a = e.useFloat(args(instruction)[0])
    e.result(instruction, (d) => compute(e, d, a))
  }
}

function binary(compute: (e: FunctionEmitter, d: number, a: number, b: number) => void): Emit {
  return (e, instruction) => {
    const [left, right] = args(instruction)
    const a = e.use(left)
    const b = e.use(right)
    e.result(instruction, (d) => compute(e, d, a, b))
  }
}

function binaryFloat(compute: (e: FunctionEmitter, d: number, a: number, b: number) => void): Emit {
  return (e, instruction) => {
    const [left, right] = args(instruction)
    const a = e.useFloat(left)
    const b = e.useFloat(right)
    e.result(instruction, (d) => compute(e, d, a, b))
  }
}

/** Doubling is adding, which is exact, too, and sooner done. */
function emitFloatProduct(e: FunctionEmitter, instruction: Instruction): void {
  const [left, right] = args(instruction)
  const doubled = isTwo(right) ? left : isTwo(left) ? right : null
  const a = e.useFloat(doubled ?? left)
  const b = doubled === null ? e.useFloat(right) : a
  e.result(instruction, (d) => (doubled === null ? e.m.multiplyFloat(d, a, b) : e.m.addFloat(d, a, a)))
}

const TWO = bitsOf(2)

function isTwo(value: Value): boolean {
  return isConstant(value) && value.op === 'float' && value.imm === TWO
}

/** Dividing by a power of two is multiplying with its reciprocal, which is exact, too. */
function emitDivision(e: FunctionEmitter, instruction: Instruction): void {
  const [left, right] = args(instruction)
  const a = e.useFloat(left)
  const divisor = isConstant(right) && right.op === 'float' ? floatOf(right.imm) : 0
  const size = Math.abs(divisor)
  if (size >= 1 && size <= 2 ** 30 && Number.isInteger(Math.log2(size))) {
    const reciprocal = e.takeScratchFloat()
    e.m.floatConstant(reciprocal, bitsOf(1 / divisor))
    return e.result(instruction, (d) => e.m.multiplyFloat(d, a, reciprocal))
  }
  const b = e.useFloat(right)
  e.result(instruction, (d) => e.m.divideFloat(d, a, b))
}

function emitCompare(e: FunctionEmitter, left: Value, right: Value): void {
  const constant = smallConstant(right)
  const a = e.use(left)
  if (constant !== null) e.m.compareConstant(a, constant)
  else e.m.compare(a, e.use(right))
}

function comparison(condition: Condition): Emit {
  return (e, instruction, next, nextBlock) => {
    const [left, right] = args(instruction)
    emitCompare(e, left, right)
    if (next !== null && e.isFused(instruction, next)) {
      e.emitBranch(next, condition, INVERSE[condition], nextBlock)
      return e.fuse(next)
    }
    e.freeScratch()
    e.result(instruction, (d) => e.m.set(d, condition))
  }
}

function comparisonFloat(condition: FloatCondition): Emit {
  return (e, instruction, next, nextBlock) => {
    const [left, right] = args(instruction)
    const a = e.useFloat(left)
    const b = e.useFloat(right)
    if (next === null || !e.isFused(instruction, next)) {
      return e.result(instruction, (d) => e.m.setFloat(d, condition, a, b))
    }
    const [whenTrue, whenFalse] = next.targets as [Edge, Edge]
    const goesOn = e.goesOn(next, nextBlock)
    e.m.branchFloat(
      condition,
      a,
      b,
      goesOn === whenFalse,
      e.edgeLabel(goesOn === whenTrue ? whenFalse : whenTrue),
    )
    e.emitEdge(goesOn, nextBlock)
    e.fuse(next)
  }
}

const copy: Emit = (e, instruction) => {
  const [from] = instruction.args as [Value]
  const { valueClass } = instruction
  const to = e.locationOf(instruction)
  if (!samePlace(to, e.locationOf(from))) e.emitMoves([{ to, from: e.locationOf(from), valueClass }])
}

function fromFrame(load: (m: Machine, d: number, base: number, offset: number) => void): Emit {
  return (e, instruction) => {
    if (e.staysInMemory(instruction, 'frame')) return
    e.result(instruction, (d) => load(e.m, d, e.m.roles.base, offsetOf(instruction)))
  }
}

function guard(fails: Condition, compare: (e: FunctionEmitter, instruction: Instruction) => void): Emit {
  return (e, instruction) => {
    const exit = e.exit(instruction)
    compare(e, instruction)
    e.m.branch(fails, exit)
  }
}

const guardTag = guard('ne', (e, i) => e.m.compare32Constant(e.use(args(i)[0]), offsetOf(i)))

function symbolOf(instruction: Instruction): string {
  return instruction.symbol as string
}

/** The bits of 2^63. */
const LIMIT_BITS = 0x43e0000000000000n

/** To `exit` unless the absolute value is below 2^63; `other` is a scratch register. */
function guardInt64(e: FunctionEmitter, a: number, other: number, exit: Label): void {
  e.m.absoluteFloat(other, a)
  e.keepOnlyFloat(other)
  const limit = e.takeScratchFloat()
  e.m.floatConstant(limit, LIMIT_BITS)
  e.m.branchFloat('lt', other, limit, false, exit)
}

/** The second operand if it is in this relation to the first, else the first. */
function extreme(condition: Condition): Emit {
  return (e, instruction) => {
    const [left, right] = args(instruction)
    const a = e.use(left)
    const b = e.use(right)
    e.m.compare(b, a)
    e.result(instruction, (d) => e.m.select(d, condition, b, a))
  }
}

function extremeFloat(condition: FloatCondition): Emit {
  return (e, instruction) => {
    const [left, right] = args(instruction)
    const done = new Label()
    const a = e.useFloat(left)
    const b = e.useFloat(right)
    // A constant or spilled operand has taken a scratch register; the result may need one of its own.
    const chosen = e.m.roles.scratchFloat.find((register) => register !== b) as number
    e.m.moveFloat(chosen, a)
    e.m.branchFloat(condition, b, chosen, false, done)
    e.m.moveFloat(chosen, b)
    e.m.bind(done)
    e.place(instruction, chosen)
  }
}

function offsetOf(instruction: Instruction): number {
  return Number(instruction.imm)
}

const EMIT: { readonly [K in OpName]: Emit } = {
  int: nothing,
  float: nothing,
  address: nothing,
  context: nothing,
  'call.tag': nothing,

  // The prologue, or the call of the function by itself, has put it into its place.
  argument: nothing,
  'argument.float': nothing,
  'frame.load': fromFrame((m, d, base, offset) => m.load(d, base, offset)),
  'frame.tag': fromFrame((m, d, base, offset) => m.load32(d, base, offset + SLOT_TAG)),
  'frame.float': fromFrame((m, d, base, offset) => m.loadFloat(d, base, offset)),
  'frame.put': (e, i) => {
    const tag = i.args[i.args.length - 1] as Value
    e.putFrameSlot(offsetOf(i), i.args.length === 2 ? (i.args[0] as Value) : null, tag)
  },
  load: (e, i, next) => {
    if (e.staysInMemory(i, 'context') || emitFusedLoad(e, i, next)) return
    const base = e.use(args(i)[0])
    e.result(i, (d) => e.m.load(d, base, offsetOf(i)))
  },
  load32: (e, i) => {
    if (e.staysInMemory(i, 'context')) return
    const base = e.use(args(i)[0])
    e.result(i, (d) => e.m.load32(d, base, offsetOf(i)))
  },
  loadf: (e, i, next) => {
    if (emitFusedLoad(e, i, next)) return
    const base = e.use(args(i)[0])
    e.result(i, (d) => e.m.loadFloat(d, base, offsetOf(i)))
  },
  store: (e, i) => {
    const [pointer, value] = args(i)
    const base = e.use(pointer)
    if (isConstant(value) && value.op === 'int') return e.m.storeConstant(value.imm, base, offsetOf(i))
    e.m.store(e.use(value), base, offsetOf(i))
  },
  storef: (e, i) => {
    const [pointer, value] = args(i)
    e.m.storeFloat(e.useFloat(value), e.use(pointer), offsetOf(i))
  },
  store32: (e, i) => {
    const [pointer, value] = args(i)
    const base = e.use(pointer)
    const constant = smallConstant(value)
    if (constant !== null) return e.m.store32Constant(constant, base, offsetOf(i))
    e.m.store32(e.use(value), base, offsetOf(i))
  },
  load8: (e, i) => {
    const base = e.use(args(i)[0])
    e.result(i, (d) => e.m.load8(d, base, offsetOf(i)))
  },
  pointer: binary((e, d, table, index) => e.m.scaledAddress(d, table, index, 3)),
  element: binary((e, d, data, index) => e.m.scaledAddress(d, data, index, 4)),

  'int.add': sum(1),
  'int.sub': sum(-1),
  'int.mul': emitProduct,
  'int.rem': emitRemainder,
  'int.neg': unary((e, d, a) => e.m.negate(d, a)),
  'int.and': unaryConstant((e, d, a, mask) => e.m.andConstant(d, a, mask)),
  'int.floordiv': emitFlooredQuotient,
  'int.abs': (e, i) => {
    const a = e.use(args(i)[0])
    const negated = e.takeScratch()
    e.m.negate(negated, a)
    e.m.compareConstant(a, 0)
    e.m.select(negated, 'lt', negated, a)
    e.place(i, negated)
  },
  'int.min': extreme('lt'),
  'int.max': extreme('gt'),
  'int.select': (e, i) => {
    const [left, right, whenEqual, otherwise] = i.args as [Value, Value, Value, Value]
    const a = e.use(left)
    if (isConstant(right) && right.op === 'address') e.m.compare32Symbol(a, right.symbol as string)
    else e.m.compare32(a, e.use(right))
    // Loading constants leaves the flags alone.
    e.freeScratch()
    const chosen = e.takeScratch()
    e.loadInto(chosen, otherwise)
    e.m.select(chosen, 'eq', e.use(whenEqual), chosen)
    e.place(i, chosen)
  },
  'int.eq': comparison('eq'),
  'int.ne': comparison('ne'),
  'int.lt': comparison('lt'),
  'int.below': comparison('below'),
  'int.le': comparison('le'),
  'int.gt': comparison('gt'),
  'int.ge': comparison('ge'),
  'float.add': binaryFloat((e, d, a, b) => e.m.addFloat(d, a, b)),
  'float.sub': binaryFloat((e, d, a, b) => e.m.subtractFloat(d, a, b)),
  'float.mul': emitFloatProduct,
  'float.div': emitDivision,
  'float.neg': unaryFloat((e, d, a) => e.m.negateFloat(d, a)),
  'float.abs': unaryFloat((e, d, a) => e.m.absoluteFloat(d, a)),
  'float.sqrt': unaryFloat((e, d, a) => e.m.squareRoot(d, a)),
  'float.min': extremeFloat('lt'),
  'float.max': extremeFloat('gt'),
  'float.floor': unaryFloat((e, d, a) => e.m.round(d, a, 'floor')),
  'float.ceil': unaryFloat((e, d, a) => e.m.round(d, a, 'ceil')),
  'float.truncate': unaryFloat((e, d, a) => e.m.round(d, a, 'truncate')),
  'number.tofloat': (e, i) => {
    const payload = e.use(args(i)[0])
    const tag = e.use(args(i)[1])
    const float = e.takeScratchFloat()
    const done = new Label()
    e.m.bitsToFloat(float, payload)
    e.m.compare32Constant(tag, Tag.FLOAT)
    e.m.branch('eq', done)
    e.m.intToFloat(float, payload)
    e.m.bind(done)
    e.place(i, float)
  },
  'float.toint': unaryFloat((e, d, a) => e.m.floatToInt(d, a)),
  'float.eq': comparisonFloat('eq'),
  'float.ne': comparisonFloat('ne'),
  'float.lt': comparisonFloat('lt'),
  'float.le': comparisonFloat('le'),
  'float.gt': comparisonFloat('gt'),
  'float.ge': comparisonFloat('ge'),
  'int.tofloat': unary((e, d, a) => e.m.intToFloat(d, a)),
  copy,
  'copy.float': copy,
  reload: copy,
  'reload.float': copy,
  'bits.tofloat': unary((e, d, a) => e.m.bitsToFloat(d, a)),
  'float.tobits': unaryFloat((e, d, a) => e.m.floatToBits(d, a)),
  'bool.not': unary((e, d, a) => e.m.xorConstant(d, a, 1)),
  truthy: (e, i, next, nextBlock) => {
    if (next !== null && e.isFused(i, next)) return emitTruthBranch(e, i, next, nextBlock)
    const [payloadValue, tagValue] = args(i)
    const payload = e.use(payloadValue)
    const tag = e.use(tagValue)
    // Anything but null is 1, unless it is a boolean: then its payload counts.
    const other = e.takeScratch()
    e.m.compare32Constant(tag, Tag.NULL)
    e.m.set(other, 'ne')
    e.m.compare32Constant(tag, Tag.BOOLEAN)
    e.m.select(other, 'eq', payload, other)
    e.place(i, other)
  },

  'guard.tag': (e, i, next) => {
    if (!emitTwoGuards(e, i, next)) guardTag(e, i, next, null)
  },
  'guard.number': guard('notBelow', (e, i) => {
    // The two tags follow each other.
    const above = e.takeScratch()
    e.m.addConstant(above, e.use(args(i)[0]), -Tag.INTEGER)
    e.m.compare32Constant(above, 2)
  }),
  'guard.nottag': guard('eq', (e, i) => e.m.compare32Constant(e.use(args(i)[0]), offsetOf(i))),
  'guard.eq': guard('ne', (e, i) => emitCompare(e, args(i)[0], args(i)[1])),
  'guard.le': guard('gt', (e, i) => emitCompare(e, args(i)[0], args(i)[1])),
  'guard.ref': guard('ne', (e, i) => e.m.compare32Symbol(e.use(args(i)[0]), symbolOf(i))),
  'guard.function': guard('ne', (e, i) =>
    e.m.compareMemory32Symbol(e.use(args(i)[0]), ClosureLayout.FUNCTION, symbolOf(i)),
  ),
  'guard.class': guard('ne', (e, i) =>
    e.m.compareMemory32Symbol(e.use(args(i)[0]), InstanceLayout.CLASS, symbolOf(i)),
  ),
  'guard.home': guard('ne', (e, i) =>
    e.m.compareMemory32Symbol(e.use(args(i)[0]), ClosureLayout.HOME, symbolOf(i)),
  ),
  'guard.fields': guard('le', (e, i) =>
    e.m.compareMemory32Constant(e.use(args(i)[0]), InstanceLayout.FIELDS, offsetOf(i)),
  ),
  'guard.narrow': guard('ne', (e, i) => {
    const width = e.takeScratch()
    e.m.load8(width, e.use(args(i)[0]), Header.AUX)
    e.m.compare32Constant(width, 1)
  }),
  'guard.integral': (e, i) => {
    // Neither NaN nor infinity equals its rounded self and lies in the range.
    const exit = e.exit(i)
    const a = e.useFloat(args(i)[0])
    const other = e.takeScratchFloat()
    e.m.round(other, a, 'truncate')
    e.m.branchFloat('eq', other, a, false, exit)
    guardInt64(e, a, other, exit)
  },
  'guard.int64': (e, i) => {
    const exit = e.exit(i)
    guardInt64(e, e.useFloat(args(i)[0]), e.takeScratchFloat(), exit)
  },
  'guard.positive': (e, i) => {
    const exit = e.exit(i)
    const a = e.useFloat(args(i)[0])
    const zero = e.takeScratchFloat()
    e.m.floatConstant(zero, 0n)
    e.m.branchFloat('ge', a, zero, false, exit)
  },
  'guard.nonzero': guard('eq', (e, i) => e.m.compareConstant(e.use(args(i)[0]), 0)),
  'guard.fnonzero': (e, i) => {
    const exit = e.exit(i)
    const a = e.useFloat(args(i)[0])
    const zero = e.takeScratchFloat()
    e.m.floatConstant(zero, 0n)
    e.m.branchFloat('eq', a, zero, true, exit)
  },
  'guard.depth': guard('lt', (e, i) => e.m.compare32Constant(e.m.roles.depth, offsetOf(i))),
  'guard.below': guard('notBelow', (e, i) => emitCompare(e, args(i)[0], args(i)[1])),

  step: (e, i) => e.m.step(i.position),
  poll: (e, i) => {
    if (i.imm === NO_POLL) return
    const slow = new Label()
    const resume = new Label()
    const { context } = e.m.roles
    if (i.imm === INTERRUPTS_ONLY) {
      // Whoever asks for a safepoint makes the limit negative.
      e.m.branchIfNegative32(context, Context.ALLOCATION_LIMIT, slow)
    } else {
      const allocated = e.takeScratch()
      e.m.load32(allocated, context, Context.ALLOCATED)
      e.m.compareMemory32(allocated, context, Context.ALLOCATION_LIMIT)
      e.m.branch('gt', slow)
    }
    e.m.bind(resume)
    e.fallback(i, slow, resume)
  },
  'array.own': emitArrayOwn,
  'array.unshare': emitArrayUnshare,
  'slot.store': emitSlotStore,
  alloc: (e, i) => {
    const { kind, sizeClass, collects } = allocationOf(i.imm)
    e.result(i, (d) => e.allocate(d, kind, sizeClass, collects, i))
  },
  'array.push': emitArrayPush,
  'array.append': emitArrayAppend,
  ...EMIT_TEXTS,
  'method.find': emitMethodFind,
  call: emitCall,

  jump: (e, i, _, nextBlock) => e.emitEdge(i.targets[0] as Edge, nextBlock),
  branch: (e, i, _, nextBlock) => {
    e.m.compareConstant(e.use(args(i)[0]), 0)
    e.emitBranch(i, 'ne', 'eq', nextBlock)
  },
  return: (e, i) => {
    const [payload, tag] = args(i)
    const { resultPayload, resultTag } = e.m.roles
    e.emitMoves([
      { to: { kind: 'register', number: resultPayload }, from: e.placeOf(payload), valueClass: 'i' },
      { to: { kind: 'register', number: resultTag }, from: e.placeOf(tag), valueClass: 'i' },
    ])
    e.emitReturn()
  },
  leave: (e, i) => e.emitLeave(i),
}

/** By `OpInfo.code`: names as keys are looked up in a hash table each time. */
const BY_CODE = byCode(EMIT)

/** The callee finds its frame's base in the base register and leaves it there. */
function emitCall(e: FunctionEmitter, instruction: Instruction, next: Instruction | null): void {
  const { m } = e
  const { base } = m.roles
  const { distance, signature } = callOf(instruction.imm)
  if (isSelfCall(instruction)) emitSelfCall(e, instruction, distance)
  else if (signature !== 0) emitQuickCall(e, instruction)
  else {
    const record = e.use(args(instruction)[0])
    m.addConstant(base, base, distance)
    m.callMemory(record, FunctionLayout.ENTRY)
  }
  m.addConstant(base, base, -distance)
  const returned = e.returnOf(instruction)
  if (returned === null) return placeResults(e, instruction, next?.op === 'call.tag' ? next : null)
  // The results are where they shall be.
  e.emitReturn()
  e.fuse(returned)
}

function placeResults(e: FunctionEmitter, payload: Instruction, tag: Instruction | null): void {
  const { resultPayload, resultTag, base } = e.m.roles
  const home = e.frameHome(payload)
  if (home !== null && tag !== null && e.frameHome(tag) === home)
    return e.m.storeSlot(resultPayload, resultTag, base, home)
  const put = e.putOf(payload)
  if (put !== null) {
    e.m.storeSlot(resultPayload, resultTag, base, offsetOf(put))
    e.fuse(put)
  }
  const moves: Move[] = []
  for (const [value, number] of [
    [payload, resultPayload],
    [tag, resultTag],
  ] as const) {
    if (value === null || !e.hasLocation(value)) continue
    if (put !== null && e.frameHome(value) === offsetOf(put)) continue
    moves.push({ to: e.locationOf(value), from: { kind: 'register', number }, valueClass: 'i' })
  }
  e.emitMoves(moves)
}
