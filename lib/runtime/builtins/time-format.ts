/** `format`: layouts made of the parts of a sample date (system.md section 5.4). */
import { abbreviationOf, type Fields, type Moment } from './moments.js'

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const
const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const

/** What `format_iso` and `format_rfc3339` write. */
export const ISO_LAYOUT = '2006-01-02T15:04:05Z07:00'

type Writer = (fields: Fields, place: Moment['place']) => string

function digits(value: number, width: number, filler = '0'): string {
  const text = String(Math.abs(value)).padStart(width, filler)
  return value < 0 ? `-${text}` : text
}

function monthName({ month }: Fields): string {
  return MONTHS[month - 1] as string
}

function weekdayName({ weekday }: Fields): string {
  return WEEKDAYS[weekday] as string
}

function hour12({ hour }: Fields): number {
  return hour % 12 === 0 ? 12 : hour % 12
}

/** Hours, minutes and seconds east of UTC, as many as `parts` says, with `colon` between them. */
function offsetText(offset: number, parts: number, colon: string): string {
  const distance = Math.abs(offset)
  const all = [Math.floor(distance / 3600), Math.floor(distance / 60) % 60, distance % 60]
  const shown = all.slice(0, parts).map((part) => digits(part, 2))
  return `${offset < 0 ? '-' : '+'}${shown.join(colon)}`
}

/** An offset in one of the five forms; `Z…` writes `Z` for UTC. */
function offsetPieces(): (readonly [string, Writer])[] {
  const forms = [
    ['070000', 3, ''],
    ['07:00:00', 3, ':'],
    ['0700', 2, ''],
    ['07:00', 2, ':'],
    ['07', 1, ''],
  ] as const
  return forms.flatMap(([form, parts, colon]) => {
    const write: Writer = ({ offset }) => offsetText(offset, parts, colon)
    return [
      [`-${form}`, write],
      [`Z${form}`, (fields, place) => (fields.offset === 0 ? 'Z' : write(fields, place))],
    ] as const
  })
}

/** The pieces with fixed texts. */
const PIECES: ReadonlyMap<string, Writer> = new Map<string, Writer>([
  ['2006', ({ year }) => digits(year, 4)],
  ['06', ({ year }) => digits(Math.max(0, year) % 100, 2)],
  ['1', ({ month }) => String(month)],
  ['01', ({ month }) => digits(month, 2)],
  ['Jan', (fields) => monthName(fields).slice(0, 3)],
  ['January', monthName],
  ['2', ({ day }) => String(day)],
  ['02', ({ day }) => digits(day, 2)],
  ['_2', ({ day }) => digits(day, 2, ' ')],
  ['002', ({ yearDay }) => digits(yearDay, 3)],
  ['__2', ({ yearDay }) => digits(yearDay, 3, ' ')],
  ['Mon', (fields) => weekdayName(fields).slice(0, 3)],
  ['Monday', weekdayName],
  ['15', ({ hour }) => digits(hour, 2)],
  ['3', (fields) => String(hour12(fields))],
  ['03', (fields) => digits(hour12(fields), 2)],
  ['4', ({ minute }) => String(minute)],
  ['04', ({ minute }) => digits(minute, 2)],
  ['5', ({ second }) => String(second)],
  ['05', ({ second }) => digits(second, 2)],
  ['PM', ({ hour }) => (hour < 12 ? 'AM' : 'PM')],
  ['pm', ({ hour }) => (hour < 12 ? 'am' : 'pm')],
  ['MST', (fields, place) => abbreviationOf(place, fields)],
  ...offsetPieces(),
])

/** Conditions on what follows a piece. */
const CONDITIONS: Readonly<Record<string, string>> = {
  Jan: '(?![a-z])',
  Mon: '(?![a-z])',
  // `_2006` is an underscore and the year.
  _2: '(?!006)',
}

/** Any piece, longer ones first; a fraction is a run of one digit that no other digit follows. */
const PIECE = new RegExp(
  Array.from(PIECES.keys())
    .sort((a, b) => b.length - a.length)
    .map((piece) => piece + (CONDITIONS[piece] ?? ''))
    .concat('[.,](?:0+|9+)(?!\\d)')
    .join('|'),
  'g',
)

/** A fraction of the second: `.000` has exactly that many digits, `.999` drops zeros at the end. */
function fraction(piece: string, { nanosecond }: Fields): string {
  const shown = digits(nanosecond, 9).slice(0, piece.length - 1)
  if (piece[1] === '0') return `${piece[0]}${shown}`
  const kept = shown.replace(/0+$/, '')
  return kept === '' ? '' : `${piece[0]}${kept}`
}

/** The moment's fields in place of the pieces of a layout. */
export function formatFields(layout: string, fields: Fields, place: Moment['place']): string {
  return layout.replace(PIECE, (piece) => PIECES.get(piece)?.(fields, place) ?? fraction(piece, fields))
}
