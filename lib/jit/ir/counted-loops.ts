/**
 * Loops that count: an integer changes by the same amount in each pass, and the header's test compares it with
 * something that the loop does not change.
 */
import { type Block, BlockParameter, Instruction, type Value } from './graph.js'
import type { Loop, LoopNest } from './loops.js'
import type { OpName } from './ops.js'
import { integerConstant } from './patterns.js'

export interface Counted {
  readonly counter: BlockParameter
  /** What it is before the first pass. */
  readonly start: Value
  /** Whether it grows by `step` or shrinks by it. */
  readonly grows: boolean
  /** Invariant; a constant is at least 1 and at most MODEST, anything else may be any number. */
  readonly step: Value | bigint
  /** Invariant. A pass is begun only while the counter is below this (above it if it shrinks). */
  readonly limit: Value
  /** A pass is begun with the limit itself, too. */
  readonly inclusive: boolean
}

/** Sums of a few numbers of at most this size do not wrap. */
export const MODEST = 1n << 61n

/** By the test that holds as long as the loop goes on: whether the counter grows, whether it may be the limit. */
const TESTS: { readonly [K in OpName]?: readonly [grows: boolean, inclusive: boolean] } = {
  'int.lt': [true, false],
  'int.le': [true, true],
  'int.gt': [false, false],
  'int.ge': [false, true],
}
const NEGATED: { readonly [K in OpName]?: OpName } = {
  'int.lt': 'int.ge',
  'int.ge': 'int.lt',
  'int.gt': 'int.le',
  'int.le': 'int.gt',
}
/** With the operands exchanged. */
const MIRRORED: { readonly [K in OpName]?: OpName } = {
  'int.lt': 'int.gt',
  'int.gt': 'int.lt',
  'int.le': 'int.ge',
  'int.ge': 'int.le',
}

/** How a loop counts, or null if it does not. All blocks of the loop but the header come behind the test. */
export function countedLoop(loop: Loop, nest: LoopNest): Counted | null {
  const { header, blocks, preheader } = loop
  const { op, args, targets } = header.terminator
  const [test] = args
  if (preheader === null || op !== 'branch' || !(test instanceof Instruction)) return null
  const [staysIfTrue, staysIfFalse] = targets.map(({ block }) => blocks.has(block)) as [boolean, boolean]
  if (staysIfTrue === staysIfFalse || targets.some(({ block }) => block === header)) return null
  const holds = staysIfTrue ? test.op : NEGATED[test.op]
  const [left, right] = test.args as [Value, Value]
  const isMirrored = isParameterOf(right, header)
  const [counter, limit] = isMirrored ? [right, left] : [left, right]
  const relation = holds && TESTS[(isMirrored ? MIRRORED[holds] : holds) as OpName]
  if (relation === undefined || !isParameterOf(counter, header) || !nest.isInvariant(limit, loop)) return null
  const [grows, inclusive] = relation
  const place = header.parameters.indexOf(counter)
  const step = stepOf(counter, place, grows, loop, nest)
  const start = preheader.terminator.targets[0]?.args[place]
  return step === null || start === undefined ? null : { counter, start, grows, step, limit, inclusive }
}

function isParameterOf(value: Value | undefined, header: Block): value is BlockParameter {
  return value instanceof BlockParameter && header.parameters.includes(value)
}

/** By how much all ways back change the counter, in the direction in which it should go; null: they differ, or do not. */
function stepOf(
  counter: BlockParameter,
  place: number,
  grows: boolean,
  loop: Loop,
  nest: LoopNest,
): Value | bigint | null {
  let step: Value | bigint | null = null
  for (const latch of loop.header.predecessors) {
    if (!loop.blocks.has(latch)) continue
    for (const { block, args } of latch.terminator.targets) {
      if (block !== loop.header) continue
      const found = changeOf(args[place] as Value, counter, grows)
      if (found === null || (step !== null && step !== found)) return null
      if (typeof found !== 'bigint' && !nest.isInvariant(found, loop)) return null
      step = found
    }
  }
  return step
}

function changeOf(next: Value, counter: Value, grows: boolean): Value | bigint | null {
  if (!(next instanceof Instruction)) return null
  let [left, right] = next.args as [Value, Value]
  if (next.op === 'int.add' && right === counter) [left, right] = [right, left]
  if (left !== counter || (next.op !== 'int.add' && next.op !== 'int.sub')) return null
  const constant = integerConstant(right)
  if (constant === null) return (next.op === 'int.add') === grows ? right : null
  const step = (next.op === 'int.add') === grows ? constant : -constant
  return step >= 1n && step <= MODEST ? step : null
}

/**
 * How many passes such a loop makes at most, as far as constants tell, if its step is at least 1.
 *
 * @param least what the counter is before the first pass at least (at most if it shrinks); null: anything
 */
export function mostPasses({ grows, step, limit, inclusive }: Counted, least: bigint | null): number {
  const end = integerConstant(limit)
  if (least === null || end === null || (end < 0n ? -end : end) > MODEST) return Number.POSITIVE_INFINITY
  const distance = (grows ? end - least : least - end) + (inclusive ? 1n : 0n)
  return distance <= 0n ? 0 : Math.ceil(Number(distance) / (typeof step === 'bigint' ? Number(step) : 1))
}
