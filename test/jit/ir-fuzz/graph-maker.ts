/** What makes graphs: blocks and instructions, and the values that there are to use. */
import { NEAR_GLOBALS_START, SLOT_SIZE, Tag } from '../../../lib/heap/layout.js'
import { bitsOf } from '../../../lib/jit/ir/floats.js'
import {
  type Block,
  Graph,
  type Instruction,
  isConstant,
  type MemoryClass,
  type Snapshot,
  type SnapshotSlot,
  type Value,
} from '../../../lib/jit/ir/graph.js'
import { type OpName, opInfo } from '../../../lib/jit/ir/ops.js'
import type { Random } from '../../fuzz/random.js'

/** What a value is good for. 'word': a payload whose tag is not known. */
export type Sort = 'int' | 'bool' | 'tag' | 'float' | 'word' | 'object'

export interface Place {
  readonly pointer: Value
  readonly offset: number
  readonly memory: MemoryClass
}

export interface Details {
  readonly imm?: bigint
  readonly memory?: MemoryClass
  readonly symbol?: string
}

const INTEGERS: readonly bigint[] = [
  0n,
  0n,
  1n,
  1n,
  2n,
  3n,
  -1n,
  7n,
  1n << 31n,
  (1n << 63n) - 1n,
  -(1n << 63n),
]
export const FLOATS: readonly number[] = [
  0,
  -0,
  0,
  1,
  2,
  -2,
  0.5,
  3.75,
  1e300,
  Number.NaN,
  Number.POSITIVE_INFINITY,
]
export const TAGS = [
  Tag.NULL,
  Tag.BOOLEAN,
  Tag.INTEGER,
  Tag.INTEGER,
  Tag.FLOAT,
  Tag.FLOAT,
  Tag.INSTANCE,
] as const
const REFINED = [Tag.INTEGER, Tag.INTEGER, Tag.FLOAT, Tag.FLOAT, Tag.INSTANCE] as const
const REASONS = ['notInteger', 'notFloat', 'zero', 'outOfRange'] as const
/** Number of places of each kind: few, so that they are met again. */
export const PLACES = 3

export abstract class GraphMaker {
  protected readonly graph = new Graph()
  protected block = this.newBlock(0)
  protected position = 1
  protected readonly constants = new Map<string, Instruction>()
  /** What can be used here. */
  protected values: { readonly sort: Sort; readonly value: Value }[] = []
  /** What has been done on every way to here, and can be done again. */
  protected done: { readonly instruction: Instruction; readonly sort: Sort | null }[] = []
  /** Where slots in memory have been read or written. */
  protected places: Place[] = []
  /** How many branches and loops there are around. */
  protected depth = 0
  /** What guards mostly ask of a tag, so that not each second of them fails. */
  private readonly wanted = new Map<Value, Tag>()

  constructor(protected readonly random: Random) {}

  protected newBlock(position: number, isLoop = false): Block {
    const block = this.graph.addBlock(position, isLoop)
    this.graph.blocks.push(block)
    return block
  }

  /** @param sort what the result is good for, or null */
  protected add(op: OpName, args: Value[], sort: Sort | null = null, details: Details = {}): Instruction {
    const instruction = this.graph.instruction(op, args, this.position++)
    instruction.imm = details.imm ?? 0n
    instruction.memory = details.memory ?? 'any'
    instruction.symbol = details.symbol ?? null
    if (opInfo(op).snapshot) instruction.snapshot = this.snapshot()
    this.block.instructions.push(instruction)
    if (sort !== null) this.values.push({ sort, value: instruction })
    const isOfElements =
      op === 'element' || instruction.memory === 'elements' || instruction.memory === 'data'
    if (['pure', 'load', 'guard'].includes(opInfo(op).kind) && !isOfElements)
      this.done.push({ instruction, sort })
    return instruction
  }

  protected snapshot(): Snapshot {
    const { random } = this
    const slots = Array.from({ length: random.below(3) }, (_, i) => this.snapshotSlot(16 * i))
    const variables: SnapshotSlot[] = []
    for (let i = 0; i < PLACES; i++) {
      if (random.chance(0.2)) variables.push(this.snapshotSlot(NEAR_GLOBALS_START + SLOT_SIZE * i))
    }
    return { position: this.position++, slots, variables, reason: random.pick(REASONS), inlined: false }
  }

  private snapshotSlot(offset: number): SnapshotSlot {
    const { random } = this
    if (random.chance(0.2)) return { offset, payload: null, tag: Tag.NULL }
    if (random.chance(0.4)) return { offset, payload: this.value('float'), tag: Tag.FLOAT }
    if (random.chance(0.5)) return { offset, payload: this.value('int'), tag: Tag.INTEGER }
    return { offset, payload: this.word(), tag: this.value('tag') }
  }

  protected constant(op: 'int' | 'float' | 'context', imm = 0n): Instruction {
    const key = `${op} ${imm}`
    let constant = this.constants.get(key)
    if (constant === undefined) {
      constant = this.graph.instruction(op, [], 0)
      constant.imm = imm
      this.constants.set(key, constant)
    }
    return constant
  }

  protected int(value: number | bigint): Instruction {
    return this.constant('int', BigInt(value))
  }

  /** A value of this sort: one of those that there are, rather late ones, or a new one. */
  protected value(sort: Sort): Value {
    const { random } = this
    const known = this.values.filter((other) => other.sort === sort)
    if (known.length > 0 && random.chance(0.85)) {
      const latest = random.chance(0.5) ? known.slice(-4) : known
      return random.pick(latest).value
    }
    switch (sort) {
      case 'int':
        return this.int(random.pick(INTEGERS))
      case 'bool':
        return this.int(random.below(2))
      case 'tag':
        return this.int(random.pick(TAGS))
      case 'float':
        return this.constant('float', bitsOf(random.pick(FLOATS)))
      case 'word':
        return this.add('frame.load', [], 'word', { imm: BigInt(16 * random.below(PLACES)) })
      case 'object':
        // These slots are never asked for their tags: they hold references.
        return this.add('frame.load', [], 'object', { imm: BigInt(1600 + 16 * random.below(PLACES)) })
    }
  }

  /** The tag that guards ask of a value, most of the time. */
  protected wantedOf(tag: Value): Tag {
    const { random } = this
    const known = this.wanted.get(tag)
    if (known !== undefined && random.chance(0.95)) return known
    const fresh = isConstant(tag) ? (Number(tag.imm) as Tag) : random.pick(REFINED)
    this.wanted.set(tag, fresh)
    return fresh
  }

  /** Any general register that holds a payload. */
  protected word(): Value {
    return this.value(this.random.pick(['int', 'word', 'bool', 'object'] as const))
  }

  /** Does something whose values are not known behind it. */
  protected within(action: () => void): void {
    const { values, done, places } = this
    this.values = [...values]
    this.done = [...done]
    this.places = [...places]
    this.depth++
    action()
    this.depth--
    this.values = values
    this.done = done
    this.places = places
  }

  protected jump(block: Block, args: Value[]): void {
    this.add('jump', []).targets = [{ block, args }]
  }

  protected parameter(block: Block, sort: Sort): Value {
    const value = this.graph.addParameter(block, sort === 'float' ? 'f' : 'i')
    this.values.push({ sort, value })
    return value
  }
}
