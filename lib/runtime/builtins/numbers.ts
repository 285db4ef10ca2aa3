/** Methods of numbers and the numeric functions (data-types.md section 2). */
import { arrayLength, elementAddress } from '../../heap/arrays.js'
import { SLOT_SIZE, Tag } from '../../heap/layout.js'
import { failRuntime, MESSAGES } from '../errors.js'
import { type Method, memberTable } from '../members.js'
import { compareIntegers, negate, numberOf } from '../operators.js'
import type { Runtime } from '../runtime.js'
import { typeName } from '../types.js'
import { requireNumber, requireTag } from './arguments.js'
import type { Builtin } from './registry.js'

const INT64_LIMIT = 2 ** 63

/** To the nearest whole number, halves away from zero; keeps the sign of zero. */
function roundHalfAway(value: number): number {
  const whole = Math.trunc(value)
  if (Math.abs(value - whole) < 0.5 || !Number.isFinite(value)) return whole
  return whole + Math.sign(value)
}

/** Go's math.Pow: differs from JavaScript where the base is 1 or -1 and the exponent no finite number. */
function power(base: number, exponent: number): number {
  if (base === 1 || (base === -1 && Math.abs(exponent) === Number.POSITIVE_INFINITY)) return 1
  return base ** exponent
}

/** INTEGER if the double is a whole number of the int64 range, else FLOAT. */
function setWholeOrFloat(rt: Runtime, dst: number, value: number): void {
  if (Number.isInteger(value) && value >= -INT64_LIMIT && value < INT64_LIMIT) rt.heap.setInteger(dst, value)
  else rt.heap.setFloat(dst, value)
}

function absolute(rt: Runtime, slot: number, dst: number): void {
  const heap = rt.heap
  if (heap.tagOf(slot) === Tag.FLOAT) heap.setFloat(dst, Math.abs(heap.floatOf(slot)))
  else if ((heap.I32[(slot >> 2) + 1] as number) < 0) negate(rt, dst, slot)
  else heap.copy(dst, slot)
}

/** `floor`, `ceil`, `round` of a number: integers are what they are. */
function roundingMethod(round: (value: number) => number): Method {
  return {
    arity: [0, 0],
    call(rt, receiver, _args, _argc, dst) {
      const heap = rt.heap
      if (heap.tagOf(receiver) === Tag.INTEGER) heap.copy(dst, receiver)
      else heap.setFloat(dst, round(heap.floatOf(receiver)))
    },
  }
}

export const NUMBER_MEMBERS = memberTable(
  {},
  {
    abs: { arity: [0, 0], call: (rt, receiver, _args, _argc, dst) => absolute(rt, receiver, dst) },
    floor: roundingMethod(Math.floor),
    ceil: roundingMethod(Math.ceil),
    round: roundingMethod(roundHalfAway),
    sqrt: {
      arity: [0, 0],
      call(rt, receiver, _args, _argc, dst) {
        const value = numberOf(rt, receiver)
        if (value < 0) failRuntime(rt, MESSAGES.sqrtNegative())
        rt.heap.setFloat(dst, Math.sqrt(value))
      },
    },
    pow: {
      arity: [1, 1],
      call(rt, receiver, args, _argc, dst) {
        const heap = rt.heap
        const tag = heap.tagOf(args)
        if (tag !== Tag.INTEGER && tag !== Tag.FLOAT)
          failRuntime(rt, MESSAGES.exponentType(typeName(rt, args)))
        const result = power(numberOf(rt, receiver), numberOf(rt, args))
        if (tag === Tag.INTEGER && heap.tagOf(receiver) === Tag.INTEGER) setWholeOrFloat(rt, dst, result)
        else heap.setFloat(dst, result)
      },
    },
  },
)

/** `builtin_floor` and so on: INTEGER if the result fits. */
function roundingFunction(name: string, round: (value: number) => number): Builtin {
  return {
    name,
    arity: [1, 1],
    call(rt, args, _argc, dst) {
      const heap = rt.heap
      requireNumber(rt, args, `argument to \`${name}\``)
      if (heap.tagOf(args) === Tag.INTEGER) heap.copy(dst, args)
      else setWholeOrFloat(rt, dst, round(heap.floatOf(args)))
    },
  }
}

/** With six decimals and never an exponent. */
function sixDecimals(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  return Math.abs(value) < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`
}

/** Order of two number slots as doubles; two integers exactly. */
function isLess(rt: Runtime, a: number, b: number): boolean {
  const heap = rt.heap
  if (heap.tagOf(a) === Tag.INTEGER && heap.tagOf(b) === Tag.INTEGER) return compareIntegers(rt, a, b) < 0
  return numberOf(rt, a) < numberOf(rt, b)
}

function requireNumbers(rt: Runtime, args: number, argc: number, name: string): void {
  for (let i = 0; i < argc; i++) requireNumber(rt, args + i * SLOT_SIZE, `arguments to \`${name}\``)
}

/** FLOAT if the first argument is, or if a FLOAT was the smallest so far. */
function minimum(rt: Runtime, args: number, argc: number, dst: number): void {
  const heap = rt.heap
  requireNumbers(rt, args, argc, 'builtin_min')
  let best = args
  let float = heap.tagOf(args) === Tag.FLOAT
  for (let i = 1; i < argc; i++) {
    const slot = args + i * SLOT_SIZE
    if (!isLess(rt, slot, best)) continue
    best = slot
    if (heap.tagOf(slot) === Tag.FLOAT) float = true
  }
  if (float) heap.setFloat(dst, numberOf(rt, best))
  else heap.copy(dst, best)
}

/** FLOAT if any argument is. */
function maximum(rt: Runtime, args: number, argc: number, dst: number): void {
  const heap = rt.heap
  requireNumbers(rt, args, argc, 'builtin_max')
  let best = args
  let float = heap.tagOf(args) === Tag.FLOAT
  for (let i = 1; i < argc; i++) {
    const slot = args + i * SLOT_SIZE
    if (heap.tagOf(slot) === Tag.FLOAT) float = true
    if (isLess(rt, best, slot)) best = slot
  }
  if (float) heap.setFloat(dst, numberOf(rt, best))
  else heap.copy(dst, best)
}

/** The sum of an array's numbers as a double; `float` tells whether any of them is a FLOAT. */
function total(rt: Runtime, slot: number, name: string): { sum: number; float: boolean; count: number } {
  const heap = rt.heap
  requireTag(rt, slot, Tag.ARRAY, `argument to \`${name}\``)
  const array = heap.referenceOf(slot)
  const count = arrayLength(heap, array)
  let sum = 0
  let float = false
  for (let i = 0; i < count; i++) {
    const element = elementAddress(heap, array, i)
    requireNumber(rt, element, `array elements for \`${name}\``)
    if (heap.tagOf(element) === Tag.FLOAT) float = true
    sum += numberOf(rt, element)
  }
  return { sum, float, count }
}

function average(rt: Runtime, args: number, _argc: number, dst: number): void {
  const { sum, count } = total(rt, args, 'builtin_average')
  if (count === 0) failRuntime(rt, MESSAGES.averageEmpty())
  rt.heap.setFloat(dst, sum / count)
}

/** Evenly spread over low...high, whatever their distance. */
function randomInteger(rt: Runtime, args: number, _argc: number, dst: number): void {
  const heap = rt.heap
  const high = args + SLOT_SIZE
  requireTag(rt, args, Tag.INTEGER, 'first argument to `builtin_random_int`')
  requireTag(rt, high, Tag.INTEGER, 'second argument to `builtin_random_int`')
  if (compareIntegers(rt, args, high) > 0) failRuntime(rt, MESSAGES.randomOrder())
  const low = heap.bigIntegerOf(args)
  const count = heap.bigIntegerOf(high) - low + 1n
  if (count <= 0x1_0000_0000_0000n) {
    heap.setBigInteger(dst, low + BigInt(Math.floor(Math.random() * Number(count))))
    return
  }
  // Random bits of the width of `count`, until they are below it.
  const bits = count.toString(2).length
  for (;;) {
    const word = () => BigInt(Math.floor(Math.random() * 0x1_0000_0000))
    const value = BigInt.asUintN(bits, (word() << 64n) | (word() << 32n) | word())
    if (value >= count) continue
    heap.setBigInteger(dst, low + value)
    return
  }
}

export const NUMBER_FUNCTIONS: readonly Builtin[] = [
  {
    name: 'builtin_abs',
    arity: [1, 1],
    call(rt, args, _argc, dst) {
      requireNumber(rt, args, 'argument to `builtin_abs`')
      absolute(rt, args, dst)
    },
  },
  roundingFunction('builtin_floor', Math.floor),
  roundingFunction('builtin_ceil', Math.ceil),
  roundingFunction('builtin_round', roundHalfAway),
  {
    name: 'builtin_sqrt',
    arity: [1, 1],
    call(rt, args, _argc, dst) {
      requireNumber(rt, args, 'argument to `builtin_sqrt`')
      const value = numberOf(rt, args)
      if (value < 0) failRuntime(rt, MESSAGES.sqrtNegativeArgument(sixDecimals(value)))
      rt.heap.setFloat(dst, Math.sqrt(value))
    },
  },
  {
    name: 'builtin_pow',
    arity: [2, 2],
    call(rt, args, _argc, dst) {
      requireNumber(rt, args, 'first argument to `builtin_pow`')
      requireNumber(rt, args + SLOT_SIZE, 'second argument to `builtin_pow`')
      rt.heap.setFloat(dst, power(numberOf(rt, args), numberOf(rt, args + SLOT_SIZE)))
    },
  },
  { name: 'builtin_min', arity: [1, Number.POSITIVE_INFINITY], call: minimum },
  { name: 'builtin_max', arity: [1, Number.POSITIVE_INFINITY], call: maximum },
  {
    name: 'builtin_sum',
    arity: [1, 1],
    call(rt, args, _argc, dst) {
      const { sum, float } = total(rt, args, 'builtin_sum')
      if (float) rt.heap.setFloat(dst, sum)
      else setWholeOrFloat(rt, dst, sum)
    },
  },
  { name: 'builtin_average', arity: [1, 1], call: average },
  {
    name: 'builtin_random',
    arity: [0, 0],
    call: (rt, _args, _argc, dst) => rt.heap.setFloat(dst, Math.random()),
  },
  { name: 'builtin_random_int', arity: [2, 2], call: randomInteger },
  {
    name: 'builtin_is_number?',
    arity: [1, 1],
    call(rt, args, _argc, dst) {
      const tag = rt.heap.tagOf(args)
      rt.heap.setBoolean(dst, tag === Tag.INTEGER || tag === Tag.FLOAT)
    },
  },
  {
    name: 'builtin_is_integer?',
    arity: [1, 1],
    call: (rt, args, _argc, dst) => rt.heap.setBoolean(dst, rt.heap.tagOf(args) === Tag.INTEGER),
  },
]
