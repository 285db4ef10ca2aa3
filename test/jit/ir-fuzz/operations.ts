/**
 * What pure operations of the IR compute and what guards demand, written down a second time: from the table
 * `lib/jit/ir/ops.ts`, not from the passes or the emitters. All values are 64-bit words as signed bigints, floats by
 * their bits, so that a word can be looked at as either without losing anything.
 */
import { Tag } from '../../../lib/heap/layout.js'
import { bitsOf, floatOf } from '../../../lib/jit/ir/floats.js'
import type { OpName } from '../../../lib/jit/ir/ops.js'

/** An operation that must not be executed with these operands: on a machine it would crash. */
export class Fault extends Error {}

export type Compute = (args: readonly bigint[], imm: bigint) => bigint
export type Demand = (args: readonly bigint[], imm: bigint) => boolean

const signed = (value: bigint): bigint => BigInt.asIntN(64, value)
const unsigned = (value: bigint): bigint => BigInt.asUintN(64, value)
export const low32 = (value: bigint): bigint => BigInt.asUintN(32, value)
const truth = (value: boolean): bigint => (value ? 1n : 0n)
const LIMIT = 2 ** 63
const LOWEST = -(1n << 63n)

type Two = readonly [bigint, bigint]

const int =
  (compute: (a: bigint, b: bigint) => bigint): Compute =>
  (args) => {
    const [a, b] = args as Two
    return signed(compute(a, b))
  }
const intRelation = (holds: (a: bigint, b: bigint) => boolean): Compute => int((a, b) => truth(holds(a, b)))
const float =
  (compute: (a: number, b: number) => number): Compute =>
  (args) => {
    const [a, b] = args as Two
    return bitsOf(compute(floatOf(a), floatOf(b ?? 0n)))
  }
const floatRelation =
  (holds: (a: number, b: number) => boolean): Compute =>
  (args) => {
    const [a, b] = args as Two
    return truth(holds(floatOf(a), floatOf(b)))
  }
/** Flips or clears the sign bit: NaNs keep their other bits, as on the machines. */
const floatBits =
  (compute: (bits: bigint) => bigint): Compute =>
  ([a]) =>
    signed(compute(a as bigint))

const remainder = (a: bigint, b: bigint): bigint => {
  if (b === 0n) throw new Fault('division by zero')
  return a % b
}

/** What does not fit becomes the lowest integer, as on x86-64; no program may look at it. */
const toInteger = (value: number): bigint =>
  value >= -LIMIT && value < LIMIT ? BigInt(Math.trunc(value)) : LOWEST

export const PURE = {
  pointer: int((table, index) => table + index * 8n),
  element: int((data, index) => data + index * 16n),
  'int.add': int((a, b) => a + b),
  'int.sub': int((a, b) => a - b),
  'int.mul': int((a, b) => a * b),
  'int.rem': int(remainder),
  'int.neg': int((a) => -a),
  'int.and': ([a], imm) => (a as bigint) & imm,
  'int.floordiv': ([a], imm) => toInteger(Math.floor(Number(a) / 2 ** Number(imm))),
  'int.abs': int((a) => (a < 0n ? -a : a)),
  'int.min': int((a, b) => (b < a ? b : a)),
  'int.max': int((a, b) => (b > a ? b : a)),
  'int.select': (args) => {
    const [a, b, whenEqual, otherwise] = args as readonly [bigint, bigint, bigint, bigint]
    return low32(a) === low32(b) ? whenEqual : otherwise
  },
  'int.eq': intRelation((a, b) => a === b),
  'int.ne': intRelation((a, b) => a !== b),
  'int.lt': intRelation((a, b) => a < b),
  'int.below': intRelation((a, b) => BigInt.asUintN(64, a) < BigInt.asUintN(64, b)),
  'int.le': intRelation((a, b) => a <= b),
  'int.gt': intRelation((a, b) => a > b),
  'int.ge': intRelation((a, b) => a >= b),
  'float.add': float((a, b) => a + b),
  'float.sub': float((a, b) => a - b),
  'float.mul': float((a, b) => a * b),
  'float.div': float((a, b) => a / b),
  'float.neg': floatBits((bits) => bits ^ LOWEST),
  'float.abs': floatBits((bits) => bits & ~LOWEST),
  'float.sqrt': float(Math.sqrt),
  'float.min': float((a, b) => (b < a ? b : a)),
  'float.max': float((a, b) => (b > a ? b : a)),
  'float.floor': float(Math.floor),
  'float.ceil': float(Math.ceil),
  'float.truncate': float(Math.trunc),
  'number.tofloat': (args) => {
    const [payload, tag] = args as Two
    return low32(tag) === BigInt(Tag.FLOAT) ? payload : bitsOf(Number(payload))
  },
  'float.toint': ([a]) => toInteger(floatOf(a as bigint)),
  'float.eq': floatRelation((a, b) => a === b),
  'float.ne': floatRelation((a, b) => a !== b),
  'float.lt': floatRelation((a, b) => a < b),
  'float.le': floatRelation((a, b) => a <= b),
  'float.gt': floatRelation((a, b) => a > b),
  'float.ge': floatRelation((a, b) => a >= b),
  'int.tofloat': ([a]) => bitsOf(Number(a)),
  copy: ([a]) => a as bigint,
  'copy.float': ([a]) => a as bigint,
  reload: ([a]) => a as bigint,
  'reload.float': ([a]) => a as bigint,
  'bits.tofloat': ([a]) => a as bigint,
  'float.tobits': ([a]) => a as bigint,
  'bool.not': int((a) => 1n - a),
  truthy: (args) => {
    const [payload, tag] = args as Two
    if (low32(tag) === BigInt(Tag.NULL)) return 0n
    return low32(tag) === BigInt(Tag.BOOLEAN) ? payload : 1n
  },
} as const satisfies Partial<Record<OpName, Compute>>

const onFloat =
  (holds: (value: number) => boolean): Demand =>
  ([a]) =>
    holds(floatOf(a as bigint))
const isInRange = (value: number): boolean => value > -LIMIT && value < LIMIT

/** Of the guards that ask nothing but their operands. */
export const DEMANDS = {
  'guard.tag': ([a], imm) => low32(a as bigint) === imm,
  'guard.number': ([a]) =>
    low32(a as bigint) === BigInt(Tag.INTEGER) || low32(a as bigint) === BigInt(Tag.FLOAT),
  'guard.nottag': ([a], imm) => low32(a as bigint) !== imm,
  'guard.eq': ([a, b]) => a === b,
  'guard.le': ([a, b]) => (a as bigint) <= (b as bigint),
  'guard.integral': onFloat((value) => Math.trunc(value) === value && isInRange(value)),
  'guard.int64': onFloat(isInRange),
  'guard.positive': onFloat((value) => value >= 0),
  'guard.nonzero': ([a]) => a !== 0n,
  'guard.fnonzero': onFloat((value) => value !== 0),
  'guard.below': (args) => {
    const [a, b] = args as Two
    return unsigned(a) < unsigned(b)
  },
} as const satisfies Partial<Record<OpName, Demand>>
