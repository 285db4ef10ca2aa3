/** Around the heap and the code there is memory that nobody may touch. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { hostTarget } from '../../lib/jit/target.js'

const POKE = fileURLToPath(new URL('./poke.js', import.meta.url))
const native = hostTarget() === null ? { skip: 'no native code for this CPU' } : {}
/** Of macOS and of Linux. */
const DEATHS: ReadonlySet<string | null> = new Set(['SIGBUS', 'SIGSEGV'])

t.test('who writes beside the heap dies', native, async (t) => {
  const poke = (where: string) => spawnSync(process.execPath, [POKE, where], { encoding: 'utf8' })
  for (const where of ['the first byte of the heap', 'the last byte of the heap']) {
    const { stdout, status } = poke(where)
    t.same([stdout, status], ['ok', 0], where)
  }
  for (const where of [
    'below the heap',
    'far below the heap',
    'behind the heap',
    'far behind the heap',
    'the guard of the fiber',
    'behind the code',
    'far behind the code',
  ]) {
    const { stdout, signal } = poke(where)
    t.equal(stdout, '', where)
    t.ok(DEATHS.has(signal), `${where}: ${signal}`)
  }
})
