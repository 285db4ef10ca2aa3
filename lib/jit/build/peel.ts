/**
 * Loop peeling: the first pass of a loop is built apart, in front of it, where a variable has another type from the
 * second pass on. In
 *
 *     sum = 0
 *     for (i = 0; i < n; i = i + 1) { sum = sum + 0.5 * i }
 *
 * `sum` is an INTEGER before the loop and a FLOAT at each of its back-edges. With one header for both it would be
 * boxed, its tag asked in each pass. Peeled, the first pass makes it a FLOAT, and the loop proper begins with one. The
 * same is true of `last = null` that an instance takes the place of, and of what is read from memory before a loop,
 * whose type only a guard in the loop tells.
 *
 * How: a peeled pass is not a copy of IR, but built from the bytecode once more, with what is known in it; so a test
 * for null that is sure in the first pass costs neither code nor types. The builder's state of a block is the list of
 * ways into it. After the blocks of the loop have been built as if they were no loop, what jumped back to the header
 * has become the list of ways into it, and the same blocks are built again, as a loop now (`Builder.buildLoop`). All
 * ways out of both are ways into the blocks behind, which are built later. Positions of snapshots, feedback and counts
 * of exits are those of the bytecode for both; what is known of a value goes before what was seen of it, so that
 * feedback of both types does no harm. A peeled pass needs no poll of its own.
 *
 * When: building learns it at the back-edges. A type there that contradicts the header, or that is known while the
 * header knows none, is a reason to build the function again with one more pass peeled, for at most MOST_PASSES. If
 * none of the variables that a pass was peeled for has a type then at the header, the pass is taken back, and they are
 * parameters of any type, as they are where nothing is peeled. Loops whose types hold are built once.
 *
 * Loops in a peeled pass have names of their own, as other types come there. Not peeled are loops in whose midst
 * native code takes over (see `Region.wholeLoopAt`), large ones, and more than MOST_COPIES in a function.
 *
 * (LuaJIT peels by unrolling a trace once, lj_opt_loop.c, for the same two reasons: types that settle, and guards that
 * the first pass has made. Splitting by types: Chevalier-Boisvert and Feeley, Simple and Effective Type Check Removal
 * through Lazy Basic Block Versioning, 2015.)
 */
import { type Abstract, type FrameState, UNKNOWN } from './state.js'

/** Words of bytecode of a loop that may be peeled. */
const LARGEST = 400
/** Peeled passes of one loop: in the second a type may follow one that has changed in the first. */
const MOST_PASSES = 2
/** Peeled passes in one function, those of loops in peeled passes and those taken back included. */
const MOST_COPIES = 8

/** A back-edge contradicts what its header assumes, or could tell it more: build again. */
export class BuildAgain extends Error {}

/** A variable of a function as the key of a loop's parameter: a local's number, or `g` and that of a file-level one. */
export type Variable = string

/** What is told of a loop when it is built. */
export interface PlannedLoop {
  /** Unique among the loops of a function as it is built, and the same when it is built again. */
  readonly name: string
  /** Words of bytecode, or Infinity if it cannot be peeled. */
  readonly words: number
  /** At the header. */
  readonly state: FrameState
}

interface Peeling {
  /** By peeled pass: the variables whose types should settle in it. */
  readonly passes: (readonly Variable[])[]
  /** Another pass would be in vain. */
  settled: boolean
}

/** What earlier attempts to build a function have taught about its loops. */
export class LoopPlan {
  private readonly wide = new Set<string>()
  private readonly peelings = new Map<string, Peeling>()
  private copies = 0

  constructor(private readonly peels: boolean) {}

  /** Whether the header's parameter takes any type. */
  isWide(loop: string, variable: Variable): boolean {
    return this.wide.has(`${loop}:${variable}`)
  }

  /** How many passes come before the loop. */
  passesBefore(loop: string): number {
    return this.peelings.get(loop)?.passes.length ?? 0
  }

  /**
   * At a back-edge.
   *
   * @param contradicted variables that have another type than the header assumes
   * @param told variables that have a type, while the header knows none
   * @throws BuildAgain if the loop must be built in another way, or should be
   */
  learn(loop: PlannedLoop, contradicted: readonly Variable[], told: readonly Variable[]): void {
    if (contradicted.length + told.length === 0) return
    if (!this.peel(loop, [...contradicted, ...told])) {
      if (contradicted.length === 0) return
      this.widen(loop, contradicted)
    }
    throw new BuildAgain()
  }

  /**
   * Once all back-edges are built.
   *
   * @throws BuildAgain if the last of the peeled passes settled nothing
   */
  review(loop: PlannedLoop): void {
    const peeling = this.peelings.get(loop.name)
    const variables = peeling?.passes.at(-1)
    if (peeling === undefined || variables === undefined) return
    if (variables.some((variable) => (headerValue(loop.state, variable)?.tag ?? UNKNOWN) !== UNKNOWN)) return
    peeling.passes.pop()
    peeling.settled = true
    this.widen(loop, variables)
    throw new BuildAgain()
  }

  private widen({ name }: PlannedLoop, variables: readonly Variable[]): void {
    for (const variable of variables) this.wide.add(`${name}:${variable}`)
  }

  /** @returns whether one more pass will be peeled */
  private peel({ name, words }: PlannedLoop, variables: readonly Variable[]): boolean {
    if (!this.peels || words > LARGEST) return false
    const peeling = this.peelings.get(name) ?? { passes: [], settled: false }
    if (peeling.settled || peeling.passes.length === MOST_PASSES || this.copies === MOST_COPIES) return false
    peeling.passes.push(variables)
    this.copies++
    this.peelings.set(name, peeling)
    return true
  }
}

function headerValue({ slots, globals }: FrameState, variable: Variable): Abstract | null | undefined {
  return variable.startsWith('g') ? globals.get(Number(variable.slice(1))) : slots[Number(variable)]
}
