/** How often blocks run, and the order in which they are emitted. */
import t from 'tap'
import { Opcode } from '../../lib/bytecode/opcodes.js'
import type { BytecodeProgram } from '../../lib/bytecode/program.js'
import { FunctionEmitter } from '../../lib/jit/emit/emit-function.js'
import { compileObject, printIr, printListing } from '../../lib/jit/index.js'
import { Frequencies } from '../../lib/jit/ir/frequencies.js'
import { type Block, Graph, type Instruction, type Value } from '../../lib/jit/ir/graph.js'
import type { OpName } from '../../lib/jit/ir/ops.js'
import { verifyGraph } from '../../lib/jit/ir/verify.js'
import { layOutBlocks } from '../../lib/jit/passes/lay-out-blocks.js'
import type { ProfileDocument } from '../../lib/jit/profile.js'
import { allocateRegisters } from '../../lib/jit/registers/allocate.js'
import { registerFile, TARGETS } from '../../lib/jit/target.js'
import { readFunction, shortestLoop } from '../bench/control-flow.js'
import { profileOf, programOf, programsIn } from './tools.js'

/** To where a block goes, by number; with how often it was counted to go there. */
type Ways = readonly (number | readonly [number, number])[]

/**
 * Blocks by where they go: nowhere is a return. Those that are come back to are loop headers; whatever is listed in
 * `long` has a call of the VM, so that nothing in it may stand twice.
 */
function graphOf(ways: readonly Ways[], long: readonly number[] = []): Graph {
  const graph = new Graph()
  const isHeader = (number: number): boolean =>
    ways.some((list, from) => list.some((way) => toOf(way) === number && from >= number))
  const blocks = ways.map((_, number) => graph.addBlock(0, isHeader(number)))
  graph.blocks = blocks
  const add = (block: Block, op: OpName, args: Value[]): Instruction => {
    const instruction = graph.instruction(op, args, 0)
    block.instructions.push(instruction)
    return instruction
  }
  ways.forEach((list, number) => {
    const block = blocks[number] as Block
    if (long.includes(number))
      add(block, 'step', []).snapshot = {
        position: 0,
        slots: [],
        variables: [],
        reason: null,
        inlined: false,
      }
    if (list.length === 0) {
      const value = add(block, 'frame.load', [])
      add(block, 'return', [value, value])
      return
    }
    const last =
      list.length === 1 ? add(block, 'jump', []) : add(block, 'branch', [add(block, 'frame.load', [])])
    last.targets = list.map((way) => {
      const edge = { block: blocks[toOf(way)] as Block, args: [] }
      return typeof way === 'number' ? edge : { ...edge, count: way[1] }
    })
  })
  verifyGraph(graph)
  return graph
}

function toOf(way: Ways[number]): number {
  return typeof way === 'number' ? way : way[0]
}

function frequenciesOf(...args: Parameters<typeof graphOf>): number[] {
  const graph = graphOf(...args)
  const frequencies = new Frequencies(graph)
  return graph.blocks.map((block) => Number(frequencies.of(block).toFixed(3)))
}

function orderOf(...args: Parameters<typeof graphOf>): number[] {
  const graph = graphOf(...args)
  layOutBlocks(graph)
  verifyGraph(graph)
  return (graph.layout ?? graph.blocks).map((block) => graph.blocks.indexOf(block))
}

/** An `if` with `else`: 1 and 2 are its arms. */
const arms = (first: number, second: number): Ways[] => [
  [
    [1, first],
    [2, second],
  ],
  [3],
  [3],
  [],
]
/** An `if` without `else`: 1 is its arm. */
const arm = (taken: number, not: number): Ways[] => [
  [
    [1, taken],
    [2, not],
  ],
  [2],
  [],
]

t.test('frequencies of arms are what was counted, beside one observation of each beforehand', async (t) => {
  t.same(frequenciesOf(arms(8, 0)), [1, 0.9, 0.1, 1])
  t.same(frequenciesOf(arms(2, 5)), [1, 0.333, 0.667, 1])
  t.same(frequenciesOf(arms(0, 0)), [1, 0.5, 0.5, 1])
  t.same(frequenciesOf([[1, 2], [3], [3], []]), [1, 0.5, 0.5, 1], 'nobody counted')
})

t.test('frequencies of loops', async (t) => {
  // 1 is the header, 2 the body, 3 is behind the loop. Going on is likely: seven observations beforehand.
  t.same(
    frequenciesOf([
      [1],
      [
        [2, 92],
        [3, 9],
      ],
      [1],
      [],
    ]),
    [1, 10.9, 9.9, 1],
  )
  t.same(frequenciesOf([[1], [2, 3], [1], []]), [1, 8, 7, 1], 'nobody counted')
  t.same(frequenciesOf([[1], [1, 2], []]), [1, 8, 1], 'of one block')
  const nested: Ways[] = [
    [1],
    [
      [2, 2],
      [5, 2],
    ],
    [3],
    [
      [4, 20],
      [6, 2],
    ],
    [3],
    [],
    [1],
  ]
  t.same(frequenciesOf(nested), [1, 4, 3, 30, 27, 1, 3])
  t.same(
    frequenciesOf([
      [1],
      [
        [2, 1e9],
        [3, 0],
      ],
      [1],
      [],
    ]),
    [1, 4096, 4095, 1],
    'at most',
  )
})

t.test('frequencies stay finite in deep nests', async (t) => {
  const depth = 120
  // Header n goes in or out of its loop, the innermost one comes back to itself through a block.
  const ways: Ways[] = [[1]]
  for (let n = 1; n <= depth; n++)
    ways.push([
      [n + 1, 1e9],
      [depth + 1 + n, 1],
    ])
  ways.push([depth])
  for (let n = 1; n <= depth; n++) ways.push(n === 1 ? [] : [n - 1])
  for (const frequency of frequenciesOf(ways)) t.ok(Number.isFinite(frequency) && frequency >= 0)
})

t.test('what leaves native code is rare, unless it was counted', async (t) => {
  const frequencyOf = (count: number | undefined): number => {
    const graph = graphOf([[1, 2], [], []])
    const [entry, leaves] = graph.blocks as [Block, Block]
    leaves.instructions.length = 0
    const leave = graph.instruction('leave', [], 0)
    leave.snapshot = { position: 0, slots: [], variables: [], reason: null, inlined: false }
    leaves.instructions.push(leave)
    for (const edge of entry.terminator.targets)
      if (count !== undefined) edge.count = edge.block === leaves ? count : 0
    return new Frequencies(graph).of(leaves)
  }
  t.equal(frequencyOf(undefined), 1 / 8)
  t.equal(frequencyOf(12), 13 / 20)
})

t.test('an arm that never ran is out of the way', async (t) => {
  t.same(orderOf(arms(100, 0)), [0, 1, 3, 2])
  t.same(orderOf(arms(0, 100)), [0, 2, 3, 1])
  t.same(orderOf(arm(0, 100)), [0, 2, 1])
})

t.test('the order of the text stays where no other is much better', async (t) => {
  t.same(orderOf(arms(50, 50)), [0, 1, 2, 3])
  t.same(orderOf(arms(0, 0)), [0, 1, 2, 3])
  t.same(orderOf([[1, 2], [3], [3], []]), [0, 1, 2, 3], 'nobody counted')
  t.same(orderOf(arm(1, 2)), [0, 1, 2], 'few observations')
  t.same(orderOf(arm(40, 60)), [0, 1, 2])
  t.same(orderOf(arm(30, 70)), [0, 2, 1])
})

t.test('an arm that is rare, but not cold, stands behind its loop, a cold one behind all', async (t) => {
  // The loop 1 to 4 with an arm 3, then another with an arm 7.
  const loops = (first: number, second: number): Ways[] => [
    [1],
    [
      [2, 900],
      [5, 100],
    ],
    [
      [3, first],
      [4, 900 - first],
    ],
    [4],
    [1],
    [
      [6, 900],
      [9, 100],
    ],
    [
      [7, second],
      [8, 900 - second],
    ],
    [8],
    [5],
    [],
  ]
  t.same(orderOf(loops(250, 250)), [0, 1, 2, 4, 5, 6, 8, 9, 3, 7])
  t.same(orderOf(loops(2, 250)), [0, 1, 2, 4, 5, 6, 8, 9, 7, 3])
})

t.test('a loop whose test is too long to stand twice is turned', async (t) => {
  const loop: Ways[] = [
    [1],
    [
      [2, 90],
      [3, 10],
    ],
    [1],
    [],
  ]
  t.same(orderOf(loop), [0, 1, 2, 3], 'a short one is not')
  t.same(orderOf(loop, [1]), [0, 2, 1, 3])
  t.same(
    orderOf(
      [
        [1],
        [
          [2, 9],
          [3, 30],
        ],
        [1],
        [],
      ],
      [1],
    ),
    [0, 1, 2, 3],
    'nor one that is hardly repeated',
  )
  // The test is in two parts, 1 and 2; the way out is in the second.
  t.same(
    orderOf(
      [
        [1],
        [2],
        [
          [3, 90],
          [4, 10],
        ],
        [1],
        [],
      ],
      [1],
    ),
    [0, 3, 1, 2, 4],
  )
  t.same(
    orderOf([
      [1],
      [
        [2, 50],
        [3, 50],
      ],
      [1],
      [1],
    ]),
    [0, 1, 2, 3],
    'nor one that has no way out',
  )
})

t.test('outside of loops arms are cold, too', async (t) => {
  // Both are out of the way; 1 never ran.
  t.same(
    orderOf([
      [
        [1, 0],
        [2, 100],
      ],
      [2],
      [
        [3, 30],
        [4, 70],
      ],
      [4],
      [],
    ]),
    [0, 2, 4, 3, 1],
  )
})

t.test('only jumps back to headers are saved', async (t) => {
  // The arm 3 ends its chain with a jump forward to 5.
  const ways: Ways[] = [
    [1],
    [
      [2, 999],
      [6, 1],
    ],
    [
      [3, 700],
      [4, 300],
    ],
    [5],
    [5],
    [1],
    [],
  ]
  t.same(orderOf(ways, [1]), [0, 2, 3, 5, 1, 6, 4])
})

t.test('an outer loop goes on behind an inner one that is turned', async (t) => {
  // 2 and 4 are the headers; 6 is behind the inner loop, from where the outer one is left or gone on with.
  const ways: Ways[] = [
    [1],
    [2],
    [
      [3, 90],
      [7, 10],
    ],
    [4],
    [
      [5, 90],
      [6, 30],
    ],
    [4],
    [2],
    [],
  ]
  t.same(orderOf(ways, [2, 4]), [0, 1, 2, 3, 5, 4, 6, 7])
})

t.test('a loop with its test again stays together, behind its header', async (t) => {
  // As code that begins in the inner loop 2 to 6, which the outer one, 1 to 11, is behind in the order of the graph.
  const ways: Ways[] = [
    [1],
    [2],
    [
      [3, 62],
      [7, 2],
    ],
    [
      [4, 40],
      [5, 22],
    ],
    [6],
    [6],
    [2],
    [8],
    [
      [9, 2],
      [10, 0],
    ],
    [1],
    [],
  ]
  t.same(orderOf(ways), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
})

t.test('turning a loop does not tear an inner one apart', async (t) => {
  // 1 and 2 are the headers; the inner loop, 2 to 4, is left to 5, and both to 6.
  const ways: Ways[] = [
    [1],
    [2],
    [
      [3, 90],
      [6, 1],
    ],
    [
      [4, 20],
      [5, 70],
    ],
    [2],
    [1],
    [],
  ]
  t.same(orderOf(ways, [1]), [0, 1, 2, 3, 5, 4, 6])
})

t.test('what is behind a loop follows the test at its end', async (t) => {
  // 1 to 3 is the loop, 2 may go out of it to 4, which is rare; 5 is behind.
  t.same(
    orderOf([
      [1],
      [
        [2, 95],
        [5, 5],
      ],
      [
        [4, 1],
        [3, 94],
      ],
      [1],
      [5],
      [],
    ]),
    [0, 1, 2, 3, 5, 4],
  )
})

t.test('every layout has all blocks, and is the same each time', async (t) => {
  for (const program of programsIn('test/bench')) {
    const profile = profileOf(program, 'INTEGER')
    let seed = 1
    for (const { sites } of profile.functions) {
      for (const site of sites) {
        seed = (seed * 16807) % 2147483647
        site.taken = seed % 5 === 0 ? 0 : seed % 100
        site.notTaken = seed % 7 === 0 ? 0 : seed % 90
      }
    }
    // `printIr` verifies the graph behind each pass.
    t.equal(printIr(program, { profile }), printIr(program, { profile }), program.source.file)
  }
})

/** A profile that counted all branches alike. */
function counted(program: BytecodeProgram, taken: number, notTaken: number): ProfileDocument {
  const profile = profileOf(program, 'INTEGER')
  for (const { sites } of profile.functions)
    for (const site of sites) Object.assign(site, { taken, notTaken })
  return profile
}

t.test('counts of a profile are on the edges of branches, also of inlined code', async (t) => {
  const program = programOf('f = fn(n) { if (n < 2) { return 1 }; return n }\ng = fn(n) { return f(n) + 1 }')
  // `if` jumps over its arm where the condition is false.
  const profile = counted(program, 30, 5)
  const calls = profile.functions.find(({ name }) => name === 'g')
  for (const site of calls?.sites ?? []) site.targets = [1]
  const ir = printIr(program, { profile, only: 'f' })
  t.match(ir, /\n {2}branch v\d+ b2 x5 b3 x30\n/)
  t.match(ir, /\n; emitted: b0 b1 b3 b2\n$/)
  const inlined = printIr(program, { profile, only: 'g' })
  t.match(inlined, /guard\.depth/)
  t.match(inlined, /\n {2}branch v\d+ b\d+(\(.*\))? x5 b\d+(\(.*\))? x30\n/)
  const plain = printIr(program, { profile: profileOf(program, 'INTEGER') })
  t.notMatch(plain, / x\d/)
  t.notMatch(plain, 'emitted')
})

t.test(
  'without a next block the frequent way has its moves in line, or no jump behind the branch',
  async (t) => {
    const goesOn = (
      counts: readonly [number, number],
      moves: readonly [boolean, boolean],
      laidOut = true,
    ): number => {
      const graph = graphOf([
        [
          [1, counts[0]],
          [2, counts[1]],
        ],
        [],
        [],
      ])
      const [entry, ...targets] = graph.blocks as [Block, Block, Block]
      const branch = entry.terminator
      const kept = graph.instruction('frame.load', [], 0)
      entry.instructions.unshift(kept)
      targets.forEach((target, i) => {
        if (!moves[i]) return
        // Both values are needed behind the branch, so they are in different registers.
        const parameter = graph.addParameter(target, 'i')
        branch.targets[i]?.args.push(kept)
        target.terminator.args = [parameter, kept]
      })
      if (laidOut) graph.layout = graph.blocks
      verifyGraph(graph)
      const allocation = allocateRegisters(graph, registerFile(TARGETS.arm64, 1, 0))
      const emitter = new FunctionEmitter(TARGETS.arm64.makeMachine(false), graph, allocation, {
        charge: 1,
        deoptStress: false,
        replacesFrame: false,
        firstExit: 0,
      })
      return branch.targets.indexOf(emitter.goesOn(branch, null))
    }
    t.equal(goesOn([9, 1], [true, false]), 0)
    t.equal(goesOn([9, 1], [false, false]), 1)
    t.equal(goesOn([9, 1], [false, true]), 1)
    t.equal(goesOn([1, 9], [false, true]), 1)
    t.equal(goesOn([1, 9], [false, false]), 0)
    t.equal(goesOn([5, 5], [true, false]), 1, 'equal counts: as if nobody had counted')
    t.equal(goesOn([9, 1], [true, false], false), 1, 'the pass is left out')
  },
)

/**
 * The ARM64 listing of `f`, with one type seen everywhere but of the operands of `ops`.
 *
 * @param taken how often jumps were taken, which were not 10 times
 */
function listingOf(source: string, ops: readonly number[], types: string[][], taken: number): string {
  const program = programOf(source)
  const profile = profileOf(program, 'INTEGER')
  program.functions.forEach(({ code }, index) => {
    for (const site of profile.functions[index]?.sites ?? []) {
      if (ops.includes(code[site.position] ?? -1)) site.types = types
      site.taken = taken
      site.notTaken = 10
    }
  })
  return printListing(compileObject(program, { profile, only: 'f', target: 'arm64' }))
}

t.test('the jump back to a test with guards is saved', async (t) => {
  const source = 'f = fn(a, x) { i = 0; while (a[i] < x) { i = i + 1 }; return i }'
  const listing = listingOf(source, [Opcode.GetIndex], [['ARRAY'], ['INTEGER']], 1)
  // Add; poll (2); index (2); address, slot, tag (4); less (2).
  t.equal(shortestLoop(readFunction(listing, 'f')), 11)
})

t.test('the decision whether texts are equal goes on without a jump', async (t) => {
  const source = 'f = fn(a, b) { if (a == "x") { return 1 }; if (a != b) { return 2 }; return 3 }'
  const listing = listingOf(source, [Opcode.Equal, Opcode.NotEqual], [['STRING'], ['STRING']], 90)
  const [, inLine] = /^f:\n([\s\S]*?)\n\.\w+:\n {2}add w26, w26, #1 [^\n]*\n {2}mov x17/m.exec(listing) ?? []
  t.equal(inLine?.match(/\n {2}ret /g)?.length, 3)
  t.notMatch(inLine, /\n {2}b \./)
})
