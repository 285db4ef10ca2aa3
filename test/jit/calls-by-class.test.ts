/** Calls of methods where objects of several classes come: what is inlined, and what is chosen and called. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { hostTargetName } from '../../lib/jit/host.js'
import { runTool } from '../tools/run-tool.js'

const folder = mkdtempSync(join(tmpdir(), 'rush-test-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

const LOOP = 'for (i = 0; i < 2; i = i + 1) { n = n + @size }; n'

/** Calls, chosen methods and branches in `f`, which calls `get(n)` of objects of classes with these bodies of it. */
function made(
  bodies: readonly string[],
  ...flags: string[]
): { calls: number; chosen: number; branches: number } {
  const classes = bodies.map(
    (body, i) => `class C${i} { fn initialize() { @size = ${i} }; fn get(n) { ${body} } }`,
  )
  const source = `${classes.join('\n')}
    all = [${bodies.map((_, i) => `C${i}.new()`)}]
    f = fn(n) { return all[n % ${bodies.length}].get(n) }
    for (r = 0; r < 200; r = r + 1) { last = f(r) }
    print(last)`
  writeFileSync(join(folder, 'classes.rush'), source)
  const run = (...words: string[]) => runTool('rush-run', [...words, 'classes.rush'], '', { cwd: folder })
  const words = ['-jit', '-osr-threshold', '100000', '-dump', 'ir', '-dump-function', 'f']
  const { stdout, stderr } = run(...words, ...flags)
  if (stdout !== run('-bytecode').stdout) throw new Error(`${stdout}${stderr}`)
  const count = (pattern: RegExp): number => [...stderr.matchAll(pattern)].length
  return { calls: count(/ = call /g), chosen: count(/ = int\.select /g), branches: count(/ {2}branch /g) }
}

t.test('by class', { skip: hostTargetName() === null }, async (t) => {
  t.same(made(['@size', 'n + 1']), { calls: 0, chosen: 0, branches: 1 })
  t.same(made(['@size', 'n', '1', '@size + n']), { calls: 0, chosen: 0, branches: 3 })
  t.same(made(['@size', LOOP]), { calls: 1, chosen: 0, branches: 1 }, 'one is inlined, one is called')
  t.same(
    made([LOOP, LOOP]),
    { calls: 1, chosen: 2, branches: 0 },
    'what is not inlined is chosen and called once',
  )
  const quick = made([`if (n % 3 == 0) { return n }; ${LOOP}`, LOOP])
  t.same(quick, { calls: 2, chosen: 0, branches: 2 }, 'a quick way is one, too')
  const without = ['-jit-disable-pass', 'inline-calls', '-jit-disable-pass', 'inline-quick-ways']
  t.same(made(['@size', 'n + 1'], ...without), { calls: 1, chosen: 2, branches: 0 })
})
