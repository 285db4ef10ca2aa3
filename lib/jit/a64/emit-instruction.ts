/** The ARM64 code of each IR operation. A result is written only after all operands have been read. */

import { addImmEncodable } from '../../asm/a64/assembler.js'
import { Cond, invertCondition } from '../../asm/a64/registers.js'
import { Label } from '../../asm/buffer.js'
import { ArrayLayout, BlockLayout, Context, FunctionLayout, Tag } from '../../heap/layout.js'
import { type Block, type Edge, type Instruction, isConstant, type Value } from '../ir/graph.js'
import type { OpName } from '../ir/ops.js'
import type { FunctionEmitter } from './emit-function.js'
import { BASE, CONTEXT, RESULT_PAYLOAD, RESULT_TAG, TEMPORARY, TEMPORARY_2 } from './registers.js'

type Condition = (typeof Cond)[keyof typeof Cond]

/** Conditions after `cmp` and `fcmp`; the float ones are false (NE: true) when unordered. */
const CONDITIONS: Partial<Record<OpName, Condition>> = {
  'int.eq': Cond.EQ,
  'int.ne': Cond.NE,
  'int.lt': Cond.LT,
  'int.le': Cond.LE,
  'int.gt': Cond.GT,
  'int.ge': Cond.GE,
  'float.eq': Cond.EQ,
  'float.ne': Cond.NE,
  'float.lt': Cond.MI,
  'float.le': Cond.LS,
  'float.gt': Cond.GT,
  'float.ge': Cond.GE,
}

/** @param next the instruction behind it; @param nextBlock the block emitted behind this one */
export function emitInstruction(
  e: FunctionEmitter,
  instruction: Instruction,
  next: Instruction | null,
  nextBlock: Block | null,
): void {
  const { asm } = e
  const { op, args } = instruction
  const [a, b] = args as [Value, Value]
  const imm = Number(instruction.imm)
  switch (op) {
    case 'int':
    case 'float':
    case 'address':
    case 'call.tag':
      return

    case 'frame.load':
      return load(e, instruction, BASE, imm)
    case 'frame.tag':
      return load32(e, instruction, BASE, imm + 8)
    case 'frame.float':
      return loadFloat(e, instruction, BASE, imm)
    case 'frame.put':
      return e.putSlot(BASE, imm, args.length === 2 ? a : null, args[args.length - 1] as Value)
    case 'load':
      return load(e, instruction, e.use(a), imm)
    case 'load32':
      return load32(e, instruction, e.use(a), imm)
    case 'loadf':
      return loadFloat(e, instruction, e.use(a), imm)
    case 'store':
      return asm.str(e.use(b), e.use(a), imm)
    case 'storef':
      return asm.strD(e.useFloat(b), e.use(a), imm)
    case 'element': {
      const data = e.use(a)
      const index = e.use(b)
      return result(e, instruction, (d) => asm.add(d, data, index, { type: 'lsl', amount: 4 }))
    }

    case 'int.add':
      return addOrSubtract(e, instruction, false)
    case 'int.sub':
      return addOrSubtract(e, instruction, true)
    case 'int.mul':
      return integer(e, instruction, (d, x, y) => asm.mul(d, x, y))
    case 'int.rem':
      // MIN / -1 wraps to MIN on ARM64, so the remainder is 0 as it should be.
      return integer(e, instruction, (d, x, y) => {
        asm.sdiv(TEMPORARY, x, y)
        asm.msub(d, TEMPORARY, y, x)
      })
    case 'int.neg': {
      const x = e.use(a)
      return result(e, instruction, (d) => asm.neg(d, x))
    }
    case 'float.add':
      return float(e, instruction, (d, x, y) => asm.fadd(d, x, y))
    case 'float.sub':
      return float(e, instruction, (d, x, y) => asm.fsub(d, x, y))
    case 'float.mul':
      return float(e, instruction, (d, x, y) => asm.fmul(d, x, y))
    case 'float.div':
      return float(e, instruction, (d, x, y) => asm.fdiv(d, x, y))
    case 'float.neg': {
      const x = e.useFloat(a)
      return result(e, instruction, (d) => asm.fneg(d, x))
    }
    case 'int.tofloat': {
      const x = e.use(a)
      return result(e, instruction, (d) => asm.scvtf(d, x))
    }
    case 'bits.tofloat': {
      const x = e.use(a)
      return result(e, instruction, (d) => asm.fmovFromX(d, x))
    }
    case 'float.tobits': {
      const x = e.useFloat(a)
      return result(e, instruction, (d) => asm.fmovToX(d, x))
    }
    case 'bool.not': {
      const x = e.use(a)
      return result(e, instruction, (d) => asm.eorImm(d, x, 1))
    }
    case 'truthy': {
      const payload = e.use(a)
      const tag = e.use(b)
      return result(e, instruction, (d) => {
        asm.cmpImmW(tag, Tag.NULL)
        asm.cset(TEMPORARY, Cond.NE)
        asm.cmpImmW(tag, Tag.BOOLEAN)
        asm.csel(d, payload, TEMPORARY, Cond.EQ)
      })
    }

    case 'guard.tag':
    case 'guard.nottag': {
      const exit = e.exit(instruction)
      asm.cmpImmW(e.use(a), imm)
      return asm.bCond(op === 'guard.tag' ? Cond.NE : Cond.EQ, exit)
    }
    case 'guard.eq': {
      const exit = e.exit(instruction)
      compareIntegers(e, a, b)
      return asm.bCond(Cond.NE, exit)
    }
    case 'guard.nonzero': {
      const exit = e.exit(instruction)
      return asm.cbz(e.use(a), exit)
    }
    case 'guard.fnonzero': {
      const exit = e.exit(instruction)
      asm.fcmpZero(e.useFloat(a))
      return asm.bCond(Cond.EQ, exit)
    }
    case 'guard.below': {
      const exit = e.exit(instruction)
      compareIntegers(e, a, b)
      return asm.bCond(Cond.HS, exit)
    }

    case 'step':
      return e.emitStep(instruction.position)
    case 'poll':
      return emitPoll(e, instruction)
    case 'array.store':
      return emitArrayStore(e, instruction)
    case 'call':
      return emitCall(e, instruction, next)

    case 'jump':
      return e.emitEdge(instruction.targets[0] as Edge, nextBlock)
    case 'branch':
      asm.cmpImm(e.use(a), 0)
      return emitBranch(e, instruction, Cond.NE, nextBlock)
    case 'return':
      return emitReturn(e, a, b)
    case 'leave':
      return e.emitLeave(instruction)

    default: {
      const condition = CONDITIONS[op]
      if (condition === undefined) throw new Error(`no ARM64 code for ${op}`)
      if (op.startsWith('float.')) asm.fcmp(e.useFloat(a), e.useFloat(b))
      else compareIntegers(e, a, b)
      if (next !== null && e.isFused(instruction, next)) {
        emitBranch(e, next, condition, nextBlock)
        return e.fuse(next)
      }
      result(e, instruction, (d) => asm.cset(d, condition))
    }
  }
}

function result(e: FunctionEmitter, value: Value, compute: (target: number) => void): void {
  const target = e.target(value)
  compute(target)
  e.finish(value, target)
}

function integer(
  e: FunctionEmitter,
  value: Instruction,
  compute: (d: number, x: number, y: number) => void,
): void {
  const x = e.use(value.args[0] as Value)
  const y = e.use(value.args[1] as Value)
  result(e, value, (d) => compute(d, x, y))
}

function float(
  e: FunctionEmitter,
  value: Instruction,
  compute: (d: number, x: number, y: number) => void,
): void {
  const x = e.useFloat(value.args[0] as Value)
  const y = e.useFloat(value.args[1] as Value)
  result(e, value, (d) => compute(d, x, y))
}

/** The constant as an immediate of add, sub and cmp, or null. */
function immediate(value: Value): number | null {
  if (!isConstant(value) || value.op !== 'int') return null
  const { imm } = value
  return imm >= 0n && imm < 0x1000000n && addImmEncodable(Number(imm)) ? Number(imm) : null
}

function addOrSubtract(e: FunctionEmitter, value: Instruction, subtract: boolean): void {
  const { asm } = e
  const [left, right] = value.args as [Value, Value]
  const constant = immediate(right)
  const x = e.use(left)
  if (constant !== null) {
    return result(e, value, (d) => (subtract ? asm.subImm(d, x, constant) : asm.addImm(d, x, constant)))
  }
  const y = e.use(right)
  result(e, value, (d) => (subtract ? asm.sub(d, x, y) : asm.add(d, x, y)))
}

function compareIntegers(e: FunctionEmitter, left: Value, right: Value): void {
  const constant = immediate(right)
  const x = e.use(left)
  if (constant !== null) e.asm.cmpImm(x, constant)
  else e.asm.cmp(x, e.use(right))
}

// Loads and stores: offsets beyond the immediate's reach go through a temporary.

function reach(e: FunctionEmitter, base: number, offset: number, size: number): [number, number] {
  if (offset >= -256 && offset < 4096 * size) return [base, offset]
  e.asm.movImm(TEMPORARY_2, offset)
  e.asm.add(TEMPORARY_2, base, TEMPORARY_2)
  return [TEMPORARY_2, 0]
}

function load(e: FunctionEmitter, value: Instruction, base: number, offset: number): void {
  const [register, imm] = reach(e, base, offset, 8)
  result(e, value, (d) => e.asm.ldr(d, register, imm))
}

function load32(e: FunctionEmitter, value: Instruction, base: number, offset: number): void {
  const [register, imm] = reach(e, base, offset, 4)
  result(e, value, (d) => e.asm.ldrW(d, register, imm))
}

function loadFloat(e: FunctionEmitter, value: Instruction, base: number, offset: number): void {
  const [register, imm] = reach(e, base, offset, 8)
  result(e, value, (d) => e.asm.ldrD(d, register, imm))
}

/** `condition` holds for the first target. */
function emitBranch(
  e: FunctionEmitter,
  branch: Instruction,
  condition: Condition,
  nextBlock: Block | null,
): void {
  const [whenTrue, whenFalse] = branch.targets as [Edge, Edge]
  if (whenTrue.block === nextBlock) {
    branchTo(e, whenFalse, invertCondition(condition) as Condition)
    return e.emitEdge(whenTrue, nextBlock)
  }
  branchTo(e, whenTrue, condition)
  e.emitEdge(whenFalse, nextBlock)
}

/** Branches along an edge; its moves, if any, are done out of line. */
function branchTo(e: FunctionEmitter, edge: Edge, condition: Condition): void {
  if (edge.args.length === 0) return e.asm.bCond(condition, e.labelOf(edge.block))
  const moves = new Label()
  e.asm.bCond(condition, moves)
  e.later(() => {
    e.asm.bind(moves)
    e.emitEdge(edge, null)
  })
}

/** A safepoint: goes to the host if a collection is due (or `ALLOCATION_LIMIT` was lowered to ask). */
function emitPoll(e: FunctionEmitter, instruction: Instruction): void {
  const { asm } = e
  const slow = new Label()
  const resume = new Label()
  asm.ldrW(TEMPORARY, CONTEXT, Context.ALLOCATED)
  asm.ldrW(TEMPORARY_2, CONTEXT, Context.ALLOCATION_LIMIT)
  asm.cmpW(TEMPORARY, TEMPORARY_2)
  asm.bCond(Cond.GT, slow)
  asm.bind(resume)
  e.fallback(instruction, slow, resume)
}

/** array, index, tag[, payload]: stores within the length of a block that is not shared. */
function emitArrayStore(e: FunctionEmitter, instruction: Instruction): void {
  const { asm } = e
  const [arrayValue, indexValue, tag, payload] = instruction.args as [Value, Value, Value, Value | undefined]
  const slow = new Label()
  const resume = new Label()
  const array = e.use(arrayValue)
  const index = e.use(indexValue)
  asm.ldrW(TEMPORARY, array, ArrayLayout.LENGTH)
  asm.cmp(index, TEMPORARY)
  asm.bCond(Cond.HS, slow)
  asm.ldr(TEMPORARY, array, ArrayLayout.DATA)
  asm.ldrW(TEMPORARY_2, TEMPORARY, BlockLayout.SHARED - BlockLayout.DATA)
  asm.cbnzW(TEMPORARY_2, slow)
  asm.add(TEMPORARY_2, TEMPORARY, index, { type: 'lsl', amount: 4 })
  const tagRegister = e.use(tag)
  if (payload === undefined) asm.str(tagRegister, TEMPORARY_2, 8)
  else if (payload.valueClass === 'i') asm.stp(e.use(payload), tagRegister, TEMPORARY_2)
  else {
    asm.strD(e.useFloat(payload), TEMPORARY_2, 0)
    asm.str(tagRegister, TEMPORARY_2, 8)
  }
  asm.bind(resume)
  e.fallback(instruction, slow, resume)
}

/** The callee finds its frame's base in the base register and leaves it there; the result is in x0, x1. */
function emitCall(e: FunctionEmitter, instruction: Instruction, next: Instruction | null): void {
  const { asm } = e
  const distance = Number(instruction.imm)
  const record = e.use(instruction.args[0] as Value)
  asm.ldr(TEMPORARY, record, FunctionLayout.ENTRY)
  moveBase(e, distance)
  asm.blr(TEMPORARY)
  moveBase(e, -distance)
  const tag = next?.op === 'call.tag' ? next : null
  placeResults(e, instruction, tag)
}

function moveBase(e: FunctionEmitter, distance: number): void {
  const { asm } = e
  const bytes = Math.abs(distance)
  if (addImmEncodable(bytes)) {
    if (distance > 0) asm.addImm(BASE, BASE, bytes)
    else asm.subImm(BASE, BASE, bytes)
    return
  }
  asm.movImm(TEMPORARY_2, distance)
  asm.add(BASE, BASE, TEMPORARY_2)
}

/** Neither result's register is x0 or x1, so the order does not matter. */
function placeResults(e: FunctionEmitter, payload: Instruction, tag: Instruction | null): void {
  for (const [value, register] of [
    [payload, RESULT_PAYLOAD],
    [tag, RESULT_TAG],
  ] as const) {
    if (value === null || !e.hasLocation(value)) continue
    const location = e.locationOf(value)
    if (location.kind === 'register') e.asm.mov(location.number, register)
    else e.finish(value, register)
  }
}

function emitReturn(e: FunctionEmitter, payload: Value, tag: Value): void {
  // Values live in other registers than x0 and x1, so loading one cannot destroy the other.
  e.loadInto(RESULT_PAYLOAD, payload)
  e.loadInto(RESULT_TAG, tag)
  e.emitReturn()
}
