/** Stores of file-level variables that are kept back: where they are made in the end, and what ways out write. */
import t from 'tap'
import { Tag } from '../../lib/heap/layout.js'
import { emptyWorld } from '../../lib/jit/build/world.js'
import { compileToIr } from '../../lib/jit/compile.js'
import type { Graph, Instruction } from '../../lib/jit/ir/graph.js'
import { printGraph } from '../../lib/jit/ir/print.js'
import type { PassName } from '../../lib/jit/pass-names.js'
import { builtinIndex } from '../../lib/runtime/builtins/registry.js'
import { feedbackOf, functionOf, instructionsOf, programOf } from './tools.js'

interface Compiled {
  readonly text: string
  /** Stores of variables in loops and in all. */
  readonly inLoops: number
  readonly stores: number
  readonly instructions: readonly Instruction[]
}

/** `f`, whose body this is; the variables have been assigned before, at two places each. */
function compiled(body: string, without: readonly PassName[] = []): Compiled {
  const names = 'g h a0 a1 a2 a3 a4 a5 a6 a7 a8 a9'.split(' ')
  const begin = names.map((name) => `${name} = 1; ${name} = 2`).join('; ')
  const program = programOf(`${begin}; f = fn(n, s) { ${body}; return s }; other = fn() { [g, h] }`)
  const fn = functionOf(program, 'f')
  const graph = compileToIr(program, fn, feedbackOf(program, fn, Tag.INTEGER), {
    world: emptyWorld(builtinIndex),
    verify: true,
    disabledPasses: new Set(without),
  })
  return { ...storesOf(graph), text: printGraph(graph) }
}

function storesOf(graph: Graph): Omit<Compiled, 'text'> {
  const isStore = ({ op, memory }: Instruction): boolean => op.startsWith('store') && memory === 'globals'
  const instructions = graph.blocks.flatMap((block) => block.instructions)
  const inLoops = instructionsOf(graph, true).filter(isStore).length
  return { inLoops, stores: instructions.filter(isStore).length, instructions }
}

const COUNT = 'for (i = 0; i < n; i = i + 1) { g = g + 1 }'

t.test('a loop without calls stores behind it', async (t) => {
  for (const loop of [
    COUNT,
    'for (i = 0; i < n; i = i + 1) { if (i < s) { g = g + i } else { h = h - 1 } }',
    'for (i = 0; i < n; i = i + 1) { g = h; h = g + 1; if (g > 10) { break } }',
    'for (i = 0; i < n; i = i + 1) { for (j = 0; j < n; j = j + 1) { g = g + j } h = h + 1 }',
    'g = g + 1; for (i = 0; i < n; i = i + 1) { h = h + 1 }',
  ]) {
    const { inLoops, stores, text } = compiled(loop)
    t.equal(inLoops, 0, `${loop}\n${text}`)
    t.ok(stores > 0, loop)
    t.ok(compiled(loop, ['sink-stores']).inLoops > 0, loop)
  }
})

t.test('what memory lacks is written by the ways out', async (t) => {
  const { instructions } = compiled(COUNT)
  const polls = instructions.filter(({ op }) => op === 'poll')
  t.equal(polls.length, 1)
  t.equal(polls[0]?.snapshot?.variables.length, 1)
  const before = compiled(COUNT, ['sink-stores']).instructions.filter(({ op }) => op === 'poll')
  t.equal(before[0]?.snapshot?.variables.length, 0)
})

t.test('before others may look, all is stored', async (t) => {
  for (const loop of [
    'for (i = 0; i < n; i = i + 1) { g = g + 1; other() }',
    'for (i = 0; i < n; i = i + 1) { g = g + 1; print(i) }',
    'for (i = 0; i < n; i = i + 1) { g = g + 1; s = [i].map(fn(z) { z }) }',
  ]) {
    const { inLoops, instructions, text } = compiled(loop)
    t.equal(inLoops > 0, true, `${loop}\n${text}`)
    for (const { op, snapshot } of instructions) if (op === 'step') t.same(snapshot?.variables, [], loop)
  }
  t.equal(compiled('g = 1; g = 2; g = 3').stores, 2, 'the last payload and the tag')
})

t.test('where ways meet that do not all know a variable, it is stored on them', async (t) => {
  const { stores, text } = compiled('if (n < s) { g = 5 }')
  t.equal(stores, 2, text)
  t.match(compiled(COUNT).text, /store v\d+ v\d+/)
})

t.test('not more than a few are kept back at a time', async (t) => {
  const body = Array.from({ length: 10 }, (_, i) => `a${i} = a${i} + i`).join('; ')
  const { inLoops, instructions } = compiled(`for (i = 0; i < n; i = i + 1) { ${body} }`)
  t.equal(inLoops, 2)
  const most = Math.max(...instructions.map(({ snapshot }) => snapshot?.variables.length ?? 0))
  t.equal(most, 8)
})
