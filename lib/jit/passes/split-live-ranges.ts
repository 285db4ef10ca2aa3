/**
 * Calls preserve no registers, so the allocator keeps what is needed behind one in memory, from its definition on.
 * This pass splits such values: what is used before the call is one value, which may have a register; a copy of it is
 * what lives in memory across the call; and where that is used several times until the next call, a further copy brings
 * it back to a register once. (As live range splitting around calls does in the linear scan allocators of HotSpot and
 * V8: Wimmer and Moessenboeck, "Optimized interval splitting in a linear scan register allocator", 2005.)
 *
 * Ways out and `frame.put` take their values from memory: they do not count.
 */
import { CallFreeRegions } from '../ir/call-free-regions.js'
import { type ControlFlow, controlFlowOf, type DominatorTree } from '../ir/dominators.js'
import {
  type Block,
  type Graph,
  Instruction,
  isConstant,
  Snapshot,
  type SnapshotSlot,
  type Value,
} from '../ir/graph.js'
import { homeOf } from '../ir/homes.js'

/** A copy in a register pays for itself with so many uses, or with one in a loop that it is not in. */
const FEWEST_USES = 2

export function splitLiveRanges(graph: Graph): void {
  const hasCall = graph.blocks.some(({ instructions }) => instructions.some(({ op }) => op === 'call'))
  if (hasCall) new Splitter(graph).run()
}

/** Where something is: in front of the instruction with this index. */
interface Place {
  readonly block: Block
  readonly index: number
}

interface Use extends Place {
  readonly instruction: Instruction
  readonly region: number
  /** A snapshot or `frame.put`, which reads memory as well as registers. */
  readonly fromMemory: boolean
}

interface Definition extends Place {
  readonly region: number
}

class Splitter {
  private readonly tree: DominatorTree
  private readonly loops: ControlFlow['loops']
  private readonly regions: CallFreeRegions
  /** By id of the block: loops around it. */
  private readonly depths: Int32Array
  /** By id of the value. */
  private readonly definitions: (Definition | undefined)[]
  private readonly uses: (Use[] | undefined)[]
  private readonly insertions = new Map<Block, { index: number; copy: Instruction }[]>()
  /** Several instructions may have the same snapshot: these are of one alone. */
  private readonly own = new Set<Snapshot>()

  constructor(private readonly graph: Graph) {
    const { tree, loops } = controlFlowOf(graph)
    this.tree = tree
    this.loops = loops
    this.regions = new CallFreeRegions(graph, tree)
    this.depths = new Int32Array(graph.blockCount)
    for (const [, blocks] of loops) for (const { id } of blocks) (this.depths[id] as number)++
    this.definitions = new Array(graph.valueCount)
    this.uses = new Array(graph.valueCount)
  }

  run(): void {
    for (const block of this.graph.blocks) this.readDefinitions(block)
    const crossing = this.findCrossing()
    if (crossing.size === 0) return
    for (const block of this.graph.blocks) this.readUses(block, crossing)
    for (const value of crossing) this.split(value)
    for (const [{ instructions }, list] of this.insertions) {
      // From the end, so that the indices before stay right; of copies in the same place the first comes first.
      list.sort((a, b) => a.index - b.index)
      for (let i = list.length - 1; i >= 0; i--) {
        const { index, copy } = list[i] as { index: number; copy: Instruction }
        instructions.splice(index, 0, copy)
      }
    }
  }

  private readDefinitions(block: Block): void {
    const region = this.regions.entryOf(block)
    for (const { id } of block.parameters) this.definitions[id] = { block, index: 0, region }
    const { instructions } = block
    for (let i = 0; i < instructions.length; i++) {
      const instruction = instructions[i] as Instruction
      if (!instruction.hasResult || instruction.isConstant) continue
      this.definitions[instruction.id] = { block, index: i + 1, region: this.regions.at(block, i + 1) }
    }
  }

  /** Values that are used in another region than they are defined in. */
  private findCrossing(): Set<Value> {
    const crossing = new Set<Value>()
    for (const block of this.graph.blocks) {
      this.visitUses(block, (value, region) => {
        if (this.definitionOf(value).region !== region) crossing.add(value)
      })
    }
    return crossing
  }

  private readUses(block: Block, crossing: ReadonlySet<Value>): void {
    this.visitUses(block, (value, region, instruction, index, fromMemory) => {
      if (!crossing.has(value)) return
      const use = { instruction, block, index, region, fromMemory }
      const list = this.uses[value.id]
      if (list === undefined) this.uses[value.id] = [use]
      else list.push(use)
    })
  }

  /** Visits uses of all values but constants, once for each way in which an instruction uses a value. */
  private visitUses(
    block: Block,
    visit: (
      value: Value,
      region: number,
      instruction: Instruction,
      index: number,
      fromMemory: boolean,
    ) => void,
  ): void {
    const { instructions } = block
    for (let i = 0; i < instructions.length; i++) {
      const instruction = instructions[i] as Instruction
      const { op, args, targets, snapshot } = instruction
      // The tag comes with the payload.
      if (op === 'call.tag') continue
      const region = this.regions.at(block, i)
      const visitAll = (values: readonly (Value | number | null)[], fromMemory: boolean): void => {
        for (const value of values)
          if (typeof value === 'object' && value !== null && !isConstant(value))
            visit(value, region, instruction, i, fromMemory)
      }
      visitAll(args, op === 'frame.put')
      for (const edge of targets) visitAll(edge.args, false)
      if (snapshot === null) continue
      for (const { payload, tag } of snapshot.slots) visitAll([payload, tag], true)
      for (const { payload, tag } of snapshot.variables) visitAll([payload, tag], true)
    }
  }

  private split(value: Value): void {
    const uses = this.uses[value.id] as Use[]
    const { region: home } = this.definitionOf(value)
    const isInMemory = homeOf(value, this.graph.stableSlots) !== null
    const stays = (use: Use): boolean => use.region === home && !isInMemory
    let source = value
    if (uses.some((use) => stays(use) && !use.fromMemory)) source = this.save(value, uses)
    const byRegion = new Map<number, Use[]>()
    for (const use of uses) {
      if (use.fromMemory || stays(use)) continue
      const list = byRegion.get(use.region)
      if (list === undefined) byRegion.set(use.region, [use])
      else list.push(use)
    }
    for (const [region, list] of byRegion) this.reload(value, source, region, list)
  }

  /** Makes the copy that lives in memory, for all uses behind the first call. */
  private save(value: Value, uses: readonly Use[]): Value {
    const { region } = this.definitionOf(value)
    const place = this.placeOfSave(
      value,
      uses.filter((use) => use.region !== region).map(({ block }) => block),
    )
    const copy = this.insert('copy', value, place)
    for (const use of uses) {
      if (use.region !== region || (use.fromMemory && this.isBehind(use, place)))
        this.replace(use, value, copy)
    }
    return copy
  }

  /**
   * Where that copy is made: it must dominate all of its uses. Of such places before the next call it is the one in
   * the fewest loops, and of these the last.
   */
  private placeOfSave(value: Value, blocks: readonly Block[]): Place {
    const definition = this.definitionOf(value)
    let best: Block | null = null
    for (
      let block: Block = this.commonDominator(blocks);
      block !== definition.block;
      block = this.tree.parentOf(block) as Block
    ) {
      if (this.regions.entryOf(block) !== definition.region) continue
      if (best === null || this.depthOf(block) < this.depthOf(best)) best = block
    }
    if (best === null || this.depthOf(definition.block) < this.depthOf(best))
      return behindDefinition(value, definition)
    return { block: best, index: 0 }
  }

  /** Brings a value that lives in memory to a register, for all its uses in a region, if that is worth it. */
  private reload(value: Value, source: Value, region: number, uses: readonly Use[]): void {
    const { block, isOutside } = this.outOfLoops(
      this.commonDominator(uses.map((use) => use.block)),
      region,
      this.definitionOf(value).block,
    )
    if (uses.length < FEWEST_USES && !isOutside) return
    let index = behindAll(block)
    if (this.regions.at(block, index) !== region) index = block.instructions.length - 1
    for (const use of uses) if (use.block === block) index = Math.min(index, use.index)
    const copy = this.insert('reload', source, { block, index })
    for (const use of uses) this.replace(use, source, copy)
  }

  /** The block before the outermost loop around this one that lies in the region, and not around the definition. */
  private outOfLoops(block: Block, region: number, definition: Block): { block: Block; isOutside: boolean } {
    let found = block
    for (const [header, blocks] of this.loops) {
      if (!blocks.has(found) || blocks.has(definition)) continue
      const parent = this.tree.parentOf(header)
      if (parent === null || this.regions.entryOf(header) !== region) continue
      if (this.regions.exitOf(parent) === region) found = parent
    }
    return { block: found, isOutside: found !== block }
  }

  private insert(op: 'copy' | 'reload', value: Value, { block, index }: Place): Instruction {
    const position = (block.instructions[index] ?? block.terminator).position
    const copy = this.graph.instruction(
      value.valueClass === 'f' ? (`${op}.float` as const) : op,
      [value],
      position,
    )
    const list = this.insertions.get(block)
    if (list === undefined) this.insertions.set(block, [{ index, copy }])
    else list.push({ index, copy })
    return copy
  }

  private replace({ instruction, fromMemory }: Use, value: Value, by: Value): void {
    const replaced = (list: Value[]): Value[] => list.map((item) => (item === value ? by : item))
    if (!fromMemory || instruction.op === 'frame.put') instruction.args = replaced(instruction.args)
    if (!fromMemory) for (const edge of instruction.targets) edge.args = replaced(edge.args)
    if (fromMemory && instruction.snapshot !== null) this.ownSnapshot(instruction, value, by)
  }

  private ownSnapshot(instruction: Instruction, value: Value, by: Value): void {
    let snapshot = instruction.snapshot as Snapshot
    if (!this.own.has(snapshot)) {
      const { position, slots, variables, reason, inlined } = snapshot
      const copy = (slot: SnapshotSlot): SnapshotSlot => ({ ...slot })
      snapshot = new Snapshot(position, slots.map(copy), variables.map(copy), reason, inlined)
      this.own.add(snapshot)
      instruction.snapshot = snapshot
    }
    for (const slots of [snapshot.slots, snapshot.variables]) {
      for (const slot of slots) {
        if (slot.payload === value) slot.payload = by
        if (slot.tag === value) slot.tag = by
      }
    }
  }

  private definitionOf({ id }: Value): Definition {
    return this.definitions[id] as Definition
  }

  private commonDominator(blocks: readonly Block[]): Block {
    let found = blocks[0] as Block
    for (const block of blocks)
      while (!this.tree.dominates(found, block)) found = this.tree.parentOf(found) as Block
    return found
  }

  private depthOf({ id }: Block): number {
    return this.depths[id] as number
  }

  /** Whether a use comes behind a place in every way to it. */
  private isBehind(use: Use, { block, index }: Place): boolean {
    return use.block === block ? use.index >= index : this.tree.dominates(block, use.block)
  }
}

/** The place behind what defines a value and what must stay together with it. */
function behindDefinition(definition: Value, { block, index }: Place): Place {
  if (!(definition instanceof Instruction)) return { block, index }
  let behind = index
  const isPart = ({ op, args }: Instruction): boolean =>
    op === 'call.tag' ||
    // What a call gives is put into the frame at once, payload and tag.
    (op === 'frame.put' && args.includes(definition) && definition.op.startsWith('call')) ||
    // Payload and tag of a slot are loaded at once.
    (op === 'load32' && definition.op === 'load' && args[0] === definition.args[0])
  while (isPart(block.instructions[behind] as Instruction)) behind++
  return { block, index: behind }
}

/** The place in front of a block's end, and of the comparison that becomes one with it. */
function behindAll({ instructions, terminator }: Block): number {
  const last = instructions.length - 1
  const before = instructions[last - 1]
  return before !== undefined && terminator.op === 'branch' && terminator.args[0] === before ? last - 1 : last
}
