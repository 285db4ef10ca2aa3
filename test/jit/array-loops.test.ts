/** What loops over arrays do before they begin, and what is left in them. */
import t from 'tap'
import { Tag } from '../../lib/heap/layout.js'
import { emptyWorld } from '../../lib/jit/build/world.js'
import { compileToIr } from '../../lib/jit/compile.js'
import type { Block, Graph, Instruction } from '../../lib/jit/ir/graph.js'
import type { OpName } from '../../lib/jit/ir/ops.js'
import { printGraph } from '../../lib/jit/ir/print.js'
import type { PassName } from '../../lib/jit/pass-names.js'
import { builtinIndex } from '../../lib/runtime/builtins/registry.js'
import { SiteFeedback } from '../../lib/vm/feedback.js'
import { feedbackOf, functionOf, instructionsOf, programOf } from './tools.js'

interface Compiled {
  readonly graph: Graph
  readonly text: string
  /** Instructions of loops, and of all else. */
  readonly inside: readonly Instruction[]
  readonly outside: readonly Instruction[]
}

/** @param checksEach whether the guards of its first loop have failed too often */
function compiled(body: string, without: readonly PassName[] = [], checksEach = false): Compiled {
  const program = programOf(`f = fn(a, b, n, s) { ${body}; return 0 }`)
  const fn = functionOf(program, 'f')
  const world = emptyWorld(builtinIndex)
  const feedback = new Map(feedbackOf(program, fn, Tag.INTEGER))
  // A peeled pass checks for itself: what is asked here is about the loop.
  const options = { world, verify: true, disabledPasses: new Set<PassName>(['peel-loops', ...without]) }
  let graph = compileToIr(program, fn, feedback, options)
  if (checksEach) {
    const header = graph.blocks.find(({ loopHeader }) => loopHeader) as Block
    const site = new SiteFeedback()
    site.checksEach = true
    graph = compileToIr(program, fn, new Map([...feedback, [header.position, site]]), options)
  }
  return {
    graph,
    text: printGraph(graph),
    inside: instructionsOf(graph, true),
    outside: instructionsOf(graph, false),
  }
}

const count = (list: readonly Instruction[], op: OpName): number => list.filter((one) => one.op === op).length

const READ = 'for (i = 0; i < n; i = i + 1) { s = s + a[i] }'

t.test('a guard before the loop takes the place of checks in it', async (t) => {
  for (const loop of [
    READ,
    'for (i = 2; i <= n; i = i + 3) { s = s + a[i - 1] + a[i + 1] }',
    'for (i = n; i >= 0; i = i - 1) { s = s + a[i] }',
    'for (i = n; i > s; i = i - 2) { b = a[i] }',
    'i = 0; while (n > i) { s = s + a[i]; i = i + 1 }',
    'for (i = 0; i < n; i = i + s) { b = a[i] }',
    'for (i = 0; i < 5; i = i + 1) { b = a[n * 5 + i] }',
  ]) {
    const { inside, outside, text } = compiled(loop)
    t.equal(count(inside, 'guard.below'), 0, `${loop}\n${text}`)
    t.ok(count(outside, 'guard.le') > 0, loop)
    t.ok(
      outside.some(({ snapshot }) => snapshot?.reason === 'loopRange'),
      'it leaves at the header',
    )
  }
})

t.test('where the end is the length of the array nothing is left to ask', async (t) => {
  const { inside, outside } = compiled('for (i = 0; i < a.length; i = i + 1) { s = s + a[i] }')
  t.equal(count(inside, 'guard.below') + count(outside, 'guard.below') + count(outside, 'guard.le'), 0)
})

t.test('checks stay where guards cannot do', async (t) => {
  for (const loop of [
    // Surely too far, or not as far apart as the counter's values.
    'for (i = 0; i < a.length; i = i + 1) { s = s + a[i + 1] }',
    'for (i = 0; i < n; i = i + 1) { s = s + a[i * 2] }',
    // The counter, its step, the limit or the array changes.
    'for (i = 0; i < n; i = i + 1) { b = a[i]; i = i + s }',
    'for (i = 0; i < n; i = i + s) { s = s + a[i] }',
    'for (i = 0; i < n; i = i - 1) { s = s + a[i] }',
    'for (i = 0; i < n; i = i + 1) { n = n + a[i] }',
    'for (i = 0; i < n; i = i + 1) { s = s + a[i]; a = b }',
    'for (i = 0; i != n; i = i + 1) { s = s + a[i] }',
  ]) {
    const { inside, text } = compiled(loop)
    t.ok(count(inside, 'guard.below') > 0, `${loop}\n${text}`)
  }
})

t.test('after guards before a loop have failed often, each pass checks', async (t) => {
  for (const loop of [READ, 'for (i = 0; i < n; i = i + 1) { a[i] = s }']) {
    const { inside, outside } = compiled(loop, [], true)
    t.equal(count(inside, 'guard.below'), 1)
    t.equal(count(outside, 'guard.le') + count(outside, 'array.unshare'), 0)
  }
})

t.test('arrays that are written have their elements to themselves before the loop', async (t) => {
  const { inside, outside } = compiled('for (i = 0; i < n; i = i + 1) { a[i] = b[i]; b[i] = s }')
  t.equal(count(outside, 'array.unshare'), 2)
  t.equal(count(inside, 'array.own') + count(inside, 'guard.below'), 0)
  t.equal(count(inside, 'slot.store'), 2)
  const nested = compiled('for (i = 0; i < n; i = i + 1) { for (j = 0; j < n; j = j + 1) { a[j] = i } }')
  t.equal(count(nested.outside, 'array.unshare'), 1, 'before the outer loop')
  t.equal(count(nested.inside, 'array.own') + count(nested.inside, 'array.unshare'), 0)
})

t.test('not if the loop may share elements, or means another array later', async (t) => {
  for (const loop of [
    'for (i = 0; i < n; i = i + 1) { a[i] = s; a = b }',
    'for (i = 0; i < n; i = i + 1) { a[i] = s; f(a, b, n, s) }',
  ]) {
    const { inside, text } = compiled(loop)
    t.equal(count(inside, 'array.own'), 1, `${loop}\n${text}`)
    t.notMatch(text, 'array.unshare')
  }
})

t.test('not if the loop pushes, which shares elements natively', async (t) => {
  const { graph, inside, text } = compiled('for (i = 0; i < n; i = i + 1) { a[i] = s; b = a.push(i) }')
  t.equal(count(inside, 'array.push'), 1, text)
  t.equal(count(inside, 'array.own'), 1, 'each store asks')
  t.notMatch(printGraph(graph), 'array.unshare')
})

const polls = ({ inside }: Compiled): (bigint | undefined)[] =>
  inside.filter(({ op }) => op === 'poll').map(({ imm }) => imm)

t.test('loops that surely end soon do not poll', async (t) => {
  t.same(polls(compiled('for (i = 0; i < 1000; i = i + 1) { s = s + i }')), [2n])
  t.same(polls(compiled('for (i = 5000; i > 0; i = i - 5) { s = s + i }')), [2n])
  t.same(
    polls(compiled('for (i = n; i < 1000; i = i + 1) { b = a[i] }')),
    [2n],
    'a guard tells where it starts',
  )
  t.same(polls(compiled('for (i = n; i < 1000; i = i + s) { b = a[i] }')), [2n], 'and that it goes on')
  t.same(polls(compiled('for (i = 0; i < 1000000; i = i + 1) { s = s + i }')), [1n], 'long')
  t.same(polls(compiled('for (i = 0; i < n; i = i + 1) { s = s + i }')), [1n], 'nobody knows')
  t.same(polls(compiled('for (i = n; i < 1000; i = i + 1) { s = s + i }')), [1n], 'it may start far below')
  t.same(polls(compiled('for (i = 0; i < 1000; i = i + s) { n = n + i }')), [1n], 'it may stand still')
  t.same(
    polls(compiled('for (i = 0; i < 9; i = i + 1) { for (j = 0; j < 9; j = j + 1) { s = s + j } }')).sort(),
    [1n, 2n],
    'the inner one only',
  )
  const first = compiled('for (i = n; i < 1000; i = i + 1) { b = a[i] }', ['hoist-checks'])
  t.same(polls(first), [1n], 'not without the pass that counts')
})

t.test('pointers run along with the counter', async (t) => {
  const { inside, outside } = compiled(READ)
  t.equal(count(inside, 'element'), 0)
  const [load] = inside.filter(({ op }) => op === 'load')
  const [step] = inside.filter(({ op, args }) => op === 'int.add' && args[0] === load?.args[0])
  t.ok(step, 'moved on from where it was loaded')
  t.equal(count(outside, 'element'), 0, 'it starts with the first element')
  t.equal(count(compiled(READ, ['step-pointers']).inside, 'element'), 1)
  t.equal(
    count(compiled('for (i = 0; i < n; i = i + 1) { if (i > 2) { s = s + a[i] } }').inside, 'element'),
    1,
    'only where each pass needs them',
  )
  const from = compiled('for (i = n; i > 0; i = i - 1) { s = s + a[i] + a[i - 1] }')
  t.equal(count(from.inside, 'element'), 0)
  t.equal(count(from.outside, 'element'), 1)
})
