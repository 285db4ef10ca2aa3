/** Some rounds of `make fuzz-ir`, and that it would notice what passes could do wrong. */
import t from 'tap'
import { type Graph, Instruction, type Value } from '../../lib/jit/ir/graph.js'
import { OPS, type OpName } from '../../lib/jit/ir/ops.js'
import { Replacements } from '../../lib/jit/ir/replace.js'
import { FULL } from '../support/full.js'
import { checkPasses, describeFinding, noTotals, type Pass } from './ir-fuzz/check.js'
import { DEMANDS, PURE } from './ir-fuzz/operations.js'
import { graphsOf } from './ir-fuzz/sources.js'

t.setTimeout(0)

const SEEDS = FULL ? 300 : 8

t.test('graphs do the same behind each pass as before', async (t) => {
  const totals = noTotals()
  for (let seed = 1; seed <= SEEDS; seed++) {
    for (const { name, make } of graphsOf(seed)) {
      const found = checkPasses(make, seed, totals)
      if (found !== null) t.fail(`seed ${seed}: ${name}: ${describeFinding(make, found)}`)
    }
  }
  const { returns, exits, faults, endless } = totals.endings
  t.ok(returns > SEEDS * 10, `${returns} runs to the end`)
  t.ok(exits > SEEDS * 10, `${exits} runs to a guard`)
  t.ok(faults + endless < (returns + exits) / 50, `${faults} runs that crash, ${endless} that do not end`)
  t.ok(totals.leftEarlier > 0, `${totals.leftEarlier} runs left at the header of a loop`)
})

t.test('it is said what each operation does that has no effect', async (t) => {
  /** These ask the oracle, or memory. */
  const elsewhere = /^(int|float|address|context|string\.(equal|order)|value\.is)$/
  const reading = /^guard\.(ref|function|class|home|fields|narrow|depth)$/
  for (const name of Object.keys(OPS) as OpName[]) {
    const { kind } = OPS[name] as { kind: string }
    if (kind === 'pure' && !elsewhere.test(name)) t.ok(Object.hasOwn(PURE, name), name)
    if (kind === 'guard' && !reading.test(name)) t.ok(Object.hasOwn(DEMANDS, name), name)
  }
})

/** Replaces instructions by what `replace` makes of them; null: they go. */
function rewrite(
  graph: Graph,
  replace: (instruction: Instruction, before: readonly Instruction[]) => Instruction | null,
): void {
  for (const block of graph.blocks) {
    const kept: Instruction[] = []
    for (const instruction of block.instructions) {
      const made = replace(instruction, kept)
      if (made !== null) kept.push(made)
    }
    block.instructions = kept
  }
}

function drops(is: (instruction: Instruction) => boolean): Pass['run'] {
  return (graph) => rewrite(graph, (instruction) => (is(instruction) ? null : instruction))
}

/** Passes with mistakes that are easily made. */
const BROKEN: { readonly [what: string]: Pass['run'] } = {
  'drops a guard': drops(({ op }) => op === 'guard.tag'),
  'drops a store': drops(({ op }) => op === 'storef'),
  'drops a poll': drops(({ op }) => op === 'poll'),
  'takes -0 for 0': (graph) =>
    rewrite(graph, (instruction) => {
      if (instruction.op === 'float' && instruction.imm === -(1n << 63n)) instruction.imm = 0n
      return instruction
    }),
  'has the operands of a difference exchanged': (graph) =>
    rewrite(graph, (instruction) => {
      if (instruction.op === 'int.sub') instruction.args.reverse()
      return instruction
    }),
  'lightens each poll': (graph) =>
    rewrite(graph, (instruction) => {
      if (instruction.op === 'poll') instruction.imm = 1n
      return instruction
    }),
  'forgets that stores and calls change what was loaded': (graph) => {
    const replaced = new Replacements(graph)
    rewrite(graph, (load, before) => {
      if (load.op !== 'load') return load
      const same = before.find(
        ({ op, args, imm }) => op === 'load' && args[0] === load.args[0] && imm === load.imm,
      )
      if (same === undefined) return load
      replaced.set(load, same)
      return null
    })
    replaced.inGraph(graph)
  },
  'leaves in the middle of an iteration with the frame of its beginning': (graph) =>
    rewrite(graph, (instruction) => {
      if (instruction.op.startsWith('guard.')) instruction.snapshot?.slots.splice(0)
      return instruction
    }),
  'makes no object that only ways out show': (graph) => {
    const used = new Set<Value>()
    const objects = new Set<Value>()
    for (const { instructions } of graph.blocks) {
      for (const { op, args, targets } of instructions) {
        const isStore = /^store(f|32)?$/.test(op)
        for (const value of isStore ? args.slice(1) : args) used.add(value)
        for (const edge of targets) for (const value of edge.args) used.add(value)
      }
      for (const instruction of instructions) if (instruction.op === 'alloc') objects.add(instruction)
    }
    const isGone = (value: Value | undefined): boolean =>
      value !== undefined && objects.has(value) && !used.has(value)
    for (const { instructions } of graph.blocks) {
      for (const { snapshot } of instructions) {
        if (snapshot === null) continue
        snapshot.slots.splice(
          0,
          snapshot.slots.length,
          ...snapshot.slots.filter((slot) => !isGone(slot.payload ?? undefined)),
        )
      }
    }
    drops(
      (instruction) =>
        isGone(instruction) || (instruction.op.startsWith('store') && isGone(instruction.args[0])),
    )(graph)
  },
  'does not store into objects': drops(
    ({ op, args: [object] }) => op === 'store' && object instanceof Instruction && object.op === 'alloc',
  ),
  'moves loads before the stores of their block': (graph) => {
    for (const block of graph.blocks) {
      const loads = block.instructions.filter(
        ({ op, args }) => op === 'load' && !block.instructions.includes(args[0] as Instruction),
      )
      block.instructions = [...loads, ...block.instructions.filter((other) => !loads.includes(other))]
    }
  },
}

for (const [what, run] of Object.entries(BROKEN)) {
  t.test(`a pass is found that ${what}`, async (t) => {
    const pass: Pass = { name: what, run }
    const finds = (seed: number): boolean =>
      graphsOf(seed).some(({ make }) => checkPasses(make, seed, noTotals(), [pass], []) !== null)
    const seeds = Array.from({ length: 20 }, (_, i) => i + 1)
    t.ok(seeds.some(finds), 'within twenty seeds')
  })
}
