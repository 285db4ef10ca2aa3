/**
 * What zones were called in the past, from the compiled tz database of the system (RFC 8536). Where there is
 * none, and for all moments behind the last change in it, `timezone-names.ts` has to do.
 */
import { zoneFiles } from '../../files/zones.js'

const HEADER = 44
const COUNTS = 20
/** Bytes of a local time type: offset, summer time, index of its abbreviation. */
const TYPE_SIZE = 6

interface LocalTime {
  /** Seconds east of UTC. */
  readonly offset: number
  readonly abbreviation: string
}

export interface ZoneHistory {
  /** The moments (seconds since 1970) at which something changed, in ascending order. */
  readonly changes: Float64Array
  /** What holds before the first change, and from each change on. */
  readonly times: readonly LocalTime[]
}

/** The counts in the header at `at`. */
function countsAt(bytes: Buffer, at: number) {
  const count = (i: number): number => bytes.readUInt32BE(at + COUNTS + 4 * i)
  return {
    indicators: count(0) + count(1),
    leaps: count(2),
    changes: count(3),
    types: count(4),
    text: count(5),
  }
}

/** The content of a zone's file; null if it is none, or so old that it has no 64-bit moments. */
export function readZoneHistory(bytes: Buffer): ZoneHistory | null {
  if (bytes.length < HEADER || bytes.toString('latin1', 0, 4) !== 'TZif' || bytes[4] === 0) return null
  // The same with 32-bit moments comes first.
  const old = countsAt(bytes, 0)
  const second = HEADER + old.changes * 5 + old.types * TYPE_SIZE + old.text + old.leaps * 8 + old.indicators
  const counts = countsAt(bytes, second)
  const moments = second + HEADER
  const indices = moments + counts.changes * 8
  const types = indices + counts.changes
  const text = types + counts.types * TYPE_SIZE

  const timeOf = (index: number): LocalTime => {
    const at = types + index * TYPE_SIZE
    const from = text + (bytes[at + 5] as number)
    return {
      offset: bytes.readInt32BE(at),
      abbreviation: bytes.toString('latin1', from, bytes.indexOf(0, from)),
    }
  }
  const changes = Float64Array.from({ length: counts.changes }, (_, i) =>
    Number(bytes.readBigInt64BE(moments + i * 8)),
  )
  const later = Array.from(bytes.subarray(indices, types), timeOf)
  return { changes, times: [timeOf(0), ...later] }
}

/** The abbreviation at a moment before the last change, if clocks had this offset then; else null. */
export function abbreviationAt(history: ZoneHistory, seconds: number, offset: number): string | null {
  const { changes, times } = history
  let low = 0
  let high = changes.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((changes[middle] as number) <= seconds) low = middle + 1
    else high = middle
  }
  const time = times[low]
  return low < changes.length && time?.offset === offset ? time.abbreviation : null
}

const known = new Map<string, ZoneHistory | null>()

function loadZoneHistory(name: string): ZoneHistory | null {
  for (const bytes of zoneFiles(name)) {
    try {
      return readZoneHistory(bytes)
    } catch {
      // Damaged.
    }
  }
  return null
}

/** The abbreviation of a zone (a name of the tz database) at a moment of the past, or null. */
export function pastAbbreviation(name: string, seconds: number, offset: number): string | null {
  let history = known.get(name)
  if (history === undefined) {
    history = loadZoneHistory(name)
    known.set(name, history)
  }
  return history === null ? null : abbreviationAt(history, seconds, offset)
}
