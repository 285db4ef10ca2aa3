/**
 * Conditions of branches that are decided: by constants, or by a branch on the same condition on the way there. Where
 * functions are inlined, callers have often tested what callees test again. Decided branches are not built, so that
 * less is merged behind them.
 */
import { Instruction, type Value } from '../ir/graph.js'
import type { OpName } from '../ir/ops.js'
import { integerConstant } from '../ir/patterns.js'
import type { FrameState } from './state.js'

/** A condition that is the same for all ways of saying it: `a > b` is `b < a`, and `a >= b` is not `a < b`. */
interface Condition {
  readonly name: string
  readonly isNegated: boolean
}

interface Comparison {
  readonly op: 'int.eq' | 'int.lt'
  readonly isSwapped: boolean
  readonly isNegated: boolean
}

const COMPARISONS: { readonly [K in OpName]?: Comparison } = {
  'int.eq': { op: 'int.eq', isSwapped: false, isNegated: false },
  'int.ne': { op: 'int.eq', isSwapped: false, isNegated: true },
  'int.lt': { op: 'int.lt', isSwapped: false, isNegated: false },
  'int.gt': { op: 'int.lt', isSwapped: true, isNegated: false },
  'int.ge': { op: 'int.lt', isSwapped: false, isNegated: true },
  'int.le': { op: 'int.lt', isSwapped: true, isNegated: true },
}

/** What a condition is for sure in this state; null: both can be. */
export function decided(state: FrameState, truth: Value): boolean | null {
  const constant = integerConstant(truth) ?? ofConstants(truth)
  if (constant !== null) return constant !== 0n
  const { name, isNegated } = conditionOf(truth)
  const known = state.conditions.get(name)
  return known === undefined ? null : known !== isNegated
}

/** Notes what a branch on the condition has told. */
export function noteCondition(state: FrameState, truth: Value, holds: boolean): void {
  const { name, isNegated } = conditionOf(truth)
  state.conditions.set(name, holds !== isNegated)
}

function conditionOf(truth: Value): Condition {
  if (!(truth instanceof Instruction)) return { name: `${truth.id}`, isNegated: false }
  if (truth.op === 'bool.not') {
    const { name, isNegated } = conditionOf(truth.args[0] as Value)
    return { name, isNegated: !isNegated }
  }
  const comparison = COMPARISONS[truth.op]
  if (comparison === undefined) return { name: `${truth.id}`, isNegated: false }
  const { op, isSwapped, isNegated } = comparison
  const [a, b] = truth.args as [Value, Value]
  const [left, right] = isSwapped || (op === 'int.eq' && a.id > b.id) ? [b, a] : [a, b]
  return { name: `${op} ${left.id} ${right.id}`, isNegated }
}

/** The result of a comparison of constants, or null. */
function ofConstants(truth: Value): bigint | null {
  const comparison = truth instanceof Instruction ? COMPARISONS[truth.op] : undefined
  if (comparison === undefined) return null
  const [a, b] = (truth as Instruction).args.map(integerConstant)
  if (a == null || b == null) return null
  const { op, isSwapped, isNegated } = comparison
  const holds = op === 'int.eq' ? a === b : isSwapped ? b < a : a < b
  return holds !== isNegated ? 1n : 0n
}
