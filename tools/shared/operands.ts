/** What the tools that turn one document into another have in common on their command lines. */
import type { Flag } from '../../lib/run/options.js'
import { UsageError } from './flags.js'

/** `-o FILE` */
export const outputFlag: Flag = {
  name: 'o',
  type: 'string',
  default: '',
  value: 'FILE',
  description: 'Write to FILE instead of standard output',
}

/** The one file named behind the flags, if any; @throws UsageError if there are more words. */
export function onlyFile(operands: readonly string[]): string | undefined {
  const extra = operands[1]
  if (extra === undefined) return operands[0]
  const hint = extra.startsWith('-') ? ' (flags go in front of the file)' : ''
  throw new UsageError(`unexpected argument: ${extra}${hint}`)
}
