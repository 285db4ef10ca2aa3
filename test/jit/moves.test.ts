import t from 'tap'
import { Value } from '../../lib/jit/ir/graph.js'
import type { ValueClass } from '../../lib/jit/ir/ops.js'
import type { Location } from '../../lib/jit/registers/allocate.js'
import { emitParallelMoves, type Move } from '../../lib/jit/registers/moves.js'
import { randomSource } from '../asm/tools.js'
import { applyMoves, placeOf } from './simulate-moves.js'

const register = (number: number): Location => ({ kind: 'register', number })
const spill = (slot: number): Location => ({ kind: 'spill', slot })

/** Runs the moves and compares with what moving all at once gives. */
function mistakes(moves: readonly Move[]): string[] {
  const before = new Map<string, string>()
  for (const { from, valueClass } of moves) {
    if ('kind' in from) before.set(placeOf(from, valueClass), `was in ${placeOf(from, valueClass)}`)
  }
  const after = applyMoves(before, moves, (constant) => `constant ${constant.id}`)
  return moves.flatMap(({ to, from, valueClass }) => {
    const expected = 'kind' in from ? before.get(placeOf(from, valueClass)) : `constant ${from.id}`
    const place = placeOf(to, valueClass)
    return after.get(place) === expected ? [] : [`${place}: ${after.get(place)}, not ${expected}`]
  })
}

const describe = (moves: readonly Move[]): string =>
  moves
    .map(({ to, from, valueClass }) => {
      const source = 'kind' in from ? placeOf(from, valueClass) : `#${from.id}`
      return `${placeOf(to, valueClass)} <- ${source}`
    })
    .join(', ')

function shuffle<T>(items: T[], pick: (limit: number) => number): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const k = pick(i + 1)
    ;[items[i], items[k]] = [items[k] as T, items[i] as T]
  }
  return items
}

/** Each spill slot holds a value of one class before the moves, and of any class after them. */
function randomMoves(pick: (limit: number) => number, mixed: boolean): Move[] {
  const classes: ValueClass[] = mixed ? ['i', 'f'] : ['i']
  const size = 1 + pick(4)
  const slots = Array.from({ length: pick(5) }, (_, slot) => ({
    at: spill(slot),
    is: classes[pick(classes.length)] as ValueClass,
  }))
  const sources = new Map(
    classes.map((valueClass) => {
      const own = slots.filter(({ is }) => is === valueClass).map(({ at }) => at)
      return [valueClass, [...Array.from({ length: size }, (_, i) => register(i)), ...own]]
    }),
  )
  const targets = classes.flatMap((valueClass) =>
    Array.from({ length: size }, (_, i) => ({ to: register(i), valueClass })),
  )
  for (const { at } of slots)
    targets.push({ to: at, valueClass: classes[pick(classes.length)] as ValueClass })
  const chosen = shuffle(targets, pick).slice(0, 1 + pick(targets.length))
  const permuted = new Map(classes.map((c) => [c, shuffle([...(sources.get(c) as Location[])], pick)]))
  return chosen.map(({ to, valueClass }) => {
    if (pick(8) === 0) return { to, valueClass, from: new Value(pick(100), valueClass) }
    // Taking sources without repetition makes cycles likely.
    const places = permuted.get(valueClass) as Location[]
    const from = (pick(4) > 0 ? places.pop() : undefined) ?? (sources.get(valueClass)?.[0] as Location)
    return { to, valueClass, from }
  })
}

t.test('cycles', async (t) => {
  const swap = [
    { to: register(1), from: register(2), valueClass: 'i' as const },
    { to: register(2), from: register(1), valueClass: 'i' as const },
  ]
  t.same(mistakes(swap), [])
  const three = [register(1), spill(0), spill(1)]
  const cycle = three.map((to, i) => ({ to, from: three[(i + 1) % 3] as Location, valueClass: 'f' as const }))
  t.same(mistakes(cycle), [])
})

t.test('a register that moves to itself stays', async (t) => {
  const moves: Move[] = [{ to: register(3), from: register(3), valueClass: 'i' }]
  let emitted = 0
  const count = () => {
    emitted++
  }
  emitParallelMoves(moves, { move: count, save: count, restore: count })
  t.equal(emitted, 0)
})

for (const mixed of [false, true]) {
  t.test(`random moves, ${mixed ? 'two classes that share' : 'one class with'} spill slots`, async (t) => {
    const pick = randomSource(mixed ? 7 : 42)
    let failed = 0
    let shortest: Move[] = []
    for (let i = 0; i < 10_000; i++) {
      const moves = randomMoves(pick, mixed)
      if (mistakes(moves).length === 0) continue
      failed++
      if (shortest.length === 0 || moves.length < shortest.length) shortest = moves
    }
    t.equal(failed, 0, `shortest: ${describe(shortest)}: ${mistakes(shortest).join('; ')}`)
  })
}
