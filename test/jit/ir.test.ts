import t from 'tap'
import { type Block, Graph, type Instruction, type Value } from '../../lib/jit/ir/graph.js'
import type { OpName } from '../../lib/jit/ir/ops.js'
import { IrError, verifyGraph } from '../../lib/jit/ir/verify.js'

/** A graph by hand: an entry that branches to one of two blocks, which return. */
class Diamond {
  readonly graph = new Graph()
  readonly entry: Block
  readonly left: Block
  readonly right: Block
  readonly one: Instruction
  readonly loaded: Instruction
  readonly branch: Instruction
  readonly inLeft: Instruction

  constructor() {
    this.entry = this.block()
    this.left = this.block()
    this.right = this.block()
    this.one = this.add(this.entry, 'int', [])
    this.loaded = this.add(this.entry, 'frame.load', [])
    const parameter = this.graph.addParameter(this.left, 'i')
    this.branch = this.add(this.entry, 'branch', [this.loaded])
    this.branch.targets = [
      { block: this.left, args: [this.loaded] },
      { block: this.right, args: [] },
    ]
    this.inLeft = this.add(this.left, 'int.add', [parameter, this.loaded])
    this.add(this.left, 'return', [this.inLeft, this.one])
    this.add(this.right, 'return', [this.loaded, this.one])
  }

  block(): Block {
    const block = this.graph.addBlock(0)
    this.graph.blocks.push(block)
    return block
  }

  add(block: Block, op: OpName, args: Value[]): Instruction {
    const instruction = this.graph.instruction(op, args, 0)
    block.instructions.push(instruction)
    return instruction
  }

  /** Puts an instruction in front of all others of a block. */
  prepend(block: Block, op: OpName, args: Value[]): Instruction {
    const instruction = this.graph.instruction(op, args, 0)
    block.instructions.unshift(instruction)
    return instruction
  }
}

const edgeOf = ({ branch }: Diamond) => branch.targets[0] as Instruction['targets'][0]

/** One broken graph for each rule. */
const BROKEN: readonly [string, RegExp, (d: Diamond) => void][] = [
  ['no blocks', /no blocks/, (d) => d.graph.blocks.splice(0)],
  ['an empty block', /is empty/, (d) => d.right.instructions.splice(0)],
  [
    'no terminator at the end',
    /frame.load is last/,
    (d) => {
      d.right.instructions.pop()
      d.add(d.right, 'frame.load', [])
    },
  ],
  ['two terminators', /return is not last/, (d) => d.add(d.right, 'return', [d.one, d.one])],
  ['an instruction twice', /defined twice/, (d) => d.right.instructions.unshift(d.loaded)],
  ['a parameter twice', /defined twice/, (d) => d.entry.parameters.push(...d.left.parameters)],
  [
    'a target outside',
    /not in the graph/,
    (d) => {
      edgeOf(d).block = d.graph.addBlock(0)
    },
  ],
  [
    'a layout without a block',
    /layout has other blocks/,
    ({ graph, entry, right }) => {
      graph.layout = [entry, right]
    },
  ],
  [
    'a layout with a block twice',
    /layout has other blocks/,
    ({ graph, entry, right }) => {
      graph.layout = [entry, right, right]
    },
  ],
  [
    'a layout that begins elsewhere',
    /another entry/,
    ({ graph, entry, left, right }) => {
      graph.layout = [right, left, entry]
    },
  ],
  ['a missing argument of an edge', /0 arguments for block/, (d) => edgeOf(d).args.pop()],
  ['a surplus argument of an edge', /2 arguments for block/, (d) => edgeOf(d).args.push(d.one)],
  [
    'the wrong class on an edge',
    /class of argument 0/,
    (d) => {
      edgeOf(d).args = [d.graph.addParameter(d.entry, 'f')]
    },
  ],
  ['a missing argument', /arguments i, not i,i/, (d) => d.prepend(d.right, 'int.add', [d.one])],
  ['the wrong class', /arguments i, not f/, (d) => d.prepend(d.right, 'float.neg', [d.loaded])],
  ['a guard without snapshot', /snapshot of guard.tag/, (d) => d.prepend(d.right, 'guard.tag', [d.loaded])],
  [
    'a snapshot where none belongs',
    /snapshot of frame.load/,
    (d) => {
      d.loaded.snapshot = { position: 0, slots: [], variables: [], reason: null, inlined: false }
    },
  ],
  [
    'a value that is nowhere defined',
    /never defined/,
    (d) => d.prepend(d.right, 'int.neg', [d.graph.instruction('frame.load', [], 0)]),
  ],
  [
    'a value of a block that is not on the way',
    /used before it is defined/,
    (d) => d.prepend(d.right, 'int.neg', [d.inLeft]),
  ],
  [
    'a use in front of the definition',
    /used before it is defined/,
    (d) => d.prepend(d.entry, 'int.neg', [d.loaded]),
  ],
  [
    'a snapshot that keeps what is not defined',
    /used before it is defined/,
    (d) => {
      const slots = [{ offset: 0, payload: d.inLeft, tag: 3 }]
      d.prepend(d.right, 'poll', []).snapshot = {
        position: 0,
        slots,
        variables: [],
        reason: null,
        inlined: false,
      }
    },
  ],
  ['a block without way to it', /cannot be reached/, (d) => d.add(d.block(), 'return', [d.one, d.one])],
]

t.test('the verifier accepts a sound graph', async (t) => {
  t.doesNotThrow(() => verifyGraph(new Diamond().graph))
})

for (const [what, message, damage] of BROKEN) {
  t.test(`the verifier rejects ${what}`, async (t) => {
    const diamond = new Diamond()
    damage(diamond)
    try {
      verifyGraph(diamond.graph)
      t.fail('accepted')
    } catch (error) {
      t.ok(error instanceof IrError, String(error))
      t.match((error as Error).message, message)
    }
  })
}
