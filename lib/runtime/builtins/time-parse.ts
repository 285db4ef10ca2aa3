/** The texts that `Time.parse` reads (system.md section 5.2). */
import { SECOND } from './durations.js'
import { daysFromCivil, daysInMonth, fieldsOf, fromLocalClock, presentNanoseconds } from './moments.js'

const DATE = '(?<year>\\d{4})-(?<month>\\d\\d)-(?<day>\\d\\d)'
const TIME = '(?<hour>\\d\\d?):(?<minute>\\d\\d):(?<second>\\d\\d)(?:[.,](?<fraction>\\d+))?'
const OFFSET = '(?:Z|(?<sign>[+-])(?<offsetHours>\\d\\d):(?<offsetMinutes>\\d\\d))'

/** With a date; a text without offset is in the local zone. */
const MOMENT = new RegExp(
  `^${DATE}(?:T${TIME}(?<offset>${OFFSET})?| +${TIME.replaceAll('?<', '?<spaced_')})?$`,
)
const CLOCK = /^(\d\d?):(\d\d)(AM|PM)$/

/** The nanoseconds since 1970 that a text means, or null. */
export function parseTime(text: string): bigint | null {
  const match = MOMENT.exec(text)
  return match === null ? parseClock(text) : momentOf(match.groups ?? {})
}

type Groups = Readonly<Record<string, string | undefined>>

function momentOf(groups: Groups): bigint | null {
  const number = (name: string): number => Number(groups[name] ?? groups[`spaced_${name}`] ?? 0)
  const [year, month, day] = [number('year'), number('month'), number('day')]
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null
  const [hour, minute, second] = [number('hour'), number('minute'), number('second')]
  if (hour > 23 || minute > 59 || second > 59) return null
  const shown = BigInt(daysFromCivil(year, month, day) * 86400 + hour * 3600 + minute * 60 + second)
  const fraction = groups.fraction ?? groups.spaced_fraction ?? ''
  const nanoseconds = BigInt(fraction.slice(0, 9).padEnd(9, '0'))
  return (
    instant(shown, groups, number('offsetHours') * 3600 + number('offsetMinutes') * 60) * SECOND + nanoseconds
  )
}

/** The seconds since 1970 at which clocks show `shown`, at the text's offset or locally. */
function instant(shown: bigint, groups: Groups, distance: number): bigint {
  if (groups.offset === undefined) return fromLocalClock(shown)
  return shown - BigInt(groups.sign === '-' ? -distance : distance)
}

/** A minute of today. */
function parseClock(text: string): bigint | null {
  const match = CLOCK.exec(text)
  if (match === null) return null
  const [, hours, minutes, half] = match
  const [hour, minute] = [Number(hours), Number(minutes)]
  if (hour > 12 || minute > 59) return null
  const { year, month, day } = fieldsOf({ nanoseconds: presentNanoseconds(), place: 'Local' })
  const minuteOfDay = ((hour % 12) + (half === 'PM' ? 12 : 0)) * 60 + minute
  return fromLocalClock(BigInt(daysFromCivil(year, month, day) * 86400 + minuteOfDay * 60)) * SECOND
}
