/** Loops whose first pass is built apart: when that is done, and what is left in the loop. */
import t from 'tap'
import { Op } from '../../lib/bytecode/opcodes.js'
import { Tag } from '../../lib/heap/layout.js'
import { emptyWorld } from '../../lib/jit/build/world.js'
import { compileToIr } from '../../lib/jit/compile.js'
import { type Block, type Graph, type Instruction, isConstant } from '../../lib/jit/ir/graph.js'
import type { OpName } from '../../lib/jit/ir/ops.js'
import { printGraph } from '../../lib/jit/ir/print.js'
import type { PassName } from '../../lib/jit/pass-names.js'
import { builtinIndex } from '../../lib/runtime/builtins/registry.js'
import { feedbackOf, functionOf, instructionsOf, loopsIn, programOf } from './tools.js'

interface Compiled {
  readonly graph: Graph
  readonly text: string
  /** Of loops, inner ones first. */
  readonly headers: readonly Block[]
  /** Instructions of loops. */
  readonly inside: readonly Instruction[]
}

/**
 * @param body of a function with the parameters a, n and x
 * @param seen the tag that all operands had
 * @param entry tags of the frame where code begins at its last loop
 */
function compiled(
  body: string,
  seen: number = Tag.FLOAT,
  without: readonly PassName[] = [],
  entry: readonly number[] | null = null,
): Compiled {
  const program = programOf(`f = fn(a, n, x) { ${body} }`)
  const fn = functionOf(program, 'f')
  const loops = fn.code.flatMap((word, at) => (word === Op.Loop ? [fn.code[at + 1] as number] : []))
  const options = {
    world: emptyWorld(builtinIndex),
    verify: true,
    disabledPasses: new Set(without),
    ...(entry !== null && { entry: { position: Math.max(...loops), tags: entry } }),
  }
  const graph = compileToIr(program, fn, feedbackOf(program, fn, seen), options)
  return {
    graph,
    text: printGraph(graph),
    headers: loopsIn(graph).map(([header]) => header),
    inside: instructionsOf(graph, true),
  }
}

const without = (body: string, seen?: number): Compiled => compiled(body, seen, ['peel-loops'])
const count = (list: readonly Instruction[], op: OpName): number => list.filter((one) => one.op === op).length
const all = ({ graph }: Compiled): Instruction[] => graph.blocks.flatMap(({ instructions }) => instructions)
const asksTags = ({ inside }: Compiled): number =>
  inside.filter(
    ({ op, args }) =>
      /^(guard\.(tag|nottag|number)|number\.tofloat|truthy)$/.test(op) && !isConstant(args[0] as Instruction),
  ).length

/** How many parameters of each class the loop's header has. */
const classesOf = (header: Block | undefined): string =>
  (header?.parameters ?? [])
    .map(({ valueClass }) => valueClass)
    .sort()
    .join('')

const SUM = 's = 0; for (i = 0; i < 1000; i = i + 1) { s = s + 1.5 * i }; return s'

t.test('a sum that becomes a FLOAT is one in the loop', async (t) => {
  const peeled = compiled(SUM)
  t.equal(asksTags(peeled), 0, peeled.text)
  t.equal(classesOf(peeled.headers[0]), 'fi')
  const whole = without(SUM)
  t.ok(asksTags(whole) > 0, whole.text)
  t.equal(classesOf(whole.headers[0]), 'iii')
})

t.test('what takes the place of null is not compared with it any more', async (t) => {
  const body =
    'last = null; s = 1; for (i = 0; i < 1000; i = i + 1) { if (last != null) { s = s + last }; last = i * 2 }; return s'
  const peeled = compiled(body, Tag.INTEGER)
  t.equal(asksTags(peeled), 0, peeled.text)
  t.equal(count(peeled.inside, 'branch'), 1, 'only the test whether it goes on')
  t.ok(count(without(body, Tag.INTEGER).inside, 'branch') > 1)
})

t.test('types that come at the third pass take two', async (t) => {
  const body = 'b = 0; c = 1; for (i = 0; i < 1000; i = i + 1) { b = c; c = c + 0.5 }; return b'
  const peeled = compiled(body)
  t.equal(classesOf(peeled.headers[0]), 'ffi', peeled.text)
  t.equal(count(all(peeled), 'float.add'), 3)
})

t.test('types that only a guard in the loop tells', async (t) => {
  const body = 's = a; for (i = 0; i < 1000; i = i + 1) { s = s + i }; return s'
  const peeled = compiled(body, Tag.INTEGER)
  t.equal(asksTags(peeled), 0, peeled.text)
  t.equal(classesOf(peeled.headers[0]), 'ii')
  t.equal(asksTags(without(body, Tag.INTEGER)), 1)
})

t.test('loops whose types hold, or never do, are not peeled', async (t) => {
  for (const body of [
    's = 0; for (i = 0; i < n; i = i + 1) { s = s + i }; return s',
    's = 0.5; for (i = 0; i < n; i = i + 1) { s = s + 0.5 }; return s',
    'p = 1; q = 0.5; for (i = 0; i < n; i = i + 1) { t = p; p = q; q = t }; return p',
    's = 0; for (i = 0; i < n; i = i + 1) { if (x > i) { s = 0.5 } else { s = null } }; return s',
    's = 0; for (i = 0; i < n; i = i + 1) { if (x > i) { s = s + 0.5 } }; return s',
  ]) {
    t.equal(compiled(body, Tag.INTEGER).text, without(body, Tag.INTEGER).text, body)
  }
})

t.test('neither are large loops, nor very many', async (t) => {
  const loop = (inner: string): string => `s = 0; for (i = 0; i < n; i = i + 1) { s = s + 0.5; ${inner} }; `
  const large = `${loop('a = a + 1; '.repeat(100))} return s`
  t.equal(compiled(large, Tag.INTEGER).text, without(large, Tag.INTEGER).text)
  const many = compiled(`${loop('').repeat(20)} return s`, Tag.INTEGER)
  t.equal(many.headers.length, 20)
  t.equal(many.headers.filter((header) => classesOf(header) === 'fi').length, 8)
})

t.test('a peeled pass has no poll, and leaves at the positions of the loop', async (t) => {
  const body = 's = 0; for (i = 0; i < len(a); i = i + 1) { s = s + a[i] }; return s'
  const peeled = compiled(body)
  t.equal(count(all(peeled), 'poll'), 1)
  const guards = all(peeled).filter(
    ({ op, snapshot }) => op === 'guard.tag' && snapshot?.reason === 'notFloat',
  )
  t.equal(guards.length, 2, peeled.text)
  const [first, second] = guards as [Instruction, Instruction]
  t.equal(first.snapshot?.position, second.snapshot?.position)
  t.ok(peeled.inside.includes(second) && !peeled.inside.includes(first))
})

t.test('passes that go on in several places meet before the loop', async (t) => {
  const body =
    's = 0; i = 0; while (i < n) { i = i + 1; if (i % 3 == x) { s = s + 0.5; continue }; s = s + 1.5 }; return s'
  const peeled = compiled(body, Tag.INTEGER)
  t.equal(asksTags(peeled), 0, peeled.text)
  const [header] = peeled.headers as [Block]
  t.ok(header.entrySnapshot)
  t.equal(header.predecessors.filter((block) => block.id < header.id).length, 1)
})

t.test('loops in loops', async (t) => {
  // The number of passes is known to be more than none, so the outer loop has a FLOAT, too.
  const fixed = compiled(
    's = 0; for (i = 0; i < 9; i = i + 1) { for (j = 0; j < 3; j = j + 1) { s = s + 0.5 } }; return s',
    Tag.INTEGER,
  )
  t.equal(asksTags(fixed), 0, fixed.text)
  t.same(fixed.headers.map(classesOf), ['fi', 'fi', 'fi'], 'the inner loop of the peeled pass, and both')
  // Each outer pass begins with an INTEGER again.
  const rows =
    't = 0.5; for (i = 0; i < n; i = i + 1) { s = 0; for (j = 0; j < i; j = j + 1) { s = s + x }; t = t * s }; return t'
  t.equal(classesOf(compiled(rows).headers[0]), 'fi')
  t.equal(classesOf(without(rows).headers[0]), 'iii')
})

t.test('code that begins at a loop', async (t) => {
  const settled = compiled(SUM, Tag.FLOAT, [], [Tag.ARRAY, Tag.INTEGER, Tag.FLOAT, Tag.FLOAT, Tag.INTEGER])
  t.equal(count(all(settled), 'float.add'), 1, 'in the midst of a loop types are those of later passes')
  // Then the outer loop brings the first type again, though the loop had the second when it became hot.
  const nested =
    'for (i = 0; i < n; i = i + 1) { s = 0; for (j = 0; j < n; j = j + 1) { s = s + x } }; return i'
  const inner = compiled(
    nested,
    Tag.FLOAT,
    [],
    [Tag.ARRAY, Tag.INTEGER, Tag.FLOAT, Tag.INTEGER, Tag.FLOAT, Tag.INTEGER],
  )
  t.equal(classesOf(inner.headers[0]), 'fi', inner.text)
})

t.test('file-level variables', async (t) => {
  const program = programOf(
    's = 0\nf = fn(n) { s = 0; for (i = 0; i < n; i = i + 1) { s = s + 0.5 }; return s }\nf(1)',
  )
  const fn = program.functions.find(({ name }) => name === 'f')
  if (fn === undefined) throw new Error('no f')
  const text = printGraph(
    compileToIr(program, fn, feedbackOf(program, fn, Tag.INTEGER), {
      world: emptyWorld(builtinIndex),
      verify: true,
    }),
  )
  t.match(text, /\(v\d+: i, v\d+: f\): loop|\(v\d+: f, v\d+: i\): loop/)
})
