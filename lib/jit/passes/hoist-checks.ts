/**
 * Array accesses in loops that count: instead of checking the index in each pass, guards before the loop see to it that
 * all indexes of all passes lie in the array. (Gupta, Optimizing Array Bound Checks Using Flow Analysis, 1993.) Such a
 * guard leaves at the loop's header. It may fail although no pass would have failed, since the loop may end early:
 * where that happens often, the loop's next version checks each access (`Block.checksEach`).
 */
import { type Counted, countedLoop, MODEST, mostPasses } from '../ir/counted-loops.js'
import { type Block, type Graph, Instruction, type Snapshot, type Value } from '../ir/graph.js'
import { type Loop, LoopNest, snapshotAtEntry } from '../ir/loops.js'
import type { OpName } from '../ir/ops.js'
import { integerConstant } from '../ir/patterns.js'

/** An index of a pass: the counter and what is the same in all passes. */
interface Index {
  /** Or null: nothing but `constant`. */
  readonly invariant: Value | null
  readonly constant: bigint
}

/** What a guard demands: that `first` is at least 0 and below `second`, or at most `second`. */
interface Demand {
  readonly op: 'guard.below' | 'guard.le'
  readonly first: Sum
  readonly second: Sum
}

/** Values that are no constants, and a constant, added up. */
interface Sum {
  readonly values: readonly Value[]
  readonly constant: bigint
}

/** Constants of this size, added to lengths and numbers below MODEST, wrap nothing. */
const MOST_CONSTANT = 1n << 32n
/** Additions in an index. */
const DEEPEST = 4

export function hoistChecks(graph: Graph): void {
  const nest = new LoopNest(graph)
  for (const loop of nest.loops) new LoopChecks(graph, nest, loop).run()
}

class LoopChecks {
  constructor(
    private readonly graph: Graph,
    private readonly nest: LoopNest,
    private readonly loop: Loop,
  ) {}

  run(): void {
    const { loop, nest } = this
    const { header, blocks } = loop
    const counted = countedLoop(loop, nest)
    if (counted === null) return
    if (typeof counted.step === 'bigint') this.limitPasses(counted, integerConstant(counted.start))
    if (header.checksEach || header.entrySnapshot === null) return
    for (const block of blocks) {
      if (block === header) continue
      block.instructions = block.instructions.filter((check) => !this.isHoisted(check, counted))
    }
  }

  /** Whether guards before the loop take the place of this check; they are made. */
  private isHoisted({ op, args }: Instruction, counted: Counted): boolean {
    const [indexValue, length] = args
    if (op !== 'guard.below' || indexValue === undefined || length === undefined) return false
    if (!isLength(length) || !this.nest.isInvariant(length, this.loop)) return false
    const index = this.indexOf(indexValue, counted.counter, DEEPEST)
    if (index === null || index.constant > MOST_CONSTANT || index.constant < -MOST_CONSTANT) return false
    const demands = demandsOf(counted, index, length).filter((demand) => !isSure(demand))
    if (demands.some(isImpossible)) return false
    for (const demand of demands) this.guard(demand)
    // The first index is not negative.
    if (counted.grows && index.invariant === null) this.limitPasses(counted, -index.constant)
    return true
  }

  private limitPasses(counted: Counted, least: bigint | null): void {
    const { header } = this.loop
    header.mostPasses = Math.min(header.mostPasses, mostPasses(counted, least))
  }

  /** The value as the counter and invariant parts, or null. */
  private indexOf(value: Value, counter: Value, depth: number): Index | null {
    if (value === counter) return { invariant: null, constant: 0n }
    if (!(value instanceof Instruction) || depth === 0) return null
    if (value.op !== 'int.add' && value.op !== 'int.sub') return null
    const [left, right] = value.args as [Value, Value]
    const constant = integerConstant(right)
    const inner = this.indexOf(left, counter, depth - 1)
    if (inner !== null && constant !== null)
      return { ...inner, constant: inner.constant + (value.op === 'int.add' ? constant : -constant) }
    if (value.op === 'int.sub') return null
    const [rest, other] = inner === null ? [this.indexOf(right, counter, depth - 1), left] : [inner, right]
    if (rest === null) return null
    const added = integerConstant(other)
    if (added !== null) return { ...rest, constant: rest.constant + added }
    if (rest.invariant !== null || !this.nest.isInvariant(other, this.loop)) return null
    return { ...rest, invariant: other }
  }

  /** Makes the guard, before the outermost loop that changes nothing of it. */
  private guard({ op, first, second }: Demand): void {
    const { nest } = this
    const values = [...first.values, ...second.values]
    let { loop } = this
    for (const outer of nest.loops) {
      if (!outer.blocks.has(loop.preheader as Block)) continue
      const { preheader, header } = outer
      if (preheader === null || header.entrySnapshot === null || header.checksEach) break
      if (!values.every((value) => nest.isInvariant(value, outer))) break
      loop = outer
    }
    const preheader = loop.preheader as Block
    const guard = this.add(preheader, op, [this.sum(preheader, first), this.sum(preheader, second)])
    guard.snapshot ??= snapshotAtEntry(loop.header.entrySnapshot as Snapshot, 'loopRange')
  }

  private sum(preheader: Block, { values, constant }: Sum): Value {
    const [first, ...others] = values
    if (first === undefined) return this.nest.int(constant)
    let sum = first
    for (const value of others) sum = this.add(preheader, 'int.add', [sum, value])
    return constant === 0n ? sum : this.add(preheader, 'int.add', [sum, this.nest.int(constant)])
  }

  private add(preheader: Block, op: OpName, args: Value[]): Instruction {
    const same = preheader.instructions.find(
      (other) => other.op === op && other.args[0] === args[0] && other.args[1] === args[1],
    )
    if (same !== undefined) return same
    const made = this.graph.instruction(op, args, preheader.terminator.position)
    this.nest.moveTo(preheader, made)
    return made
  }
}

/** Zero extended from 32 bits, so that it is no negative number, nor a large one. */
function isLength(value: Value): boolean {
  return value instanceof Instruction && value.op === 'load32'
}

/**
 * What must hold before the loop so that the index is below `length` in each pass. The counter wraps nowhere then: it
 * stays between its start and the limit, both of which are within a few steps of indexes of an array. Neither does the
 * index, which the passes change as much as the counter: the first and the last are checked, and lie less than twice
 * MODEST from each other.
 */
function demandsOf(counted: Counted, { invariant, constant }: Index, length: Value): Demand[] {
  const { start, limit, step, grows, inclusive } = counted
  const beyond = inclusive ? 0n : 1n
  const demands: Demand[] = []
  if (grows) {
    demands.push(isModest(start, invariant, constant), {
      op: 'guard.le',
      first: sumOf(0n, limit, invariant),
      second: sumOf(beyond - constant - 1n, length),
    })
  } else {
    demands.push(isModest(limit, invariant, constant + beyond), {
      op: 'guard.le',
      first: sumOf(0n, start, invariant),
      second: sumOf(-constant - 1n, length),
    })
  }
  if (invariant !== null) {
    const [low, high] = grows ? [start, limit] : [limit, start]
    demands.push(isModest(low, null, grows ? 0n : beyond), {
      op: 'guard.le',
      first: sumOf(0n, high),
      second: sumOf(MODEST),
    })
  }
  if (typeof step !== 'bigint') demands.push(isModest(step, null, -1n))
  return demands
}

/** The sum, which may wrap, is 0 or more, and below MODEST. */
function isModest(value: Value, other: Value | null, constant: bigint): Demand {
  return { op: 'guard.below', first: sumOf(constant, value, other), second: sumOf(MODEST) }
}

function sumOf(constant: bigint, ...values: readonly (Value | null)[]): Sum {
  const sum = { values: [] as Value[], constant }
  for (const value of values) {
    if (value === null) continue
    const known = integerConstant(value)
    if (known === null) sum.values.push(value)
    else sum.constant += known
  }
  return sum
}

/** How much more the second is than the first, if that is certain. */
function distance({ first, second }: Demand): bigint | null {
  const isSame =
    first.values.length === second.values.length &&
    first.values.every((value, i) => value === second.values[i])
  return isSame ? second.constant - first.constant : null
}

/** A length is never negative. */
function isSure(demand: Demand): boolean {
  const { op, first, second } = demand
  if (op === 'guard.below')
    return first.values.length === 0 && first.constant >= 0n && first.constant < MODEST
  const known = distance(demand)
  if (known !== null) return known >= 0n
  return first.values.length === 0 && second.constant >= first.constant
}

function isImpossible(demand: Demand): boolean {
  const { op, first, second } = demand
  if (op === 'guard.below') return first.values.length === 0
  const known = distance(demand)
  if (known !== null) return known < 0n
  return first.values.length === 0 && first.constant - second.constant > MOST_CONSTANT
}
