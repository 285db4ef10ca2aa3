/** The soak program: `server.rush`, with functions made here and a main loop. */
import { readFileSync } from 'node:fs'

/** Functions that are hot now and then: more than the code cache of the soak holds. */
const WORKERS = 60

/** Each differs from the others, so that none can stand in for another. */
function worker(number: number): string {
  return `fn(x) {
  a = x % ${number + 7}
  for (i = 0; i < ${(number % 5) + 2}; i = i + 1) { a = a * ${number + 3} % 10007 + i }
  return a - ${number}
}`
}

/**
 * Runs until there is a file `stop` in the working folder, or for some batches; prints a line behind each:
 * its number and a checksum.
 */
export function soakProgram({ batch, batches }: { batch: number; batches: number }): string {
  const workers = Array.from({ length: WORKERS }, (_, number) => worker(number))
  return `${readFileSync('test/soak/server.rush', 'utf8')}
workers = [${workers.join(', ')}]
for (batch = 0; batch < ${batches} && !file("stop").exists?(); batch = batch + 1) {
  sum = serve(batch * ${batch}, ${batch})
  print(batch + " " + sum)
}
`
}
