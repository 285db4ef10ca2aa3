/** What a graph does with the words that it reads, see `Hint`. Wrong hints make runs short, never wrong. */
import { SLOT_TAG, Tag } from '../../../lib/heap/layout.js'
import { type Graph, Instruction, type Value } from '../../../lib/jit/ir/graph.js'
import { addressOfSymbol, type Hint, NO_HINT } from './memory.js'

class Uses implements Hint {
  readonly tags: bigint[] = []
  readonly words: bigint[] = []
  isPointer = false
  isFloat = false
  isLimit = false

  /** Takes over what another value is used for; whether that is new. */
  add({ tags, words, isPointer, isFloat, isLimit }: Hint): boolean {
    const before = this.extent
    for (const tag of tags) if (!this.tags.includes(tag)) this.tags.push(tag)
    for (const word of words) if (!this.words.includes(word)) this.words.push(word)
    this.isPointer ||= isPointer
    this.isFloat ||= isFloat
    this.isLimit ||= isLimit
    return this.extent > before
  }

  private get extent(): number {
    const { tags, words } = this
    return tags.length + words.length + Number(this.isPointer) + Number(this.isFloat) + Number(this.isLimit)
  }
}

const POINTER: Hint = { ...NO_HINT, isPointer: true }
const FLOAT: Hint = { ...NO_HINT, isFloat: true }
const LIMIT: Hint = { ...NO_HINT, isLimit: true }
const NUMBERS: Hint = { ...NO_HINT, tags: [BigInt(Tag.INTEGER), BigInt(Tag.FLOAT)] }

/** What an operation asks of its argument number `i`. */
function demandOn({ op, args, imm, symbol }: Instruction, i: number): Hint | null {
  switch (op) {
    case 'guard.tag':
      return { ...NO_HINT, tags: [imm] }
    case 'guard.number':
      return NUMBERS
    case 'guard.ref':
      return { ...NO_HINT, words: [addressOfSymbol(symbol ?? '')] }
    case 'guard.eq': {
      const other = args[1 - i]
      if (!(other instanceof Instruction)) return null
      if (other.op === 'int') return { ...NO_HINT, words: [other.imm] }
      return other.op === 'address' ? { ...NO_HINT, words: [addressOfSymbol(other.symbol ?? '')] } : null
    }
    case 'guard.below':
      return i === 1 ? LIMIT : null
    case 'bits.tofloat':
      return FLOAT
    case 'load':
    case 'load32':
    case 'load8':
    case 'loadf':
    case 'store':
    case 'store32':
    case 'storef':
    case 'element':
    case 'slot.store':
    case 'array.own':
    case 'array.unshare':
    case 'pointer':
    case 'call':
    case 'guard.function':
    case 'guard.class':
    case 'guard.home':
    case 'guard.fields':
    case 'guard.narrow':
      return i === 0 ? POINTER : null
    default:
      return null
  }
}

/** The slot that an instruction reads or writes, as far as the graph tells. */
function slotOf({ op, memory, args, imm }: Instruction): string | null {
  if (op.startsWith('frame.')) return `frame ${imm}`
  const [pointer] = args
  if (!/^(load|store)/.test(op) || pointer === undefined) return null
  return `${memory} ${pointer.id} ${imm & ~15n}`
}

/** The hints of a graph as it is now. */
export class Hints {
  /** By id of the value. */
  private readonly uses: Uses[]
  private readonly slots = new Map<string, Uses>()

  constructor(graph: Graph) {
    this.uses = Array.from({ length: graph.valueCount }, () => new Uses())
    const edges: [Value, Value][] = []
    for (const { instructions } of graph.blocks) {
      for (const instruction of instructions) {
        instruction.args.forEach((arg, i) => {
          const demand = demandOn(instruction, i)
          if (demand !== null) this.usesOf(arg).add(demand)
        })
        // A pointer into an object is made of one to its beginning.
        if (instruction.op === 'int.add') edges.push([instruction.args[0] as Value, instruction])
        for (const { block, args } of instruction.targets)
          args.forEach((arg, i) => {
            edges.push([arg, block.parameters[i] as Value])
          })
      }
    }
    for (let changed = true; changed; ) {
      changed = false
      for (const [arg, parameter] of edges) if (this.usesOf(arg).add(this.usesOf(parameter))) changed = true
    }
    for (const { instructions } of graph.blocks)
      for (const instruction of instructions) this.addSlot(instruction)
  }

  /** Of the word that a load reads, or of what stood where a store writes. */
  of(instruction: Instruction): Hint {
    const slot = slotOf(instruction)
    return (slot === null ? undefined : this.slots.get(slot)) ?? this.usesOf(instruction)
  }

  private usesOf({ id }: Value): Uses {
    return this.uses[id] as Uses
  }

  /** Payload and tag are read by two instructions, of which either may come first. */
  private addSlot(instruction: Instruction): void {
    const slot = slotOf(instruction)
    if (slot === null || !instruction.hasResult) return
    const uses = this.slots.get(slot) ?? new Uses()
    this.slots.set(slot, uses)
    uses.add(this.usesOf(instruction))
    // The fixed parts of objects, and where elements are, are other objects if they are whole words.
    const { op, memory } = instruction
    if (op === 'load' && (memory === 'fixed' || memory === 'data')) uses.add(POINTER)
    if (op === 'frame.float' || op === 'loadf') uses.add(FLOAT)
    const isTag = op === 'frame.tag' || (instruction.imm & 15n) === BigInt(SLOT_TAG)
    if (isTag || uses.tags.length > 0 || !uses.isFloat) return
    // Nobody asks whether it is a float: it must be one.
    uses.tags.push(BigInt(Tag.FLOAT))
  }
}
