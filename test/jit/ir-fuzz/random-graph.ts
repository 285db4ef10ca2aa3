/**
 * Random graphs that the verifier accepts: what the builder would make of no program, but might. They have much of
 * what passes look for: the same instruction twice, loads behind stores to the same and to other places, guards in one
 * branch only, values that loops do not change, identities.
 */
import { ArrayLayout, InstanceLayout, SLOT_TAG, Tag } from '../../../lib/heap/layout.js'
import type { Block, Graph, Value } from '../../../lib/jit/ir/graph.js'
import { Random } from '../../fuzz/random.js'
import { PLACES, type Sort } from './graph-maker.js'
import { MemoryStatements } from './memory-statements.js'

const SORTS: readonly Sort[] = ['int', 'int', 'bool', 'tag', 'float', 'float', 'word', 'object']

export function randomGraph(seed: number): Graph {
  return new Maker(new Random(seed)).make()
}

class Maker extends MemoryStatements {
  private budget: number

  constructor(random: Random) {
    super(random)
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

  private statement(): void {
    const { random } = this
    this.budget--
    if (random.chance(0.25) && this.done.length > 0) return this.again()
    if (this.depth < 3 && random.chance(0.15)) return random.pick(CONTROL).call(this)
    random.pick(STATEMENTS).call(this)
  }

  protected simple(): void {
    this.random.pick(STATEMENTS).call(this)
  }

  /** What was done before, once more, or nearly that. */
  again(): void {
    const { instruction, sort } = this.random.pick(this.done)
    const { op, args, imm, memory, symbol } = instruction
    const changed = this.random.chance(0.1) && op.startsWith('load') ? imm ^ 16n : imm
    this.add(op, [...args], sort, { imm: changed, memory, symbol: symbol ?? undefined })
  }

  private some(most: number): void {
    for (let count = this.random.between(0, most); count > 0; count--) this.statement()
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
    for (let count = random.below(4); count > 0; count--) this.simple()
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
      if (random.chance(0.5)) this.elementsByCounter(counter)
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

  /** Reads an element by the counter of a loop, or one near it, and sometimes another of the same array. */
  private elementsByCounter(counter: Value): void {
    const { random } = this
    const array = this.value('object')
    const length = this.add('load32', [array], 'int', { imm: BigInt(ArrayLayout.LENGTH), memory: 'fixed' })
    for (let count = random.between(1, 2); count > 0; count--) {
      const distance = random.pick([0, 0, 1, -1, 2])
      const index = distance === 0 ? counter : this.add('int.add', [counter, this.int(distance)], 'int')
      this.add('guard.below', [index, length])
      const data = this.add('load', [array], null, { imm: BigInt(ArrayLayout.DATA), memory: 'data' })
      const element = this.add('element', [data, index])
      this.show(this.add('load', [element], 'word', { memory: 'elements' }))
    }
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
