/**
 * Global value numbering over the dominator tree: an instruction that computes what a dominating one has computed
 * is replaced by it, a guard that a dominating one has passed is removed, and loads find what was loaded or stored
 * before, as long as nothing in between may have changed it; stores of what is there already are removed. Simple
 * identities are folded on the way.
 */

import { ArrayLayout, SLOT_SIZE } from '../../heap/layout.js'
import { type ControlFlow, controlFlowOf, type DominatorTree } from '../ir/dominators.js'
import { clobberedIn, clobbers, isPure, isStore, writtenBack } from '../ir/effects.js'
import {
  type Block,
  type Graph,
  type Instruction,
  isConstant,
  type MemoryClass,
  type Value,
} from '../ir/graph.js'
import { OPS, type OpName } from '../ir/ops.js'
import { Replacements } from '../ir/replace.js'
import { SharedMap } from '../ir/shared-map.js'
import { foldInstruction } from './fold.js'

/** A pure instruction or a guard that stays: known in its block from there on, and in all that the block dominates. */
interface Known {
  readonly instruction: Instruction
  readonly block: Block
  /** Another with the same hash. */
  readonly next: Known | null
}

/** What a load reads. One object for each that is met, so that they can be compared as such. */
interface Place {
  readonly load: OpName
  readonly pointer: Value
  readonly offset: bigint
}

/** What memory is known to hold, with the class of memory. */
type Memory = SharedMap<Place, { readonly value: Value; readonly memory: MemoryClass }>

export function numberValues(graph: Graph): void {
  new Numbering(graph).run()
}

class Numbering {
  private readonly replaced: Replacements
  private readonly flow: ControlFlow
  private readonly tree: DominatorTree
  /** By the hash of what they compute. */
  private readonly known = new Map<number, Known>()
  /** By id of the pointer. */
  private readonly places: (Place[] | undefined)[]
  /** By id of the block: what holds at its end, once it is numbered. */
  private readonly ends: (Memory | undefined)[]

  constructor(private readonly graph: Graph) {
    this.flow = controlFlowOf(graph)
    this.tree = this.flow.tree
    this.replaced = new Replacements(graph)
    this.places = new Array(graph.valueCount)
    this.ends = new Array(graph.blockCount)
  }

  run(): void {
    const { graph } = this
    const { loops } = this.flow
    for (const block of graph.blocks) {
      const memory = this.memoryAt(block, loops.get(block) ?? null)
      this.numberBlock(block, memory)
      this.ends[block.id] = memory
    }
  }

  /** What all ways into a block agree on; a loop keeps what nothing in it changes. */
  private memoryAt(block: Block, loop: ReadonlySet<Block> | null): Memory {
    const forward = block.predecessors.filter(
      (predecessor) => this.ends[predecessor.id] !== undefined && !loop?.has(predecessor),
    )
    const [first, ...others] = forward.map(({ id }) => this.ends[id] as Memory)
    const memory: Memory = new SharedMap()
    if (first === undefined || (loop === null && forward.length < block.predecessors.length)) return memory
    const changed = loop === null ? null : clobberedIn(loop)
    if (changed === null && others.length === 0) return first.clone()
    if (changed?.has('all')) return memory
    for (const [place, entry] of first.entries()) {
      if (changed?.has(entry.memory)) continue
      if (others.every((other) => other.get(place)?.value === entry.value)) memory.set(place, entry)
    }
    return memory
  }

  private numberBlock(block: Block, memory: Memory): void {
    const kept: Instruction[] = []
    if (block.entrySnapshot !== null) this.replaced.inSnapshot(block.entrySnapshot)
    for (const instruction of block.instructions) {
      // What it uses comes before it, also along back-edges, so it is known by now what that is replaced by.
      this.replaced.inInstruction(instruction)
      if (!this.isRedundant(instruction, block, memory)) kept.push(instruction)
    }
    block.instructions = kept
  }

  private isRedundant(instruction: Instruction, block: Block, memory: Memory): boolean {
    // The builder makes each constant once.
    if (instruction.isConstant) return false
    const folded = foldInstruction(instruction)
    if (folded === 'passes') return true
    if (folded !== null) {
      this.replaced.set(instruction, folded)
      return true
    }
    const { kind } = instruction.info
    if (kind === 'guard' || isPure(instruction)) {
      const before = this.knownBefore(instruction, block)
      if (before === null) return false
      if (kind !== 'guard') this.replaced.set(instruction, before)
      return true
    }
    if (kind === 'load') {
      const place = this.placeOf(instruction.op, instruction)
      const before = memory.get(place)
      if (before !== undefined && before.value.valueClass === instruction.valueClass) {
        this.replaced.set(instruction, before.value)
        return true
      }
      memory.set(place, { value: instruction, memory: instruction.memory })
      return false
    }
    if (kind === 'store' && this.isThere(instruction, block, memory)) return true
    this.note(instruction, memory)
    return false
  }

  /** Whether memory holds already what is stored; of tags it is enough that a guard has told them. */
  private isThere(store: Instruction, block: Block, memory: Memory): boolean {
    const value = store.args[1] as Value
    if (store.op === 'storef') return memory.get(this.placeOf('loadf', store))?.value === value
    if (store.op !== 'store') return false
    if (memory.get(this.placeOf('load', store))?.value === value) return true
    const tag = memory.get(this.placeOf('load32', store))?.value
    if (tag === undefined || !isConstant(value) || value.op !== 'int') return false
    return this.isTagKnown(tag, value.imm, block)
  }

  /** Whether a guard that dominates the end of `block` demands that the value be this tag. */
  private isTagKnown(value: Value, tag: bigint, block: Block): boolean {
    for (let before = this.known.get(hashOfGuard(value)) ?? null; before !== null; before = before.next) {
      const { op, args, imm } = before.instruction
      if (op === 'guard.tag' && args[0] === value && imm === tag && this.tree.dominates(before.block, block))
        return true
    }
    return false
  }

  /** The instruction that has done the same on every way to this one, or null; then this one is known from here on. */
  private knownBefore(instruction: Instruction, block: Block): Instruction | null {
    const hash = hashOf(instruction)
    const first = this.known.get(hash) ?? null
    for (let before = first; before !== null; before = before.next) {
      if (isSame(before.instruction, instruction) && this.tree.dominates(before.block, block))
        return before.instruction
    }
    this.known.set(hash, { instruction, block, next: first })
    return null
  }

  /** What `load` reads where this load or store has its pointer and offset. */
  private placeOf(load: OpName, { args, imm }: Instruction): Place {
    return this.placeAt(load, args[0] as Value, imm)
  }

  private placeAt(load: OpName, pointer: Value, offset: bigint): Place {
    let places = this.places[pointer.id]
    if (places === undefined) {
      places = []
      this.places[pointer.id] = places
    }
    for (const place of places) if (place.load === load && place.offset === offset) return place
    const place = { load, pointer, offset }
    places.push(place)
    return place
  }

  private note(instruction: Instruction, memory: Memory): void {
    for (const { offset } of writtenBack(instruction)) {
      for (const [place, entry] of memory.entries())
        if (entry.memory === 'globals' && isInSlot(place, offset)) memory.delete(place)
    }
    const changed = clobbers(instruction)
    if (changed === null) return
    if (changed === 'all') return memory.clear()
    const stores = isStore(instruction)
    for (const [place, entry] of memory.entries()) {
      if (changed === entry.memory && (!stores || mayAlias(place, instruction))) memory.delete(place)
    }
    if (instruction.op === 'array.own' || instruction.op === 'array.unshare') {
      const place = this.placeAt('load', instruction.args[0] as Value, BigInt(ArrayLayout.DATA))
      memory.set(place, { value: instruction, memory: 'data' })
    }
    if (!stores || instruction.op === 'store32') return
    const entry = { value: instruction.args[1] as Value, memory: instruction.memory }
    if (instruction.op === 'storef') memory.set(this.placeOf('loadf', instruction), entry)
    else {
      memory.set(this.placeOf('load', instruction), entry)
      // Tags are stored as words and loaded as halves; their upper halves are 0.
      memory.set(this.placeOf('load32', instruction), entry)
    }
  }
}

/**
 * Whether a store may change a place of its class: another offset in an object is another field, and two known
 * addresses are two variables.
 */
function mayAlias({ pointer, offset }: Place, { memory, args, imm }: Instruction): boolean {
  if (memory === 'fields' || memory === 'cells') return offset === imm
  if (memory === 'globals') return offset === imm && pointer === args[0]
  return true
}

function isInSlot(place: Place, offset: number): boolean {
  return place.offset >= offset && place.offset < offset + SLOT_SIZE
}

/** Whether an instruction computes what another one has computed, or demands no more. */
function isSame(before: Instruction, instruction: Instruction): boolean {
  const [a, b] = [before, instruction]
  if (a.op !== b.op || a.symbol !== b.symbol) return false
  if (a.imm !== b.imm && (a.op !== 'guard.depth' || a.imm < b.imm)) return false
  if (a.args.length !== b.args.length) return false
  for (let i = 0; i < a.args.length; i++) if (a.args[i] !== b.args[i]) return false
  return true
}

/** The same for instructions that are the same. */
function hashOf({ info, args }: Instruction): number {
  let hash = info.code
  for (const { id } of args) hash = combine(hash, id)
  return hash
}

/** Of a guard of the value's tag. */
function hashOfGuard({ id }: Value): number {
  return combine(OPS['guard.tag'].code, id)
}

function combine(hash: number, id: number): number {
  return (Math.imul(hash, 31) + id) | 0
}
