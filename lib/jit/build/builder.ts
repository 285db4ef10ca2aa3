/**
 * Bytecode -> SSA, specialised by feedback: one forward pass over the basic blocks in order of the text,
 * which is a topological order but for loops (all jumps but `Loop` go forward). In the manner of Maglev,
 * block parameters are made only where the incoming values differ (`merge.ts`), and at loop headers only
 * for the locals that the loop assigns (`loops.ts`).
 */
import { hasCall, hasLoop, nextPosition } from '../../bytecode/instructions.js'
import { Opcode } from '../../bytecode/opcodes.js'
import { Tag } from '../../heap/layout.js'
import type { Block, Edge, Graph, Instruction, Value } from '../ir/graph.js'
import { putArguments, readArgumentsAgain, takeArguments } from './arguments.js'
import { Emitter } from './emitter.js'
import { guardDepth, InlineFailed, type InlineSite } from './inline.js'
import type { BuildInput, FrameEntry } from './input.js'
import {
  assignedInBlocks,
  closeLoop,
  headerState,
  headerVariables,
  type LoopHeader,
  prepareLoop,
  variablesIn,
} from './loops.js'
import { agreeOnStores, type Incoming, leadTo, mergeStates, mergeValues, storeOnWays } from './merge.js'
import { BuildAgain, LoopPlan } from './peel.js'
import { Region } from './region.js'
import { type Abstract, FrameState, known, offsetOf, TYPE_REASONS, UNKNOWN } from './state.js'
import { payloadWord, translateInstruction } from './translate.js'
import { keptBesides, mergeVariables, storeVariables, variablesDue } from './variables.js'

/** Key of the block before the loop at which the code begins, to which outer loops come back. */
function outerKey(position: number): number {
  return -1 - position
}

export function buildGraph(input: BuildInput): Graph {
  const plan = new LoopPlan(!input.disabledPasses.has('peel-loops'))
  for (;;) {
    try {
      return new Builder(input, plan).build()
    } catch (error) {
      if (!(error instanceof BuildAgain)) throw error
    }
  }
}

/** A way out of a function that is inlined. */
interface InlinedReturn extends Incoming {
  readonly value: Abstract
}

export class Builder extends Emitter {
  private readonly region: Region
  /** By block: the ways into it that are built before it. */
  private readonly incoming: Incoming[][]
  /** Of loop headers that are built: their parameters by slot, for the back-edges. */
  private readonly headers = new Map<number, LoopHeader>()
  /** What the names of loops begin with: in which peeled pass of which loops the present block lies. */
  private peeled = ''
  /** Positions of the headers of these loops. */
  private readonly peeledHeaders = new Set<number>()
  /** File-level variables that loops use to which the present block leads: there are no headers yet that would tell. */
  private readonly loopVariables: ReadonlySet<number>[] = []
  /** Name of the loop whose header is being built. */
  loopName = ''
  /** Words of bytecode that have been inlined in this function. */
  inlinedWords = 0
  private readonly returns: InlinedReturn[] = []
  /** If it is inlined in part: the ways to the call of it. */
  private readonly calls: Incoming[] = []
  /** Number of the block that is being built. */
  blockNumber = 0

  /**
   * @param plan how its loops are built
   * @param site null: the function is compiled for itself; else it is inlined there
   */
  constructor(
    input: BuildInput,
    readonly plan: LoopPlan,
    site: InlineSite | null = null,
  ) {
    super(input, site)
    this.region = new Region(this.fn, this.flow, input.entry?.position ?? null)
    this.incoming = Array.from({ length: this.flow.count + 1 }, () => [])
  }

  build(): Graph {
    this.graph.stableSlots = this.stableSlots()
    if (this.input.entry === null) this.start()
    else this.takeOver(this.input.entry)
    if (this.region.hasOuterLoop) this.openOuterLoops()
    this.buildBlocks(this.region.order)
    const [entry] = this.graph.blocks as [Block]
    entry.instructions.unshift(...this.constants.made)
    return this.graph
  }

  // --- inlining -------------------------------------------------------------------------------

  /** @returns a function that takes back what has been built since */
  savePoint(): () => void {
    const { graph, block, state, inlinedWords } = this
    const before = state.clone()
    const blocks = graph.blocks.length
    const instructions = block.instructions.length
    return () => {
      graph.blocks.length = blocks
      block.instructions.length = instructions
      this.block = block
      this.state = before
      this.inlinedWords = inlinedWords
    }
  }

  /**
   * What is to build a function in the place of the call in the present block whose callee slot and arguments are the
   * topmost `size` operands.
   */
  prepareInlined(input: BuildInput, site: InlineSite, closure: Value, size: number): Builder {
    const inner = new Builder(input, this.plan, site)
    inner.closure = closure
    inner.block = this.block
    inner.state = new FrameState(input.fn.locals, input.fn.locals)
    inner.state.keepCommon([this.state])
    // The class of `self` has been guarded for a closure that is certain.
    inner.state.homeKnown = input.home !== 0
    inner.state.superKnown = input.home !== 0
    for (let slot = 0; slot < size - 1; slot++) inner.state.set(slot, this.state.operand(size - 2 - slot))
    inner.self = input.fn.method ? inner.state.get(0).payload : null
    inner.inlinedWords = this.inlinedWords
    return inner
  }

  /**
   * Builds a function in the place of a call in the present block, and goes on behind it.
   * @returns the result
   */
  buildInlined(inner: Builder): Abstract {
    inner.jumpTo(0)
    inner.buildBlocks(inner.region.order)
    const { returns } = inner
    if (returns.length === 0) throw new InlineFailed('does not return')
    this.inlinedWords = inner.inlinedWords
    this.beginBlock((inner.site as InlineSite).position)
    leadTo(this.block, returns)
    // Inlined code within inlined code leaves its stores to that, if all ways agree on them.
    const leaves = this.site !== null && agreeOnStores(returns)
    const ways = storeOnWays(this, returns, !leaves, variablesDue(this, returns))
    const values = returns.map(({ value }) => value)
    const result = mergeValues(this, 'result', values, ways, false)
    const { homeKnown, superKnown } = this.state
    this.state.forget()
    this.state.keepCommon(ways.map(({ state }) => state))
    mergeVariables(this, ways, this.state)
    this.state.homeKnown = homeKnown
    this.state.superKnown = superKnown
    return result
  }

  /**
   * Builds a part of a function in the place of a call in the present block, and the call, and goes on behind both.
   * @param call what makes of the topmost `size` operands the result
   */
  buildPartly(inner: Builder, size: number, call: () => void): void {
    const { state, position } = this
    inner.jumpTo(0)
    inner.buildBlocks(inner.region.order)
    this.inlinedWords = inner.inlinedWords
    const ways: Incoming[] = inner.returns.map(({ terminator, target, state: returned, value }) => {
      const behind = state.clone()
      behind.pop(size)
      behind.push(value)
      behind.takeFacts(returned)
      behind.homeKnown = state.homeKnown
      behind.superKnown = state.superKnown
      return { terminator, target, state: behind }
    })
    // Constant arguments may have decided that it is never called.
    if (inner.calls.length > 0) {
      this.beginBlock(position)
      leadTo(this.block, inner.calls)
      this.state = state
      call()
      ways.push(this.wayOut())
    }
    this.meetBehind(position, ways)
  }

  /**
   * Builds one of several things in place of the instruction at the present position, and goes on behind them: the
   * first whose condition holds, or the last, which has none.
   */
  buildChoice(conditions: readonly (() => Value)[], actions: readonly (() => void)[]): void {
    if (actions.length === 1) return actions[0]?.()
    const { position } = this
    const ways: Incoming[] = []
    actions.forEach((act, i) => {
      this.position = position
      const condition = conditions[i]?.()
      const others = this.state.clone()
      const branch = condition === undefined ? null : this.emit('branch', [condition])
      if (branch !== null) {
        branch.targets.push(edgeTo(this.block, undefined), edgeTo(this.block, undefined))
        this.goAlong({ terminator: branch, target: 0, state: this.state })
      }
      act()
      ways.push(this.wayOut())
      if (branch !== null) this.goAlong({ terminator: branch, target: 1, state: others })
    })
    this.meetBehind(position, ways)
  }

  /** The present block is one that only this way leads to. */
  private goAlong(way: Incoming): void {
    this.beginBlock(this.site?.position ?? this.position)
    leadTo(this.block, [way])
    this.state = way.state
  }

  /** Ends the present block. @returns the way out of it, to where others are to meet it */
  private wayOut(): Incoming {
    const terminator = this.emit('jump', [])
    terminator.targets.push({ block: this.block, args: [] })
    return { terminator, target: 0, state: this.state }
  }

  /** Goes on behind the instruction at `position`, in whose place there are several ways. */
  private meetBehind(position: number, ways: Incoming[]): void {
    const next = nextPosition(this.fn.code, position)
    // What is returned as it is need not be the same value on all ways: each has a return of its own.
    while (this.fn.code[next] === Opcode.Return && ways.length > 1) {
      this.openBlock(next, [ways.shift() as Incoming])
      this.returnValue(this.state.operand(0))
    }
    this.openBlock(next, ways)
  }

  /**
   * Whether a file-level variable may become a parameter where ways meet that know different values: where that saves
   * a loop the load, and inlined code a store that it must not make yet.
   */
  mayDiffer(slot: number): boolean {
    if (this.site !== null || this.loopVariables.some((used) => used.has(slot))) return true
    return [...this.headers.values()].some(({ globals }) => globals.includes(slot))
  }

  returnValue(value: Abstract): void {
    if (this.site === null) {
      storeVariables(this)
      this.emit('return', [payloadWord(this, value), this.tagOf(value)])
      return
    }
    // Where the function may be called instead, only the ways without the call lack this check.
    if (this.site.called !== null) guardDepth(this, this.site.charge)
    this.returns.push({ ...this.wayOut(), value })
  }

  /** The callee slot and the locals that no instruction assigns. */
  private stableSlots(): Set<number> {
    const { fn, flow } = this
    const assigned = assignedInBlocks(this, [...Array(flow.count).keys()])
    const slots = new Set([offsetOf(-1)])
    for (let slot = 0; slot < fn.locals; slot++) if (!assigned.has(slot)) slots.add(offsetOf(slot))
    return slots
  }

  /** The entry block: parameters are in the frame. */
  private start(): void {
    const { fn } = this
    this.beginBlock(0)
    this.state = new FrameState(fn.locals, fn.locals)
    const parameters = fn.parameters.length + (fn.method ? 1 : 0)
    takeArguments(this)
    for (let slot = 0; slot < parameters; slot++)
      if (this.state.slots[slot] === null) this.state.set(slot, this.loadSlot(slot), true)
    if (this.graph.entryArguments.length > 0 && hasLoop(fn.code) && hasCall(fn.code)) {
      // Calls in a loop would put them into the frame in each pass.
      this.flush()
      readArgumentsAgain(this)
    }
    this.closure = this.emit('frame.load', [], BigInt(offsetOf(-1)))
    this.jumpTo(0)
  }

  /** The entry block of on-stack replacement: all slots are in the frame, and should have the tags they have now. */
  private takeOver({ position, tags }: FrameEntry): void {
    const { fn } = this
    this.beginBlock(position)
    this.position = position
    const size = fn.locals + (this.depths[position] as number)
    this.state = new FrameState(fn.locals, size)
    this.closure = this.emit('frame.load', [], BigInt(offsetOf(-1)))
    for (const slot of this.neededSlots(position, size)) this.state.set(slot, this.loadSlot(slot), true)
    for (let slot = 0; slot < size; slot++) {
      const value = this.state.slots[slot]
      const reason = TYPE_REASONS[tags[slot] as number]
      if (value && value.tag === UNKNOWN && reason !== undefined)
        this.expect(value, tags[slot] as number, reason)
      // Only the compiler makes cells, and a slot that holds one here always does.
      else if (value && tags[slot] === Tag.CELL) this.state.set(slot, known(Tag.CELL, value.payload), true)
    }
    this.jumpTo(position)
  }

  /** Builds blocks in this order, but all of a loop when its header comes. */
  private buildBlocks(order: readonly number[]): void {
    const built = new Set<number>()
    for (const number of order) {
      if (built.has(number)) continue
      const loop = this.region.wholeLoopAt(number)
      const passes =
        loop === null ? 0 : this.plan.passesBefore(this.nameOf(this.flow.starts[number] as number))
      if (loop !== null && passes > 0) {
        this.buildLoop(loop, passes)
        for (const block of loop) built.add(block)
      } else this.buildBlock(number, this.region.loopAt(number))
    }
  }

  /** Builds a loop behind peeled passes of it: see `peel.ts`. */
  private buildLoop(loop: readonly number[], passes: number): void {
    const [header, ...others] = loop as [number, ...number[]]
    const start = this.flow.starts[header] as number
    const { peeled, inlinedWords } = this
    this.peeledHeaders.add(start)
    this.loopVariables.push(variablesIn(this, loop).used)
    for (let pass = 1; pass <= passes; pass++) {
      this.peeled = `${peeled}${start}.${pass}/`
      this.buildBlock(header, null)
      this.buildBlocks(others)
      // What goes to the headers of these blocks from now on goes to those that are yet to be built.
      for (const block of loop) this.headers.delete(this.flow.starts[block] as number)
      // The loop itself is what matters.
      this.inlinedWords = inlinedWords
    }
    this.peeledHeaders.delete(start)
    this.loopVariables.pop()
    this.peeled = peeled
    this.buildBlock(header, loop)
    this.buildBlocks(others)
    const built = this.headers.get(start)
    if (built !== undefined) this.plan.review(built)
  }

  /** The outer loops come back to a block before the loop at which the code begins, so that this is one of its own. */
  private openOuterLoops(): void {
    const [entry] = this.region.order as [number]
    const start = this.flow.starts[entry] as number
    this.openLoop(start, this.wayInto(entry, this.region.order), this.region.order, outerKey(start))
    this.addEdge(this.emit('jump', []), start, this.state)
  }

  /** The only way into a loop: where there are several, or another one beside it, they meet in a block before it. */
  private wayInto(header: number, loop: readonly number[]): Incoming {
    const [only, ...others] = this.incoming[header] as [Incoming, ...Incoming[]]
    if (others.length > 0 || only.terminator.op !== 'jump') {
      const start = this.flow.starts[header] as number
      this.loopVariables.push(variablesIn(this, loop).used)
      this.openBlock(start, this.waysInto(header))
      this.loopVariables.pop()
      this.addEdge(this.emit('jump', []), start, this.state)
    }
    const [way] = this.waysInto(header) as [Incoming]
    return way
  }

  /** The ways into a block that is about to be built; others may come when it is built once more. */
  private waysInto(number: number): Incoming[] {
    const ways = this.incoming[number] as Incoming[]
    this.incoming[number] = []
    return ways
  }

  /** @param loop the blocks of the loop that it is the header of, or null */
  private buildBlock(number: number, loop: readonly number[] | null): void {
    if (this.incoming[number]?.length === 0) return
    this.blockNumber = number
    const start = this.flow.starts[number] as number
    const end = this.flow.starts[number + 1] as number
    if (loop === null) this.openBlock(start, this.waysInto(number))
    else this.openLoop(start, this.wayInto(number, loop), loop, start)
    putArguments(this, start, end)
    for (let position = start; position < end; position = nextPosition(this.fn.code, position)) {
      this.position = position
      if (!translateInstruction(this)) return
    }
    this.jumpTo(end)
  }

  /** Starts a block that is no loop header. */
  private openBlock(start: number, incoming: readonly Incoming[]): void {
    this.beginBlock(this.site?.position ?? start)
    leadTo(this.block, incoming)
    this.position = start
    // Only inlined code keeps stores back; behind it they are made.
    const stores = this.site === null || !agreeOnStores(incoming)
    const ways = storeOnWays(this, incoming, stores, variablesDue(this, incoming))
    this.state = mergeStates(this, start, ways)
  }

  /** Starts the header of the loop of these blocks. */
  private openLoop(start: number, way: Incoming, loop: readonly number[], key: number): void {
    const assigned = assignedInBlocks(this, loop)
    this.beginBlock(this.site?.position ?? start, true)
    leadTo(this.block, [way])
    this.position = start
    const variables = prepareLoop(this, start, way, loop, assigned)
    const name = this.nameOf(key)
    this.loopName = name
    this.position = start
    storeOnWays(this, [way], false, keptBesides(way, variables.globals))
    this.state = headerState(this, start, way, assigned)
    headerVariables(this, way, variables)
    const { globals } = variables
    const words =
      key === start ? this.wordsOf(this.region.wholeLoopAt(this.flow.blockAt[start] as number)) : Infinity
    this.headers.set(key, { name, words, block: this.block, state: this.state.clone(), assigned, globals })
  }

  private nameOf(key: number): string {
    return `${this.peeled}${key}`
  }

  /** Words of bytecode of a loop; Infinity if it cannot be peeled. */
  private wordsOf(loop: readonly number[] | null): number {
    const { starts } = this.flow
    if (loop === null) return Number.POSITIVE_INFINITY
    return loop.reduce((sum, block) => sum + (starts[block + 1] as number) - (starts[block] as number), 0)
  }

  /** Whether a jump back to this header ends a peeled pass. */
  isPeeled(position: number): boolean {
    return this.peeledHeaders.has(position)
  }

  /** The key in `headers` of the header at `position` that the present block goes back to. */
  private headerKey(position: number): number {
    if (position !== this.input.entry?.position || !this.region.hasOuterLoop) return position
    return this.region.isInEntryLoop(this.position) ? position : outerKey(position)
  }

  // --- edges ---------------------------------------------------------------------------------

  /** The present block is a new one from now on. */
  private beginBlock(position: number, isLoopHeader = false): void {
    this.block = this.graph.addBlock(position, isLoopHeader)
    this.graph.blocks.push(this.block)
  }

  /**
   * An edge of `terminator` to the block at `position`. Forward edges get their block when it is built; a back-edge
   * of a branch, and an edge that leaves the region, goes through a block of its own.
   *
   * @param count how often the VM went this way, if it counted
   */
  addEdge(terminator: Instruction, position: number, state: FrameState, count?: number): void {
    const number = this.flow.blockAt[position] as number
    const header = this.headers.get(this.headerKey(position))
    if (this.site?.called?.has(number)) {
      if (state.changedMemory) throw new InlineFailed('a call behind a change')
      const target = terminator.targets.push(edgeTo(this.block, count)) - 1
      this.calls.push({ terminator, target, state })
      return
    }
    if (this.region.contains(number) && header === undefined) {
      const target = terminator.targets.push(edgeTo(this.block, count)) - 1
      ;(this.incoming[number] as Incoming[]).push({ terminator, target, state })
      return
    }
    const { block: present, state: before } = this
    this.beginBlock(position)
    terminator.targets.push(edgeTo(this.block, count))
    this.state = state
    if (header !== undefined) closeLoop(this, position, header)
    else this.leaveAt(position)
    this.block = present
    this.state = before
  }

  jumpTo(position: number): void {
    const header = this.headers.get(this.headerKey(position))
    if (!this.region.contains(this.flow.blockAt[position] as number)) this.leaveAt(position)
    else if (header !== undefined) closeLoop(this, position, header)
    else this.addEdge(this.emit('jump', []), position, this.state)
  }

  /** The VM goes on at `position`: what lies there is not part of this code. */
  private leaveAt(position: number): void {
    const here = this.position
    this.position = position
    this.emit('leave', []).snapshot = this.snapshot('loopEnds')
    this.position = here
  }
}

function edgeTo(block: Block, count: number | undefined): Edge {
  return count === undefined ? { block, args: [] } : { block, args: [], count }
}
