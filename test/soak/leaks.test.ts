/** What a program drops is freed, in all tiers: each of these makes many times what the heap holds. */
import t from 'tap'
import { runSource } from '../../lib/run/index.js'
import { defaultRunOptions, type Mode, type RunOptions } from '../../lib/run/options.js'

// The machine may be busy.
t.setTimeout(240_000)

const MODES: readonly Mode[] = ['interpreter', 'bytecode', 'jit']

/** What a program prints, and its exit code. */
async function run(text: string, mode: Mode, changes: Partial<RunOptions> = {}): Promise<[string, number]> {
  let printed = ''
  const output = {
    write(piece: string): void {
      printed += piece
    },
    flush(): void {},
  }
  const errors = output
  const options: RunOptions = {
    ...defaultRunOptions(output),
    maxHeap: 6 << 20,
    maxDepth: 1000,
    maxCacheSize: 2 << 20,
    errors,
    ...changes,
  }
  const code = await runSource({ text, file: 'p.rush', mode, options })
  // Where there is no native code the VM says so.
  return [printed.replace(/^rush: .* running in the bytecode VM\n/, ''), code]
}

/**
 * Two classes for each turn, whose objects differ in their methods and in the places of their variables, at places
 * in memory where there were others before.
 */
const CLASSES = `
make = fn(i) {
  if (i % 3 == 0) {
    class A {
      fn initialize(v) { @a = v }
      fn get() { return @a }
    }
    return A.new(i)
  }
  class B {
    fn initialize(v) { @b = 1
      @a = v }
    fn get() { return @a + @b + self.more() }
    fn more() { return 10 }
  }
  class C < B {
    fn initialize(v) { super(v + 1) }
    fn more() { return super() * 2 }
  }
  return if (i % 3 == 1) { B.new(i) } else { C.new(i) }
}
use = fn(object) { return object.get() }
sum = 0
for (i = 0; i < TURNS; i = i + 1) { sum = sum + use(make(i)) }
print(sum)
`

/** The sum that CLASSES prints. */
function sumOf(turns: number): number {
  let sum = 0
  for (let i = 0; i < turns; i++) sum += i + (i % 3 === 0 ? 0 : i % 3 === 1 ? 11 : 22)
  return sum
}

t.test('classes that nothing mentions any more', async (t) => {
  const turns = 30_000
  const text = CLASSES.replace('TURNS', String(turns))
  for (const mode of MODES) t.same(await run(text, mode), [`${sumOf(turns)}\n`, 0], mode)
})

t.test('feedback and native code do not take new classes for old ones', async (t) => {
  const turns = 400
  const text = CLASSES.replace('TURNS', String(turns))
  const stress = { gcStress: true, hotThreshold: 20, osrThreshold: 30 }
  for (const mode of MODES) t.same(await run(text, mode, stress), [`${sumOf(turns)}\n`, 0], mode)
})

const DROPPED: Readonly<Record<string, string>> = {
  'closures and their variables': 'f = fn(i) { n = [i, i, i]; return fn() { n } }\nlast = f',
  'regular expressions': 'f = fn(i) { return Regexp("a" + i % 7) }\nlast = f',
  'JSON documents': 'f = fn(i) { return JSON.parse("[1, 2, 3, {}]") }\nlast = f',
  'errors and their stacks': 'f = fn(i) { try { throw Error("e" + i) } catch (e) { return e } }\nlast = f',
  'method values and bound methods':
    'class A { fn m() { 1 } }\nf = fn(i) { return [A.new().m, "s".upper, [i].map] }\nlast = f',
  'moments and zones': 'f = fn(i) { return [Time.now(), TimeZone.utc()] }\nlast = f',
  'hashes that lose keys': 'f = fn(i) { h = {"a": i, i: i}\n return h.delete(i) }\nlast = f',
}

for (const [name, text] of Object.entries(DROPPED)) {
  t.test(name, async (t) => {
    const loop = `${text}\nfor (i = 0; i < 60000; i = i + 1) { last = f(i) }\nprint("end")\n`
    for (const mode of MODES) t.same(await run(loop, mode), ['end\n', 0], mode)
  })
}
