/** Moments and calendar fields: the arithmetic behind `Time`, without any Rush values. */
import { SECOND } from './durations.js'
import { localAbbreviation, localOffset } from './timezones.js'

export interface Moment {
  /** Nanoseconds since 1970-01-01T00:00:00Z; exact and without limits. */
  readonly nanoseconds: bigint
  /** Where it is shown. */
  readonly place: 'Local' | 'UTC'
}

/** A moment as clocks and calendars show it in its place. */
export interface Fields {
  year: number
  /** 1 to 12. */
  month: number
  day: number
  hour: number
  minute: number
  second: number
  /** 0 to 999999999. */
  nanosecond: number
  /** 0 = Sunday. */
  weekday: number
  /** 1 to 366. */
  yearDay: number
  /** Seconds east of UTC. */
  offset: number
}

const DAY_SECONDS = 86400n
/** Days and years after which the Gregorian calendar repeats itself. */
const CYCLE_DAYS = 146097
const CYCLE_YEARS = 400
/** From 0000-03-01, where the arithmetic begins its years, to 1970-01-01. */
const EPOCH_DAYS = 719468

function floorDivide(a: number, b: number): number {
  return Math.floor(a / b)
}

function floorDivideBig(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a < 0n && quotient * b !== a ? quotient - 1n : quotient
}

/** Days from 1970-01-01 to a day of the Gregorian calendar; months and days beyond their range carry over. */
export function daysFromCivil(year: number, month: number, day: number): number {
  // Years that begin in March have their leap day at the end.
  const months = year * 12 + (month - 3)
  const marchYear = floorDivide(months, 12)
  const marchMonth = months - marchYear * 12
  const leapDays = floorDivide(marchYear, 4) - floorDivide(marchYear, 100) + floorDivide(marchYear, 400)
  const dayOfYear = floorDivide(153 * marchMonth + 2, 5) + day - 1
  return marchYear * 365 + leapDays + dayOfYear - EPOCH_DAYS
}

/** The date that is `days` after 1970-01-01. Only the year loses digits if it is beyond all reason. */
function dateFromDays(days: bigint): Pick<Fields, 'year' | 'month' | 'day' | 'weekday' | 'yearDay'> {
  const cycle = floorDivideBig(days + BigInt(EPOCH_DAYS), BigInt(CYCLE_DAYS))
  const dayOfCycle = Number(days + BigInt(EPOCH_DAYS) - cycle * BigInt(CYCLE_DAYS))
  const leapDays =
    floorDivide(dayOfCycle, 1460) - floorDivide(dayOfCycle, 36524) + floorDivide(dayOfCycle, 146096)
  const marchYear = floorDivide(dayOfCycle - leapDays, 365)
  const dayOfYear = dayOfCycle - (marchYear * 365 + floorDivide(marchYear, 4) - floorDivide(marchYear, 100))
  const marchMonth = floorDivide(5 * dayOfYear + 2, 153)
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  const yearOfCycle = marchYear + (month <= 2 ? 1 : 0)
  return {
    year: yearOfCycle + Number(cycle) * CYCLE_YEARS,
    month,
    day: dayOfYear - floorDivide(153 * marchMonth + 2, 5) + 1,
    // A cycle has whole weeks and begins on a Wednesday.
    weekday: (dayOfCycle + 3) % 7,
    yearDay: dayOfCycle - EPOCH_DAYS - daysFromCivil(yearOfCycle, 1, 1) + 1,
  }
}

/** Days of a month, 1 to 12. */
export function daysInMonth(year: number, month: number): number {
  return daysFromCivil(year, month + 1, 1) - daysFromCivil(year, month, 1)
}

export function fieldsOf({ nanoseconds, place }: Moment): Fields {
  const seconds = floorDivideBig(nanoseconds, SECOND)
  const offset = place === 'UTC' ? 0 : localOffset(Number(seconds))
  const shown = seconds + BigInt(offset)
  const days = floorDivideBig(shown, DAY_SECONDS)
  const clock = Number(shown - days * DAY_SECONDS)
  return {
    ...dateFromDays(days),
    hour: floorDivide(clock, 3600),
    minute: floorDivide(clock, 60) % 60,
    second: clock % 60,
    nanosecond: Number(nanoseconds - seconds * SECOND),
    offset,
  }
}

/** The abbreviation of the zone in which a moment with these fields is shown. */
export function abbreviationOf(place: Moment['place'], fields: Fields): string {
  if (place === 'UTC') return 'UTC'
  const { year, month, day, hour, minute, second, offset } = fields
  const shown = daysFromCivil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
  return localAbbreviation(shown - offset, offset)
}

/**
 * The seconds since 1970 at which local clocks show `shown` (seconds from 1970 to that reading as if it were
 * UTC): the first if they show it twice; moved forward by the size of the change if they skip it.
 */
export function fromLocalClock(shown: bigint): bigint {
  const reading = Number(shown)
  const before = localOffset(reading - 86400)
  const after = localOffset(reading + 86400)
  if (
    before !== after &&
    localOffset(reading - before) !== before &&
    localOffset(reading - after) === after
  ) {
    return shown - BigInt(after)
  }
  return shown - BigInt(before)
}

let anchor: bigint | null = null

/** Nanoseconds since 1970 now: the system's clock, made finer with a counter that runs evenly. */
export function presentNanoseconds(): bigint {
  const counter = process.hrtime.bigint()
  const clock = BigInt(Date.now()) * 1_000_000n
  const drift = anchor === null ? null : clock - (anchor + counter)
  // The clock has whole milliseconds; a larger distance means that it was set.
  if (anchor === null || drift === null || drift > 2_000_000n || drift < -2_000_000n) anchor = clock - counter
  return anchor + counter
}
