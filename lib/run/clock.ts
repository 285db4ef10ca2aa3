/** Milliseconds from some point on. Unlike `performance.now()` it loads no module of Node's for the first call. */
export function clock(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1e6
}
