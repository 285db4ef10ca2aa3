/** Functions that the JIT does not compile run as fast as without it: nobody looks on any more. */
import t from 'tap'
import { withFile } from '../jit/tools.js'
import { runTool } from './run-tool.js'

t.setTimeout(600_000)

/** Calls, loops and branches: what is observed. */
const PROGRAM = `
step = fn(n, list) {
  sum = 0
  for (i = 0; i < 50; i = i + 1) { if ((i + n) % 3 == 0) { sum = sum + list[i % 4] } else { sum = sum + 1 } }
  return sum
}
total = 0
for (round = 0; round < 40000; round = round + 1) { total = (total + step(round, [1, 2, 3, 4])) % 1000003 }
print(total)
`
/** Observing each instruction takes five times as long and more. */
const MOST = 2

t.test('what is refused is not observed any more', async (t) => {
  withFile('program.rush', PROGRAM, (file) => {
    const outputs = new Set<string>()
    /** The shorter of two runs, in milliseconds: other tests run meanwhile. */
    const time = (...flags: string[]): number => {
      const times = [1, 2].map(() => {
        const started = performance.now()
        outputs.add(runTool('rush-run', [...flags, file]).stdout)
        return performance.now() - started
      })
      return Math.min(...times)
    }
    const usual = time('-bytecode')
    const refused = time('-jit', '-max-compiled-functions=0')
    t.equal(outputs.size, 1)
    t.ok(refused < MOST * usual, `${refused} ms, ${usual} ms with -bytecode`)
  })
})
