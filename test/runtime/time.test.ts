import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { adoptZoneFile } from '../../lib/run/zone-file.js'
import { parseDuration } from '../../lib/runtime/builtins/durations.js'
import { daysFromCivil, fieldsOf, fromLocalClock } from '../../lib/runtime/builtins/moments.js'
import { formatFields } from '../../lib/runtime/builtins/time-format.js'
import { parseTime } from '../../lib/runtime/builtins/time-parse.js'
import {
  abbreviationAt,
  pastAbbreviation,
  readZoneHistory,
} from '../../lib/runtime/builtins/timezone-files.js'
import { isZoneName, zoneAbbreviation } from '../../lib/runtime/builtins/timezone-names.js'
import { localAbbreviation, localOffset, zoneOffset } from '../../lib/runtime/builtins/timezones.js'
import { mismatches, type Row } from './expressions.js'

/** Does something with another local zone. */
function inZone<T>(zone: string, action: () => T): T {
  const before = process.env.TZ
  process.env.TZ = zone
  try {
    return action()
  } finally {
    if (before === undefined) delete process.env.TZ
    else process.env.TZ = before
  }
}

/** `2024-03-31 03:30:00 +02:00` of the first moment at which local clocks show this. */
function atLocalClock(year: number, month: number, day: number, hour: number, minute: number): string {
  const shown = daysFromCivil(year, month, day) * 86400 + hour * 3600 + minute * 60
  const nanoseconds = fromLocalClock(BigInt(shown)) * 1_000_000_000n
  return formatFields('2006-01-02 15:04:05 Z07:00:00', fieldsOf({ nanoseconds, place: 'Local' }), 'Local')
}

t.test('calendar fields agree with Date from year 0 to 9999', async (t) => {
  for (let i = 0; i < 3000; i++) {
    const milliseconds = -62167219200000 + i * 105192345679
    const fields = fieldsOf({ nanoseconds: BigInt(milliseconds) * 1_000_000n, place: 'UTC' })
    const { year, month, day, hour, minute, second, nanosecond, weekday, yearDay } = fields
    const date = new Date(milliseconds)
    const got = [year, month - 1, day, hour, minute, second, nanosecond / 1e6, weekday]
    const expected = [
      date.getUTCFullYear(),
      date.getUTCMonth(),
      date.getUTCDate(),
      date.getUTCHours(),
      date.getUTCMinutes(),
      date.getUTCSeconds(),
      date.getUTCMilliseconds(),
      date.getUTCDay(),
    ]
    const newYear = new Date(0).setUTCFullYear(year, 0, 1)
    if (got.join() !== expected.join() || yearDay !== Math.floor((milliseconds - newYear) / 864e5) + 1) {
      t.fail(`${date.toISOString()}: ${got} ${yearDay}`)
    }
  }
  t.equal(daysFromCivil(2024, 14, 0), daysFromCivil(2025, 1, 31), 'months and days carry over')
  t.equal(daysFromCivil(2024, -1, 1), daysFromCivil(2023, 11, 1))
})

t.test('local clocks around changes of the offset', async (t) => {
  const rows = [
    ['Europe/Berlin', [2024, 1, 1, 0, 0], '2024-01-01 00:00:00 +01:00:00'],
    ['Europe/Berlin', [2024, 3, 31, 1, 59], '2024-03-31 01:59:00 +01:00:00'],
    ['Europe/Berlin', [2024, 3, 31, 2, 30], '2024-03-31 03:30:00 +02:00:00'],
    ['Europe/Berlin', [2024, 3, 31, 3, 0], '2024-03-31 03:00:00 +02:00:00'],
    ['Europe/Berlin', [2024, 10, 27, 1, 59], '2024-10-27 01:59:00 +02:00:00'],
    ['Europe/Berlin', [2024, 10, 27, 2, 30], '2024-10-27 02:30:00 +02:00:00'],
    ['Europe/Berlin', [2024, 10, 27, 3, 0], '2024-10-27 03:00:00 +01:00:00'],
    ['America/New_York', [2024, 3, 10, 2, 30], '2024-03-10 03:30:00 -04:00:00'],
    ['America/New_York', [2024, 11, 3, 1, 30], '2024-11-03 01:30:00 -04:00:00'],
    ['Australia/Lord_Howe', [2024, 10, 6, 2, 10], '2024-10-06 02:40:00 +11:00:00'],
    ['Asia/Kathmandu', [2024, 6, 1, 12, 0], '2024-06-01 12:00:00 +05:45:00'],
    ['Pacific/Apia', [2011, 12, 31, 0, 0], '2011-12-31 00:00:00 +14:00:00'],
    ['Europe/Berlin', [1800, 1, 1, 0, 0], '1800-01-01 00:00:00 +00:53:28'],
    ['UTC', [0, 1, 1, 0, 0], '0000-01-01 00:00:00 Z'],
  ] as const
  for (const [zone, [year, month, day, hour, minute], expected] of rows) {
    t.equal(
      inZone(zone, () => atLocalClock(year, month, day, hour, minute)),
      expected,
      zone,
    )
  }
})

t.test('Intl and Date know the same offsets', async (t) => {
  for (const zone of ['America/New_York', 'Asia/Kolkata', 'Pacific/Chatham', 'Africa/Casablanca']) {
    inZone(zone, () => {
      for (const seconds of [0, 1e9, 1.72e9, 1.735e9, -1e9]) {
        t.equal(localOffset(seconds), zoneOffset(zone, seconds), `${zone} ${seconds}`)
      }
    })
  }
})

t.test('abbreviations', async (t) => {
  const rows = [
    ['Europe/Berlin', 3600, 'CET'],
    ['Europe/Berlin', 7200, 'CEST'],
    ['Asia/Tokyo', 32400, 'JST'],
    ['America/New_York', -14400, 'EDT'],
    ['Europe/London', 3600, 'BST'],
    ['Europe/Dublin', 3600, 'IST'],
    ['Asia/Kolkata', 19800, 'IST'],
    ['US/Pacific', -28800, 'PST'],
    ['Europe/Istanbul', 10800, '+03'],
    ['Asia/Kathmandu', 20700, '+0545'],
    ['America/St_Johns', -9000, 'NDT'],
    ['America/Sao_Paulo', -10800, '-03'],
    [null, 0, 'UTC'],
    [null, -12600, '-0330'],
  ] as const
  for (const [zone, offset, expected] of rows) t.equal(zoneAbbreviation(zone, offset), expected)
  t.same(
    ['utc', 'asia/tokyo', 'Asia/TOKYO', 'PST', '+02:00', '', 'Europe/../UTC'].filter(isZoneName),
    [],
    'names must be exact',
  )
  t.same(
    Intl.supportedValuesOf('timeZone').filter((name) => !isZoneName(name)),
    [],
  )
})

t.test('the abbreviation of the local zone', async (t) => {
  const rows = [
    ['Europe/Berlin', 3600, 'CET'],
    [':America/New_York', -14400, 'EDT'],
    // For Intl these two are one.
    ['GMT', 0, 'GMT'],
    ['UTC', 0, 'UTC'],
    ['Nowhere/Land', 0, 'UTC'],
  ] as const
  for (const [zone, offset, expected] of rows) {
    t.equal(
      inZone(zone, () => localAbbreviation(4e9, offset)),
      expected,
      zone,
    )
  }
})

/** A zone's file with a change at each of the moments, to the type of the same index. */
function zoneFile(
  changes: readonly number[],
  types: readonly (readonly [offset: number, name: string])[],
): Buffer {
  const words = (values: readonly number[]): Buffer =>
    Buffer.concat(values.map((value) => Buffer.from([value >>> 24, value >>> 16, value >>> 8, value])))
  const header = (counts: readonly number[]): Buffer =>
    Buffer.concat([Buffer.from('TZif2'), Buffer.alloc(15), words(counts)])
  const names = Buffer.from(types.map(([, name]) => `${name}\0`).join(''))
  const moments = Buffer.alloc(changes.length * 8)
  for (const [i, change] of changes.entries()) moments.writeBigInt64BE(BigInt(change), i * 8)
  let nameAt = 0
  const records = types.map(([offset, name]) => {
    const record = Buffer.concat([words([offset]), Buffer.from([0, nameAt])])
    nameAt += name.length + 1
    return record
  })
  return Buffer.concat([
    header([1, 0, 1, 2, 1, 4]),
    Buffer.alloc(2 * 5 + 6 + 4 + 8 + 1),
    header([0, 0, 0, changes.length, types.length, names.length]),
    moments,
    Buffer.from(changes.map((_, i) => i + 1)),
    ...records,
    names,
    Buffer.from('\n<-04>4\n'),
  ])
}

t.test('abbreviations of the past', async (t) => {
  const changes = [-5e9, 1000, 2000, 3000]
  const history = readZoneHistory(
    zoneFile(changes, [
      [-15000, 'LMT'],
      [-14400, 'AST'],
      [-10800, 'ADT'],
      [-14400, 'BST'],
      [-14400, '-04'],
    ]),
  )
  if (history === null) throw new Error('no zone')
  t.same([...history.changes], changes)
  const rows = [
    [-6e9, -15000, 'LMT'],
    [-5e9, -14400, 'AST'],
    [999, -14400, 'AST'],
    [1000, -10800, 'ADT'],
    [1999, -10800, 'ADT'],
    [2000, -14400, 'BST'],
    // Another offset than the file's: it is another version of the database.
    [1500, -14400, null],
    // The last change may be one of many that follow a rule.
    [3000, -14400, null],
  ] as const
  for (const [seconds, offset, expected] of rows) {
    t.equal(abbreviationAt(history, seconds, offset), expected, `${seconds}`)
  }
  t.equal(readZoneHistory(Buffer.from('# no zone')), null)
  t.equal(readZoneHistory(Buffer.alloc(44, 'TZif\0')), null)
  t.equal(pastAbbreviation('No/Where', 0, 0), null)
  t.throws(() => readZoneHistory(zoneFile(changes, [[0, 'UTC']]).subarray(0, 100)), RangeError)
})

t.test(
  'abbreviations of the past by the database of the system',
  { skip: !existsSync('/usr/share/zoneinfo/Europe/Moscow') },
  async (t) => {
    const shown = (zone: string, year: number, month: number): string =>
      inZone(zone, () => {
        const seconds = daysFromCivil(year, month, 1) * 86400
        return localAbbreviation(seconds, localOffset(seconds))
      })
    t.equal(shown('Europe/Moscow', 2005, 7), 'MSD')
    t.equal(shown('Europe/Moscow', 2012, 7), 'MSK')
    t.equal(shown('Europe/Istanbul', 2010, 7), 'EEST')
    t.equal(shown('Europe/Istanbul', 2024, 7), '+03')
    t.equal(shown('America/New_York', 1943, 1), 'EWT')
    t.equal(shown('America/New_York', 2050, 7), 'EDT')
    t.equal(shown('Europe/Berlin', 1800, 1), 'LMT')
  },
)

t.test('TZ with the name of a file', async (t) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'rush-zones-')))
  const file = join(folder, 'zoneinfo', 'Asia', 'Tokyo')
  mkdirSync(join(folder, 'zoneinfo', 'Asia'), { recursive: true })
  writeFileSync(file, '')
  symlinkSync(file, join(folder, 'localtime'))
  const adopted = (zone: string): string | undefined =>
    inZone(zone, () => {
      adoptZoneFile()
      return process.env.TZ
    })
  t.equal(adopted(file), 'Asia/Tokyo')
  t.equal(adopted(`:${file}`), 'Asia/Tokyo')
  t.equal(adopted(join(folder, 'localtime')), 'Asia/Tokyo')
  t.equal(adopted(join(folder, 'nothing')), join(folder, 'nothing'))
  t.equal(adopted('Europe/Berlin'), 'Europe/Berlin')
  rmSync(folder, { recursive: true })
})

t.test('Time.parse', async (t) => {
  const iso = (text: string): string | null => {
    const nanoseconds = parseTime(text)
    if (nanoseconds === null) return null
    return formatFields('2006-01-02T15:04:05.999999999Z07:00', fieldsOf({ nanoseconds, place: 'UTC' }), 'UTC')
  }
  const rows = [
    ['2031-05-06T07:08:09Z', '2031-05-06T07:08:09Z'],
    ['2031-05-06T7:08:09,1234567899+02:00', '2031-05-06T05:08:09.123456789Z'],
    ['2031-05-06T07:08:09-09:30', '2031-05-06T16:38:09Z'],
    ['2031-05-06T00:00:00+99:99', '2031-05-01T19:21:00Z'],
    ['2024-02-29', '2024-02-29T00:00:00Z'],
    ['2024-02-29   7:08:09.5', '2024-02-29T07:08:09.5Z'],
    ['2024-02-29T17:08:09', '2024-02-29T17:08:09Z'],
    ['0000-02-29', '0000-02-29T00:00:00Z'],
  ] as const
  for (const [text, expected] of rows)
    t.equal(
      inZone('UTC', () => iso(text)),
      expected,
      text,
    )
  // biome-ignore format: a list of texts
  const refused = [
    '2023-02-29', '2024-13-01', '2024-00-01', '2024-01-00', '2024-1-01', '24-01-01', '2024/01/01', '20240101',
    '2024-01-01T24:00:00', '2024-01-01T23:60:00', '2024-01-01T23:59:60', '2024-01-01T10:00', '2024-01-01Z',
    '2024-01-01 10:00:00Z', '2024-01-01t10:00:00Z', '2024-01-01T10:00:00z', '2024-01-01T10:00:00+0200',
    '2024-01-01\t10:00:00', ' 2024-01-01', '2024-01-01 ', '2024-01-01\n', '2024-01-01T10:00:00.', '', '13:00PM',
    '3:4PM', '3:04 PM', '3:04pm', '3:60AM', '15:04',
  ]
  t.same(
    refused.filter((text) => parseTime(text) !== null),
    [],
  )
  const today = fieldsOf({ nanoseconds: parseTime('0:30PM') ?? 0n, place: 'Local' })
  t.same([today.hour, today.minute, today.second], [12, 30, 0])
  t.equal(fieldsOf({ nanoseconds: parseTime('12:05AM') ?? 0n, place: 'Local' }).hour, 0)
})

t.test('layouts', async (t) => {
  const moment = { nanoseconds: 1_709_125_449_012_345_000n, place: 'UTC' } as const
  const fields = fieldsOf(moment)
  const rows = [
    ['Monday, January 2nd 2006', 'Wednesday, February 28nd 2024'],
    ['Mon Jan _2 15:04:05 MST 2006', 'Wed Feb 28 13:04:09 UTC 2024'],
    ['Month Janet Jan2006 Mon1 Mondays', 'Month Janet Feb2024 Wed2 Wednesdays'],
    ['002 __2 06 _2006 __2006', '059  59 24 _2024  59024'],
    ['3:04PM 03:4:5pm', '1:04PM 01:4:9pm'],
    ['-07 -0700 -07:00 -070000 -07:00:00', '+00 +0000 +00:00 +000000 +00:00:00'],
    ['Z07 Z0700 Z07:00 Z MSTZ', 'Z Z Z Z UTCZ'],
    ['.000 ,000000 .999999999 .99 .001 .0000000000', '.012 ,012345 .012345 .01 .002 .012345000'],
    ['0 00 6 7 07 -7 Z AM YYYY 10 12 20 5th', '0 00 6 7 07 -7 Z AM YYYY 20 228 280 9th'],
  ] as const
  for (const [layout, expected] of rows) t.equal(formatFields(layout, fields, 'UTC'), expected, layout)
  const west = { ...fields, offset: -(9 * 3600 + 30 * 60 + 7), hour: 0, nanosecond: 0 }
  t.equal(formatFields('Z07:00:00 -0700 3PM.999', west, 'UTC'), '-09:30:07 -0930 12AM')
})

t.test('Duration.parse', async (t) => {
  const rows = [
    ['1h30m', 5_400_000_000_000n],
    ['-1.5s', -1_500_000_000n],
    ['+.5ms5.us1µs1μs', 507_000n],
    ['0', 0n],
    ['0.9ns', 0n],
    ['0.333333333333h', 1_199_999_999_998n],
    ['9223372036854775807ns', 2n ** 63n - 1n],
    ['-9223372036854775808ns', -(2n ** 63n)],
    [`${'0'.repeat(50)}1ns`, 1n],
  ] as const
  for (const [text, expected] of rows) t.equal(parseDuration(text), expected, text)
  const refused = [
    '',
    '5',
    '00',
    '.s',
    '-',
    '1d',
    '1S',
    ' 1s',
    '1s ',
    '1h-1m',
    '1e3s',
    '1,5s',
    '2562048h',
    '9223372036854775808ns',
  ]
  t.same(
    refused.filter((text) => parseDuration(text) !== null),
    [],
  )
  t.equal(parseDuration(`${'1'.repeat(100_000)}x`), null, 'in reasonable time')
})

// biome-ignore format: one row per line
const VALUES: Row[] = [
  ['[Time, type(Time), Time(1, 2), type(Time())]', '[builtin function, BUILTIN, #<TimeNamespace>, TIME_NAMESPACE]'],
  ['[type(Time.now), Time().now().location, type(TimeZone())]', '[BUILTIN, Local, TIMEZONE_NAMESPACE]'],
  ['Time.tomorrow()', '! undefined method tomorrow for Time namespace'],
  ['TimeZone().x', '! undefined method x for TimeZone namespace'],
  ['Duration.new(1)', '! undefined method new for Duration namespace'],
  ['len.new(1)', '! not a class: BUILTIN'],
  ['print.x', '! property access not supported for type BUILTIN'],
  ['Time.new(1)', '! wrong number of arguments. got=1, want=6 (year, month, day, hour, minute, second)'],
  ['Time.new(1, 1, 1, 1, 1, 1.0)', '! argument 6 to Time.new must be INTEGER, got FLOAT'],
  ['Time().new(2024, 2, 30, 0, 0, 0).month()', '3'],
  ['Time.new(9223372036854775807, 1, 1, 0, 0, 0).format("Jan Mon").length', '7'],
  ['Time.parse("x")', '! failed to parse time string: x'],
  ['t', '#<Time:-500000000 in Local>'],
  ['[t.unix, t.to_utc().millisecond(), t.to_utc().second(), t.to_utc().year()]', '[0, 500, 59, 1969]'],
  ['t.to_utc()', '#<Time:-500000000 in UTC>'],
  ['[t.is_equal?(t.to_utc()), t == t.to_utc(), t == t]', '[true, false, true]'],
  ['t.difference(t.add_duration(Duration.minutes(1)))', '#<Duration:-60000000000ns>'],
  ['t.is_before?(1)', '! argument to is_before? must be TIME, got INTEGER'],
  ['t.add_duration(1)', '! argument to add_duration must be DURATION, got INTEGER'],
  ['t.add_duration()', '! wrong number of arguments. got=0, want=1'],
  ['[t.year, type(t.year)]', '[#<TimeMethod:year on #<Time:-500000000 in Local>>, TIME_METHOD]'],
  ['t.era', '! unknown property era for Time'],
  ['t < t', '! unknown operator: TIME < TIME'],
  ['Time.parse("9999-12-31T00:00:00Z").difference(Time.parse("0001-01-01"))', '#<Duration:9223372036854775807ns>'],
  ['[Duration.seconds(1.9999999999), Duration.days(-0.5)]', '[#<Duration:1999999999ns>, #<Duration:-43200000000000ns>]'],
  ['[Duration.hours(1000000000.0 * 1000000), Duration.days(-9223372036854775807)]', '[#<Duration:9223372036854775807ns>, #<Duration:-9223372036854775808ns>]'],
  ['Duration.days(-9223372036854775807).abs()', '#<Duration:9223372036854775807ns>'],
  ['[d.hours(), d.minutes(), d.seconds(), d.milliseconds()]', '[-1, -30, -1, -250]'],
  ['[d.total_seconds(), d.total_minutes(), d.abs().total_days()]', '[-5401.25, -90.02083333333333, 0.06251446759259259]'],
  ['[d.multiply(0.5), d.divide(-2), d.add(d), d.subtract(d).is_zero?()]', '[#<Duration:-2700625000000ns>, #<Duration:2700625000000ns>, #<Duration:-10802500000000ns>, true]'],
  ['d.divide(0.0)', '! division by zero'],
  ['d.multiply("2")', '! argument to multiply must be INTEGER or FLOAT, got STRING'],
  ['d.subtract(2)', '! argument to subtract must be DURATION, got INTEGER'],
  ['Duration.weeks(1)', '! undefined method weeks for Duration namespace'],
  ['d + d', '! unknown operator: DURATION + DURATION'],
  ['"" + d == d', 'true'],
  ['TimeZone.parse("Asia/Tokyo")', '#<TimeZone:Asia/Tokyo offset:32400>'],
  ['[TimeZone.parse("Asia/Tokyo").abbreviation(), TimeZone.parse("").offset]', '[JST, 0]'],
  ['TimeZone.parse("utc")', '! failed to parse timezone: utc'],
  ['TimeZone.utc(1)', '! wrong number of arguments. got=1, want=0'],
  ['TimeZone.utc().abbreviation', '#<TimeZoneMethod:abbreviation on #<TimeZone:UTC offset:0>>'],
]

t.test('values and messages', async (t) => {
  const before = `
    t = Time.parse("1969-12-31T23:59:59.5Z")
    d = Duration.parse("-1h30m1.25s")`
  t.same(mismatches(VALUES, before), [])
})
