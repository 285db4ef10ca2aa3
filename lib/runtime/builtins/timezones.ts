/** `TimeZone`, and what the local zone and Intl know of offsets (system.md section 7). */
import { zoneVariable } from '../../files/zones.js'
import { Tag } from '../../heap/layout.js'
import { setString, toJsString } from '../../heap/strings.js'
import { failRuntime, MESSAGES } from '../errors.js'
import type { HostType } from '../hosts.js'
import { memberTable } from '../members.js'
import type { Runtime } from '../runtime.js'
import { withMethods } from '../types.js'
import { requireTag } from './arguments.js'
import { namespaceFunction } from './namespace-functions.js'
import type { Builtin } from './registry.js'
import { pastAbbreviation } from './timezone-files.js'
import { isZoneName, zoneAbbreviation } from './timezone-names.js'

/** A distance from 1970 that Date and Intl can still work with, in seconds (their limit is 8.64e12). */
const DATE_LIMIT = 8.6e12

/** Milliseconds of a moment near enough for the system to know its offset. */
function dateMilliseconds(seconds: number): number {
  return Math.max(-DATE_LIMIT, Math.min(DATE_LIMIT, seconds)) * 1000
}

/** Seconds that the fields, taken as UTC, are from 1970. */
function fieldSeconds(year: number, month: number, day: number, clock: readonly number[]): number {
  const [hour = 0, minute = 0, second = 0] = clock
  // `Date.UTC` takes the years 0 to 99 for those of the twentieth century.
  return new Date(0).setUTCFullYear(year, month, day) / 1000 + hour * 3600 + minute * 60 + second
}

/** Seconds east of UTC in the local zone at a moment (whole seconds since 1970). */
export function localOffset(seconds: number): number {
  const date = new Date(dateMilliseconds(seconds))
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()]
  const shown = fieldSeconds(date.getFullYear(), date.getMonth(), date.getDate(), clock)
  return shown - date.getTime() / 1000
}

let localZoneKnown: { variable: string | undefined; name: string | null } | null = null

/** The IANA name of the local zone, or null if nobody knows it. */
function localZoneName(): string | null {
  const variable = zoneVariable()
  if (localZoneKnown === null || localZoneKnown.variable !== variable) {
    localZoneKnown = { variable, name: zoneInVariable(variable) ?? zoneOfSystem() }
  }
  return localZoneKnown.name
}

/** The zone that TZ names, with or without a colon before it. */
function zoneInVariable(variable = ''): string | null {
  const name = variable.replace(/^:/, '')
  return isZoneName(name) ? name : null
}

/** Intl has one name for zones that are alike, but not in their abbreviations: `UTC` also for `GMT`. */
function zoneOfSystem(): string | null {
  return new Intl.DateTimeFormat('en-US').resolvedOptions().timeZone ?? null
}

/** The abbreviation in the local zone at a moment (seconds since 1970) when it has this offset. */
export function localAbbreviation(seconds: number, offset: number): string {
  const name = localZoneName()
  const past = name === null ? null : pastAbbreviation(name, seconds, offset)
  return past ?? zoneAbbreviation(name, offset)
}

/** Seconds east of UTC in a zone at a moment. */
export function zoneOffset(name: string, seconds: number): number {
  const milliseconds = dateMilliseconds(seconds)
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    era: 'short',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  const parts = new Map(format.formatToParts(milliseconds).map(({ type, value }) => [type, value]))
  const field = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.get(type))
  const year = parts.get('era')?.startsWith('B') === true ? 1 - field('year') : field('year')
  const clock = [field('hour'), field('minute'), field('second')]
  return fieldSeconds(year, field('month') - 1, field('day'), clock) - Math.floor(milliseconds / 1000)
}

interface Zone {
  /** As asked for. */
  readonly name: string
  /** Seconds east of UTC when the value was made. */
  readonly offset: number
  /** The abbreviation then. */
  abbreviation(): string
}

function presentSeconds(): number {
  return Math.floor(Date.now() / 1000)
}

function utcZone(name: string): Zone {
  return { name, offset: 0, abbreviation: () => 'UTC' }
}

function localZone(): Zone {
  const now = presentSeconds()
  const offset = localOffset(now)
  return { name: 'Local', offset, abbreviation: () => localAbbreviation(now, offset) }
}

/** The zone that a name means, or null. */
function zoneNamed(name: string): Zone | null {
  if (name === '' || name === 'UTC') return utcZone(name)
  if (name === 'Local') return localZone()
  if (!isZoneName(name)) return null
  try {
    const offset = zoneOffset(name, presentSeconds())
    return { name, offset, abbreviation: () => zoneAbbreviation(name, offset) }
  } catch (error) {
    // A name of our table that this version of Intl does not know.
    if (error instanceof RangeError) return null
    throw error
  }
}

function zoneOf(rt: Runtime, receiver: number): Zone {
  return rt.hosts.bodyAt(receiver) as Zone
}

const TIMEZONE: HostType<Zone> = {
  bytes: ({ name }) => 2 * name.length,
  names: withMethods('TIMEZONE', 'TimeZone', 'TIMEZONE_METHOD', 'TimeZoneMethod'),
  text: (_rt, { name, offset }) => `#<TimeZone:${name} offset:${offset}>`,
  members: memberTable(
    {
      name: (rt, receiver, dst) => setString(rt.heap, dst, zoneOf(rt, receiver).name),
      offset: (rt, receiver, dst) => rt.heap.setInteger(dst, zoneOf(rt, receiver).offset),
    },
    {
      abbreviation: {
        arity: [0, 0],
        call: (rt, receiver, _args, _argc, dst) =>
          setString(rt.heap, dst, zoneOf(rt, receiver).abbreviation()),
      },
    },
    null,
  ),
}

export const TIMEZONE_FUNCTIONS: readonly Builtin[] = [
  namespaceFunction('TimeZone'),
  {
    name: 'TimeZone.utc',
    arity: [0, 0],
    call: (rt, _args, _argc, dst) => rt.hosts.create(dst, TIMEZONE, utcZone('UTC')),
  },
  {
    name: 'TimeZone.local',
    arity: [0, 0],
    call: (rt, _args, _argc, dst) => rt.hosts.create(dst, TIMEZONE, localZone()),
  },
  {
    name: 'TimeZone.parse',
    arity: [1, 1],
    call(rt, args, _argc, dst) {
      requireTag(rt, args, Tag.STRING, 'argument to TimeZone.parse')
      const name = toJsString(rt.heap, rt.heap.referenceOf(args))
      const zone = zoneNamed(name)
      if (zone === null) failRuntime(rt, MESSAGES.parseFailure('timezone', name))
      rt.hosts.create(dst, TIMEZONE, zone)
    },
  },
]
