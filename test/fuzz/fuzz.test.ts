/** The generator and the reducer of random programs, and a few of these in all native modes. */
import t from 'tap'
import { parse } from '../../lib/syntax/index.js'
import { FULL } from '../support/full.js'
import { Comparer } from './compare.js'
import { type Count, Coverage } from './cover.js'
import { fileMark, splitFiles } from './files.js'
import { generate, KINDS, type ProgramKind } from './generate.js'
import { DEFAULT_MODES } from './plan.js'
import { reduce } from './reduce.js'

t.setTimeout(0)

t.test('programs parse and depend on their seed alone', async (t) => {
  for (const kind of KINDS) {
    const texts = new Set<string>()
    for (let seed = 0; seed < 300; seed++) {
      const text = generate(seed, kind)
      const { main, others } = splitFiles(text)
      for (const part of [main, ...others.values()]) {
        const { diagnostics } = parse(part, 'program.rush')
        if (diagnostics.length > 0) t.fail(`${kind} program ${seed} does not parse`, { diagnostics })
      }
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

/** With --full programs are run for so long; otherwise one of each kind. */
const SECONDS = 60

t.test('tiers agree on random programs', async (t) => {
  const comparer = new Comparer()
  t.teardown(() => comparer.stop())
  const modes = comparer.possible(DEFAULT_MODES)
  const end = Date.now() + SECONDS * 1000
  for (let seed = 1; seed === 1 || (FULL && Date.now() < end); seed++) {
    for (const kind of KINDS) {
      const { findings, skipped } = await comparer.compare(generate(seed, kind), modes)
      t.same(findings, [], `--seed=${seed} --kind=${kind}`)
      t.notOk(skipped, 'it ends soon and needs little memory')
    }
  }
})

t.test('programs of several files', async (t) => {
  const text = `import { a } from "./mod"\nprint(a)\n${fileMark('mod.rush')}\nexport a = "of a module"\n`
  const { main, others } = splitFiles(text)
  t.equal(main, 'import { a } from "./mod"\nprint(a)')
  t.same([...others], [['mod.rush', 'export a = "of a module"\n']])
  const comparer = new Comparer()
  t.teardown(() => comparer.stop())
  t.same(await comparer.compare(text, ['vm']), { findings: [], skipped: false })
})

t.test('what programs cover is counted', async (t) => {
  const coverage = new Coverage()
  t.teardown(() => coverage.end())
  await coverage.add(`
f = fn(a, b) { t = 0; for (i = 0; i < 9; i = i + 1) { t = t + a[i % 3] * b } return t }
for (j = 0; j < 20; j = j + 1) { f([1, 2, 3], (if (j < 15) { 2 } else { 0.5 })) }
print("abc".upper(), [].length, len("a"))
`)
  const occurs = (count: Count, row: string): boolean => !count.missing.includes(row)
  t.ok(occurs(coverage.nodes, 'ForStatement') && !occurs(coverage.nodes, 'WhileStatement'))
  t.ok(occurs(coverage.operators, '*') && !occurs(coverage.operators, '/'))
  t.ok(occurs(coverage.builtins, 'len') && !occurs(coverage.builtins, 'ord'))
  t.ok(occurs(coverage.members, 'string.upper') && !occurs(coverage.members, 'string.lower'))
  t.ok(occurs(coverage.members, 'array.length'))
  t.ok(occurs(coverage.opcodes, 'GetIndex') && !occurs(coverage.opcodes, 'Throw'))
  t.ok(occurs(coverage.ops, 'int.mul') && !occurs(coverage.ops, 'string.add'))
  t.ok(occurs(coverage.exits, 'notInteger') && !occurs(coverage.exits, 'notClass'))
  t.match(coverage.operators.report, /^operators: \d+ of 15; never /)
})

t.test('programs cover the language', { skip: !FULL && 'only with --full' }, async (t) => {
  const coverage = new Coverage()
  t.teardown(() => coverage.end())
  for (let seed = 0; seed < 40 * KINDS.length; seed++)
    await coverage.add(generate(seed, KINDS[seed % KINDS.length] as ProgramKind))
  for (const { title, missing } of [coverage.nodes, coverage.operators]) t.same(missing, [], title)
  t.ok(coverage.ops.missing.length < 10, `IR: ${coverage.ops.missing.join(' ')}`)
  t.ok(coverage.members.missing.length < 15, `members: ${coverage.members.missing.join(' ')}`)
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
