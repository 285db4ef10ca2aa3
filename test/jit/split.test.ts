/** Where calls are on the way, and what of the values that cross them stays in registers. */
import t from 'tap'
import { CallFreeRegions } from '../../lib/jit/ir/call-free-regions.js'
import { controlFlowOf } from '../../lib/jit/ir/dominators.js'
import {
  type Block,
  type BlockParameter,
  Graph,
  type Instruction,
  Snapshot,
  type Value,
} from '../../lib/jit/ir/graph.js'
import type { OpName } from '../../lib/jit/ir/ops.js'
import { printGraph } from '../../lib/jit/ir/print.js'
import { verifyGraph } from '../../lib/jit/ir/verify.js'
import { splitLiveRanges } from '../../lib/jit/passes/split-live-ranges.js'
import { allocateRegisters } from '../../lib/jit/registers/allocate.js'
import { spillWeights } from '../../lib/jit/registers/spill-weights.js'
import { checkAllocation } from './check-allocation.js'

const FILE = {
  general: [0, 1, 2, 3],
  float: [0, 1],
  results: [0, 1] as const,
  arguments: { i: [0, 1, 2, 3], f: [0, 1] },
  maxSpills: 100,
}

/** A graph by hand: blocks with their ways on, in which instructions are put in front of the end. */
class Maker {
  readonly graph = new Graph()
  readonly blocks: Block[]

  constructor(ways: readonly (readonly number[])[]) {
    const isHeader = (number: number): boolean =>
      ways.some((list, from) => list.includes(number) && from >= number)
    this.blocks = ways.map((_, number) => this.graph.addBlock(0, isHeader(number)))
    this.graph.blocks = this.blocks
    ways.forEach((list, number) => {
      const block = this.blocks[number] as Block
      const value = list.length === 1 ? null : this.make(list.length === 0 ? 'int' : 'frame.load', [])
      if (value !== null) block.instructions.push(value)
      const last = this.make(
        (['return', 'jump', 'branch'] as const)[list.length] as OpName,
        list.length === 0 ? [value as Value, value as Value] : value === null ? [] : [value],
      )
      last.targets = list.map((to) => ({ block: this.blocks[to] as Block, args: [] }))
      block.instructions.push(last)
    })
  }

  private make(op: OpName, args: Value[]): Instruction {
    return this.graph.instruction(op, args, 0)
  }

  add(number: number, op: OpName, args: Value[] = [], imm = 0n): Instruction {
    const instruction = this.make(op, args)
    instruction.imm = imm
    const { instructions } = this.blocks[number] as Block
    // The value that decides where to go stays with the branch.
    instructions.splice(
      -(instructions.length > 1 && instructions.at(-1)?.op === 'branch' ? 2 : 1),
      0,
      instruction,
    )
    return instruction
  }

  call(number: number): Instruction {
    const call = this.add(number, 'call', [this.add(number, 'frame.load')], 80n)
    this.add(number, 'call.tag', [call])
    return call
  }

  parameter(number: number, ...args: [from: number, value: Value][]): BlockParameter {
    const block = this.blocks[number] as Block
    const parameter = this.graph.addParameter(block, 'i')
    for (const [from, value] of args)
      for (const edge of (this.blocks[from] as Block).terminator.targets)
        if (edge.block === block) edge.args.push(value)
    return parameter
  }

  split(): void {
    splitLiveRanges(this.graph)
    verifyGraph(this.graph)
    checkAllocation(this.graph, allocateRegisters(this.graph, FILE), FILE)
  }

  /** By block, what is copied there and how: like `copy 3`. */
  copies(): string[][] {
    return this.blocks.map(({ instructions }) =>
      instructions
        .filter(({ op }) => /^(copy|reload)/.test(op))
        .map(({ op, args: [from] }) => `${op} ${from?.id}`),
    )
  }
}

function regionsOf(ways: readonly (readonly number[])[], calls: readonly number[]): [number, number][] {
  const maker = new Maker(ways)
  for (const number of calls) maker.call(number)
  const regions = new CallFreeRegions(maker.graph, controlFlowOf(maker.graph).tree)
  return maker.blocks.map((block) => [regions.entryOf(block), regions.exitOf(block)])
}

const DIAMOND = [[1, 2], [3], [3], []]
const LOOP = [[1], [2, 3], [1], []]

t.test('regions end at calls, and where ways meet of which one has a call', async (t) => {
  t.same(regionsOf(DIAMOND, []), [
    [0, 0],
    [0, 0],
    [0, 0],
    [0, 0],
  ])
  const [, left, right, join] = regionsOf(DIAMOND, [1])
  t.not(left?.[0], left?.[1], 'behind a call is another region')
  t.equal(right?.[0], 0, 'the other way knows of no call')
  t.notOk([...(left ?? []), ...(right ?? [])].includes(join?.[0] as number), 'where they meet one begins')
})

t.test('a loop goes on with the region in front of it only without a call', async (t) => {
  t.same(
    regionsOf(LOOP, []).map(([entry]) => entry),
    [0, 0, 0, 0],
  )
  const [before, header, body, behind] = regionsOf(LOOP, [2])
  t.not(header?.[0], before?.[1])
  t.equal(body?.[0], header?.[1])
  t.equal(behind?.[0], header?.[1])
  // The call of the header itself is on the way back, too.
  const [start, own] = regionsOf(LOOP, [1])
  t.not(own?.[0], start?.[1])
})

t.test('several calls in a block', async (t) => {
  const maker = new Maker([[]])
  const first = maker.call(0)
  const second = maker.call(0)
  const regions = new CallFreeRegions(maker.graph, controlFlowOf(maker.graph).tree)
  const [block] = maker.blocks as [Block]
  const at = (instruction: Instruction): number => regions.at(block, block.instructions.indexOf(instruction))
  t.equal(at(first), regions.entryOf(block), 'a call reads its arguments before')
  t.equal(regions.at(block, block.instructions.indexOf(first) + 1), at(second))
  t.equal(new Set([at(first), at(second), regions.exitOf(block)]).size, 3)
})

t.test('what is used before a call and behind it is two values', async (t) => {
  const maker = new Maker([[]])
  const value = maker.add(0, 'int.neg', [maker.add(0, 'frame.load')])
  const before = maker.add(0, 'int.neg', [value])
  maker.add(0, 'frame.put', [before], 32n)
  maker.call(0)
  const behind = maker.add(0, 'int.neg', [value])
  maker.add(0, 'frame.put', [behind], 16n)
  maker.split()
  t.same(maker.copies(), [[`copy ${value.id}`]])
  t.equal(before.args[0], value)
  t.equal((behind.args[0] as Instruction).op, 'copy', 'a single use reads memory')
})

t.test('several uses behind a call are worth a register', async (t) => {
  const maker = new Maker([[]])
  const value = maker.add(0, 'int.neg', [maker.add(0, 'frame.load')])
  maker.call(0)
  const sum = maker.add(0, 'int.add', [value, value])
  maker.add(0, 'frame.put', [sum], 16n)
  maker.split()
  t.same(maker.copies(), [[`reload ${value.id}`]], 'nobody needs it in a register before')
  t.match(sum.args, [{ op: 'reload' }, { op: 'reload' }])
})

t.test('a loop without calls is not reloaded in', async (t) => {
  const maker = new Maker([[1], [2], [2, 3], []])
  const value = maker.add(0, 'int.neg', [maker.add(0, 'frame.load')])
  maker.call(0)
  const used = maker.add(2, 'int.neg', [value])
  maker.add(2, 'frame.put', [used], 16n)
  maker.split()
  t.same(maker.copies(), [[], [`reload ${value.id}`], [], []], 'in front of the loop, even for one use')
})

t.test('a loop without calls is not saved in, either', async (t) => {
  const maker = new Maker([[1], [1, 2], []])
  const zero = maker.add(0, 'int', [], 0n)
  const parameter = maker.parameter(1, [0, zero])
  const next = maker.add(1, 'int.add', [parameter, parameter])
  for (const edge of (maker.blocks[1] as Block).terminator.targets)
    if (edge.block === maker.blocks[1]) edge.args.push(next)
  maker.call(2)
  maker.add(2, 'frame.put', [parameter], 16n)
  maker.split()
  t.same(maker.copies(), [[], [], [`copy ${parameter.id}`]])
})

t.test('ways out read what lives in memory as soon as it is there', async (t) => {
  const maker = new Maker([[]])
  const value = maker.add(0, 'int.neg', [maker.add(0, 'frame.load')])
  const shared = new Snapshot(0, [{ offset: 0, payload: value, tag: 3 }], [], 'notInteger')
  const [first, second] = [0, 1].map(() => maker.add(0, 'guard.nonzero', [value])) as [
    Instruction,
    Instruction,
  ]
  first.snapshot = shared
  second.snapshot = shared
  maker.call(0)
  const third = maker.add(0, 'guard.nonzero', [value])
  third.snapshot = shared
  maker.split()
  for (const guard of [first, second, third])
    t.match(guard.snapshot?.slots, [{ payload: { op: 'copy' } }], printGraph(maker.graph))
  t.equal(shared.slots[0]?.payload, value, 'a snapshot of several instructions is not changed')
})

t.test('values that memory holds anyway are not saved', async (t) => {
  const maker = new Maker([[]])
  maker.graph.stableSlots = new Set([48])
  const value = maker.add(0, 'frame.load', [], 48n)
  maker.add(0, 'frame.put', [maker.add(0, 'int.add', [value, value])], 16n)
  maker.call(0)
  maker.add(0, 'frame.put', [maker.add(0, 'int.neg', [value])], 16n)
  maker.split()
  t.same(maker.copies(), [[`reload ${value.id}`]])
})

t.test('weights go by how often blocks run, and by what has to be written', async (t) => {
  const maker = new Maker([[1], [1, 2], []])
  maker.graph.stableSlots = new Set([48])
  const loaded = maker.add(0, 'frame.load', [], 48n)
  const made = maker.add(0, 'int.neg', [loaded])
  const inLoop = maker.add(1, 'int.neg', [made])
  const weights = spillWeights(maker.graph)
  const of = ({ id }: Value): number => weights[id] as number
  t.equal(of(loaded), 1, 'one use, and nothing to write')
  t.ok(of(made) > 2, 'written once, used in each pass')
  t.equal(of(inLoop), of(made) - 1, 'written in each pass')
})
