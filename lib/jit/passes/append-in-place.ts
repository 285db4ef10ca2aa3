/**
 * `list = push(list, x)` in place: an array that nobody else can see need not be a new one to have another element.
 * Found are arrays that are made here, and handed on through parameters of blocks and from `array.push` to
 * `array.push`, with one owner at a time: once it is handed on, the owner before does not look at it any more. (Reuse of
 * unique values, as in Lorenzen and Leijen, Reference Counting with Frame Limited Reuse, 2022; without counts, since all
 * owners are in sight.)
 *
 * A way out may show the array: the VM owns it then, and does not come back. What is written into the frame, stored or
 * passed to a call may be seen by others: from there on nothing is appended in place.
 */
import { Tag } from '../../heap/layout.js'
import { controlFlowOf } from '../ir/dominators.js'
import {
  type Block,
  BlockParameter,
  type Edge,
  type Graph,
  Instruction,
  type SnapshotSlot,
  type Value,
} from '../ir/graph.js'
import { allocationOf } from '../ir/ops.js'
import { Replacements } from '../ir/replace.js'

/** A place where a value is used. */
interface Use {
  /** `looks`: others learn nothing of it. `appends`, `passes` (to a parameter): hand it on. `shows`: others see it. */
  readonly kind: 'looks' | 'appends' | 'passes' | 'shows'
  readonly block: Block
  /** Of the instruction in its block. */
  readonly index: number
  /** Of `passes`. */
  readonly edge: Edge | null
  readonly parameter: Value | null
}

export function appendInPlace(graph: Graph): void {
  const isPush = ({ op }: Instruction): boolean => op === 'array.push'
  if (!graph.blocks.some(({ instructions }) => instructions.some(isPush))) return
  const owners = new Owners(graph).find()
  const replaced = new Replacements(graph)
  for (const block of graph.blocks) {
    block.instructions = block.instructions.map((push) => {
      if (!isPush(push) || !owners.has(push.args[0] as Value)) return push
      const append = graph.instruction('array.append', push.args, push.position)
      append.imm = push.imm
      append.snapshot = push.snapshot
      replaced.set(push, append)
      return append
    })
  }
  replaced.inGraph(graph)
}

class Owners {
  /** Values that may be the only owner of an array. */
  private readonly candidates = new Set<Value>()
  private readonly definitions = new Map<Value, Block>()
  private readonly uses = new Map<Value, Use[]>()
  /** By parameter: what is passed to it. */
  private readonly feeds = new Map<Value, Value[]>()

  constructor(private readonly graph: Graph) {
    // Links predecessors and successors.
    controlFlowOf(graph)
  }

  find(): ReadonlySet<Value> {
    this.readFeeds()
    this.findCandidates()
    for (const block of this.graph.blocks) this.readUses(block)
    for (let before = -1; before !== this.candidates.size; ) {
      before = this.candidates.size
      for (const value of this.candidates) if (!this.isOwner(value)) this.candidates.delete(value)
    }
    return this.candidates
  }

  private readFeeds(): void {
    for (const { terminator } of this.graph.blocks) {
      for (const { block, args } of terminator.targets) {
        block.parameters.forEach((parameter, i) => {
          const feeds = this.feeds.get(parameter) ?? []
          this.feeds.set(parameter, feeds)
          feeds.push(args[i] as Value)
        })
      }
    }
  }

  /** What is appended to, and all that it may have come from. */
  private findCandidates(): void {
    const work: Value[] = []
    for (const { instructions } of this.graph.blocks)
      for (const { op, args } of instructions) if (op === 'array.push') work.push(args[0] as Value)
    for (let value = work.pop(); value !== undefined; value = work.pop()) {
      if (this.candidates.has(value) || !(value instanceof BlockParameter || isNewArray(value))) continue
      this.candidates.add(value)
      work.push(...(this.feeds.get(value) ?? []))
    }
  }

  private readUses(block: Block): void {
    const { instructions, parameters } = block
    for (const parameter of parameters) this.definitions.set(parameter, block)
    // Nothing will leave at the header of a loop any more: entry snapshots were for the passes before.
    instructions.forEach((instruction, index) => {
      this.definitions.set(instruction, block)
      const { args, snapshot, targets } = instruction
      args.forEach((arg, i) => {
        this.add(arg, { kind: kindOf(instruction, i), block, index, edge: null, parameter: null })
      })
      for (const slot of snapshot === null ? [] : [...snapshot.slots, ...snapshot.variables])
        this.look(slot, block, index)
      for (const edge of targets) {
        edge.args.forEach((arg, i) => {
          const parameter = edge.block.parameters[i] as Value
          this.add(arg, { kind: 'passes', block, index, edge, parameter })
        })
      }
    })
  }

  private look({ payload }: SnapshotSlot, block: Block, index: number): void {
    if (payload !== null) this.add(payload, { kind: 'looks', block, index, edge: null, parameter: null })
  }

  private add(value: Value, use: Use): void {
    if (!this.candidates.has(value)) return
    const uses = this.uses.get(value) ?? []
    this.uses.set(value, uses)
    uses.push(use)
  }

  /** Whether that is so if all other candidates are owners. */
  private isOwner(value: Value): boolean {
    if (!(this.feeds.get(value) ?? []).every((feed) => this.candidates.has(feed))) return false
    const uses = this.uses.get(value) ?? []
    const handsOn = (use: Use): boolean =>
      use.kind === 'appends' || (use.kind === 'passes' && this.candidates.has(use.parameter as Value))
    const shows = (use: Use): boolean => use.kind === 'shows' || (use.kind === 'passes' && !handsOn(use))
    return uses.every((use) => {
      if (!handsOn(use) && !shows(use)) return true
      const isBehind = this.reaches(value, use)
      // Two ends of one edge are two owners, and an array may become an element of itself.
      const isBeside = ({ kind, block, index, edge }: Use): boolean =>
        kind !== 'looks' && block === use.block && index === use.index && edge === use.edge
      const meets = (other: Use): boolean => isBehind(other) || (other !== use && isBeside(other))
      return uses.every((other) => !meets(other) || (shows(use) && !handsOn(other)))
    })
  }

  /** Whether another use of the value may come behind this one, before the value is made anew. */
  private reaches(value: Value, { block, index, edge }: Use): (other: Use) => boolean {
    const definition = this.definitions.get(value) as Block
    const reached = new Set<Block>()
    const work = edge === null ? block.successors : [edge.block]
    for (let next = work.pop(); next !== undefined; next = work.pop()) {
      if (next === definition || reached.has(next)) continue
      reached.add(next)
      work.push(...next.successors)
    }
    return (other) =>
      reached.has(other.block) || (edge === null && other.block === block && other.index > index)
  }
}

function isNewArray(value: Value): boolean {
  if (!(value instanceof Instruction)) return false
  if (value.op === 'array.push') return true
  return value.op === 'alloc' && allocationOf(value.imm).kind === Tag.ARRAY
}

/** What an instruction does with its operand number `i`. */
function kindOf({ op, info }: Instruction, i: number): Use['kind'] {
  if (op === 'array.push') return i === 0 ? 'appends' : 'shows'
  const { kind } = info
  if (i === 0 && (kind === 'load' || kind === 'guard' || kind === 'store')) return 'looks'
  return 'shows'
}
