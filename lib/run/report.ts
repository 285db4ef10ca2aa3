/** What an uncaught error looks like on standard error (core.md 10.4): `TYPE: MESSAGE`, place, stack. */
import { errorParts } from '../runtime/errors.js'
import type { Runtime } from '../runtime/runtime.js'
import type { PlaceInSource } from '../runtime/trace.js'
import { sourceExcerpt } from '../syntax/index.js'
import { timeoutText } from './time-limit.js'

/** Of a longer stack only the two ends are shown, so many lines each. */
const STACK_ENDS = 50

export function uncaughtReport(rt: Runtime): string {
  const { type, message, source, line, column, stack } = errorParts(rt, rt.errorSlot)
  const lines = [`${type}: ${message}`]
  if (line > 0 && source !== null) lines.push(...placeLines({ source, line, column }))
  if (stack !== '') lines.push(...shortened(stack.split('\n')))
  return `${lines.join('\n')}\n`
}

/** What is said of a run that took too long. */
export function timeoutReport(seconds: number, place: PlaceInSource | null): string {
  const lines = [timeoutText(seconds), ...(place === null ? [] : placeLines(place))]
  return `${lines.join('\n')}\n`
}

function placeLines({ source, line, column }: PlaceInSource): string[] {
  return [`  in ${source.file}, line ${line}:${column}`, sourceExcerpt(source.text, line, column)]
}

function shortened(calls: string[]): string[] {
  const omitted = calls.length - 2 * STACK_ENDS
  if (omitted > 0) calls.splice(STACK_ENDS, omitted, `  ... ${omitted} more calls`)
  return calls
}
