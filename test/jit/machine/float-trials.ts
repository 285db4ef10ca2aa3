/** Arithmetic on floats and conversions. */

import { Label } from '../../../lib/asm/buffer.js'
import type { FloatCondition, Machine, Rounding } from '../../../lib/jit/machine/machine.js'
import type { Target } from '../../../lib/jit/target.js'
import { namedRegisters } from './state.js'
import { pairs, poolOf, type Trial, triples } from './trial.js'

type Binary = readonly [
  emit: (m: Machine, d: number, a: number, b: number) => void,
  compute: (a: number, b: number) => number,
]
type Unary = readonly [emit: (m: Machine, d: number, a: number) => void, compute: (a: number) => number]

const BINARY: Readonly<Record<string, Binary>> = {
  addFloat: [(m, d, a, b) => m.addFloat(d, a, b), (a, b) => a + b],
  subtractFloat: [(m, d, a, b) => m.subtractFloat(d, a, b), (a, b) => a - b],
  multiplyFloat: [(m, d, a, b) => m.multiplyFloat(d, a, b), (a, b) => a * b],
  divideFloat: [(m, d, a, b) => m.divideFloat(d, a, b), (a, b) => a / b],
}

const ROUNDINGS: Readonly<Record<Rounding, (value: number) => number>> = {
  floor: Math.floor,
  ceil: Math.ceil,
  truncate: Math.trunc,
}

const UNARY: Readonly<Record<string, Unary>> = {
  moveFloat: [(m, d, a) => m.moveFloat(d, a), (a) => a],
  negateFloat: [(m, d, a) => m.negateFloat(d, a), (a) => -a],
  absoluteFloat: [(m, d, a) => m.absoluteFloat(d, a), Math.abs],
  squareRoot: [(m, d, a) => m.squareRoot(d, a), Math.sqrt],
  ...Object.fromEntries(
    Object.entries(ROUNDINGS).map(([mode, compute]): [string, Unary] => [
      mode,
      [(m, d, a) => m.round(d, a, mode as Rounding), compute],
    ]),
  ),
}

const CONDITIONS: Readonly<Record<FloatCondition, (a: number, b: number) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
}

/** Floats that fit int64: below, the nearest to its borders. */
const LARGEST = 2 ** 63 - 1024

export function floatTrials(target: Target): Trial[] {
  const pool = poolOf(target)
  const binary = Object.entries(BINARY).flatMap(([name, [emit, compute]]) =>
    triples(pool.float).map(
      ([d, a, b]): Trial => ({
        name: `${name} ${d} = ${a}, ${b}`,
        emit: (m) => emit(m, d, a, b),
        model: (s) => s.setFloat(d, compute(s.float(a), s.float(b))),
      }),
    ),
  )
  const unary = Object.entries(UNARY).flatMap(([name, [emit, compute]]) =>
    pairs(pool.float).map(
      ([d, a]): Trial => ({
        name: `${name} ${d} = ${a}`,
        emit: (m) => emit(m, d, a),
        model: (s) => s.setFloat(d, compute(s.float(a))),
      }),
    ),
  )
  return [...binary, ...unary, ...conversionTrials(target), ...comparisonTrials(target)]
}

function conversionTrials(target: Target): Trial[] {
  const { general, float } = namedRegisters(target)
  const toFloat = float.flatMap((d) => general.map((a): [number, number] => [d, a]))
  return toFloat.flatMap(([f, g]): Trial[] => [
    {
      name: `intToFloat ${f} = ${g}`,
      emit: (m) => m.intToFloat(f, g),
      model: (s) => s.setFloat(f, Number(s.int(g))),
    },
    {
      name: `bitsToFloat ${f} = ${g}`,
      emit: (m) => m.bitsToFloat(f, g),
      model: (s) => s.setBits(f, s.int(g)),
    },
    {
      name: `floatToBits ${g} = ${f}`,
      emit: (m) => m.floatToBits(g, f),
      model: (s) => s.set(g, s.bits(f)),
    },
    {
      name: `floatToInt ${g} = ${f}`,
      emit: (m) => m.floatToInt(g, f),
      prepare: (s) => {
        const value = s.float(f)
        if (Number.isNaN(value)) s.putFloat(f, -(2 ** 63))
        else s.putFloat(f, Math.max(-(2 ** 63), Math.min(LARGEST, value)))
      },
      model: (s) => s.set(g, BigInt(Math.trunc(s.float(f)))),
    },
  ])
}

function comparisonTrials(target: Target): Trial[] {
  const { general, float } = poolOf(target)
  const trials: Trial[] = []
  const conditions = Object.entries(CONDITIONS) as [FloatCondition, (a: number, b: number) => boolean][]
  for (const [condition, holds] of conditions) {
    for (const [a, b] of pairs(float)) {
      for (const d of general) {
        trials.push({
          name: `setFloat ${d} = ${a} ${condition} ${b}`,
          emit: (m) => m.setFloat(d, condition, a, b),
          model: (s) => s.set(d, holds(s.float(a), s.float(b)) ? 1n : 0n),
        })
      }
      const d = general[0] as number
      for (const sense of [true, false]) {
        trials.push({
          name: `branchFloat ${a} ${condition} ${b} ${sense}`,
          emit: (m) => markIfTaken(m, d, (label) => m.branchFloat(condition, a, b, sense, label)),
          model: (s) => s.set(d, holds(s.float(a), s.float(b)) === sense ? 1n : 0n),
        })
      }
    }
  }
  return trials
}

/** d = 1 if the branch is taken, else 0. */
export function markIfTaken(m: Machine, d: number, branch: (label: Label) => void): void {
  const [taken, end] = [new Label(), new Label()]
  branch(taken)
  m.constant(d, 0n)
  m.jump(end)
  m.bind(taken)
  m.constant(d, 1n)
  m.bind(end)
}
