/** Calls of routines (`lib/jit/routines`). */
import type { Label } from '../../asm/buffer.js'
import type { Value } from '../ir/graph.js'
import { type RoutineName, routineSymbol } from '../routines/routines.js'
import type { FunctionEmitter } from './emit-function.js'

/** Calls a routine with the values in x, y, z; the result is in x, the first scratch register, which is given. */
export function callRoutine(
  e: FunctionEmitter,
  name: RoutineName,
  ...values: readonly (Value | null)[]
): number {
  const { scratch } = e.m.roles
  values.forEach((value, i) => {
    if (value !== null) e.loadInto(scratch[i] as number, value)
  })
  e.m.callSymbol(routineSymbol(name))
  e.keepOnly(scratch[0] as number)
  return scratch[0] as number
}

/**
 * Out of line: from `needed` a routine is called for what `ready` wants in register `d`; if it gives 0, the VM has
 * to do it: on at `slow`.
 */
export function routineOrSlow(
  e: FunctionEmitter,
  labels: { needed: Label; ready: Label; slow: Label },
  d: number,
  name: RoutineName,
  ...values: readonly Value[]
): void {
  const { m } = e
  e.later(() => {
    m.bind(labels.needed)
    const result = callRoutine(e, name, ...values)
    m.compareConstant(result, 0)
    m.branch('eq', labels.slow)
    m.move(d, result)
    m.jump(labels.ready)
  })
}
