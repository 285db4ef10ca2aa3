/** Tries the passes on a graph: each alone, and all in their order. */
import { PASS_ORDER, PASSES } from '../../../lib/jit/compile.js'
import type { Graph } from '../../../lib/jit/ir/graph.js'
import { printGraph } from '../../../lib/jit/ir/print.js'
import { verifyGraph } from '../../../lib/jit/ir/verify.js'
import { GRAPH_PASSES, type GraphPass } from '../../../lib/jit/pass-names.js'
import { differenceOf, seenObjects, withoutObjects } from './compare.js'
import { Hints } from './hints.js'
import { interpret, type Outcome } from './interpret.js'
import { Oracle } from './memory.js'

/** Runs that are longer say nothing. */
const MAX_STEPS = 20_000
/** Worlds in which each graph is run. */
const WORLDS = 4

export interface Pass {
  readonly name: string
  run(graph: Graph): void
}

const passOf = (name: GraphPass): Pass => ({ name, run: PASSES[name] })
export const EACH_PASS: readonly Pass[] = GRAPH_PASSES.map(passOf)
const PIPELINE: readonly Pass[] = PASS_ORDER.map(passOf)

export interface Finding {
  /** The passes that were done, the guilty one last; none: the graph could not even be made. */
  readonly passes: readonly Pass[]
  /** Null: no run was needed. */
  readonly world: number | null
  readonly difference: string
}

/** What has been tried so far. */
export interface Totals {
  graphs: number
  instructions: number
  /** Runs of graphs as they were made: how they ended. */
  endings: Record<Outcome['ending'], number>
  /** Comparisons with a run behind a pass. */
  compared: number
  /** Of these, runs that left at a loop's header instead of within the loop. */
  leftEarlier: number
}

export function noTotals(): Totals {
  return {
    graphs: 0,
    instructions: 0,
    endings: { returns: 0, exits: 0, faults: 0, endless: 0 },
    compared: 0,
    leftEarlier: 0,
  }
}

interface World {
  readonly number: number
  readonly oracle: Oracle
  readonly outcome: Outcome
}

/**
 * @param make makes the graph anew, the same each time
 * @param seed of the worlds
 * @param alone passes to be tried on the graph as it is made
 * @param together passes to be done one after the other
 */
export function checkPasses(
  make: () => Graph,
  seed: number,
  totals: Totals,
  alone = EACH_PASS,
  together = PIPELINE,
): Finding | null {
  let worlds: World[]
  try {
    worlds = worldsOf(make(), seed, totals)
  } catch (error) {
    return { passes: [], world: null, difference: (error as Error).stack ?? String(error) }
  }
  for (const pass of alone) {
    const found = tryPass([pass], make(), worlds, totals)
    if (found !== null) return found
  }
  const graph = make()
  for (let count = 1; count <= together.length; count++) {
    const found = tryPass(together.slice(0, count), graph, worlds, totals)
    if (found !== null) return found
  }
  return null
}

/** The runs of the graph that came to an end. */
function worldsOf(graph: Graph, seed: number, totals: Totals): World[] {
  verifyGraph(graph)
  totals.graphs++
  for (const { instructions } of graph.blocks) totals.instructions += instructions.length
  const hints = new Hints(graph)
  const worlds: World[] = []
  for (let number = 0; number < WORLDS; number++) {
    const oracle = new Oracle(seed * WORLDS + number)
    const outcome = interpret(graph, hints, oracle, MAX_STEPS, true)
    totals.endings[outcome.ending]++
    if (outcome.ending === 'returns' || outcome.ending === 'exits') worlds.push({ number, oracle, outcome })
  }
  return worlds
}

/** Does the last of the passes; those before it have been done. */
function tryPass(
  passes: readonly Pass[],
  graph: Graph,
  worlds: readonly World[],
  totals: Totals,
): Finding | null {
  const found = (difference: string, world: number | null = null): Finding => ({ passes, world, difference })
  try {
    passes.at(-1)?.run(graph)
    verifyGraph(graph)
  } catch (error) {
    return found(String(error))
  }
  const hints = new Hints(graph)
  const seen = seenObjects(graph)
  for (const { number, oracle, outcome } of worlds) {
    // Values are read before they are defined only in graphs that the verifier should have refused.
    const second = withoutObjects(interpret(graph, hints, oracle, 3 * outcome.steps + 1000, false), seen)
    const first = withoutObjects(outcome, seen)
    totals.compared++
    if (second.events.length < first.events.length) totals.leftEarlier++
    const difference = differenceOf(first, second)
    if (difference !== null) return found(difference, number)
  }
  return null
}

/** The finding with the graph before the guilty pass and behind it. */
export function describeFinding(make: () => Graph, { passes, world, difference }: Finding): string {
  if (passes.length === 0) return difference
  const graph = make()
  for (const pass of passes.slice(0, -1)) pass.run(graph)
  const before = printGraph(graph)
  passes.at(-1)?.run(graph)
  const names = passes.map(({ name }) => name).join(', ')
  const where = world === null ? '' : ` in world ${world}`
  return `${names}${where}: ${difference}\n\nbefore:\n${before}\nbehind:\n${printGraph(graph)}`
}
