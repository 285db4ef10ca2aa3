/** Loads and stores, with pointers in all registers and offsets on both sides of every border. */
import type { Machine } from '../../../lib/jit/machine/machine.js'
import type { Target } from '../../../lib/jit/target.js'
import type { State } from './state.js'
import { pairs, poolOf, type Trial, triples } from './trial.js'

export const OFFSETS = [
  0, 8, -8, 1, 3, 127, 128, -128, -129, 255, 256, 257, -256, -257, 504, 512, -512, -520, 4095, 4096, 16380,
  16384, 32760, 32768, 65535, 100_001, -100_001, 0x7ffffff0, -0x7ffffff0,
]

const VALUES = [0n, 1n, -1n, 3n, 0x7fffffffn, -0x80000000n, 0x80000000n, 0xffffffffn, 1n << 62n, -(1n << 63n)]

/** Makes the register point at the middle of the memory, less the offset. */
export function pointer(base: number, offset: number): (s: State) => void {
  return (s) => s.put(base, s.address - BigInt(offset))
}

type Load = readonly [
  emit: (m: Machine, d: number, base: number, offset: number) => void,
  model: (s: State, d: number) => void,
]

const LOADS: Readonly<Record<string, Load>> = {
  load: [(m, d, base, offset) => m.load(d, base, offset), (s, d) => s.set(d, s.load(8))],
  load32: [(m, d, base, offset) => m.load32(d, base, offset), (s, d) => s.set(d, s.load(4))],
  load16: [(m, d, base, offset) => m.load16(d, base, offset), (s, d) => s.set(d, s.load(2))],
  load8: [(m, d, base, offset) => m.load8(d, base, offset), (s, d) => s.set(d, s.load(1))],
}

const STORES: Readonly<Record<string, Load>> = {
  store: [(m, v, base, offset) => m.store(v, base, offset), (s, v) => s.store(8, s.int(v))],
  store32: [(m, v, base, offset) => m.store32(v, base, offset), (s, v) => s.store(4, s.int(v))],
  store8: [(m, v, base, offset) => m.store8(v, base, offset), (s, v) => s.store(1, s.int(v))],
}

export function memoryTrials(target: Target): Trial[] {
  return [
    ...registerTrials(target),
    ...floatTrials(target),
    ...slotTrials(target),
    ...advanceTrials(target),
    ...constantTrials(target),
  ]
}

function registerTrials(target: Target): Trial[] {
  const { general } = poolOf(target)
  return Object.entries({ ...LOADS, ...STORES }).flatMap(([name, [emit, model]]) =>
    pairs(general).flatMap(([register, base]) =>
      OFFSETS.map(
        (offset): Trial => ({
          name: `${name} ${register}, [${base}, ${offset}]`,
          emit: (m) => emit(m, register, base, offset),
          prepare: pointer(base, offset),
          model: (s) => model(s, register),
        }),
      ),
    ),
  )
}

function floatTrials(target: Target): Trial[] {
  const { general, float } = poolOf(target)
  return general.flatMap((base) =>
    float.flatMap((register) =>
      OFFSETS.flatMap((offset): Trial[] => [
        {
          name: `loadFloat ${register}, [${base}, ${offset}]`,
          emit: (m) => m.loadFloat(register, base, offset),
          prepare: pointer(base, offset),
          model: (s) => s.setBits(register, s.load(8)),
        },
        {
          name: `storeFloat ${register}, [${base}, ${offset}]`,
          emit: (m) => m.storeFloat(register, base, offset),
          prepare: pointer(base, offset),
          model: (s) => s.store(8, s.bits(register)),
        },
      ]),
    ),
  )
}

function slotTrials(target: Target): Trial[] {
  const { general } = poolOf(target)
  return triples(general).flatMap(([payload, tag, base]) =>
    [0, 8, 504, 512, 520, -512, -520, 32752, 32760, 32768, 100_000].map(
      (offset): Trial => ({
        name: `storeSlot ${payload}, ${tag}, [${base}, ${offset}]`,
        emit: (m) => m.storeSlot(payload, tag, base, offset),
        prepare: pointer(base, offset),
        model: (s) => {
          s.store(8, s.int(payload))
          s.store(8, s.int(tag), 8)
        },
      }),
    ),
  )
}

/** Loads of slots, whose tags count by their low halves, and loads that move the pointer. */
function advanceTrials(target: Target): Trial[] {
  const { general, float } = poolOf(target)
  const amounts = [16, -16, 8, 240, 255, 256, -256, -257, 504, 512, -520, 4096, 100_000]
  const slots = triples(general).flatMap(([payload, tag, base]): Trial[] => {
    if (payload === tag) return []
    const model = (s: State): void => {
      const [word, half] = [s.load(8), s.load(4, 8)]
      s.set(payload, word)
      s.set(tag, half)
    }
    const still = [0, 8, 504, 512, -520, 32760, 100_000].map(
      (offset): Trial => ({
        name: `loadSlot ${payload}, ${tag}, [${base}, ${offset}]`,
        emit: (m) => {
          m.loadSlot(payload, tag, base, offset)
          m.low32(tag, tag)
        },
        prepare: pointer(base, offset),
        model,
      }),
    )
    if (payload === base || tag === base) return still
    const moving = amounts.map(
      (amount): Trial => ({
        name: `loadSlotAdvance ${payload}, ${tag}, [${base}], ${amount}`,
        emit: (m) => {
          m.loadSlotAdvance(payload, tag, base, amount)
          m.low32(tag, tag)
        },
        prepare: pointer(base, 0),
        model: (s) => {
          model(s)
          s.set(base, s.int(base) + BigInt(amount))
        },
      }),
    )
    return [...still, ...moving]
  })
  const advance = (
    name: string,
    base: number,
    emit: (m: Machine, amount: number) => void,
    load: (s: State) => void,
  ) =>
    amounts.map(
      (amount): Trial => ({
        name: `${name}, [${base}], ${amount}`,
        emit: (m) => emit(m, amount),
        prepare: pointer(base, 0),
        model: (s) => {
          load(s)
          s.set(base, s.int(base) + BigInt(amount))
        },
      }),
    )
  const words = pairs(general).flatMap(([d, base]) =>
    d === base
      ? []
      : advance(
          `loadAdvance ${d}`,
          base,
          (m, amount) => m.loadAdvance(d, base, amount),
          (s) => s.set(d, s.load(8)),
        ),
  )
  const floats = general.flatMap((base) =>
    float.flatMap((d) =>
      advance(
        `loadFloatAdvance ${d}`,
        base,
        (m, amount) => m.loadFloatAdvance(d, base, amount),
        (s) => s.setBits(d, s.load(8)),
      ),
    ),
  )
  return [...slots, ...words, ...floats]
}

function constantTrials(target: Target): Trial[] {
  const { general } = poolOf(target)
  return general.flatMap((base, i) =>
    OFFSETS.flatMap((offset, j) => {
      // Every value comes with every base, and with several offsets.
      const value = VALUES[(i + j) % VALUES.length] as bigint
      const prepare = pointer(base, offset)
      const word = Number(BigInt.asIntN(32, value))
      const at = `[${base}, ${offset}]`
      const payload = general[(i + 1) % general.length] as number
      return [
        {
          name: `storeSlotConstantTag ${payload}, ${word}, ${at}`,
          emit: (m: Machine) => m.storeSlotConstantTag(payload, BigInt(word), base, offset),
          prepare,
          model: (s: State) => {
            s.store(8, s.int(payload))
            s.store(8, BigInt(word), 8)
          },
        },
        {
          name: `storeSlotConstants ${value}, ${word}, ${at}`,
          emit: (m: Machine) => m.storeSlotConstants(value, BigInt(word), base, offset),
          prepare,
          model: (s: State) => {
            s.store(8, value)
            s.store(8, BigInt(word), 8)
          },
        },
        {
          name: `storeConstant ${value}, ${at}`,
          emit: (m: Machine) => m.storeConstant(value, base, offset),
          prepare,
          model: (s: State) => s.store(8, value),
        },
        {
          name: `store32Constant ${word}, ${at}`,
          emit: (m: Machine) => m.store32Constant(word, base, offset),
          prepare,
          model: (s: State) => s.store(4, value),
        },
        {
          name: `add32ToMemory ${word}, ${at}`,
          emit: (m: Machine) => m.add32ToMemory(word, base, offset),
          prepare,
          model: (s: State) => s.store(4, s.load(4) + BigInt(word)),
        },
      ]
    }),
  )
}
