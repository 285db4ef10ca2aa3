/**
 * Parallel moves: the arguments of an edge go to the block's parameters as if all at once. Moves are
 * ordered so that nothing is overwritten before it is read; cycles are broken through a scratch place.
 */
import type { Value } from '../ir/graph.js'
import { type Location, samePlace } from './allocate.js'

export interface Move {
  to: Location
  /** Of both sides. */
  valueClass: Value['valueClass']
  /** A place, or a constant value that is made at the target. */
  from: Location | Value
}

export interface MoveEmitter {
  move(move: Move): void
  /** Keeps what is at the place until `restore` puts it to another. */
  save(place: Location, valueClass: Value['valueClass']): void
  restore(place: Location, valueClass: Value['valueClass']): void
}

function isLocation(from: Location | Value): from is Location {
  return 'kind' in from
}

export function emitParallelMoves(moves: readonly Move[], emitter: MoveEmitter): void {
  // The two classes have registers of their own, but share memory.
  const pending = moves.filter(({ to, from }) => !isLocation(from) || !samePlace(to, from))
  const reads = (place: Location, valueClass: string, except: Move): boolean =>
    pending.some(
      (other) =>
        other !== except &&
        isLocation(other.from) &&
        samePlace(other.from, place) &&
        (place.kind !== 'register' || other.valueClass === valueClass),
    )
  while (pending.length > 0) {
    const index = pending.findIndex((move) => !reads(move.to, move.valueClass, move))
    if (index >= 0) {
      emitter.move(pending[index] as Move)
      pending.splice(index, 1)
      continue
    }
    // Only cycles are left: take one value out of its place, move along, and put it at the end.
    breakCycle(pending, emitter)
  }
}

function breakCycle(pending: Move[], emitter: MoveEmitter): void {
  const first = pending.shift() as Move
  emitter.save(first.from as Location, first.valueClass)
  let hole = first.from as Location
  // A place in memory may pass a cycle on from one register class to the other.
  let holeClass = first.valueClass
  for (;;) {
    const index = pending.findIndex(
      ({ to, valueClass }) => samePlace(to, hole) && (hole.kind !== 'register' || valueClass === holeClass),
    )
    if (index < 0) break
    const move = pending[index] as Move
    pending.splice(index, 1)
    emitter.move(move)
    hole = move.from as Location
    holeClass = move.valueClass
  }
  emitter.restore(first.to, first.valueClass)
}
