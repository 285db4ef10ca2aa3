/** Objects in native code: what of `initialize` is inlined, what is stored, and which objects are not made at all. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { hostTargetName } from '../../lib/jit/host.js'
import { Graph, type Instruction, Snapshot, type Value } from '../../lib/jit/ir/graph.js'
import { numberValues } from '../../lib/jit/passes/number-values.js'
import { removeDeadCode } from '../../lib/jit/passes/remove-dead-code.js'
import { runTool } from '../tools/run-tool.js'

/** A graph of one block, which returns a value and its tag. */
function graphOf(fill: (emit: (op: never, args: Value[], imm?: bigint) => Instruction) => Value): Graph {
  const graph = new Graph()
  const block = graph.addBlock(0)
  graph.blocks.push(block)
  const emit = (op: never, args: Value[], imm = 0n): Instruction => {
    const instruction = Object.assign(graph.instruction(op, args, 0), { imm })
    if (instruction.info.snapshot) instruction.snapshot = new Snapshot(0, [], [], null)
    block.instructions.push(instruction)
    return instruction
  }
  const value = fill(emit)
  emit('return' as never, [value, value])
  return graph
}

const opsOf = ({ blocks: [block] }: Graph): string[] => block?.instructions.map(({ op }) => op) ?? []

t.test('an object that is only stored into is not made, nor what is only stored there', async (t) => {
  const graph = graphOf((emit) => {
    const value = emit('frame.load' as never, [])
    const [inner, outer] = [emit('alloc' as never, []), emit('alloc' as never, [])]
    emit('store' as never, [inner, value], 16n)
    emit('store32' as never, [outer, value], 4n)
    emit('store' as never, [outer, inner], 16n)
    return value
  })
  removeDeadCode(graph)
  t.same(opsOf(graph), ['frame.load', 'return'])
})

t.test('an object that is read, returned, stored elsewhere or shown by a way out is made', async (t) => {
  const uses: ((emit: (op: never, args: Value[]) => Instruction, object: Value, other: Value) => Value)[] = [
    (emit, object) => emit('load' as never, [object]),
    (_, object) => object,
    (emit, object, other) => {
      emit('store' as never, [other, object])
      return other
    },
    (emit, object, other) => {
      const guard = emit('guard.nonzero' as never, [other])
      guard.snapshot = new Snapshot(0, [{ offset: 0, payload: object, tag: 3 }], [], null)
      return other
    },
  ]
  for (const use of uses) {
    const graph = graphOf((emit) => {
      const other = emit('frame.load' as never, [])
      const object = emit('alloc' as never, [])
      emit('store' as never, [object, other], 16n)
      return use(emit, object, other)
    })
    removeDeadCode(graph)
    t.same(opsOf(graph).slice(0, 3), ['frame.load', 'alloc', 'store'])
  }
})

t.test('a check of depth covers those that ask for no more', async (t) => {
  const graph = graphOf((emit) => {
    for (const charge of [2n, 1n, 2n, 3n]) emit('guard.depth' as never, [], charge)
    return emit('frame.load' as never, [])
  })
  numberValues(graph)
  const charges = graph.blocks[0]?.instructions.filter(({ op }) => op === 'guard.depth').map(({ imm }) => imm)
  t.same(charges, [2n, 3n])
})

const folder = mkdtempSync(join(tmpdir(), 'rush-test-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

/** The IR of function `f` as the first and the last pass left it, when it has run often. */
function irOf(classes: string, body: string, expected: string): { built: string; last: string } {
  const source = `${classes}
    f = fn(n) { ${body} }
    for (r = 0; r < 300; r = r + 1) { last = f(r) }
    print(last)`
  writeFileSync(join(folder, 'objects.rush'), source)
  const words = [
    '-jit',
    '-osr-threshold',
    '100000',
    '-dump',
    'ir,ir:lay-out-blocks',
    '-dump-function',
    'f',
    'objects.rush',
  ]
  const { stdout, stderr } = runTool('rush-run', words, '', { cwd: folder })
  if (stdout !== `${expected}\n`) throw new Error(`${stdout}${stderr}`)
  const [, built = '', last = ''] = stderr.split(/^; function .*$/m)
  return { built, last }
}

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length
const options = { skip: hostTargetName() === null }

const POINT = `class Point {
  fn initialize(x, y) { @x = x; @y = y }
  fn x() { @x }
}`

t.test('initialize is inlined, and its fields are stored once', options, async (t) => {
  const { built } = irOf(`${POINT}; kept = null`, 'kept = Point.new(n, n + 1); return n', '299')
  t.equal(count(built, / = call /g), 0)
  t.equal(count(built, / = alloc /g), 1)
  // The number of fields; the class; of each field the payload and the tag.
  t.equal(count(built, / {2}store32 /g), 1)
  t.equal(count(built, / {2}store v\d+ v\d+ \[(8|16|24|32|40)\]/g), 5)
})

t.test('fields that are not set on all ways, or are read before, are null first', options, async (t) => {
  const fields = (initialize: string): number => {
    const { built } = irOf(
      `class Some { fn initialize(n) { ${initialize} } }; kept = null`,
      'kept = Some.new(n); return n',
      '299',
    )
    t.equal(count(built, / = call /g), 0)
    return count(built, / {2}store v\d+ v\d+ \[24\]/g)
  }
  t.equal(fields('@a = n'), 1)
  t.equal(fields('@a = n; @a = 1'), 2)
  t.equal(fields('if (n % 2 == 0) { @a = n }'), 2)
  t.equal(fields('@a = @a'), 2)
})

t.test('what is made and taken apart at once is not made', options, async (t) => {
  const { built, last } = irOf(POINT, 'return Point.new(n, 1).x() + Point.new(2, n).x()', '301')
  t.equal(count(built, / = alloc /g), 2)
  t.equal(count(last, / = alloc /g), 0)
})

t.test('super methods are inlined where self has what they look for', options, async (t) => {
  const classes = `class Base { fn initialize(n) { @n = n }; fn n() { @n } }
    class Derived < Base { fn initialize(n) { super(n + 1); @more = n }; fn n() { super() * 2 } }`
  const { built } = irOf(classes, 'return Derived.new(n).n()', '600')
  t.equal(count(built, / = call /g), 0)
})
