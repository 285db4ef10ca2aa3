/**
 * Runs trials: each begins by loading all registers from memory and ends by storing them, so that what an
 * operation changes besides its result is seen, too.
 */
import type { Machine } from '../../../lib/jit/machine/machine.js'
import type { Target } from '../../../lib/jit/target.js'
import { randomSource } from '../../asm/tools.js'
import type { Playground } from './playground.js'
import { Area, MEMORY_BYTES, namedRegisters, State } from './state.js'
import type { Trial } from './trial.js'

/** Trials that are one function; on ARM64 its constants must be in reach. */
const BATCH = 1000

const INTEGERS = [
  0n,
  1n,
  -1n,
  2n,
  -2n,
  3n,
  7n,
  10n,
  -10n,
  127n,
  0x7fffffffn,
  0x80000000n,
  -0x80000000n,
  0xffffffffn,
  0x100000000n,
  -0x100000000n,
  0x7fff_ffff_ffff_ffffn,
  -0x8000_0000_0000_0000n,
]
const FLOATS = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  -2.5,
  2 ** 31,
  2 ** 52 + 0.5,
  -(2 ** 53),
  2 ** 63,
  5e-324,
  -1.7976931348623157e308,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  Number.NaN,
]

type Pick = (limit: number) => number

/** Few different values, so that operands are often equal. */
function values(pick: Pick): { integer: () => bigint; float: () => number } {
  const random64 = (): bigint => (BigInt(pick(2 ** 32)) << 32n) | BigInt(pick(2 ** 32))
  const integer = (): bigint =>
    pick(3) === 0
      ? random64()
      : pick(4) === 0
        ? BigInt(pick(2 ** 32))
        : (INTEGERS[pick(INTEGERS.length)] as bigint)
  const float = (): number =>
    pick(3) === 0 ? (pick(2 ** 32) - 2 ** 31) / (1 + pick(1000)) : (FLOATS[pick(FLOATS.length)] as number)
  const integers = Array.from({ length: 5 }, integer)
  const floats = Array.from({ length: 5 }, float)
  return { integer: () => integers[pick(5)] as bigint, float: () => floats[pick(5)] as number }
}

/** Every value of all trials' registers goes through memory at these places of the trial's area. */
function transfer(m: Machine, target: Target, at: number, store: boolean): void {
  const { general, float } = namedRegisters(target)
  const { base } = target.roles
  general.forEach((register, i) => {
    if (store) m.store(register, base, at + 8 * i)
    else m.load(register, base, at + 8 * i)
  })
  float.forEach((register, i) => {
    const offset = at + 8 * (general.length + i)
    if (store) m.storeFloat(register, base, offset)
    else m.loadFloat(register, base, offset)
  })
}

function emitBatch(target: Target, trials: readonly Trial[], wrap: (machine: Machine) => Machine): Machine {
  const m = target.makeMachine()
  const recorded = wrap(m)
  m.pushFrame(0)
  trials.forEach((trial, i) => {
    m.symbol(target.roles.base, `area:${i}`)
    transfer(m, target, Area.IN, false)
    trial.emit(recorded)
    transfer(m, target, Area.OUT, true)
  })
  m.popFrame(0)
  m.ret()
  return m
}

/**
 * Runs all trials with several operands each.
 *
 * @param wrap lets the caller watch the machine as the trials use it
 * @returns what was not as it should be
 */
export function runTrials(
  playground: Playground,
  trials: readonly Trial[],
  rounds: number,
  wrap: (machine: Machine) => Machine,
): string[] {
  const failures: string[] = []
  for (let start = 0; start < trials.length; start += BATCH)
    failures.push(...runBatch(playground, trials.slice(start, start + BATCH), rounds, start, wrap))
  return failures
}

function runBatch(
  playground: Playground,
  trials: readonly Trial[],
  rounds: number,
  seed: number,
  wrap: (machine: Machine) => Machine,
): string[] {
  const { target, base, data, memory } = playground
  const named = namedRegisters(target)
  const symbols = new Map(trials.flatMap((trial) => Object.entries(trial.symbols ?? {})))
  const written = playground.write(emitBatch(target, trials, wrap), (symbol) => {
    if (!symbol.startsWith('area:')) return symbols.get(symbol)
    return base + BigInt(data + Number(symbol.slice(5)) * Area.SIZE)
  })
  const states = trials.map((_, i) => {
    const offset = data + i * Area.SIZE
    const middle = base + BigInt(offset + Area.MEMORY + MEMORY_BYTES / 2)
    return new State(named, new DataView(memory.buffer, offset, Area.SIZE), middle)
  })
  const pick = randomSource(seed + 1)
  const failures: string[] = []
  for (let round = 0; round < rounds; round++) {
    trials.forEach((trial, i) => {
      const state = states[i] as State
      const { integer, float } = values(pick)
      state.fill(integer, float)
      trial.prepare?.(state)
      state.begin()
      trial.model(state)
    })
    playground.call(written.address)
    trials.forEach((trial, i) => {
      for (const text of (states[i] as State).differences(trial.destroys ?? []))
        failures.push(`${trial.name}, round ${round}: ${text}`)
    })
  }
  written.release()
  return failures
}
