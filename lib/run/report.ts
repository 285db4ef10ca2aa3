/** What an uncaught error looks like on standard error (core.md 10.4): `TYPE: MESSAGE`, place, stack. */
import { errorParts } from '../runtime/errors.js'
import type { Runtime } from '../runtime/runtime.js'
import { sourceExcerpt } from '../syntax/index.js'

export function uncaughtReport(rt: Runtime): string {
  const { type, message, source, line, column, stack } = errorParts(rt, rt.errorSlot)
  const lines = [`${type}: ${message}`]
  if (line > 0 && source !== null)
    lines.push(`  in ${source.file}, line ${line}:${column}`, sourceExcerpt(source.text, line, column))
  if (stack !== '') lines.push(stack)
  return `${lines.join('\n')}\n`
}
