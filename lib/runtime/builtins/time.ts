/** `Time`: moments (system.md section 5). */
import { SLOT_SIZE, Tag } from '../../heap/layout.js'
import { setString, toJsString } from '../../heap/strings.js'
import { failRuntime, MESSAGES } from '../errors.js'
import type { HostType } from '../hosts.js'
import { type Method, memberTable } from '../members.js'
import type { Runtime } from '../runtime.js'
import { typeName, withMethods } from '../types.js'
import { requireTag } from './arguments.js'
import { requireDuration, SECOND, setDuration } from './durations.js'
import {
  daysFromCivil,
  type Fields,
  fieldsOf,
  fromLocalClock,
  type Moment,
  presentNanoseconds,
} from './moments.js'
import { namespaceFunction } from './namespace-functions.js'
import type { Builtin } from './registry.js'
import { formatFields, ISO_LAYOUT } from './time-format.js'
import { parseTime } from './time-parse.js'

function momentOf(rt: Runtime, receiver: number): Moment {
  return rt.hosts.bodyAt(receiver) as Moment
}

function setMoment(rt: Runtime, dst: number, nanoseconds: bigint, place: Moment['place']): void {
  const moment: Moment = { nanoseconds, place }
  rt.hosts.create(dst, TIME, moment)
}

function requireTime(rt: Runtime, slot: number, what: string): Moment {
  if (rt.hosts.typeAt(slot) === (TIME as HostType)) return momentOf(rt, slot)
  return failRuntime(rt, MESSAGES.argumentType(what, 'TIME', typeName(rt, slot)))
}

function field(read: (fields: Fields) => number): Method {
  return {
    arity: [0, 0],
    call: (rt, receiver, _args, _argc, dst) =>
      rt.heap.setInteger(dst, read(fieldsOf(momentOf(rt, receiver)))),
  }
}

function setFormatted(rt: Runtime, dst: number, layout: string, moment: Moment): void {
  setString(rt.heap, dst, formatFields(layout, fieldsOf(moment), moment.place))
}

const FORMAT_ISO: Method = {
  arity: [0, 0],
  call: (rt, receiver, _args, _argc, dst) => setFormatted(rt, dst, ISO_LAYOUT, momentOf(rt, receiver)),
}

function inPlace(place: Moment['place']): Method {
  return {
    arity: [0, 0],
    call: (rt, receiver, _args, _argc, dst) => setMoment(rt, dst, momentOf(rt, receiver).nanoseconds, place),
  }
}

function shift(name: string, direction: bigint): Method {
  return {
    arity: [1, 1],
    call(rt, receiver, args, _argc, dst) {
      const duration = requireDuration(rt, args, `argument to ${name}`)
      const { nanoseconds, place } = momentOf(rt, receiver)
      setMoment(rt, dst, nanoseconds + direction * duration, place)
    },
  }
}

function comparison(name: string, test: (a: bigint, b: bigint) => boolean): Method {
  return {
    arity: [1, 1],
    call(rt, receiver, args, _argc, dst) {
      const other = requireTime(rt, args, `argument to ${name}`)
      rt.heap.setBoolean(dst, test(momentOf(rt, receiver).nanoseconds, other.nanoseconds))
    },
  }
}

const TIME: HostType<Moment> = {
  names: withMethods('TIME', 'Time', 'TIME_METHOD', 'TimeMethod'),
  text: (_rt, { nanoseconds, place }) => `#<Time:${nanoseconds} in ${place}>`,
  members: memberTable(
    {
      unix: (rt, receiver, dst) => rt.heap.setBigInteger(dst, momentOf(rt, receiver).nanoseconds / SECOND),
      location: (rt, receiver, dst) => setString(rt.heap, dst, momentOf(rt, receiver).place),
    },
    {
      year: field(({ year }) => year),
      month: field(({ month }) => month),
      day: field(({ day }) => day),
      hour: field(({ hour }) => hour),
      minute: field(({ minute }) => minute),
      second: field(({ second }) => second),
      millisecond: field(({ nanosecond }) => Math.floor(nanosecond / 1e6)),
      weekday: field(({ weekday }) => weekday),
      format: {
        arity: [1, 1],
        call(rt, receiver, args, _argc, dst) {
          requireTag(rt, args, Tag.STRING, 'argument to format')
          setFormatted(rt, dst, toJsString(rt.heap, rt.heap.referenceOf(args)), momentOf(rt, receiver))
        },
      },
      format_iso: FORMAT_ISO,
      format_rfc3339: FORMAT_ISO,
      to_utc: inPlace('UTC'),
      to_local: inPlace('Local'),
      add_duration: shift('add_duration', 1n),
      subtract_duration: shift('subtract_duration', -1n),
      difference: {
        arity: [1, 1],
        call(rt, receiver, args, _argc, dst) {
          const other = requireTime(rt, args, 'argument to difference')
          setDuration(rt, dst, momentOf(rt, receiver).nanoseconds - other.nanoseconds)
        },
      },
      'is_before?': comparison('is_before?', (a, b) => a < b),
      'is_after?': comparison('is_after?', (a, b) => a > b),
      'is_equal?': comparison('is_equal?', (a, b) => a === b),
    },
    null,
  ),
}

/** A moment from local clock and calendar; fields beyond their range carry over. */
function construct(rt: Runtime, args: number, argc: number, dst: number): void {
  const { heap } = rt
  for (let i = 0; i < argc; i++) {
    requireTag(rt, args + i * SLOT_SIZE, Tag.INTEGER, `argument ${i + 1} to Time.new`)
  }
  const field = (i: number): bigint => heap.bigIntegerOf(args + i * SLOT_SIZE)
  const days = BigInt(daysFromCivil(Number(field(0)), Number(field(1)), 1)) + field(2) - 1n
  const shown = days * 86400n + field(3) * 3600n + field(4) * 60n + field(5)
  setMoment(rt, dst, fromLocalClock(shown) * SECOND, 'Local')
}

export const TIME_FUNCTIONS: readonly Builtin[] = [
  namespaceFunction('Time'),
  {
    name: 'Time.now',
    arity: [0, 0],
    call: (rt, _args, _argc, dst) => setMoment(rt, dst, presentNanoseconds(), 'Local'),
  },
  {
    name: 'Time.new',
    arity: [6, 6],
    countMessage: MESSAGES.timeFieldCount,
    call: construct,
  },
  {
    name: 'Time.parse',
    arity: [1, 1],
    call(rt, args, _argc, dst) {
      requireTag(rt, args, Tag.STRING, 'argument to Time.parse')
      const text = toJsString(rt.heap, rt.heap.referenceOf(args))
      const nanoseconds = parseTime(text)
      if (nanoseconds === null) failRuntime(rt, MESSAGES.parseFailure('time string', text))
      setMoment(rt, dst, nanoseconds, 'Local')
    },
  },
]
