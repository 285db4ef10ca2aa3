/** Stores that inlined code keeps back, as the loads behind them see them. */
import t from 'tap'
import { Tag } from '../../lib/heap/layout.js'
import { delayedValue, delayStore } from '../../lib/jit/build/inline.js'
import { type Abstract, FrameState, known } from '../../lib/jit/build/state.js'
import { Graph } from '../../lib/jit/ir/graph.js'

const graph = new Graph()
const word = () => graph.instruction('frame.load', [], 0)
const integer = (): Abstract => known(Tag.INTEGER, word())
const [p, q] = [word(), word()]

t.test('a load of what was stored there gets the value, the latest one', async (t) => {
  const state = new FrameState(0, 0)
  const [first, second, other] = [integer(), integer(), integer()]
  delayStore(state, { pointer: p, offset: 8, value: first, memory: 'fields' })
  delayStore(state, { pointer: p, offset: 24, value: other, memory: 'fields' })
  delayStore(state, { pointer: p, offset: 8, value: second, memory: 'fields' })
  t.equal(delayedValue(state, p, 8, 'fields'), second)
  t.equal(delayedValue(state, p, 24, 'fields'), other)
  t.same(
    state.pending.map(({ value }) => value),
    [other, second],
    'the store that was overwritten is not made',
  )
})

t.test('another offset or another kind of memory cannot be what was stored', async (t) => {
  const state = new FrameState(0, 0)
  delayStore(state, { pointer: p, offset: 8, value: integer(), memory: 'fields' })
  t.equal(delayedValue(state, q, 24, 'fields'), null)
  t.equal(delayedValue(state, q, 8, 'cells'), null)
})

t.test('another pointer may be the same object', async (t) => {
  const state = new FrameState(0, 0)
  delayStore(state, { pointer: p, offset: 8, value: integer(), memory: 'fields' })
  t.throws(() => delayedValue(state, q, 8, 'fields'), { message: /kept back/ })
  const later = integer()
  delayStore(state, { pointer: q, offset: 8, value: later, memory: 'fields' })
  t.equal(delayedValue(state, q, 8, 'fields'), later)
  t.throws(
    () => delayedValue(state, p, 8, 'fields'),
    { message: /kept back/ },
    'the later store may be to it',
  )
  const last = integer()
  delayStore(state, { pointer: p, offset: 8, value: last, memory: 'fields' })
  t.same(
    state.pending.map(({ value }) => value),
    [later, last],
    'they are made in their order',
  )
  t.equal(delayedValue(state, p, 8, 'fields'), last)
})

t.test('file-level variables are at addresses of their own', async (t) => {
  const state = new FrameState(0, 0)
  const value = integer()
  delayStore(state, { pointer: p, offset: 0, value, memory: 'globals' })
  t.equal(delayedValue(state, p, 0, 'globals'), value)
  t.equal(delayedValue(state, q, 0, 'globals'), null)
})

t.test('states that are copied keep stores back independently', async (t) => {
  const state = new FrameState(0, 0)
  delayStore(state, { pointer: p, offset: 8, value: integer(), memory: 'fields' })
  const copy = state.clone()
  delayStore(copy, { pointer: p, offset: 24, value: integer(), memory: 'fields' })
  t.equal(state.pending.length, 1)
  t.equal(copy.pending.length, 2)
})
