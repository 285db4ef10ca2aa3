/** What single passes, and shorter ways of the builder, make of small functions. */
import t from 'tap'
import { Tag } from '../../lib/heap/layout.js'
import { printIr } from '../../lib/jit/index.js'
import { type Block, Graph, type Instruction, type Value } from '../../lib/jit/ir/graph.js'
import type { OpName } from '../../lib/jit/ir/ops.js'
import { verifyGraph } from '../../lib/jit/ir/verify.js'
import { numberValues } from '../../lib/jit/passes/number-values.js'
import { profileOf, programOf } from './tools.js'

/** @param builtin what was called wherever something was */
function irOf(source: string, type: string, builtin?: string): string {
  const program = programOf(source)
  const profile = profileOf(program, type)
  if (builtin !== undefined)
    for (const { sites } of profile.functions) for (const site of sites) site.builtins = [builtin]
  return printIr(program, { profile, only: 'f' })
}

t.test('polls of loops that take no memory look for interruptions alone', async (t) => {
  t.match(irOf('f = fn(n) { i = 0; while (i < n) { i = i + 1 }; return i }', 'INTEGER'), /\n {2}poll \[1\] /)
  const closures = irOf(
    'g = 0; f = fn(n) { i = 0; while (i < n) { i = i + 1; g = fn() { 1 } }; return i }',
    'INTEGER',
  )
  t.match(closures, /\n {2}poll \{/)
  t.notMatch(closures, /poll \[1\]/)
  const nested = irOf(
    'g = 0; f = fn(n) { i = 0; while (i < n) { i = i + 1; g = fn() { 1 }; j = 0; while (j < n) { j = j + 1 } }; return i }',
    'INTEGER',
  )
  t.match(nested, /poll \[1\]/, 'the inner loop takes none')
  t.match(nested, /poll \{/, 'the outer one does')
  const unseen = irOf('f = fn(n) { i = 0; while (i < n) { i = i + 1; g = fn() { 1 } }; return i }', 'INTEGER')
  t.match(unseen, /\n {2}poll \[1\] /, 'closures that nobody sees take none')
})

t.test('words that are wanted as floats are loaded as such', async (t) => {
  const product = irOf('f = fn(a, b) { return a * b }', 'FLOAT')
  t.equal(product.match(/frame\.float/g)?.length, 2)
  t.notMatch(product, 'bits.tofloat')
  const both = irOf('f = fn(a, b) { c = a * b; return a }', 'FLOAT')
  t.match(both, 'frame.float')
})

t.test('variables of the file are near the context block', async (t) => {
  const near = irOf('x = 1\nf = fn(a) { x = a; return x }', 'INTEGER')
  t.match(near, /= context\n/)
  const many = Array.from({ length: 800 }, (_, i) => `v${i} = ${i}`).join('\n')
  t.match(irOf(`${many}\nf = fn(a) { v7 = a; return v7 }`, 'INTEGER'), '@global:7')
})

t.test('a tag that a variable has already is not stored again', async (t) => {
  const stores = (ir: string): number => ir.match(/\n {2}store /g)?.length ?? 0
  t.equal(stores(irOf('x = 1\nf = fn(a) { x = a + 1; x = a + 2; return a }', 'INTEGER')), 2)
  t.equal(stores(irOf('x = 1\nf = fn(a) { x = x + 1; return a }', 'INTEGER')), 1)
  t.equal(stores(irOf('x = 1\nf = fn(a) { x = a + 1; x = "text"; return a }', 'INTEGER')), 2)
})

t.test('whether an odd constant divides takes no division', async (t) => {
  for (const test of ['n % 3 == 0', 'n % 65521 != 0']) {
    const ir = irOf(`f = fn(n) { return ${test} }`, 'INTEGER')
    t.match(ir, 'int.below', test)
    t.notMatch(ir, 'int.rem', test)
  }
  for (const test of ['n % 3 == 1', 'n % 6 == 0', 'n % -3 == 0', 'n % n == 0']) {
    t.match(irOf(`f = fn(n) { return ${test} }`, 'INTEGER'), 'int.rem', test)
  }
})

t.test('shorter ways with powers of two', async (t) => {
  t.match(irOf('f = fn(n) { return n % 8 == 0 }', 'INTEGER'), /int\.and v\d+ \[7\]/)
  t.notMatch(irOf('f = fn(n) { return n % 8 == 1 }', 'INTEGER'), 'int.and')
  t.notMatch(irOf('f = fn(n) { return n % 6 == 0 }', 'INTEGER'), 'int.and')
  t.match(
    irOf('f = fn(n) { return builtin_floor(n / 4) }', 'INTEGER', 'builtin_floor'),
    /int\.floordiv v\d+ \[2\]/,
  )
  t.notMatch(irOf('f = fn(n) { return builtin_floor(n / 3) }', 'INTEGER', 'builtin_floor'), 'int.floordiv')
  t.notMatch(irOf('f = fn(n) { return builtin_ceil(n / 4) }', 'INTEGER', 'builtin_ceil'), 'int.floordiv')
})

/** Loads the tag of a field, guards it, does something, and stores a tag there; whether the store is still there. */
function keepsStore(
  guarded: Tag,
  stored: Tag,
  between?: (graph: Graph, block: Block, object: Value) => void,
): boolean {
  const graph = new Graph()
  const block = graph.addBlock(0)
  graph.blocks.push(block)
  const add = (op: OpName, args: Value[], imm = 0n): Instruction => {
    const instruction = graph.instruction(op, args, 0)
    instruction.imm = imm
    if (op === 'load32' || op === 'store') instruction.memory = 'fields'
    block.instructions.push(instruction)
    return instruction
  }
  const tag = add('int', [], BigInt(stored))
  const object = add('frame.load', [])
  const held = add('load32', [object], 24n)
  add('guard.tag', [held], BigInt(guarded)).snapshot = {
    position: 0,
    slots: [],
    variables: [],
    reason: 'notFloat',
    inlined: false,
  }
  between?.(graph, block, object)
  const store = add('store', [object, tag], 24n)
  add('return', [object, tag])
  verifyGraph(graph)
  numberValues(graph)
  return block.instructions.includes(store)
}

function addStore(graph: Graph, block: Block, object: Value, offset: bigint): void {
  const store = graph.instruction('store', [object, object], 0)
  store.imm = offset
  store.memory = 'fields'
  block.instructions.push(store)
}

t.test('what a field holds already is not stored again', async (t) => {
  t.notOk(keepsStore(Tag.FLOAT, Tag.FLOAT))
  t.ok(keepsStore(Tag.FLOAT, Tag.INTEGER), 'another tag')
  t.notOk(
    keepsStore(Tag.FLOAT, Tag.FLOAT, (graph, block, object) => addStore(graph, block, object, 40n)),
    'another field was stored in between',
  )
  t.ok(
    keepsStore(Tag.FLOAT, Tag.FLOAT, (graph, block) => {
      // Of another object, which may be the same.
      const other = graph.instruction('frame.load', [], 0)
      other.imm = 16n
      block.instructions.push(other)
      addStore(graph, block, other, 24n)
    }),
    'the field may have been stored in between',
  )
  t.ok(
    keepsStore(Tag.FLOAT, Tag.FLOAT, (graph, block) => {
      const step = graph.instruction('step', [], 0)
      step.snapshot = { position: 0, slots: [], variables: [], reason: null, inlined: false }
      block.instructions.push(step)
    }),
    'anything may have happened in between',
  )
})
