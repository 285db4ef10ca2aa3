/** The generator and the reducer of random programs, and a few of these in all native modes. */
import t from 'tap'
import { parse } from '../../lib/syntax/index.js'
import { Comparer } from './compare.js'
import { generate, KINDS } from './generate.js'
import { DEFAULT_MODES } from './plan.js'
import { reduce } from './reduce.js'

t.setTimeout(0)

t.test('programs parse and depend on their seed alone', async (t) => {
  for (const kind of KINDS) {
    const texts = new Set<string>()
    for (let seed = 0; seed < 300; seed++) {
      const text = generate(seed, kind)
      const { diagnostics } = parse(text, 'program.rush')
      if (diagnostics.length > 0) t.fail(`${kind} program ${seed} does not parse`, { diagnostics })
      texts.add(text)
      if (seed % 30 === 0) t.equal(generate(seed, kind), text, `${kind} program ${seed} is the same again`)
    }
    t.equal(texts.size, 300, `${kind} programs differ`)
  }
})

t.test('the reducer leaves what matters', async (t) => {
  const text = `
a = [1, 2, 3]
class Box { fn get() { return 5 } fn put(x) { @x = x } }
fn f(x, y) {
  while (x < 10) {
    try { x = x + y * 2 } finally { print("done") }
    if (x > 5) { return bad(a[1] + 3) } else { print(x) }
  }
}
print(f(1, 2), Box.new().get())
`
  const hasCall = async (smaller: string): Promise<boolean> => /bad\(.*\+/.test(smaller)
  t.equal((await reduce(text, hasCall)).trim(), 'bad(0 + 3)')
  t.equal(await reduce(text, async () => false), text, 'nothing smaller is of interest')
  t.equal(await reduce(text, hasCall, () => true), text, 'no time is left')
})

t.test('tiers agree on random programs', async (t) => {
  const comparer = new Comparer()
  t.teardown(() => comparer.stop())
  const modes = comparer.possible(DEFAULT_MODES)
  for (let seed = 1; seed <= 3; seed++) {
    for (const kind of KINDS) {
      const { findings, skipped } = await comparer.compare(generate(seed, kind), modes)
      t.same(findings, [], `--seed=${seed} --kind=${kind}`)
      t.notOk(skipped, 'it ends soon and needs little memory')
    }
  }
})

t.test('a difference is found, and what does not end is skipped', async (t) => {
  const comparer = new Comparer({ native: 2000, emulated: 2000 })
  t.teardown(() => comparer.stop())
  t.same(await comparer.compare('print(1)', ['vm']), { findings: [], skipped: false })
  t.match(await comparer.compare('print(builtin_random())', ['vm']), {
    findings: [{ mode: 'vm', difference: { stdout: /^line 1: expected/ } }],
  })
  t.same(await comparer.compare('while (true) { }', ['vm']), { findings: [], skipped: true })
})
