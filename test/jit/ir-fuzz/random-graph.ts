/**
 * Random graphs that the verifier accepts: what the builder would make of no program, but might. They have much of
 * what passes look for: the same instruction twice, loads behind stores to the same and to other places, guards in one
 * branch only, values that loops do not change, identities.
 */
import {
  ArrayLayout,
  InstanceLayout,
  NEAR_GLOBALS_START,
  SLOT_SIZE,
  SLOT_TAG,
  Tag,
} from '../../../lib/heap/layout.js'
import { bitsOf } from '../../../lib/jit/ir/floats.js'
import {
  type Block,
  BlockParameter,
  Graph,
  type Instruction,
  isConstant,
  type MemoryClass,
  type Snapshot,
  type Value,
} from '../../../lib/jit/ir/graph.js'
import { type OpName, opInfo } from '../../../lib/jit/ir/ops.js'
import { Random } from '../../fuzz/random.js'

/** What a value is good for. 'word': a payload whose tag is not known; 'data': where the elements of an array are. */
type Sort = 'int' | 'bool' | 'tag' | 'float' | 'word' | 'object' | 'data'

interface Place {
  readonly pointer: Value
  readonly offset: number
  readonly memory: MemoryClass
}

interface Details {
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
const FLOATS: readonly number[] = [0, -0, 0, 1, 2, -2, 0.5, 3.75, 1e300, Number.NaN, Number.POSITIVE_INFINITY]
const TAGS = [Tag.NULL, Tag.BOOLEAN, Tag.INTEGER, Tag.INTEGER, Tag.FLOAT, Tag.FLOAT, Tag.INSTANCE] as const
const REFINED = [Tag.INTEGER, Tag.INTEGER, Tag.FLOAT, Tag.FLOAT, Tag.INSTANCE] as const
const INT_OPS = ['int.add', 'int.add', 'int.sub', 'int.mul', 'int.min', 'int.max'] as const
const INT_UNARY = ['int.neg', 'int.abs'] as const
const RELATIONS = ['int.eq', 'int.ne', 'int.lt', 'int.le', 'int.gt', 'int.ge'] as const
const FLOAT_OPS = ['float.add', 'float.sub', 'float.mul', 'float.div', 'float.min', 'float.max'] as const
const FLOAT_UNARY = [
  'float.neg',
  'float.abs',
  'float.sqrt',
  'float.floor',
  'float.ceil',
  'float.truncate',
] as const
const FLOAT_RELATIONS = ['float.eq', 'float.ne', 'float.lt', 'float.le', 'float.gt', 'float.ge'] as const
/** Those of which a reference is enough. */
const MAKERS = ['string.addinteger', 'integer.text', 'string.add', 'hash.keys', 'array.push'] as const
const REASONS = ['notInteger', 'notFloat', 'zero', 'outOfRange'] as const
const SORTS: readonly Sort[] = ['int', 'int', 'bool', 'tag', 'float', 'float', 'word', 'object']

/** Number of places of each kind: few, so that they are met again. */
const PLACES = 3
/**
 * Objects have parts of all classes here, at offsets of their own: the builder never reads the same offset from the
 * same pointer as two classes of memory, and passes count on that.
 */
const CELL_OFFSET = 0x100
const FIXED_OFFSET = 0x200

export function randomGraph(seed: number): Graph {
  return new Maker(new Random(seed)).make()
}

class Maker {
  private readonly graph = new Graph()
  private block = this.newBlock(0)
  private position = 1
  private readonly constants = new Map<string, Instruction>()
  /** What can be used here. */
  private values: { readonly sort: Sort; readonly value: Value }[] = []
  /** What has been done on every way to here, and can be done again. */
  private done: { readonly instruction: Instruction; readonly sort: Sort | null }[] = []
  /** Where slots in memory have been read or written. */
  private places: Place[] = []
  /** What guards mostly ask of a tag, so that not each second of them fails. */
  private readonly wanted = new Map<Value, Tag>()
  private depth = 0
  private budget: number

  constructor(private readonly random: Random) {
    this.budget = random.pick([12, 30, 60, 100])
  }

  make(): Graph {
    const { random } = this
    for (let count = random.between(2, 5); count > 0; count--) this.fromFrame()
    while (this.budget > 0) this.statement()
    // What nobody looks at would be dead.
    for (let count = 0; count < 12; count++) this.frameWrite()
    this.add('return', [this.word(), this.value('tag')])
    const entry = this.graph.blocks[0] as Block
    entry.instructions.unshift(...this.constants.values())
    return this.graph
  }

  // --- instructions ---------------------------------------------------------------------------

  private newBlock(position: number, isLoop = false): Block {
    const block = this.graph.addBlock(position, isLoop)
    this.graph.blocks.push(block)
    return block
  }

  /** @param sort what the result is good for, or null */
  private add(op: OpName, args: Value[], sort: Sort | null = null, details: Details = {}): Instruction {
    const instruction = this.graph.instruction(op, args, this.position++)
    instruction.imm = details.imm ?? 0n
    instruction.memory = details.memory ?? 'any'
    instruction.symbol = details.symbol ?? null
    if (opInfo(op).snapshot) instruction.snapshot = this.snapshot()
    this.block.instructions.push(instruction)
    if (sort !== null) this.values.push({ sort, value: instruction })
    if (['pure', 'load', 'guard'].includes(opInfo(op).kind)) this.done.push({ instruction, sort })
    return instruction
  }

  private snapshot(): Snapshot {
    const { random } = this
    const slots = Array.from({ length: random.below(3) }, (_, i) => {
      const offset = 16 * i
      if (random.chance(0.2)) return { offset, payload: null, tag: Tag.NULL }
      if (random.chance(0.4)) return { offset, payload: this.value('float'), tag: Tag.FLOAT }
      if (random.chance(0.5)) return { offset, payload: this.value('int'), tag: Tag.INTEGER }
      return { offset, payload: this.word(), tag: this.value('tag') }
    })
    return { position: this.position++, slots, reason: random.pick(REASONS), inlined: false }
  }

  private constant(op: 'int' | 'float' | 'context', imm = 0n): Instruction {
    const key = `${op} ${imm}`
    let constant = this.constants.get(key)
    if (constant === undefined) {
      constant = this.graph.instruction(op, [], 0)
      constant.imm = imm
      this.constants.set(key, constant)
    }
    return constant
  }

  private int(value: number | bigint): Instruction {
    return this.constant('int', BigInt(value))
  }

  /** A value of this sort: one of those that there are, rather late ones, or a new one. */
  private value(sort: Sort): Value {
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
      case 'data':
        return this.add('load', [this.value('object')], 'data', {
          imm: BigInt(ArrayLayout.DATA),
          memory: 'data',
        })
    }
  }

  /** The tag that guards ask of a value, most of the time. */
  private wantedOf(tag: Value): Tag {
    const { random } = this
    const known = this.wanted.get(tag)
    if (known !== undefined && random.chance(0.95)) return known
    const fresh = isConstant(tag) ? (Number(tag.imm) as Tag) : random.pick(REFINED)
    this.wanted.set(tag, fresh)
    return fresh
  }

  /** Any general register that holds a payload. */
  private word(): Value {
    return this.value(this.random.pick(['int', 'word', 'bool', 'object'] as const))
  }

  // --- statements -----------------------------------------------------------------------------

  private statement(): void {
    const { random } = this
    this.budget--
    if (random.chance(0.25) && this.done.length > 0) return this.again()
    if (this.depth < 3 && random.chance(0.15)) return random.pick(CONTROL).call(this)
    random.pick(STATEMENTS).call(this)
  }

  /** What was done before, once more, or nearly that. */
  again(): void {
    const { instruction, sort } = this.random.pick(this.done)
    const { op, args, imm, memory, symbol } = instruction
    const changed = this.random.chance(0.1) && op.startsWith('load') ? imm ^ 16n : imm
    this.add(op, [...args], sort, { imm: changed, memory, symbol: symbol ?? undefined })
  }

  arithmetic(): void {
    const { random } = this
    const kind = random.below(10)
    if (kind < 2) this.add(random.pick(INT_UNARY), [this.value('int')], 'int')
    else if (kind === 2) this.add('int.and', [this.value('int')], 'int', { imm: random.pick([1n, 3n, 255n]) })
    else if (kind === 3) this.add('int.floordiv', [this.value('int')], 'int', { imm: 1n })
    else this.add(random.pick(INT_OPS), [this.value('int'), this.value('int')], 'int')
  }

  floats(): void {
    const { random } = this
    if (random.chance(0.3)) this.add(random.pick(FLOAT_UNARY), [this.value('float')], 'float')
    else if (random.chance(0.2)) this.add('int.tofloat', [this.value('int')], 'float')
    else this.add(random.pick(FLOAT_OPS), [this.value('float'), this.value('float')], 'float')
  }

  relation(): void {
    const { random } = this
    switch (random.below(7)) {
      case 0:
        this.add('truthy', [this.value('word'), this.value('tag')], 'bool')
        return
      case 1:
        this.add('bool.not', [this.value('bool')], 'bool')
        return
      case 2: {
        const choices = [this.value('int'), this.value('int')]
        this.add('int.select', [this.value('tag'), this.value('tag'), ...choices], 'int')
        return
      }
      case 3:
      case 4:
        this.add(random.pick(FLOAT_RELATIONS), [this.value('float'), this.value('float')], 'bool')
        return
      default:
        this.add(random.pick(RELATIONS), [this.value('int'), this.value('int')], 'bool')
    }
  }

  /** What folding looks for, and what looks like it. */
  identity(): void {
    const { random } = this
    const x = this.value('int')
    switch (random.below(7)) {
      case 0:
        this.add(random.pick(['int.add', 'int.sub'] as const), [x, this.int(random.below(2))], 'int')
        return
      case 1:
        this.add(random.pick(['int.mul', 'int.add'] as const), [this.int(1), x], 'int')
        this.add('int.mul', [x, this.int(random.below(2))], 'int')
        return
      case 2:
        this.add('bits.tofloat', [this.add('float.tobits', [this.value('float')], 'word')], 'float')
        return
      case 3: {
        const float = this.constant('float', bitsOf(random.pick([1, 2, -2, 0.5, 4, 1e-300])))
        const quotient = this.add('float.div', [this.add('int.tofloat', [x], 'float'), float], 'float')
        const floor = this.add('float.floor', [quotient], 'float')
        this.add('guard.int64', [floor])
        this.add('float.toint', [floor], 'int')
        return
      }
      case 4:
        this.add('guard.fnonzero', [
          this.constant('float', bitsOf(random.chance(0.2) ? random.pick(FLOATS) : 1.5)),
        ])
        return
      case 5:
        this.constantTag()
        return
      default:
        this.add('guard.nonzero', [this.int(random.chance(0.1) ? 0 : 5)])
    }
  }

  /** A guard of a tag that is known, and that mostly passes. */
  private constantTag(): void {
    const { random } = this
    const [tag, other] = [random.pick(TAGS), random.pick(TAGS)]
    const passes = random.chance(0.9)
    const op = (tag === other) === passes ? 'guard.tag' : 'guard.nottag'
    this.add(op, [this.int(tag)], null, { imm: BigInt(other) })
  }

  /** The remainder of what may be 0, behind its guard. */
  remainder(): void {
    const divisor = this.random.chance(0.5) ? this.value('int') : this.int(this.random.pick([1, -1, 3, 8]))
    this.add('guard.nonzero', [divisor])
    this.add('int.rem', [this.value('int'), divisor], 'int')
  }

  guard(): void {
    const { random } = this
    const tag = this.value('tag')
    // Of what comes along several ways nobody knows what it should be.
    if (tag instanceof BlockParameter && random.chance(0.8)) return
    const wanted = this.wantedOf(tag)
    switch (random.below(10)) {
      case 0:
      case 1:
      case 2:
        this.add('guard.tag', [tag], null, { imm: BigInt(wanted) })
        return
      case 3:
      case 4: {
        const other = random.chance(0.9) ? TAGS.find((one) => one !== wanted) : wanted
        this.add('guard.nottag', [tag], null, { imm: BigInt(other ?? Tag.NULL) })
        return
      }
      case 5:
        if (wanted === Tag.INTEGER || wanted === Tag.FLOAT) this.add('guard.number', [tag])
        return
      case 6:
        this.add('guard.nonzero', [this.value(random.pick(['int', 'object', 'object'] as const))])
        return
      case 7: {
        const same = this.value('int')
        this.add('guard.eq', [same, random.chance(0.8) ? same : this.value('int')])
        return
      }
      case 8:
        if (random.chance(0.5))
          this.add(random.pick(['guard.fnonzero', 'guard.positive', 'guard.int64'] as const), [
            this.value('float'),
          ])
        else
          this.add(
            random.pick(['guard.class', 'guard.function', 'guard.home'] as const),
            [this.value('object')],
            null,
            {
              symbol: random.chance(0.9) ? 'heap:1' : 'heap:2',
            },
          )
        return
      default:
        this.add('guard.depth', [], null, { imm: random.pick([1n, 2n]) })
    }
  }

  fromFrame(): void {
    const imm = BigInt(16 * this.random.below(PLACES))
    const payload = this.add('frame.load', [], 'word', { imm })
    const tag = this.add('frame.tag', [], 'tag', { imm })
    if (this.random.chance(0.5)) this.refine(payload, tag)
  }

  /** A guard of a payload's tag, behind which it is known what the payload is. */
  private refine(payload: Value, tag: Value): void {
    const wanted = this.wantedOf(tag)
    this.add('guard.tag', [tag], null, { imm: BigInt(wanted) })
    if (wanted === Tag.FLOAT) this.add('bits.tofloat', [payload], 'float')
    else this.values.push({ sort: wanted === Tag.INSTANCE ? 'object' : 'int', value: payload })
  }

  /** Where a slot in memory is: often one that has been used before. */
  private place(): Place {
    if (this.places.length > 0 && this.random.chance(0.5)) return this.random.pick(this.places)
    const place = this.newPlace()
    this.places.push(place)
    return place
  }

  private newPlace(): Place {
    const { random } = this
    const offset = SLOT_SIZE * random.below(PLACES)
    switch (random.below(5)) {
      case 0:
        return { pointer: this.constant('context'), offset: NEAR_GLOBALS_START + offset, memory: 'globals' }
      case 1:
        return { pointer: this.value('object'), offset: CELL_OFFSET, memory: 'cells' }
      case 2: {
        if (random.chance(0.5)) return { pointer: this.value('data'), offset, memory: 'elements' }
        const index = this.add('int.and', [this.value('int')], 'int', { imm: 3n })
        return { pointer: this.element(index), offset: 0, memory: 'elements' }
      }
      default:
        return { pointer: this.value('object'), offset: InstanceLayout.SLOTS + offset, memory: 'fields' }
    }
  }

  private element(index: Value): Value {
    const { random } = this
    const array = this.value('object')
    const data = this.add('load', [array], 'data', { imm: BigInt(ArrayLayout.DATA), memory: 'data' })
    if (random.chance(0.5)) {
      const length = this.add('load32', [array], 'int', { imm: BigInt(ArrayLayout.LENGTH), memory: 'fixed' })
      this.add('guard.below', [index, length])
    }
    return this.add('element', [data, index])
  }

  load(): void {
    const { random } = this
    const { pointer, offset, memory } = this.place()
    const payload = this.add('load', [pointer], 'word', { imm: BigInt(offset), memory })
    if (random.chance(0.2)) return
    const tag = this.add('load32', [pointer], 'tag', { imm: BigInt(offset + SLOT_TAG), memory })
    if (random.chance(0.7)) this.refine(payload, tag)
  }

  store(): void {
    const { random } = this
    const { pointer, offset, memory } = this.place()
    const put = (op: 'store' | 'storef', value: Value, at: number): void => {
      this.add(op, [pointer, value], null, { imm: BigInt(at), memory })
    }
    if (random.chance(0.2)) {
      // The tag that is there already.
      const tag = this.add('load32', [pointer], 'tag', { imm: BigInt(offset + SLOT_TAG), memory })
      const wanted = this.wantedOf(tag)
      this.add('guard.tag', [tag], null, { imm: BigInt(wanted) })
      if (random.chance(0.3)) random.pick(STATEMENTS).call(this)
      put('store', this.int(random.chance(0.8) ? wanted : random.pick(TAGS)), offset + SLOT_TAG)
      return
    }
    const kind = random.below(4)
    if (kind === 0) {
      put('storef', this.value('float'), offset)
      put('store', this.int(Tag.FLOAT), offset + SLOT_TAG)
    } else if (kind === 1) {
      put('store', this.value('object'), offset)
      put('store', this.int(Tag.INSTANCE), offset + SLOT_TAG)
    } else {
      put('store', this.value('int'), offset)
      if (random.chance(0.7)) put('store', this.int(Tag.INTEGER), offset + SLOT_TAG)
    }
  }

  /** Reads a place, does what may change it or may not, reads it again, and shows both. */
  reread(): void {
    const { random } = this
    const first = this.newPlace()
    // Another slot of the same class that is often the same one.
    const second: Place =
      first.memory === 'elements'
        ? { ...first, pointer: this.element(this.value('int')), offset: 0 }
        : { ...first, pointer: first.memory === 'globals' ? first.pointer : this.value('object') }
    const read = (): Instruction =>
      this.add('load', [first.pointer], 'word', { imm: BigInt(first.offset), memory: first.memory })
    this.show(read())
    const { pointer, offset, memory } = random.chance(0.7) ? second : this.place()
    switch (random.below(6)) {
      case 0:
        this.add('storef', [pointer, this.value('float')], null, { imm: BigInt(offset), memory })
        break
      case 1:
      case 2:
        this.add('store', [pointer, this.value('int')], null, { imm: BigInt(offset), memory })
        break
      case 3:
        this.add('array.store', [this.value('object'), this.value('int'), this.word(), this.value('tag')])
        break
      default:
        this.effect()
    }
    this.show(read())
  }

  /** The same with the entries of hashes. */
  hashEntry(): void {
    const { random } = this
    const hash = this.value('object')
    const slot = this.add('hash.find', [hash, this.value('int')], null, { imm: BigInt(Tag.INTEGER) })
    const count = { imm: 4n, memory: 'hash' } as const
    const show = (): void => {
      this.show(this.add('load', [slot], 'word', { memory: 'hash' }))
      this.show(this.add('load32', [hash], 'int', count))
    }
    show()
    if (random.chance(0.3)) this.add('store32', [hash, this.value('int')], null, count)
    else if (random.chance(0.3)) this.effect()
    else this.add('hash.store', [hash, this.value('int'), this.value('tag')], null, { imm: 3n })
    show()
  }

  /** A tag that is guarded on one way only, and then stored. */
  tagOnOneWay(): void {
    const { pointer, offset, memory } = this.newPlace()
    const details = { imm: BigInt(offset + SLOT_TAG), memory }
    const tag = this.add('load32', [pointer], 'tag', details)
    const branch = this.add('branch', [this.value('bool')])
    const [guarded, other, join] = [0, 1, 2].map(() => this.newBlock(this.position)) as [Block, Block, Block]
    branch.targets = [guarded, other].map((block) => ({ block, args: [] }))
    this.block = guarded
    this.within(() => this.add('guard.tag', [tag], null, { imm: BigInt(Tag.INTEGER) }))
    this.jump(join, [])
    this.block = other
    this.jump(join, [])
    this.block = join
    this.add('store', [pointer, this.int(Tag.INTEGER)], null, details)
  }

  /** A loop in which a word may be followed only behind the guard of a tag that changes from pass to pass. */
  changingTag(): void {
    const { random } = this
    const imm = BigInt(16 * random.below(PLACES))
    const word = this.add('frame.load', [], null, { imm })
    const tag = this.add('frame.tag', [], null, { imm })
    const header = this.graph.addBlock(this.position++, true)
    header.entrySnapshot = { ...this.snapshot(), position: header.position, reason: null }
    this.jump(header, [this.int(0), tag])
    this.graph.blocks.push(header)
    this.block = header
    this.within(() => {
      const counter = this.parameter(header, 'int')
      const parameter = this.graph.addParameter(header, 'i')
      this.add('guard.tag', [parameter], null, { imm: BigInt(Tag.INSTANCE) })
      this.show(this.add('load', [word], 'word', { imm: BigInt(InstanceLayout.SLOTS), memory: 'fields' }))
      const test = this.add('branch', [this.add('int.lt', [counter, this.int(2)])])
      const [body, exit] = [this.newBlock(this.position), this.newBlock(this.position)]
      test.targets = [body, exit].map((block) => ({ block, args: [] }))
      this.block = body
      const next = this.add('frame.tag', [], null, { imm })
      this.add('poll', [])
      this.jump(header, [this.add('int.add', [counter, this.int(1)]), next])
      this.block = exit
    })
  }

  /** Writes a word to the frame, where it is seen. */
  private show(word: Value): void {
    this.add('frame.put', [word, this.int(Tag.INTEGER)], null, {
      imm: BigInt(3200 + 16 * this.random.below(8)),
    })
  }

  fixed(): void {
    const { random } = this
    const object = this.value('object')
    if (random.chance(0.5))
      this.add('load32', [object], 'int', { imm: BigInt(ArrayLayout.LENGTH), memory: 'fixed' })
    else this.add('load', [object], 'object', { imm: BigInt(FIXED_OFFSET), memory: 'fixed' })
  }

  frameWrite(): void {
    const imm = BigInt(3200 + 16 * this.random.below(8))
    if (this.random.chance(0.4))
      this.add('frame.put', [this.value('float'), this.int(Tag.FLOAT)], null, { imm })
    else this.add('frame.put', [this.word(), this.value('tag')], null, { imm })
  }

  effect(): void {
    const { random } = this
    const object = this.value('object')
    switch (random.below(8)) {
      case 0:
        this.add('step', [])
        return
      case 1:
      case 2:
        this.add('poll', [])
        return
      case 3:
        this.add('call', [object], 'word', { imm: 320n })
        this.add('call.tag', [this.block.instructions.at(-1) as Instruction], 'tag')
        return
      case 4:
        this.add('array.store', [object, this.value('int'), this.word(), this.value('tag')])
        return
      case 5: {
        const slot = this.add('hash.find', [object, this.value('int')], null, { imm: BigInt(Tag.INTEGER) })
        this.add('load', [slot], 'word', { memory: 'hash' })
        this.add('load32', [slot], 'tag', { imm: BigInt(SLOT_TAG), memory: 'hash' })
        return
      }
      case 6:
        this.add('hash.store', [object, this.value('int'), this.value('tag')], null, {
          imm: BigInt(Tag.INTEGER),
        })
        return
      default: {
        const op = random.pick(MAKERS)
        const { args } = opInfo(op)
        const count = args === '*' ? 2 : args.length
        this.add(
          op,
          Array.from({ length: count }, () => this.value('object')),
          'object',
          { imm: 640n },
        )
      }
    }
  }

  allocation(): void {
    const object = this.add('alloc', [], 'object', { imm: 0x1020dn })
    this.add('store', [object, this.value('int')], null, {
      imm: BigInt(InstanceLayout.SLOTS),
      memory: 'fields',
    })
    const tag = this.int(Tag.INTEGER)
    this.add('store', [object, tag], null, { imm: BigInt(InstanceLayout.SLOTS + SLOT_TAG), memory: 'fields' })
  }

  // --- control --------------------------------------------------------------------------------

  /** Does something whose values are not known behind it. */
  private within(action: () => void): void {
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

  private some(most: number): void {
    for (let count = this.random.between(0, most); count > 0; count--) this.statement()
  }

  private jump(block: Block, args: Value[]): void {
    this.add('jump', []).targets = [{ block, args }]
  }

  /** Two ways that meet again, unless one of them ends. */
  branch(): void {
    const { random } = this
    const condition = this.value('bool')
    const branch = this.add('branch', [condition])
    const sorts = Array.from({ length: random.below(3) }, () => random.pick(SORTS))
    const ways: { readonly block: Block; readonly args: Value[] }[] = []
    const way = (ends: boolean): void =>
      this.within(() => {
        this.block = this.newBlock(this.position)
        branch.targets.push({ block: this.block, args: [] })
        this.some(6)
        if (!ends) ways.push({ args: sorts.map((sort) => this.value(sort)), block: this.block })
        else if (random.chance(0.5)) this.add('leave', [])
        else this.add('return', [this.word(), this.value('tag')])
      })
    way(false)
    way(random.chance(0.15))
    const join = this.newBlock(this.position)
    for (const { block, args } of ways) {
      this.block = block
      this.jump(join, args)
    }
    this.block = join
    for (const sort of sorts) this.parameter(join, sort)
  }

  private parameter(block: Block, sort: Sort): Value {
    const value = this.graph.addParameter(block, sort === 'float' ? 'f' : 'i')
    this.values.push({ sort, value })
    return value
  }

  /** A loop of a few passes, which may end early, and begin its next pass early. */
  loop(): void {
    const { random } = this
    const sorts = Array.from({ length: random.below(4) }, () => random.pick(SORTS))
    const initial = sorts.map((sort) => this.value(sort))
    const limit = random.chance(0.7)
      ? this.int(random.below(5))
      : this.add('int.and', [this.value('int')], 'int', { imm: 3n })
    const header = this.graph.addBlock(this.position++, true)
    if (random.chance(0.9))
      header.entrySnapshot = { ...this.snapshot(), position: header.position, reason: null }
    this.jump(header, [this.int(0), ...initial])
    this.graph.blocks.push(header)
    this.block = header
    const counter = this.parameter(header, 'int')
    const carried = sorts.map((sort) => this.parameter(header, sort))
    // The header must stay one block, for the test ends it.
    for (let count = random.below(4); count > 0; count--) random.pick(STATEMENTS).call(this)
    const test = this.add('branch', [this.add('int.lt', [counter, limit])])
    const exit = this.graph.addBlock(this.position)
    const next = (): Value[] =>
      sorts.map((sort, i) => {
        if (random.chance(0.2)) return carried[i] as Value
        return random.chance(0.1) ? (initial[i] as Value) : this.value(sort)
      })
    const goOn = (): void => {
      const args = next()
      // Every way back asks for collections and interruptions.
      this.add('poll', [])
      this.jump(header, [this.add('int.add', [counter, this.int(1)]), ...args])
    }
    this.within(() => {
      this.block = this.newBlock(this.position)
      test.targets = [
        { block: this.block, args: [] },
        { block: exit, args: [] },
      ]
      this.some(8)
      if (random.chance(0.5)) {
        const breaks = random.chance(0.5)
        const choice = this.add('branch', [this.value('bool')])
        const early = this.newBlock(this.position)
        const rest = this.graph.addBlock(this.position)
        choice.targets = [
          { block: early, args: [] },
          { block: rest, args: [] },
        ]
        this.within(() => {
          this.block = early
          this.some(2)
          if (breaks) this.jump(exit, [])
          else goOn()
        })
        this.graph.blocks.push(rest)
        this.block = rest
        this.some(4)
      }
      goOn()
    })
    this.graph.blocks.push(exit)
    this.block = exit
  }
}

const { prototype } = Maker
const STATEMENTS: readonly ((this: Maker) => void)[] = [
  prototype.arithmetic,
  prototype.arithmetic,
  prototype.floats,
  prototype.relation,
  prototype.identity,
  prototype.remainder,
  prototype.guard,
  prototype.guard,
  prototype.fromFrame,
  prototype.load,
  prototype.load,
  prototype.load,
  prototype.store,
  prototype.store,
  prototype.store,
  prototype.fixed,
  prototype.frameWrite,
  prototype.effect,
  prototype.allocation,
  prototype.reread,
  prototype.reread,
  prototype.hashEntry,
]

/** Those that make blocks. */
const CONTROL: readonly ((this: Maker) => void)[] = [
  prototype.branch,
  prototype.branch,
  prototype.branch,
  prototype.loop,
  prototype.loop,
  prototype.loop,
  prototype.tagOnOneWay,
  prototype.changingTag,
]
