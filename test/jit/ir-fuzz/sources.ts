/** Where graphs come from. */
import { type GraphSource, programGraphs } from './program-graphs.js'
import { randomGraph } from './random-graph.js'

/** A program has about as many functions and loops. */
const GRAPHS_PER_SEED = 12

/** Of an odd seed graphs made at random, of an even one those of a random program. */
export function graphsOf(seed: number): GraphSource[] {
  if (seed % 2 === 0) return programGraphs(seed / 2)
  return Array.from({ length: GRAPHS_PER_SEED }, (_, i) => {
    const number = seed * GRAPHS_PER_SEED + i
    return { name: `random graph ${number}`, make: () => randomGraph(number) }
  })
}
