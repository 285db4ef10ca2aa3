/** Parallel moves carried out on a table of places, with the scratch registers the emitter has. */
import type { Value } from '../../lib/jit/ir/graph.js'
import type { ValueClass } from '../../lib/jit/ir/ops.js'
import type { Location } from '../../lib/jit/registers/allocate.js'
import { emitParallelMoves, type Move } from '../../lib/jit/registers/moves.js'

/** The classes have registers of their own and share the spill slots. */
export function placeOf(location: Location, valueClass: ValueClass): string {
  switch (location.kind) {
    case 'register':
      return `${valueClass}${location.number}`
    case 'spill':
      return `s${location.slot}`
    case 'frame':
      return `m${location.offset}:${location.part}`
    case 'context':
      return `c${location.offset}:${location.part}`
  }
}

/** What each place holds after the moves. */
export function applyMoves<T>(
  before: ReadonlyMap<string, T>,
  moves: readonly Move[],
  constant: (value: Value) => T,
): Map<string, T> {
  const places = new Map(before)
  const put = (place: string, content: T | undefined): void => {
    if (content === undefined) places.delete(place)
    else places.set(place, content)
  }
  /** One per class, as in the emitter: a second value saved before the first is restored replaces it. */
  const scratch: Record<ValueClass, T | undefined> = { i: undefined, f: undefined }
  emitParallelMoves(moves, {
    move: ({ to, from, valueClass }) =>
      put(placeOf(to, valueClass), 'kind' in from ? places.get(placeOf(from, valueClass)) : constant(from)),
    save: (place, valueClass) => {
      scratch[valueClass] = places.get(placeOf(place, valueClass))
    },
    restore: (place, valueClass) => put(placeOf(place, valueClass), scratch[valueClass]),
  })
  return places
}
