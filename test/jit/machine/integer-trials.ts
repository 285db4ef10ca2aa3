/** Moves, constants and arithmetic. */
import { Label } from '../../../lib/asm/buffer.js'
import type { Machine } from '../../../lib/jit/machine/machine.js'
import type { Target } from '../../../lib/jit/target.js'
import { namedRegisters } from './state.js'
import { pairs, poolOf, type Trial, triples } from './trial.js'

type Binary = readonly [
  emit: (m: Machine, d: number, a: number, b: number) => void,
  compute: (a: bigint, b: bigint) => bigint,
]
type Unary = readonly [emit: (m: Machine, d: number, a: number) => void, compute: (a: bigint) => bigint]
type WithConstant = readonly [
  emit: (m: Machine, d: number, a: number, value: number) => void,
  compute: (a: bigint, value: bigint) => bigint,
  values: readonly number[],
]

const low32 = (value: bigint): bigint => BigInt.asUintN(32, value)

const BINARY: Readonly<Record<string, Binary>> = {
  add: [(m, d, a, b) => m.add(d, a, b), (a, b) => a + b],
  subtract: [(m, d, a, b) => m.subtract(d, a, b), (a, b) => a - b],
  multiply: [(m, d, a, b) => m.multiply(d, a, b), (a, b) => a * b],
  and: [(m, d, a, b) => m.and(d, a, b), (a, b) => a & b],
  xor: [(m, d, a, b) => m.xor(d, a, b), (a, b) => a ^ b],
  multiply32: [(m, d, a, b) => m.multiply32(d, a, b), (a, b) => low32(a * b)],
}

const UNARY: Readonly<Record<string, Unary>> = {
  move: [(m, d, a) => m.move(d, a), (a) => a],
  negate: [(m, d, a) => m.negate(d, a), (a) => -a],
  low32: [(m, d, a) => m.low32(d, a), low32],
}

/** Where encodings change on one of the targets. */
const BORDERS = [
  0, 1, -1, 127, 128, -128, -129, 255, 256, 4095, 4096, -4095, -4096, 8192, 0xfff000, 0x1000000, 1000001,
  -1000001, 0x7fffffff, -0x7fffffff, -0x80000000,
]
const NOT_NEGATIVE = BORDERS.filter((value) => value >= 0)
const SHIFTS = [0, 1, 2, 31, 32, 33, 63]

const WITH_CONSTANT: Readonly<Record<string, WithConstant>> = {
  addConstant: [(m, d, a, value) => m.addConstant(d, a, value), (a, value) => a + value, BORDERS],
  multiplyConstant: [
    (m, d, a, value) => m.multiplyConstant(d, a, value),
    (a, value) => a * value,
    [...BORDERS, 2, 3, 4, 5, 7, 9, 17, 1024, 1025, -8, 1 << 30],
  ],
  andConstant: [(m, d, a, value) => m.andConstant(d, a, value), (a, value) => a & value, NOT_NEGATIVE],
  xorConstant: [(m, d, a, value) => m.xorConstant(d, a, value), (a, value) => a ^ value, NOT_NEGATIVE],
  shiftLeft: [(m, d, a, amount) => m.shiftLeft(d, a, amount), (a, amount) => a << amount, SHIFTS],
  shiftRight: [
    (m, d, a, amount) => m.shiftRight(d, a, amount),
    (a, amount) => BigInt.asUintN(64, a) >> amount,
    SHIFTS,
  ],
  shiftRightSigned: [
    (m, d, a, amount) => m.shiftRightSigned(d, a, amount),
    (a, amount) => a >> amount,
    SHIFTS,
  ],
}

const CONSTANTS = [
  0n,
  1n,
  -1n,
  127n,
  0xffffn,
  0x10000n,
  -0x10000n,
  -0x10001n,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  -0x80000000n,
  -0x80000001n,
  0xffff00000000n,
  0x123456789abcdef0n,
  -0x123456789abcdef0n,
  0x7fffffffffffffffn,
  -0x8000000000000000n,
  0xffffffffffffffffn,
  0x5555555555555555n,
]

const FLOAT_BITS = [
  0n,
  1n << 63n,
  0x3ff0000000000000n,
  0xbff0000000000000n,
  0x3fb999999999999an,
  1n,
  0x7ff0000000000000n,
  0x7ff8000000000001n,
  0xffffffffffffffffn,
]

export function integerTrials(target: Target): Trial[] {
  return [
    ...binaryTrials(target),
    ...unaryTrials(target),
    ...constantTrials(target),
    ...remainderTrials(target),
    ...remainderConstantTrials(target),
    ...scaledAddressTrials(target),
  ]
}

function binaryTrials(target: Target): Trial[] {
  const { general } = poolOf(target)
  return Object.entries(BINARY).flatMap(([name, [emit, compute]]) =>
    triples(general).map(
      ([d, a, b]): Trial => ({
        name: `${name} ${d} = ${a}, ${b}`,
        emit: (m) => emit(m, d, a, b),
        model: (s) => s.set(d, compute(s.int(a), s.int(b))),
      }),
    ),
  )
}

function unaryTrials(target: Target): Trial[] {
  const { general } = namedRegisters(target)
  return Object.entries(UNARY).flatMap(([name, [emit, compute]]) =>
    pairs(general).map(
      ([d, a]): Trial => ({
        name: `${name} ${d} = ${a}`,
        emit: (m) => emit(m, d, a),
        model: (s) => s.set(d, compute(s.int(a))),
      }),
    ),
  )
}

function constantTrials(target: Target): Trial[] {
  const { general, float } = poolOf(target)
  const operations = Object.entries(WITH_CONSTANT).flatMap(([name, [emit, compute, values]]) =>
    pairs(general).flatMap(([d, a]) =>
      values.map(
        (value): Trial => ({
          name: `${name} ${d} = ${a}, ${value}`,
          emit: (m) => emit(m, d, a, value),
          model: (s) => s.set(d, compute(s.int(a), BigInt(value))),
        }),
      ),
    ),
  )
  const constants = general.flatMap((d) =>
    CONSTANTS.flatMap((value): Trial[] => [
      {
        name: `constant ${d} = ${value}`,
        emit: (m) => m.constant(d, value),
        model: (s) => s.set(d, value),
      },
      {
        name: `symbol ${d} = ${value}`,
        emit: (m) => m.symbol(d, `value:${value}`),
        model: (s) => s.set(d, value),
        symbols: { [`value:${value}`]: BigInt.asUintN(64, value) },
      },
    ]),
  )
  const floats = float.flatMap((d) =>
    FLOAT_BITS.map(
      (bits): Trial => ({
        name: `floatConstant ${d} = 0x${bits.toString(16)}`,
        emit: (m) => m.floatConstant(d, bits),
        model: (s) => s.setBits(d, bits),
      }),
    ),
  )
  return [...operations, ...constants, ...floats]
}

/** With all registers: some processors have theirs for division. */
function remainderTrials(target: Target): Trial[] {
  const { general } = target.name === 'x64' ? namedRegisters(target) : poolOf(target)
  return triples(general).map(([d, a, b]) => ({
    name: `remainder ${d} = ${a}, ${b}`,
    emit: (m) => {
      const outOfLine: (() => void)[] = []
      const end = new Label()
      m.remainder(d, a, b, (emit) => outOfLine.push(emit))
      m.jump(end)
      for (const emit of outOfLine) emit()
      m.bind(end)
    },
    prepare: (s) => {
      if (s.int(b) === 0n) s.put(b, -1n)
    },
    model: (s) => s.set(d, s.int(a) % s.int(b)),
    destroys: target.name === 'x64' ? target.roles.scratch.filter((register) => register !== d) : [],
  }))
}

const DIVISORS = [2, 3, 5, 6, 7, 10, 12, 25, 125, 625, 641, 1000, 65521, 2 ** 30 + 1, 2 ** 31 - 1]

function remainderConstantTrials(target: Target): Trial[] {
  const { general } = target.name === 'x64' ? namedRegisters(target) : poolOf(target)
  return pairs(general).flatMap(([d, a]) =>
    DIVISORS.map(
      (divisor): Trial => ({
        name: `remainderConstant ${d} = ${a}, ${divisor}`,
        emit: (m) => m.remainderConstant(d, a, divisor),
        model: (s) => s.set(d, s.int(a) % BigInt(divisor)),
        destroys: target.name === 'x64' ? target.roles.scratch.filter((register) => register !== d) : [],
      }),
    ),
  )
}

function scaledAddressTrials(target: Target): Trial[] {
  const { general } = poolOf(target)
  return triples(general).flatMap(([d, base, index]) =>
    [0, 1, 2, 3, 4, 5].map(
      (shift): Trial => ({
        name: `scaledAddress ${d} = ${base}, ${index}, ${shift}`,
        emit: (m) => m.scaledAddress(d, base, index, shift),
        model: (s) => s.set(d, s.int(base) + (s.int(index) << BigInt(shift))),
      }),
    ),
  )
}
