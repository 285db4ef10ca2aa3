/** What moves in front of a loop, and what must not. */
import t from 'tap'
import { Tag } from '../../lib/heap/layout.js'
import { type Block, Graph, type Instruction, type Snapshot, type Value } from '../../lib/jit/ir/graph.js'
import type { OpName } from '../../lib/jit/ir/ops.js'
import { verifyGraph } from '../../lib/jit/ir/verify.js'
import { hoistInvariants } from '../../lib/jit/passes/hoist-invariants.js'

const SNAPSHOT: Snapshot = { position: 0, slots: [], variables: [], reason: 'notInstance', inlined: false }

/**
 * A loop that guards a tag and then reads a field of a word from before the loop. The tag changes from pass to pass,
 * or not.
 */
class GuardedRead {
  readonly graph = new Graph()
  readonly before = this.block()
  readonly header = this.block(true)
  readonly guard: Instruction
  readonly read: Instruction

  constructor(tag: number, changes: boolean) {
    const { graph, before, header } = this
    const [body, end] = [this.block(), this.block()]
    const word = this.add(before, 'frame.load', [])
    const tagBefore = this.add(before, 'frame.tag', [])
    this.add(before, 'jump', []).targets = [{ block: header, args: [tagBefore] }]
    const parameter = graph.addParameter(header, 'i')
    header.entrySnapshot = SNAPSHOT
    this.guard = this.add(header, 'guard.tag', [changes ? parameter : tagBefore])
    this.guard.imm = BigInt(tag)
    this.guard.snapshot = SNAPSHOT
    this.read = this.add(header, 'load', [word])
    this.read.memory = 'fields'
    this.add(header, 'branch', [this.read]).targets = [
      { block: body, args: [] },
      { block: end, args: [] },
    ]
    const tagNext = this.add(body, 'frame.tag', [])
    this.add(body, 'jump', []).targets = [{ block: header, args: [tagNext] }]
    this.add(end, 'return', [word, parameter])
    verifyGraph(graph)
    hoistInvariants(graph)
    verifyGraph(graph)
  }

  private block(isLoopHeader = false): Block {
    const block = this.graph.addBlock(0, isLoopHeader)
    this.graph.blocks.push(block)
    return block
  }

  private add(block: Block, op: OpName, args: Value[]): Instruction {
    const instruction = this.graph.instruction(op, args, 0)
    block.instructions.push(instruction)
    return instruction
  }
}

t.test('a read of an object stays behind the guard of a tag that changes', async (t) => {
  const { header, before, guard, read } = new GuardedRead(Tag.INSTANCE, true)
  t.ok(header.instructions.includes(guard))
  t.ok(header.instructions.indexOf(read) > header.instructions.indexOf(guard))
  t.notOk(before.instructions.includes(read))
})

t.test('the guard of a tag that stays moves, and the read behind it', async (t) => {
  const { before, guard, read } = new GuardedRead(Tag.INSTANCE, false)
  t.ok(before.instructions.includes(guard))
  t.ok(before.instructions.indexOf(read) > before.instructions.indexOf(guard))
})

t.test('the guard of a number that changes holds no read back', async (t) => {
  const { header, before, guard, read } = new GuardedRead(Tag.INTEGER, true)
  t.ok(header.instructions.includes(guard))
  t.ok(before.instructions.includes(read))
})
