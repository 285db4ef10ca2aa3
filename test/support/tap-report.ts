/** Reads the TAP output of one test file: counts its assertions and keeps what belongs to failures. */

export interface TapReport {
  passed: number
  failed: number
  /** Reasons of skipped tests, as written. */
  skipped: string[]
  /** Every failed assertion with its diagnostics. */
  failures: string[]
}

const RESULT = /^( *)(not )?ok\b(.*)$/
const SKIP = /#\s*(?:SKIP|TODO)\S*\s*(.*)$/i
const INDENT = 4

/**
 * A result line that closes a subtest only sums up the lines indented below it and is not counted
 * again, unless it fails although nothing below it did (a timeout, a plan that was not met).
 */
export function readTap(text: string): TapReport {
  const report: TapReport = { passed: 0, failed: 0, skipped: [], failures: [] }
  const lines = text.split('\n')
  /** Results and failures seen below each level of indentation since its last result line. */
  const below: { results: number; failed: number }[] = []
  for (let index = 0; index < lines.length; index++) {
    const match = RESULT.exec(lines[index] as string)
    if (!match) continue
    const level = (match[1] as string).length / INDENT
    const failed = match[2] !== undefined
    const inner = below[level] ?? { results: 0, failed: 0 }
    below.length = Math.min(below.length, level)
    const skip = SKIP.exec(match[3] as string)
    if (skip) report.skipped.push(skip[1] || (match[3] as string).trim())
    else if (failed && inner.failed === 0) {
      report.failed++
      report.failures.push(withDiagnostics(lines, index))
    } else if (!failed && inner.results === 0) report.passed++
    for (let outer = 0; outer < level; outer++) {
      const entry = below[outer] ?? { results: 0, failed: 0 }
      below[outer] = entry
      entry.results++
      if (failed && !skip) entry.failed++
    }
  }
  return report
}

/** A result line and the block of diagnostics behind it. */
function withDiagnostics(lines: readonly string[], start: number): string {
  let end = start + 1
  if (/^ *---$/.test(lines[end] ?? '')) {
    while (end < lines.length && !/^ *\.\.\.$/.test(lines[end] as string)) end++
  }
  return lines.slice(start, Math.min(end, start + 60)).join('\n')
}
