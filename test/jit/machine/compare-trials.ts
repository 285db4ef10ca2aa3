/** Comparisons and what is done with them. */
import type { Condition, Machine } from '../../../lib/jit/machine/machine.js'
import type { Target } from '../../../lib/jit/target.js'
import { markIfTaken } from './float-trials.js'
import { OFFSETS, pointer } from './memory-trials.js'
import type { State } from './state.js'
import { pairs, poolOf, type Trial } from './trial.js'

type Holds = (a: bigint, b: bigint, bits: number) => boolean

const CONDITIONS: Readonly<Record<Condition, Holds>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  below: (a, b, bits) => BigInt.asUintN(bits, a) < BigInt.asUintN(bits, b),
  notBelow: (a, b, bits) => BigInt.asUintN(bits, a) >= BigInt.asUintN(bits, b),
}

const ALL = Object.entries(CONDITIONS) as [Condition, Holds][]

const CONSTANTS = [
  0, 1, -1, 127, 128, -128, -129, 4095, 4096, -4095, -4096, 0xfff000, 1000001, -1000001, 0x7fffffff,
  -0x80000000,
]

/** A comparison of two numbers, however they are given. */
interface Comparison {
  readonly name: string
  readonly bits: 32 | 64
  emit(m: Machine): void
  prepare?(s: State): void
  left(s: State): bigint
  right(s: State): bigint
  readonly symbols?: Readonly<Record<string, bigint>>
}

function comparisons(target: Target): Comparison[] {
  const { general } = poolOf(target)
  const list: Comparison[] = []
  for (const [a, b] of pairs(general)) {
    list.push(
      {
        name: `compare ${a}, ${b}`,
        bits: 64,
        emit: (m) => m.compare(a, b),
        left: (s) => s.int(a),
        right: (s) => s.int(b),
      },
      {
        name: `compare32 ${a}, ${b}`,
        bits: 32,
        emit: (m) => m.compare32(a, b),
        left: (s) => s.int(a),
        right: (s) => s.int(b),
      },
    )
    if (a === b) continue
    for (const offset of [0, 8, 255, -256, -257, 4096, 32768, 100_001]) {
      const memory = { prepare: pointer(b, offset), left: (s: State) => s.int(a) }
      list.push(
        {
          ...memory,
          name: `compareMemory ${a}, [${b}, ${offset}]`,
          bits: 64,
          emit: (m) => m.compareMemory(a, b, offset),
          right: (s) => s.load(8),
        },
        {
          ...memory,
          name: `compareMemory32 ${a}, [${b}, ${offset}]`,
          bits: 32,
          emit: (m) => m.compareMemory32(a, b, offset),
          right: (s) => s.load(4),
        },
      )
    }
  }
  return [...list, ...general.flatMap((a) => withConstants(a)), ...general.flatMap((a) => withSymbols(a))]
}

function withConstants(a: number): Comparison[] {
  return CONSTANTS.flatMap((value): Comparison[] => [
    {
      name: `compareConstant ${a}, ${value}`,
      bits: 64,
      emit: (m) => m.compareConstant(a, value),
      left: (s) => s.int(a),
      right: () => BigInt(value),
    },
    {
      name: `compare32Constant ${a}, ${value}`,
      bits: 32,
      emit: (m) => m.compare32Constant(a, value),
      left: (s) => s.int(a),
      right: () => BigInt(value),
    },
    {
      name: `compareMemory32Constant [${a}], ${value}`,
      bits: 32,
      emit: (m) => m.compareMemory32Constant(a, OFFSETS[Math.abs(value) % OFFSETS.length] as number, value),
      prepare: pointer(a, OFFSETS[Math.abs(value) % OFFSETS.length] as number),
      left: (s) => s.load(4),
      right: () => BigInt(value),
    },
  ])
}

/** Registers and memory hold the low half, or more. */
function withSymbols(a: number): Comparison[] {
  return [0n, 1n, 0x7fffffffn, 0x80000000n, 0x1_0000_0001n, 0xfedc_ba98_ffff_ffffn].flatMap(
    (value): Comparison[] => {
      const symbol = `value:${value}`
      const symbols = { [symbol]: value }
      return [
        {
          name: `compare32Symbol ${a}, 0x${value.toString(16)}`,
          bits: 32,
          emit: (m) => m.compare32Symbol(a, symbol),
          left: (s) => s.int(a),
          right: () => value,
          symbols,
        },
        {
          name: `compareMemory32Symbol [${a}], 0x${value.toString(16)}`,
          bits: 32,
          emit: (m) => m.compareMemory32Symbol(a, 16, symbol),
          prepare: pointer(a, 16),
          left: (s) => s.load(4),
          right: () => value,
          symbols,
        },
      ]
    },
  )
}

function outcome(comparison: Comparison, holds: Holds, s: State): boolean {
  const { bits } = comparison
  return holds(BigInt.asIntN(bits, comparison.left(s)), BigInt.asIntN(bits, comparison.right(s)), bits)
}

export function compareTrials(target: Target): Trial[] {
  const { general } = poolOf(target)
  const trials: Trial[] = []
  comparisons(target).forEach((comparison, i) => {
    const { name, prepare, symbols } = comparison
    const d = general[i % general.length] as number
    for (const [condition, holds] of ALL) {
      trials.push(
        {
          name: `${name}; set ${d} ${condition}`,
          emit: (m) => {
            comparison.emit(m)
            m.set(d, condition)
          },
          prepare,
          symbols,
          model: (s) => s.set(d, outcome(comparison, holds, s) ? 1n : 0n),
        },
        {
          name: `${name}; branch ${condition}`,
          emit: (m) => {
            comparison.emit(m)
            markIfTaken(m, d, (label) => m.branch(condition, label))
          },
          prepare,
          symbols,
          model: (s) => s.set(d, outcome(comparison, holds, s) ? 1n : 0n),
        },
      )
    }
  })
  return [...trials, ...selectTrials(target), ...bothTrials(target)]
}

/** All choices of registers for `select`, behind comparisons of registers that may be among them. */
/** Two tags at once. */
function bothTrials(target: Target): Trial[] {
  const { general } = poolOf(target)
  return pairs(general).flatMap(([a, b]) =>
    [0, 3, 31].flatMap((x) =>
      [0, 4, 31].map((y): Trial => {
        const d = general.find((register) => register !== a && register !== b) as number
        return {
          name: `branchUnlessBoth32 ${a}, ${x}, ${b}, ${y}`,
          emit: (m) => {
            // Small, so that it is sometimes what is asked for.
            m.andConstant(a, a, 31)
            markIfTaken(m, d, (label) => m.branchUnlessBoth32(a, x, b, y, label))
          },
          model: (s) => {
            const first = s.int(a) & 31n
            const second = a === b ? first : BigInt.asUintN(32, s.int(b))
            s.set(a, first)
            s.set(d, first === BigInt(x) && second === BigInt(y) ? 0n : 1n)
          },
        }
      }),
    ),
  )
}

function selectTrials(target: Target): Trial[] {
  const { general } = poolOf(target)
  const [x, y] = [general[0], general[3]] as [number, number]
  return ALL.flatMap(([condition, holds]) =>
    pairs(general).flatMap(([a, b]) =>
      general.map(
        (d): Trial => ({
          name: `compare ${x}, ${y}; select ${d} = ${condition} ${a} : ${b}`,
          emit: (m) => {
            m.compare(x, y)
            m.select(d, condition, a, b)
          },
          model: (s) => s.set(d, s.int(holds(s.int(x), s.int(y), 64) ? a : b)),
        }),
      ),
    ),
  )
}
