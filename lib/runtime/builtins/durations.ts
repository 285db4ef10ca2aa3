/** `Duration`: a signed number of nanoseconds (system.md section 6). */
import { Tag } from '../../heap/layout.js'
import { toJsString } from '../../heap/strings.js'
import { failRuntime, MESSAGES } from '../errors.js'
import type { HostType } from '../hosts.js'
import { type Method, memberTable } from '../members.js'
import type { Runtime } from '../runtime.js'
import { typeName, withMethods } from '../types.js'
import { requireNumber, requireTag } from './arguments.js'
import { namespaceFunction } from './namespace-functions.js'
import type { Builtin } from './registry.js'

/** Nanoseconds. */
export const SECOND = 1_000_000_000n
const MILLISECOND = 1_000_000n
const MINUTE = 60n * SECOND
const HOUR = 60n * MINUTE
const DAY = 24n * HOUR

const LONGEST = 2n ** 63n - 1n
const SHORTEST = -(2n ** 63n)

/** The nearest duration: they stop at the limits of int64. */
function withinRange(nanoseconds: bigint): bigint {
  return nanoseconds > LONGEST ? LONGEST : nanoseconds < SHORTEST ? SHORTEST : nanoseconds
}

/** A double cut to whole nanoseconds. */
function fromDouble(nanoseconds: number): bigint {
  if (Number.isNaN(nanoseconds)) return 0n
  if (Math.abs(nanoseconds) >= 2 ** 63) return nanoseconds > 0 ? LONGEST : SHORTEST
  return BigInt(Math.trunc(nanoseconds))
}

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1000n],
  ['\u00b5s', 1000n],
  ['\u03bcs', 1000n],
  ['ms', MILLISECOND],
  ['s', SECOND],
  ['m', MINUTE],
  ['h', HOUR],
])

const DURATION_TEXT = /^([+-]?)(?:0|((?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|[u\u00b5\u03bc]s|ms|s|m|h))+))$/
/** More digits of a fraction make no difference that anybody could see. */
const FRACTION_DIGITS = 1000
const PAIR = /(\d*)\.?(\d*)(ns|[u\u00b5\u03bc]s|ms|s|m|h)/g

/** The nanoseconds that a text like `1h30.5m` means, or null. */
export function parseDuration(text: string): bigint | null {
  const match = DURATION_TEXT.exec(text)
  if (match === null) return null
  const [, sign, pairs] = match
  let total = 0n
  for (const [, whole = '', behind = '', unit = ''] of (pairs ?? '').matchAll(PAIR)) {
    // Nanoseconds of more than 19 digits are too many in any unit.
    if (whole.length > 19 && whole.replace(/^0+/, '').length > 19) return null
    const fraction = behind.slice(0, FRACTION_DIGITS)
    total += (BigInt(`${whole}${fraction}`) * (UNITS.get(unit) as bigint)) / 10n ** BigInt(fraction.length)
  }
  const nanoseconds = sign === '-' ? -total : total
  return withinRange(nanoseconds) === nanoseconds ? nanoseconds : null
}

/** Whole units and the rest are converted apart: this fixes the last digits. */
function total(nanoseconds: bigint, unit: bigint): number {
  return Number(nanoseconds / unit) + Number(nanoseconds % unit) / Number(unit)
}

/** The body of a duration is its nanoseconds. */
function lengthOf(rt: Runtime, receiver: number): bigint {
  return rt.hosts.bodyAt(receiver) as bigint
}

export function setDuration(rt: Runtime, dst: number, nanoseconds: bigint): void {
  rt.hosts.create(dst, DURATION, withinRange(nanoseconds))
}

/** The nanoseconds of an argument; `what` begins the message if it is no duration. */
export function requireDuration(rt: Runtime, slot: number, what: string): bigint {
  if (rt.hosts.typeAt(slot) === (DURATION as HostType)) return lengthOf(rt, slot)
  return failRuntime(rt, MESSAGES.argumentType(what, 'DURATION', typeName(rt, slot)))
}

/** A method without arguments that answers a number or a truth. */
function question(set: (rt: Runtime, dst: number, nanoseconds: bigint) => void): Method {
  return {
    arity: [0, 0],
    call: (rt, receiver, _args, _argc, dst) => set(rt, dst, lengthOf(rt, receiver)),
  }
}

function totalIn(unit: bigint, parts = 1): Method {
  return question((rt, dst, length) => rt.heap.setFloat(dst, total(length, unit) / parts))
}

/** Whole units, without those that make up the next larger unit; all carry the sign. */
function component(unit: bigint, modulus: bigint): Method {
  return question((rt, dst, length) => rt.heap.setBigInteger(dst, (length / unit) % modulus))
}

function predicate(test: (nanoseconds: bigint) => boolean): Method {
  return question((rt, dst, length) => rt.heap.setBoolean(dst, test(length)))
}

function combine(name: string, work: (a: bigint, b: bigint) => bigint): Method {
  return {
    arity: [1, 1],
    call(rt, receiver, args, _argc, dst) {
      const other = requireDuration(rt, args, `argument to ${name}`)
      setDuration(rt, dst, work(lengthOf(rt, receiver), other))
    },
  }
}

function numberIn(rt: Runtime, slot: number): number {
  const { heap } = rt
  return heap.tagOf(slot) === Tag.INTEGER ? heap.integerAsNumber(slot) : heap.floatOf(slot)
}

function scale(name: string, work: (rt: Runtime, length: number, factor: number) => number): Method {
  return {
    arity: [1, 1],
    call(rt, receiver, args, _argc, dst) {
      requireNumber(rt, args, `argument to ${name}`)
      const scaled = work(rt, Number(lengthOf(rt, receiver)), numberIn(rt, args))
      setDuration(rt, dst, fromDouble(scaled))
    },
  }
}

function divide(rt: Runtime, length: number, divisor: number): number {
  if (divisor === 0) failRuntime(rt, MESSAGES.divisionByZero())
  return length / divisor
}

const DURATION: HostType<bigint> = {
  names: withMethods('DURATION', 'Duration', 'DURATION_METHOD', 'DurationMethod'),
  text: (_rt, nanoseconds) => `#<Duration:${nanoseconds}ns>`,
  members: memberTable(
    {},
    {
      total_seconds: totalIn(SECOND),
      total_minutes: totalIn(MINUTE),
      total_hours: totalIn(HOUR),
      total_days: totalIn(HOUR, 24),
      hours: component(HOUR, 24n),
      minutes: component(MINUTE, 60n),
      seconds: component(SECOND, 60n),
      milliseconds: component(MILLISECOND, 1000n),
      add: combine('add', (a, b) => a + b),
      subtract: combine('subtract', (a, b) => a - b),
      multiply: scale('multiply', (_rt, length, factor) => length * factor),
      divide: scale('divide', divide),
      abs: {
        arity: [0, 0],
        call(rt, receiver, _args, _argc, dst) {
          const length = lengthOf(rt, receiver)
          if (length < 0n) setDuration(rt, dst, -length)
          else rt.heap.copy(dst, receiver)
        },
      },
      'is_positive?': predicate((length) => length > 0n),
      'is_negative?': predicate((length) => length < 0n),
      'is_zero?': predicate((length) => length === 0n),
    },
    null,
  ),
}

function maker(name: string, unit: bigint): Builtin {
  const nanoseconds = Number(unit)
  return {
    name: `Duration.${name}`,
    arity: [1, 1],
    call(rt, args, _argc, dst) {
      requireNumber(rt, args, `argument to Duration.${name}`)
      setDuration(rt, dst, fromDouble(numberIn(rt, args) * nanoseconds))
    },
  }
}

export const DURATION_FUNCTIONS: readonly Builtin[] = [
  namespaceFunction('Duration'),
  maker('seconds', SECOND),
  maker('minutes', MINUTE),
  maker('hours', HOUR),
  maker('days', DAY),
  {
    name: 'Duration.parse',
    arity: [1, 1],
    call(rt, args, _argc, dst) {
      requireTag(rt, args, Tag.STRING, 'argument to Duration.parse')
      const text = toJsString(rt.heap, rt.heap.referenceOf(args))
      const nanoseconds = parseDuration(text)
      if (nanoseconds === null) failRuntime(rt, MESSAGES.parseFailure('duration string', text))
      setDuration(rt, dst, nanoseconds)
    },
  },
]
