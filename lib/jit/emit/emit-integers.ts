/** The machine code of integer arithmetic, which has shorter ways with constants. */
import { Label } from '../../asm/buffer.js'
import { bitsOf } from '../ir/floats.js'
import type { Instruction, Value } from '../ir/graph.js'
import { powerOfTwo, smallConstant } from '../ir/patterns.js'
import type { FunctionEmitter } from './emit-function.js'
import type { Emit } from './emit-instruction.js'

function args(instruction: Instruction): [Value, Value] {
  return instruction.args as [Value, Value]
}

export function sum(sign: 1 | -1): Emit {
  return (e, instruction) => {
    let [left, right] = args(instruction)
    if (sign > 0 && smallConstant(left) !== null) [left, right] = [right, left]
    const constant = smallConstant(right)
    const a = e.use(left)
    if (constant !== null && constant !== -0x80000000) {
      return e.result(instruction, (d) => e.m.addConstant(d, a, sign * constant))
    }
    const b = e.use(right)
    e.result(instruction, (d) => (sign > 0 ? e.m.add(d, a, b) : e.m.subtract(d, a, b)))
  }
}

export function emitProduct(e: FunctionEmitter, instruction: Instruction): void {
  let [left, right] = args(instruction)
  if (smallConstant(left) !== null) [left, right] = [right, left]
  const constant = smallConstant(right)
  const a = e.use(left)
  if (constant !== null) return e.result(instruction, (d) => e.m.multiplyConstant(d, a, constant))
  const b = e.use(right)
  e.result(instruction, (d) => e.m.multiply(d, a, b))
}

/** An INTEGER beyond 2^53 is rounded when it becomes a float; below that a shift does the same as the division. */
const EXACT_BITS = 53

export function emitFlooredQuotient(e: FunctionEmitter, instruction: Instruction): void {
  const { m } = e
  const [dividend] = args(instruction)
  const exponent = Number(instruction.imm)
  const slow = new Label()
  const done = new Label()
  const a = e.use(dividend)
  const high = e.takeScratch()
  // The bits from there on are all 0 or all 1, of small numbers.
  m.shiftRightSigned(high, a, EXACT_BITS)
  m.addConstant(high, high, 1)
  m.compareConstant(high, 2)
  m.branch('notBelow', slow)
  e.result(instruction, (d) => m.shiftRightSigned(d, a, exponent))
  m.bind(done)
  e.later(() => {
    m.bind(slow)
    const float = e.takeScratchFloat()
    const reciprocal = e.takeScratchFloat()
    m.intToFloat(float, e.use(dividend))
    m.floatConstant(reciprocal, bitsOf(2 ** -exponent))
    m.multiplyFloat(float, float, reciprocal)
    m.round(float, float, 'floor')
    e.result(instruction, (d) => m.floatToInt(d, float))
    m.jump(done)
  })
}

/** By a power of two: negative numbers are moved up to the multiple of it that is not below them, and back. */
export function emitRemainder(e: FunctionEmitter, instruction: Instruction): void {
  const { m } = e
  const [left, right] = args(instruction)
  const exponent = powerOfTwo(right)
  const a = e.use(left)
  const constant = smallConstant(right)
  if (exponent < 0 && constant !== null && constant > 1)
    return e.result(instruction, (d) => m.remainderConstant(d, a, constant))
  if (exponent < 0) {
    const b = e.use(right)
    return e.result(instruction, (d) => m.remainder(d, a, b, (emit) => e.later(emit)))
  }
  const mask = 2 ** exponent - 1
  const bias = e.takeScratch()
  const rest = e.takeScratch()
  m.shiftRightSigned(bias, a, 63)
  m.andConstant(bias, bias, mask)
  m.add(rest, a, bias)
  m.andConstant(rest, rest, mask)
  m.subtract(rest, rest, bias)
  e.place(instruction, rest)
}
