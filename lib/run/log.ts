/** Log lines on standard error (command-line.md section 4) and Go-style durations. */
import { type ErrorSink, LOG_LEVELS, type LogLevel } from './options.js'

function two(value: number): string {
  return String(value).padStart(2, '0')
}

/** `2026/11/22 06:42:45.020183`, local time. */
function timestamp(now: Date, micros: number): string {
  const date = `${now.getFullYear()}/${two(now.getMonth() + 1)}/${two(now.getDate())}`
  const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`
  return `${date} ${time}.${String(micros).padStart(6, '0')}`
}

export class Log {
  private readonly threshold: number

  constructor(
    level: LogLevel,
    private readonly errors: ErrorSink,
  ) {
    this.threshold = LOG_LEVELS.indexOf(level)
  }

  enabled(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) <= this.threshold
  }

  line(level: Exclude<LogLevel, 'none'>, text: string): void {
    if (!this.enabled(level)) return
    const now = performance.timeOrigin + performance.now()
    const micros = Math.floor((now % 1000) * 1000)
    this.errors.write(`[VM] ${timestamp(new Date(now), micros)} ${level.toUpperCase()}: ${text}\n`)
  }
}

/** `0s`, `812ns`, `101.981µs`, `1.981927ms`, `2.5s`, `1m3.2s`. */
export function formatDuration(milliseconds: number): string {
  const nanoseconds = Math.round(milliseconds * 1e6)
  if (nanoseconds === 0) return '0s'
  if (nanoseconds < 1000) return `${nanoseconds}ns`
  if (nanoseconds < 1e6) return `${nanoseconds / 1e3}µs`
  if (nanoseconds < 1e9) return `${nanoseconds / 1e6}ms`
  const seconds = nanoseconds / 1e9
  const minutes = Math.floor(seconds / 60)
  if (minutes === 0) return `${seconds}s`
  const rest = `${Math.round((seconds - minutes * 60) * 1e9) / 1e9}s`
  return minutes < 60 ? `${minutes}m${rest}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${rest}`
}
