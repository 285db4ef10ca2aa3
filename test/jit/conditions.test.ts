/** Conditions that are decided by constants or by branches before. */
import t from 'tap'
import { Tag } from '../../lib/heap/layout.js'
import { decided, noteCondition } from '../../lib/jit/build/conditions.js'
import { FrameState } from '../../lib/jit/build/state.js'
import { emptyWorld } from '../../lib/jit/build/world.js'
import { compileToIr } from '../../lib/jit/compile.js'
import { Graph, type Value } from '../../lib/jit/ir/graph.js'
import type { OpName } from '../../lib/jit/ir/ops.js'
import { builtinIndex } from '../../lib/runtime/builtins/registry.js'
import { feedbackOf, functionOf, programOf } from './tools.js'

const graph = new Graph()
const make = (op: OpName, ...args: Value[]) => graph.instruction(op, args, 0)
const integer = (value: bigint) => Object.assign(make('int'), { imm: value })
const [a, b, c] = [make('frame.load'), make('frame.load'), make('frame.load')] as [Value, Value, Value]

/** By operation: what it says of two integers. */
const COMPARISONS: readonly [OpName, (x: bigint, y: bigint) => boolean][] = [
  ['int.eq', (x, y) => x === y],
  ['int.ne', (x, y) => x !== y],
  ['int.lt', (x, y) => x < y],
  ['int.le', (x, y) => x <= y],
  ['int.gt', (x, y) => x > y],
  ['int.ge', (x, y) => x >= y],
]

const EXAMPLES: readonly [bigint, bigint][] = [1n, 2n, 3n].map((x) => [x, 2n])

t.test('constants decide', async (t) => {
  for (const [op, holds] of COMPARISONS) {
    for (const [x, y] of EXAMPLES)
      t.equal(decided(new FrameState(0, 0), make(op, integer(x), integer(y))), holds(x, y))
    t.equal(decided(new FrameState(0, 0), make(op, a, integer(1n))), null)
  }
  t.equal(decided(new FrameState(0, 0), integer(0n)), false)
  t.equal(decided(new FrameState(0, 0), integer(1n)), true)
})

t.test(
  'what a branch tells of a comparison is right for all integers, and told of each way to say it',
  async (t) => {
    let told = 0
    for (const [noted, isNoted] of COMPARISONS) {
      for (const holds of [true, false]) {
        const state = new FrameState(0, 0)
        noteCondition(state, make(noted, a, b), holds)
        const possible = EXAMPLES.filter(([x, y]) => isNoted(x, y) === holds)
        for (const [op, isAsked] of COMPARISONS) {
          for (const [left, right] of [
            [a, b],
            [b, a],
          ] as const) {
            const answers = possible.map(([x, y]) => (left === a ? isAsked(x, y) : isAsked(y, x)))
            const answer = decided(state, make(op, left, right))
            if (answer === null) continue
            told++
            t.ok(answers.every((one) => one === answer))
            t.equal(decided(state, make('bool.not', make(op, left, right))), !answer)
          }
          t.equal(decided(state, make(op, a, c)), null)
        }
        t.equal(decided(state, make(noted, a, b)), holds)
      }
    }
    t.ok(told >= 2 * 6 * 4, 'each, its opposite, and both the other way round')
  },
)

t.test('floats are not compared like that: NaN is neither below nor above', async (t) => {
  const state = new FrameState(0, 0)
  const [x, y] = [make('frame.float'), make('frame.float')]
  const less = make('float.lt', x, y)
  noteCondition(state, less, false)
  t.equal(decided(state, less), false)
  t.equal(decided(state, make('float.ge', x, y)), null)
})

t.test('where ways meet stays what all have been told', async (t) => {
  const [yes, no] = [new FrameState(0, 0), new FrameState(0, 0)]
  const [first, second] = [make('int.lt', a, b), make('int.eq', b, c)]
  for (const state of [yes, no]) noteCondition(state, first, true)
  noteCondition(yes, second, true)
  noteCondition(no, second, false)
  const merged = new FrameState(0, 0)
  merged.keepCommon([yes, no])
  t.equal(decided(merged, first), true)
  t.equal(decided(merged, second), null)
  t.equal(decided(yes.clone(), second), true)
})

t.test('a decided branch is not built', async (t) => {
  const branches = (body: string): number => {
    const program = programOf(`f = fn(n, m) { ${body} }`)
    const fn = functionOf(program, 'f')
    const graph = compileToIr(program, fn, feedbackOf(program, fn, Tag.INTEGER), {
      world: emptyWorld(builtinIndex),
      verify: true,
    })
    return graph.blocks.filter(({ terminator }) => terminator.op === 'branch').length
  }
  t.equal(branches('if (n < 2) { return 1 } if (n > m) { return 2 } return n'), 2)
  t.equal(branches('if (n < m) { return 1 } if (m > n) { return 2 } return n'), 1)
  t.equal(branches('if (n < m) { if (n >= m) { return 1 } return 2 } if (m <= n) { return 3 } return n'), 1)
  t.equal(branches('if (n < m) { n = n + 1 } if (n < m) { return 2 } return n'), 2, 'another value')
})
